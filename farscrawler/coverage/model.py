"""What coverage says, as values; the days are those of the site's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from farscrawler.archive import Outcome
    from farscrawler.days import Span

#: What an address came to that a crawl would ask for again.
OWED: tuple[Outcome, ...] = ("failed", "blocked", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day. ``median`` is that of its weekday, None where there is too little to compare it with.

    ``open_ids``: so many ids that were never asked or are owed may belong to the day, by the ids around them. It is a
    bound and no estimate: 0 says that nothing is left to ask. None where ids do not tell: they are texts or time
    stamps, or the day lies at an end of what is known, and ids beyond it may belong to it too.
    """

    date: dt.date
    articles: int
    median: float | None
    flagged: bool
    open_ids: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The days of one Jalali month: how many, their articles, those without any, and those flagged."""

    year: int
    month: int
    days: int
    articles: int
    empty: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Flagged days in a row; ``medians`` is the sum of their medians, ``open_ids`` the highest of theirs."""

    first: dt.date
    last: dt.date
    articles: int
    medians: float
    open_ids: int | None

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def shortfall(self) -> float:
        """How many articles fewer than the medians."""
        return self.medians - self.articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A run of ids never asked, ends included; ``after`` and ``before`` are the days of the dated articles beside it.

    None where no dated article has a lower or a higher id.
    """

    first: int
    last: int
    after: dt.date | None
    before: dt.date | None

    @property
    def count(self) -> int:
        """How many ids."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The numbers from the lowest to the highest id known that may belong to the range: each asked or in a gap."""

    lowest: int
    highest: int
    asked: int
    gaps: tuple[Gap, ...]

    @property
    def never_asked(self) -> int:
        """How many were never asked."""
        return sum(gap.count for gap in self.gaps)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.asked + self.never_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Addresses that gave no article, by outcome and reason; ``first`` are the first few of their ids."""

    outcome: Outcome
    reason: str
    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that coverage says of a publisher. ``span`` is the range asked for; ``days`` are those there is news of.

    ``undated`` counts stored articles without a certain day, ``provisional`` the misses that are asked again because
    they are so near the newest id, and ``uncountable`` the addresses, articles included, whose ids are texts or time
    stamps; ``ids`` is None where all are. ``made_at`` is UTC.
    """

    publisher: str
    name: str
    archive: str
    made_at: str
    span: Span
    days: tuple[Day, ...]
    undated: int
    ids: Ids | None
    uncountable: int
    reasons: tuple[Reason, ...]
    provisional: int

    @property
    def articles(self) -> int:
        """How many articles of the days are stored."""
        return sum(day.articles for day in self.days)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many addresses gave no article, by outcome."""
        found: dict[str, int] = dict.fromkeys(("missing", "not-article", *OWED), 0)
        for reason in self.reasons:
            found[reason.outcome] += reason.count
        return found

    @property
    def owed(self) -> int:
        """How many addresses a crawl of them would ask for again."""
        return sum(self.outcomes[outcome] for outcome in OWED)
