"""Gaps: ids that were never requested, and days with far fewer articles than usual.

An id says when it was given only by its neighbours: between an article of 3 and one of 5 Khordad it belongs to those
days, where a site counts upwards. Nothing is interpolated: an id has a range of days to which it may belong.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from itertools import accumulate, groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

from farscrawler.coverage.model import Day, Gap, Month, Stretch
from farscrawler.days import DateRange, jalali_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from farscrawler.coverage.harvested import Days, Harvest

#: Longer numbers are timestamps (milliseconds have 13 digits), and the numbers between two of them are no ids.
COUNTABLE_DIGITS = 12
_UNCOUNTABLE: int = 10**COUNTABLE_DIGITS
_DAY_BITS = 22  # date.max is day 3,652,059
_DAY = (1 << _DAY_BITS) - 1

#: The first and the last day an id may belong to, as ordinals.
Place = tuple[int, int]


def number(key: str) -> int | None:
    """Return an id as a number, None for a text."""
    return int(key) if key.isascii() and key.isdigit() and key[0] != "0" else None


def countable(value: int) -> bool:
    """Whether the numbers beside an id are ids too."""
    return value < _UNCOUNTABLE


class DatedIds:
    """The articles whose day is known, in the order of their ids."""

    def __init__(self, dated: Iterable[tuple[int, int]]) -> None:
        """Sort pairs of id and day (as an ordinal), given in any order."""
        # One number each: a million pairs would take twice the memory and thrice the time to sort.
        self._packed = sorted((article_id << _DAY_BITS) | day for article_id, day in dated)

    def __len__(self) -> int:
        return len(self._packed)

    def ids(self) -> Iterator[int]:
        """Return the ids in rising order."""
        return (packed >> _DAY_BITS for packed in self._packed)

    def ids_within(self, span: DateRange) -> Iterator[int]:
        """Return the ids of the articles that were published within a range."""
        first, last = span.first.toordinal(), span.last.toordinal()
        return (packed >> _DAY_BITS for packed in self._packed if first <= packed & _DAY <= last)

    def beside(self, first: int, last: int) -> tuple[int | None, int | None]:
        """Return the days of the next articles below and above a run of ids without a dated article."""
        at = bisect_left(self._packed, first << _DAY_BITS)
        above = bisect_left(self._packed, (last + 1) << _DAY_BITS, lo=at)
        return (
            self._packed[at - 1] & _DAY if at else None,
            self._packed[above] & _DAY if above < len(self._packed) else None,
        )

    def place(self, first: int, last: int | None = None) -> Place:
        """Return the days to which a run of ids without a dated article may belong.

        A neighbour out of order makes the range wider, never narrower: the days of the two are its ends either way.
        """
        below, above = self.beside(first, first if last is None else last)
        if below is None or above is None:
            return (
                dt.date.min.toordinal() if below is None else below,
                dt.date.max.toordinal() if above is None else above,
            )
        return (below, above) if below <= above else (above, below)


class UndatedIds:
    """Ids without a day of their own: of addresses without an article, and of articles whose day is unknown.

    ``all`` are the countable ids, ``within`` those of them that may belong to the range.
    """

    def __init__(self, dated: DatedIds, span: DateRange) -> None:
        self.all: list[int] = []
        self.within: list[int] = []
        self._dated_ids = dated
        self._span = span
        self._everything = span == DateRange()

    def take(self, article_id: int | None) -> bool:
        """Add an id (None for a text), and return whether it may belong to the range."""
        if article_id is None:
            return True
        near = self._everything or may_belong_to(self._dated_ids.place(article_id), self._span)
        if countable(article_id):
            self.all.append(article_id)
            if near:
                self.within.append(article_id)
        return near


def may_belong_to(place: Place, span: DateRange) -> bool:
    """Whether an id with this range of days may belong to the given one."""
    return place[0] <= span.last.toordinal() and place[1] >= span.first.toordinal()


def gaps(asked: Sequence[int], dated: DatedIds, harvested: Days) -> Iterator[Gap]:
    """Yield the runs of numbers between requested ids, which rise and stand once each."""
    for low, high in pairwise(asked):
        if high - low > 1:
            after, before = dated.beside(low + 1, high - 1)
            yield Gap(
                first=low + 1,
                last=high - 1,
                after=_date(after),
                before=_date(before),
                harvested=harvested.hold(dated.place(low + 1, high - 1)),
            )


def merged(wanted: Iterable[tuple[int, int]], barriers: Sequence[Gap]) -> Iterator[range]:
    """Yield ranges of ids that hold the wanted ones, given as first and last, and nothing of the barriers, which rise.

    What lies between two wanted ids of one range was requested: to name it costs no request.
    """
    firsts = [gap.first for gap in barriers]
    start = end = None
    for first, last in sorted(wanted):
        if start is None or end is None:
            start, end = first, last
        elif bisect_left(firsts, first) == bisect_left(firsts, end):
            end = max(end, last)
        else:
            yield range(start, end + 1)
            start, end = first, last
    if start is not None and end is not None:
        yield range(start, end + 1)


def open_by_day(runs: Iterable[tuple[Place, int]], days: Sequence[dt.date]) -> list[int]:
    """Return for each of consecutive days the number of ids that may belong to it.

    The ids are given as runs: the days to which a run may belong, and its length.
    """
    if not days:
        return []
    first, last = days[0].toordinal(), days[-1].toordinal()
    steps = [0] * (len(days) + 1)
    for (start, end), count in runs:
        if start <= last and end >= first:
            steps[max(start, first) - first] += count
            steps[min(end, last) - first + 1] -= count
    return list(accumulate(steps[:-1]))


def days_bounded_by_ids(lowest: int, highest: int, dated: DatedIds) -> Place:
    """Return the days to which no id beyond the lowest and the highest known can belong.

    Ids beyond them were never requested either, and their number is unknown. The range is empty where it ends before
    it begins.
    """
    first = dated.place(lowest - 1)[1] + 1 if lowest > 1 else dt.date.min.toordinal()
    return first, dated.place(highest + 1)[0] - 1


def _date(ordinal: int | None) -> dt.date | None:
    return None if ordinal is None else dt.date.fromordinal(ordinal)


#: A day is compared with this number of days of its weekday, the nearest that hold an article: a year's worth. A site
#: grows over the years, and its first year must not be measured by its tenth; and Friday is Iran's day of rest.
COMPARED = 53
#: A median of fewer days says little, and no day is judged by it.
LEAST_COMPARED = 4
_WEEK = 7


def days_of(counts: Mapping[dt.date, int], span: DateRange, *, today: dt.date) -> list[dt.date]:
    """Return every day of the range, days without an article included.

    An open end is the first or last day with an article. No day lies after today, unless articles do.
    """
    held = [day for day, count in counts.items() if count]
    first = span.first if span.first != dt.date.min else min(held, default=None)
    last = min(span.last, max([today, *held])) if span.last != dt.date.max else max(held, default=None)
    if first is None or last is None:
        return []
    return list(DateRange(first, last).days())


def medians(counts: Mapping[dt.date, int], days: Sequence[dt.date], *, today: dt.date) -> dict[dt.date, float]:
    """Return for each day the median of the ``COMPARED`` nearest days of its weekday that hold an article.

    Days without an article are the ones searched for, so they are no measure. Today is no measure either, since it is
    not over. A day with fewer than ``LEAST_COMPARED`` days to compare with is left out. ``days`` rise.
    """
    found: dict[dt.date, float] = {}
    for weekday in range(_WEEK):
        held = sorted(day for day, count in counts.items() if count and day < today and day.weekday() == weekday)
        if len(held) < LEAST_COMPARED:
            continue
        start, middle = 0, None
        for day in (day for day in days if day.weekday() == weekday):
            while start + COMPARED < len(held) and held[start + COMPARED] - day < day - held[start]:
                start, middle = start + 1, None
            if middle is None:
                middle = float(median(counts[near] for near in held[start : start + COMPARED]))
            found[day] = middle
    return found


def judge_days(
    counts: Mapping[dt.date, int],
    days: Sequence[dt.date],
    open_ids: Sequence[int | None],
    harvest: Harvest,
    *,
    today: dt.date,
) -> Iterator[Day]:
    """Yield each day with its median, flagged where it lies below half of that.

    Neither today is flagged nor a day that was not over when it was harvested, and days that were not harvested are no
    measure: they hold what a search has met.
    """
    usual = medians({day: count for day, count in counts.items() if day in harvest.over}, days, today=today)
    for day, ids in zip(days, open_ids, strict=True):
        articles = counts.get(day, 0)
        yield Day(
            date=day,
            articles=articles,
            median=usual.get(day),
            flagged=day < today and day in harvest.over and 2 * articles < usual.get(day, 0),
            open_ids=ids,
            harvested=day in harvest.days,
        )


def months(days: Iterable[Day]) -> Iterator[Month]:
    """Yield the Jalali months of days that rise."""
    for (year, month), part in groupby(days, key=_month_of):
        held = list(part)
        yield Month(
            year=year,
            month=month,
            days=len(held),
            articles=sum(day.articles for day in held),
            empty=sum(day.harvested and not day.articles for day in held),
            flagged=sum(day.flagged for day in held),
            not_harvested=sum(not day.harvested for day in held),
        )


def stretches(days: Iterable[Day]) -> Iterator[Stretch]:
    """Yield the flagged days, consecutive ones as one stretch."""
    for flagged, part in groupby(days, key=lambda day: day.flagged):
        if flagged:
            held = list(part)
            yield Stretch(
                first=held[0].date,
                last=held[-1].date,
                articles=sum(day.articles for day in held),
                medians=sum(day.median or 0 for day in held),
                open_ids=max((day.open_ids for day in held if day.open_ids is not None), default=None),
            )


def _month_of(day: Day) -> tuple[int, int]:
    year, month, _ = jalali_parts(day.date)
    return year, month
