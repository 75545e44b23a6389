"""Survey: ask the archive, and put together what coverage says."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from farscrawler.archive import counts as holdings
from farscrawler.coverage.gaps import (
    Loose,
    Shelf,
    countable,
    days_of,
    gaps,
    judged,
    number,
    open_by_day,
    told_by_ids,
    touches,
)
from farscrawler.coverage.model import OWED, Ids, Reason, Report
from farscrawler.days import gregorian
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive, Outcome
    from farscrawler.coverage.model import Gap
    from farscrawler.days import Span
    from farscrawler.publishers import Publisher

#: So many ids are named of each reason.
FIRST_IDS = 5


def survey(archive: Archive, publisher: Publisher, span: Span, *, now: dt.datetime) -> Report | None:
    """Say what is there and what is missing of a publisher; None where the archive knows nothing of it.

    Of a range of days, an article counts where it was published on one of them, and any other address where it may
    belong to one by the ids around it; an address whose id is a text may belong to any day. ``now`` is aware.
    """
    census = _Census(archive, publisher, span)
    if not (census.counts or census.dateless or census.others):
        return None
    today = now.astimezone(time_zone(publisher.tz)).date()
    asked = sorted({*census.loose.all, *filter(countable, census.shelf.ids())})
    holes = list(gaps(asked, census.shelf))
    days = days_of(census.counts, span, today=today)
    open_ids = _open_ids(census, days, asked, holes)
    ids = _ids(census, span, holes)
    within = sum(count for day, count in census.counts.items() if day in span) + census.undated
    return Report(
        publisher=publisher.key,
        name=publisher.name,
        archive=archive.path.name,
        made_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        span=span,
        days=tuple(judged(census.counts, days, open_ids, today=today)),
        undated=census.undated,
        ids=ids,
        uncountable=within + sum(map(len, census.without.values())) - (ids.asked if ids else 0),
        reasons=tuple(_reasons(census.without)),
        provisional=census.provisional,
    )


class _Census:
    """What the archive lists of a publisher, read once.

    ``counts`` are the articles a day, ``undated`` the number of those whose day is unknown and that may belong to the
    range, ``dateless`` the ids of all such; ``without`` the ids of other addresses that may belong to it by outcome
    and reason; ``others`` the number of all such; ``owed`` the numbers among those that are owed.
    """

    def __init__(self, archive: Archive, publisher: Publisher, span: Span) -> None:
        self._number = number if any(form.id == "number" for form in publisher.forms.values()) else _none
        self.counts: Counter[dt.date] = Counter()
        self.dateless: list[str] = []
        self.shelf = Shelf(self._dated(archive, publisher.key))
        self.dateless += (key for page in holdings.undated(archive, publisher.key) for key in page)
        self.loose = Loose(self.shelf, span)
        self.undated = sum(self.loose.take(self._number(key)) for key in self.dateless)
        self.without: defaultdict[tuple[Outcome, str], list[str]] = defaultdict(list)
        self.owed: list[int] = []
        self.provisional = self.others = 0
        for page in holdings.without_article(archive, publisher.key):
            self.others += len(page)
            for address in page:
                article_id = self._number(address.key)
                if self.loose.take(article_id):
                    self.without[address.outcome, address.reason or ""].append(address.key)
                    self.provisional += address.provisional
                if article_id is not None and address.outcome in OWED:
                    self.owed.append(article_id)

    def _dated(self, archive: Archive, publisher: str) -> Iterator[tuple[int, int]]:
        """Count the days, and give id and day of the articles whose ids are numbers."""
        for page in holdings.dated(archive, publisher):
            for text, rows in groupby(page, key=itemgetter(0)):
                keys = [key for _, key in rows]
                day = _date(text)
                if day is None:
                    self.dateless += keys
                    continue
                self.counts[day] += len(keys)
                ordinal = day.toordinal()
                yield from ((found, ordinal) for key in keys if (found := self._number(key)) is not None)


def _ids(census: _Census, span: Span, holes: Sequence[Gap]) -> Ids | None:
    """Give the numbers that may belong to the range, None where there are none."""
    asked = {*census.loose.within, *filter(countable, census.shelf.ids_within(span))}
    found = tuple(gap for gap in holes if touches(census.shelf.place(gap.first, gap.last), span))
    ends = [*asked, *(end for gap in found for end in (gap.first, gap.last))]
    return Ids(lowest=min(ends), highest=max(ends), asked=len(asked), gaps=found) if ends else None


def _open_ids(
    census: _Census, days: Sequence[dt.date], asked: Sequence[int], holes: Sequence[Gap]
) -> Sequence[int | None]:
    """Give for each day how many ids that were never asked or are owed may belong to it, None where nobody can tell."""
    shelf = census.shelf
    if not asked or sum(census.counts.values()) > sum(map(countable, shelf.ids())):
        return [None] * len(days)  # the site has ids that are not countable, and any of them may be missing
    runs = [(shelf.place(gap.first, gap.last), gap.count) for gap in holes]
    runs += [(shelf.place(article_id), 1) for article_id in census.owed]
    first, last = told_by_ids(asked[0], asked[-1], shelf)
    counted = open_by_day(runs, days)
    return [count if first <= day.toordinal() <= last else None for day, count in zip(days, counted, strict=True)]


def _reasons(without: dict[tuple[Outcome, str], list[str]]) -> Iterator[Reason]:
    """Give what is owed first, then the rest, each by number."""
    for (outcome, reason), keys in sorted(without.items(), key=lambda item: (item[0][0] not in OWED, -len(item[1]))):
        first = nsmallest(FIRST_IDS, keys, key=lambda key: (number(key) is None, number(key) or 0, key))
        yield Reason(outcome=outcome, reason=reason, count=len(keys), first=tuple(first))


def _date(text: object) -> dt.date | None:
    """Give the day of a Jalali date, None for what is none (another program may have written it)."""
    if not isinstance(text, str):  # SQLite keeps a BLOB in a column of text
        return None
    try:
        year, month, day = map(int, text.split("-"))
        return gregorian(year, month, day)
    except ValueError:
        return None


def _none(_: str) -> None:
    """Take every id for a text."""
