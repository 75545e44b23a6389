"""The report of coverage as values; the days are those of the site's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.days import runs_of_days

if TYPE_CHECKING:
    import datetime as dt

    from farscrawler.archive import Outcome
    from farscrawler.days import DateRange

#: The outcomes after which a crawl visits the address again.
PENDING: tuple[Outcome, ...] = ("failed", "blocked", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day. ``median`` is that of its weekday, None where there are too few days to compare it with.

    ``open_ids`` is the number of ids that were never requested or are pending, and that may belong to the day by the
    ids around them. It is a bound and no estimate: 0 says that no id is left to request. None where ids do not tell:
    they are texts or timestamps, or the day lies at an end of the known ids, and ids beyond may belong to it too.
    ``harvested``: runs have asked for the whole day, as far as it was over; no other day is flagged.
    """

    date: dt.date
    articles: int
    median: float | None
    flagged: bool
    open_ids: int | None
    harvested: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One Jalali month: the numbers of its days, its articles, its flagged days, and the days that no run harvested.

    ``empty`` are its harvested days without an article.
    """

    year: int
    month: int
    days: int
    articles: int
    empty: int
    flagged: int
    not_harvested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive flagged days; ``medians`` is the sum of their medians, ``open_ids`` the highest of theirs."""

    first: dt.date
    last: dt.date
    articles: int
    medians: float
    open_ids: int | None

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def shortfall(self) -> float:
        """The number of articles that are missing to the medians."""
        return self.medians - self.articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A run of ids that were never requested, both ends included.

    ``after`` and ``before`` are the days of the dated articles beside it, None where no dated article has a lower or a
    higher id. ``harvested``: runs have harvested every day to which the ids may belong.
    """

    first: int
    last: int
    after: dt.date | None
    before: dt.date | None
    harvested: bool = False

    @property
    def count(self) -> int:
        """The number of ids."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The ids that may belong to the range, lowest to highest: each was requested or is in a gap."""

    lowest: int
    highest: int
    asked: int
    gaps: tuple[Gap, ...]

    @property
    def never_asked(self) -> int:
        """The number of ids that were never requested."""
        return sum(gap.count for gap in self.gaps)

    @property
    def left_out(self) -> tuple[Gap, ...]:
        """The gaps of harvested days."""
        return tuple(gap for gap in self.gaps if gap.harvested)

    @property
    def count(self) -> int:
        """The number of all ids."""
        return self.asked + self.never_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The addresses that gave no article for one reason; ``first`` are the first few of their ids."""

    outcome: Outcome
    reason: str
    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that coverage says of a publisher.

    ``span`` is the range asked for; ``days`` are its days up to today or to the last one with an article.
    ``undated`` counts stored articles without a certain day, ``provisional`` the missing ids that are visited again
    because they lie so near the newest id, and ``uncountable`` the addresses, articles included, whose ids are texts
    or timestamps; ``ids`` is None where all ids are. ``made_at`` is a time of the site's ``zone``. ``to_ask`` are the
    ids that would fill what is harvested: ranges that hold nothing but pending, settled and left out ids.
    """

    publisher: str
    name: str
    archive: str
    made_at: str
    zone: str
    span: DateRange
    days: tuple[Day, ...]
    undated: int
    ids: Ids | None
    uncountable: int
    reasons: tuple[Reason, ...]
    provisional: int
    to_ask: tuple[range, ...] = ()

    @property
    def harvested(self) -> tuple[DateRange, ...]:
        """The harvested days among those of the report, as ranges."""
        return tuple(runs_of_days(day.date for day in self.days if day.harvested))

    @property
    def articles(self) -> int:
        """The number of stored articles of the days."""
        return sum(day.articles for day in self.days)

    @property
    def outcomes(self) -> dict[str, int]:
        """The number of addresses without an article, by outcome."""
        found: dict[str, int] = dict.fromkeys(("missing", "not-article", *PENDING), 0)
        for reason in self.reasons:
            found[reason.outcome] += reason.count
        return found

    @property
    def pending(self) -> int:
        """The number of addresses that a crawl of them would visit again."""
        return sum(self.outcomes[outcome] for outcome in PENDING)
