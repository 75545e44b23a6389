"""The timeline of a site's ids: when the article of an id was published, as far as that is known and can be trusted.

Ids grow with time but for a disorder of hours. All times are seconds of the site's own clock since the year 1, as days
are counted by that clock too.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from farscrawler.days import stored_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Of a range: before it, after it.
Side = Literal[-1, 1]
SIDES: tuple[Side, Side] = (-1, 1)

HOUR = 3_600.0
DAY = 24 * HOUR
#: The last second that a timestamp of each precision may mean, counted from the first.
_WIDTHS = {"second": 0.0, "minute": 59.0, "hour": HOUR - 1, "day": DAY - 1}
#: Articles on either side that a running median looks at: enough that a few wrong dates do not move it.
_AROUND = 15
#: The share of articles most out of place that a margin does not follow: one a few days late in five hundred would
#: make it many times as long for all.
_RARE = 0.002
#: Ids in a row without a dated article that are taken for a gap; at 40 % single gaps that happens by chance once in
#: a hundred million ids. It is also how far from an article another one still speaks for it.
GAP = 20
#: Ids that two points must lie apart to tell the pace: closer together one wrong date would make it any.
_PACE_IDS = 5 * GAP
#: A probe off by this share of the way to the next known article is not believed without a neighbour.
_SURPRISE = 0.2
#: Single ids asked may lie between a gap and the unknown ids beside it.
_TOUCHING = 2
#: Below this share of the lowest article's id nothing more is looked for: sites begin with any number.
_BEFORE_ALL = 1 / 16


class HasTimestamp(Protocol):
    """The timestamp fields of an article."""

    @property
    def published_at(self) -> str | None:
        """The moment, ISO 8601 with offset."""

    @property
    def published_jalali(self) -> str | None:
        """The moment in the Jalali calendar, or the day alone."""

    @property
    def published_precision(self) -> str | None:
        """The finest part of the timestamp that was printed."""


class Point(NamedTuple):
    """An id and when its article was published: certainly not before ``first`` and not after ``last``."""

    id: int
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of time: from ``first`` on and before ``end``, in seconds of the site's clock."""

    first: float
    end: float

    def __contains__(self, point: Point) -> bool:
        return self.first <= point.first and point.last < self.end

    def outside(self, point: Point, side: Side) -> float:
        """Return how far an article certainly lies outside on one side, before the range or after it."""
        return self.first - point.last if side < 0 else point.first - self.end


def point_of(number: int, article: HasTimestamp) -> Point | None:
    """Return the point of an article; None where not even its day is known."""
    if article.published_at is not None:
        at = dt.datetime.fromisoformat(article.published_at).replace(tzinfo=None)
    elif article.published_jalali is not None:
        day, clock = stored_moment(article.published_jalali)
        at = dt.datetime.fromisoformat(f"{day}T{clock or '00'}")
    else:
        return None
    first = midnight(at.date()) + dt.timedelta(hours=at.hour, minutes=at.minute, seconds=at.second).total_seconds()
    return Point(number, first, first + _WIDTHS.get(article.published_precision or "day", DAY - 1))


def midnight(day: dt.date) -> float:
    """Return the first second of a day."""
    return (day - dt.date.min).days * DAY


