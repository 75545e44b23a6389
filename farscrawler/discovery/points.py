"""Points: what is known of when the ids of a site were published, and how far they are out of order.

All times here are seconds of the site's own clock since the year 1, as days are counted by that clock too.
"""

from __future__ import annotations

import datetime as dt
import statistics
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, Protocol

from farscrawler.discovery.span import gregorian

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = 3_600.0
DAY = 24 * HOUR
#: The last second that a timestamp of each precision may mean, counted from the first.
_WIDTHS = {"second": 0.0, "minute": 59.0, "hour": HOUR - 1, "day": DAY - 1}
#: Articles on either side that a running median looks at: enough that a few wrong dates do not move it.
_AROUND = 15
#: The share of articles most out of place that a margin does not follow: one a few days late in five hundred would
#: make it many times as long for all.
_RARE = 0.002


class Dated(Protocol):
    """What has the timestamp fields of an article."""

    @property
    def published_at(self) -> str | None:
        """ISO 8601 with offset."""

    @property
    def published_jalali(self) -> str | None:
        """The same in the Jalali calendar, or the day alone."""

    @property
    def published_precision(self) -> str | None:
        """How exact it is."""


class Point(NamedTuple):
    """An id and when its article was published: certainly not before ``first`` and not after ``last``."""

    id: int
    first: float
    last: float


def point_of(number: int, dated: Dated) -> Point | None:
    """Give the point of an article; None where not even its day is known."""
    if dated.published_at is not None:
        at = dt.datetime.fromisoformat(dated.published_at).replace(tzinfo=None)
    elif dated.published_jalali is not None:
        day, _, clock = dated.published_jalali.partition("T")
        at = dt.datetime.fromisoformat(f"{gregorian(*map(int, day.split('-')))}T{clock or '00'}")
    else:
        return None
    first = midnight(at.date()) + dt.timedelta(hours=at.hour, minutes=at.minute, seconds=at.second).total_seconds()
    return Point(number, first, first + _WIDTHS.get(dated.published_precision or "day", DAY - 1))


def midnight(day: dt.date) -> float:
    """Give the first second of a day."""
    return (day - dt.date.min).days * DAY


def disorder(points: Sequence[Point], limit: float) -> float:
    """Measure how far ids are out of order: by how many seconds an article is older than one with a lower id.

    ``points`` rise by id. Articles off by more than ``limit`` from those around them have a wrong date and say
    nothing of the order; nor do the few that are most out of place (``_RARE``).
    """
    firsts = [point.first for point in points]
    off = [
        abs(first - statistics.median(firsts[max(0, at - _AROUND) : at + _AROUND + 1]))
        for at, first in enumerate(firsts)
    ]
    rare = sorted((by for by in off if by <= limit), reverse=True)[: int(len(points) * _RARE) + 1]
    # The rare ones are those above the last of the list; with fewer than 1/_RARE points there is none.
    most = rare[-1] if rare else 0.0
    kept = [point for point, by in zip(points, off, strict=True) if by <= most]
    highest = accumulate((point.first for point in kept), max)
    return max((0.0, *(high - point.last for high, point in zip(highest, kept, strict=True))))
