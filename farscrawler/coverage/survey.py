"""Survey: count what an archive holds of a publisher and what it lacks, as a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from farscrawler.archive.counts import coverage as archive_counts
from farscrawler.archive.runs import runs_of
from farscrawler.coverage.gaps import (
    DatedIds,
    UndatedIds,
    countable,
    days_bounded_by_ids,
    days_of,
    gaps,
    judge_days,
    may_belong_to,
    merged,
    number,
    open_by_day,
    stretches,
)
from farscrawler.coverage.harvested import Harvest
from farscrawler.coverage.model import PENDING, Ids, Reason, Report
from farscrawler.days import DateRange, stored_moment
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive, Outcome
    from farscrawler.coverage.model import Day, Gap
    from farscrawler.publishers import Publisher

#: The number of ids that are named of each reason.
FIRST_IDS = 5


def survey(archive: Archive, publisher: Publisher, span: DateRange, *, now: dt.datetime) -> Report | None:
    """Return what is there and what is missing of a publisher; None where the archive knows nothing of it.

    An article belongs to the range of days on which it was published. Any other address belongs to it where the ids
    around it allow that; an address whose id is a text may belong to any day. ``now`` is aware.
    """
    census = _Census(archive, publisher, span)
    if not (census.counts or census.dateless or census.others):
        return None
    here = now.astimezone(time_zone(publisher.tz))
    asked = sorted({*census.undated_ids.all, *filter(countable, census.dated_ids.ids())})
    harvest = Harvest.of_runs(runs_of(archive, publisher.key), publisher.tz)
    holes = list(gaps(asked, census.dated_ids, harvest.days))
    every_day = days_of(census.counts, DateRange(), today=here.date())
    harvest = harvest.with_days(_days_without_holes(census, every_day, asked, holes))
    days = days_of(census.counts, span, today=here.date())
    open_ids = _open_ids(census, days, asked, holes)
    judged = tuple(judge_days(census.counts, days, open_ids, harvest, today=here.date()))
    ids = _ids(census, span, holes)
    within = sum(count for day, count in census.counts.items() if day in span) + census.undated
    return Report(
        publisher=publisher.key,
        name=publisher.name,
        archive=archive.path.name,
        made_at=here.isoformat(timespec="seconds"),
        zone=publisher.tz,
        span=span,
        days=judged,
        undated=census.undated,
        ids=ids,
        uncountable=within + sum(map(len, census.without.values())) - (ids.asked if ids else 0),
        reasons=tuple(_reasons(census.without)),
        provisional=census.provisional,
        to_ask=tuple(_to_ask(census, publisher, judged, ids.gaps if ids else (), holes)),
    )


class _Census:
    """The rows of a publisher, read once.

    ``counts`` are the articles of each day, ``dateless`` the ids of articles whose day is unknown, and ``undated`` the
    number of them that may belong to the range. ``without`` are the ids of addresses without an article that may
    belong to it, by outcome and reason, ``others`` the number of all such addresses, ``pending`` the pending ids
    among them, and ``pending_within`` those that may belong to the range.
    """

    def __init__(self, archive: Archive, publisher: Publisher, span: DateRange) -> None:
        self._number = number if any(form.id == "number" for form in publisher.forms.values()) else _none
        self.counts: Counter[dt.date] = Counter()
        self.dateless: list[str] = []
        self.dated_ids = DatedIds(self._dated(archive, publisher.key))
        self.dateless += (key for page in archive_counts.undated(archive, publisher.key) for key in page)
        self.undated_ids = UndatedIds(self.dated_ids, span)
        self.undated = sum(self.undated_ids.take(self._number(key)) for key in self.dateless)
        self.without: defaultdict[tuple[Outcome, str], list[str]] = defaultdict(list)
        self.pending: list[int] = []
        self.pending_within: list[int] = []
        self.provisional = self.others = 0
        for page in archive_counts.without_article(archive, publisher.key):
            self.others += len(page)
            for address in page:
                article_id = self._number(address.key)
                is_pending = article_id is not None and address.outcome in PENDING
                if self.undated_ids.take(article_id):
                    if article_id is not None and is_pending:
                        self.pending_within.append(article_id)
                    self.without[address.outcome, address.reason or ""].append(address.key)
                    self.provisional += address.provisional
                if article_id is not None and is_pending:
                    self.pending.append(article_id)

    def _dated(self, archive: Archive, publisher: str) -> Iterator[tuple[int, int]]:
        """Count the articles of each day, and yield id and day of the articles whose ids are numbers."""
        for page in archive_counts.dated(archive, publisher):
            for text, rows in groupby(page, key=itemgetter(0)):
                keys = [key for _, key in rows]
                day = _date(text)
                if day is None:
                    self.dateless += keys
                    continue
                self.counts[day] += len(keys)
                ordinal = day.toordinal()
                yield from ((found, ordinal) for key in keys if (found := self._number(key)) is not None)


def _ids(census: _Census, span: DateRange, holes: Sequence[Gap]) -> Ids | None:
    """Return the ids that may belong to the range, None where there is no such id."""
    asked = {*census.undated_ids.within, *filter(countable, census.dated_ids.ids_within(span))}
    found = tuple(gap for gap in holes if may_belong_to(census.dated_ids.place(gap.first, gap.last), span))
    ends = [*asked, *(end for gap in found for end in (gap.first, gap.last))]
    return Ids(lowest=min(ends), highest=max(ends), asked=len(asked), gaps=found) if ends else None


def _are_countable(census: _Census, asked: Sequence[int]) -> bool:
    """Whether ids tell what is missing: where some cannot be counted, any number of them may be."""
    return bool(asked) and sum(census.counts.values()) <= sum(map(countable, census.dated_ids.ids()))


def _days_without_holes(
    census: _Census, days: Sequence[dt.date], asked: Sequence[int], holes: Sequence[Gap]
) -> list[dt.date]:
    """Return the days of which every id that may belong to them was requested, by whatever run."""
    if not _are_countable(census, asked):
        return []
    first, last = days_bounded_by_ids(asked[0], asked[-1], census.dated_ids)
    left_out = open_by_day(((census.dated_ids.place(gap.first, gap.last), gap.count) for gap in holes), days)
    return [day for day, count in zip(days, left_out, strict=True) if not count and first <= day.toordinal() <= last]


def _to_ask(
    census: _Census, publisher: Publisher, days: Sequence[Day], within: Sequence[Gap], holes: Sequence[Gap]
) -> Iterator[range]:
    """Yield the ids that would fill what is harvested.

    Where lists have led to the articles, an id that none of them names is seldom one: such ids are wanted only for a
    flagged day.
    """
    if not publisher.made_of_ids(publisher.default_form):
        return
    has_lists = any(name != "ids" for name in publisher.sources.names)
    flagged = [DateRange(one.first, one.last) for one in stretches(days)] if has_lists else [DateRange()]
    places = ((gap, census.dated_ids.place(gap.first, gap.last)) for gap in within if gap.harvested)
    wanted = [(gap.first, gap.last) for gap, place in places if any(may_belong_to(place, part) for part in flagged)]
    chosen = set(wanted)
    pending = [(article_id, article_id) for article_id in census.pending_within if countable(article_id)]
    yield from merged([*wanted, *pending], [gap for gap in holes if (gap.first, gap.last) not in chosen])


def _open_ids(
    census: _Census, days: Sequence[dt.date], asked: Sequence[int], holes: Sequence[Gap]
) -> Sequence[int | None]:
    """Return for each day the number of open ids that may belong to it, None where it is unknown."""
    dated_ids = census.dated_ids
    if not _are_countable(census, asked):
        return [None] * len(days)
    runs = [(dated_ids.place(gap.first, gap.last), gap.count) for gap in holes]
    runs += [(dated_ids.place(article_id), 1) for article_id in census.pending]
    first, last = days_bounded_by_ids(asked[0], asked[-1], dated_ids)
    counted = open_by_day(runs, days)
    return [count if first <= day.toordinal() <= last else None for day, count in zip(days, counted, strict=True)]


def _reasons(without: dict[tuple[Outcome, str], list[str]]) -> Iterator[Reason]:
    """Yield the reasons of pending addresses first, then the others, each by their number."""
    for (outcome, reason), keys in sorted(without.items(), key=lambda item: (item[0][0] not in PENDING, -len(item[1]))):
        first = nsmallest(FIRST_IDS, keys, key=lambda key: (number(key) is None, number(key) or 0, key))
        yield Reason(outcome=outcome, reason=reason, count=len(keys), first=tuple(first))


def _date(text: object) -> dt.date | None:
    """Return the date of a stored Jalali day, None for a text that is none (another program may have written it)."""
    if not isinstance(text, str):  # SQLite keeps a BLOB in a column of text
        return None
    try:
        return stored_moment(text)[0]
    except ValueError:
        return None


def _none(_: str) -> None:
    """Read every id as a text."""