def disorder(points: Sequence[Point], limit: float) -> float:
    """Return how far ids are out of order: by how many seconds an article is older than one with a lower id.

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


class Timeline:
    """The points of a site. ``points`` has every id asked: its point, or None where no article has a date.

    A point that contradicts the others by more than ``tolerance`` seconds has a wrong date and is not trusted.
    """

    def __init__(self, tolerance: float, points: Iterable[Point] = ()) -> None:
        self.tolerance = tolerance
        self.points: dict[int, Point | None] = {point.id: point for point in points}
        self.gaps: list[tuple[int, int]] = []
        self.doubted: set[int] = set()
        self._trusted: list[Point] | None = None

    def learn(self, number: int, point: Point | None) -> None:
        """Take in the point of an id, or that it has no article with a date."""
        self.points[number] = point
        self._trusted = None

    def doubt(self, number: int) -> None:
        """Trust a point no more."""
        self.doubted.add(number)
        self._trusted = None

    def trusted(self) -> list[Point]:
        """Return the points that rise with their ids, by id: the longest such chain, and what fits into it."""
        if self._trusted is None:
            points = sorted(point for number, point in self.points.items() if point and number not in self.doubted)
            self._trusted = self._fitting(points)
        return self._trusted

    def _fitting(self, points: list[Point]) -> list[Point]:
        chain = longest_rising(points)
        ids = [point.id for point in chain]
        fitting = []
        for point in points:
            at = bisect_left(ids, point.id)
            below = chain[at - 1].first if at else point.first
            above = chain[at].first if at < len(chain) else point.first
            if below - self.tolerance <= point.first <= above + self.tolerance:
                fitting.append(point)
        return fitting

    def around(self, instant: float) -> tuple[Point | None, Point | None]:
        """Return the trusted points next to an instant: the last one before it and the first one after it, by id.

        In the disorder around it, the instant is where the fewest points stand on the wrong side.
        """
        points = self.trusted()
        wrong = least = sum(point.first < instant for point in points)  # all of them above the split
        split = 0
        for at, point in enumerate(points, 1):
            wrong += -1 if point.first < instant else 1
            if wrong < least:
                least, split = wrong, at
        return (points[split - 1] if split else None, points[split] if split < len(points) else None)

    def speaks_for(self, point: Point) -> bool:
        """Whether another article near this one has about the same time."""
        reach = self._reach()
        return any(
            (other := self.points.get(number)) is not None and abs(other.first - point.first) <= reach
            for number in range(point.id - GAP, point.id + GAP + 1)
            if number != point.id
        )

    def against(self, point: Point) -> list[Point]:
        """Return the articles that stand on the wrong side of this one by more than any disorder."""
        return [
            other
            for other in self.points.values()
            if other is not None
            and other.id not in self.doubted
            and (other.id - point.id) * (other.first - point.first) < 0
            and abs(other.first - point.first) > self.tolerance
        ]

    def _reach(self) -> float:
        """Return how far in time neighbours may be; on a site with few articles further than the tolerance."""
        points = self.trusted()
        ids = points[-1].id - points[0].id if points else 0
        pace = (points[-1].first - points[0].first) / ids if ids > _PACE_IDS else 0.0
        return max(self.tolerance, 2 * GAP * pace)

    def expected_id(self, below: Point | None, above: Point, instant: float) -> int | None:
        """Return the id expected at an instant; None where the pace of the ids is not known or leads below them all."""
        start, end = self._line(below, above)
        if not math.isfinite(instant) or end.first <= start.first:
            return None
        guess = start.id + round((instant - start.first) / (end.first - start.first) * (end.id - start.id))
        return guess if guess > 0 else None

    def _line(self, below: Point | None, above: Point) -> tuple[Point, Point]:
        """Return the two points that tell the pace: those around, or below all known ones the two lowest."""
        if below is not None:
            return below, above
        known = self.trusted()
        return above, next((point for point in known if point.id - above.id > GAP), known[-1])

    def is_surprise(self, point: Point, below: Point | None, above: Point | None) -> bool:
        """Whether an article is far from when it was expected between two neighbours."""
        if above is None:
            return False
        start, end = self._line(below, above)
        if end.id == start.id:
            return False
        expected = start.first + (end.first - start.first) * (point.id - start.id) / (end.id - start.id)
        reach = max(abs(expected - known.first) for known in (below, above) if known is not None)
        return abs(point.first - expected) > max(self.tolerance, _SURPRISE * reach)

    def free(self, low: int, high: int) -> list[range]:
        """Return the ids between two neighbours that are neither known nor in a gap, as ranges.

        Gaps between the two are one gap, as no article is known among them. A gap that reaches far down with no article
        below it is what lies before the first one.
        """
        taken = [(number, number) for number in self.points if low < number < high]
        gaps = [gap for gap in self.gaps if gap[1] > low and gap[0] < high]
        if gaps:
            lowest = min(gap[0] for gap in gaps)
            before_all = not low and lowest <= high * _BEFORE_ALL
            taken.append((1 if before_all else lowest, max(gap[1] for gap in gaps)))
        ranges, begin = [], low + 1
        for first, last in sorted(taken):
            if first > begin:
                ranges.append(range(begin, first))
            begin = max(begin, last + 1)
        if begin < high:
            ranges.append(range(begin, high))
        return ranges

    def gap_beside(self, part: range) -> tuple[int, ...]:
        """Return both ends of a gap that a part begins or ends with; empty where it touches no gap."""
        close = (gap for gap in self.gaps if abs(part[0] - gap[1]) <= _TOUCHING or abs(gap[0] - part[-1]) <= _TOUCHING)
        return next(close, ())


def longest_rising(points: list[Point]) -> list[Point]:
    """Return the longest chain whose time never falls, of points that rise by id."""
    tails: list[float] = []  # the earliest end of a chain of each length
    ends: list[int] = []
    before: list[int | None] = []
    for at, point in enumerate(points):
        length = bisect_right(tails, point.first)
        before.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [point.first]
        ends[length : length + 1] = [at]
    chain: list[Point] = []
    at_: int | None = ends[-1] if ends else None
    while at_ is not None:
        chain.append(points[at_])
        at_ = before[at_]
    return chain[::-1]
