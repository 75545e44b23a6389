"""Days and months: how many articles, how many are usual for that weekday, and which days are far below."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

import jdatetime

from farscrawler.coverage.model import Day, Month, Stretch
from farscrawler.discovery.span import Span, jalali

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: A day is compared with so many days of its weekday, the nearest that hold an article: a year's worth. A site grows
#: over the years, and its first year must not be measured by its tenth; and Friday is Iran's day of rest.
COMPARED = 53
#: Of fewer days a median says little, and no day is judged.
LEAST_COMPARED = 4
_WEEK = 7


def days_of(counts: Mapping[dt.date, int], span: Span, *, today: dt.date) -> list[dt.date]:
    """Give every day of the range, those without an article included.

    An open end is the first or last day with an article. No day lies after today, unless articles do.
    """
    held = [day for day, count in counts.items() if count]
    first = span.first if span.first != dt.date.min else min(held, default=None)
    last = min(span.last, max([today, *held])) if span.last != dt.date.max else max(held, default=None)
    if first is None or last is None:
        return []
    return list(Span(first, last).days())


def medians(counts: Mapping[dt.date, int], days: Sequence[dt.date], *, today: dt.date) -> dict[dt.date, float]:
    """Give for each day, rising, the median of the ``COMPARED`` nearest days of its weekday that hold an article.

    Days without any article are no measure of a day: they are what is looked for. Today is none either, since it is
    not over. A day with fewer than ``LEAST_COMPARED`` to compare with is left out.
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


def judged(
    counts: Mapping[dt.date, int], days: Sequence[dt.date], open_ids: Sequence[int | None], *, today: dt.date
) -> Iterator[Day]:
    """Give each day with its median and whether it lies below half of that; today is never flagged."""
    usual = medians(counts, days, today=today)
    for day, ids in zip(days, open_ids, strict=True):
        articles = counts.get(day, 0)
        yield Day(
            date=day,
            articles=articles,
            median=usual.get(day),
            flagged=day < today and 2 * articles < usual.get(day, 0),
            open_ids=ids,
        )


def months(days: Iterable[Day]) -> Iterator[Month]:
    """Give the Jalali months of days that rise."""
    for (year, month), part in groupby(days, key=_month_of):
        held = list(part)
        yield Month(
            year=year,
            month=month,
            days=len(held),
            articles=sum(day.articles for day in held),
            empty=sum(not day.articles for day in held),
            flagged=sum(day.flagged for day in held),
        )


def stretches(days: Iterable[Day]) -> Iterator[Stretch]:
    """Give the flagged days, those in a row together."""
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


def slashed(day: dt.date | None) -> str:
    """Give a day as it is shown to people, 1401/02/28; hyphens would turn it around within right-to-left text."""
    return (jalali(day) or "").replace("-", "/") if day else "?"


def _month_of(day: Day) -> tuple[int, int]:
    found = jdatetime.date.fromgregorian(date=day.date)
    return found.year, found.month
