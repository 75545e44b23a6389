"""Bisection: find where among the ids of a site a moment lies, with as few ids asked as can be.

Pure: `find` is a generator that yields the next id to ask and is sent the point of its article, or None where there
is no article or no date on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TypeAlias

    from farscrawler.frontier.timeline import Point, Timeline

    Search: TypeAlias = Generator[int, Point | None, "Split"]

#: Ids asked after which a search is given up, since they do not grow with time: gaps and wrong dates at once cost a
#: few dozen.
MOST_PROBES = 200
#: Unknown ids between both sides that are too few for a probe: the walk from there asks them all anyway.
_CLOSE = 8
#: Neighbours asked for one article; where they are all missing, nothing speaks against it.
_NEIGHBOURS = 10
#: An article is doubted when it is this many times further from two neighbours than they are from each other.
_OUT_OF_LINE = 10
#: How far from an empty id the next try is, and how much further each one after it.
_FIRST_LEAP = 16
_LEAP_GROWTH = 4


class LostError(Exception):
    """The ids do not lead to the moment."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The moment looked for; a point at most ``before`` seconds before or ``after`` seconds after it is good enough."""

    instant: float
    before: float
    after: float

    def __contains__(self, point: Point) -> bool:
        return self.instant - self.before <= point.first <= self.instant + self.after

    @property
    def middle(self) -> float:
        """The moment in the middle of what is good enough."""
        return self.instant + (self.after - self.before) / 2


@dataclass(frozen=True, slots=True)
class Split:
    """Where a moment lies: the nearest trusted points on either side; None where all ids are on one side."""

    below: Point | None
    above: Point | None


def find(timeline: Timeline, aim: Aim, top: int) -> Search:
    """Yield the ids that find the aim among those from 1 to ``top``. Raise LostError where it cannot be found.

    The timeline learns each point. What it knows already is not asked again.
    """
    probes = _Probes(timeline, top)
    while True:
        below, above = timeline.around(aim.instant)
        near = [point for point in (below, above) if point is not None and point in aim]
        choice = None if near else probes.next(below, above, aim.middle)
        if choice is None:
            # What decides must not rest on one article alone.
            weak = next((p for p in near or [p for p in (below, above) if p] if not probes.sure(p)), None)
            if weak is None:
                return Split(below, above)
            yield from probes.neighbours(weak, inwards=1 if aim.after > aim.before else -1)
            continue
        point = yield from probes.near(*choice)
        if point is not None and (timeline.against(point) or timeline.is_surprise(point, below, above)):
            yield from probes.settle(point, below, above)


class _Probes:
    """The probes of one search."""

    def __init__(self, timeline: Timeline, top: int) -> None:
        self.timeline = timeline
        self.top = top
        self._asked = 0
        self._widths: list[int] = []
        self._sure: set[int] = set()

    def _ask(self, number: int) -> Generator[int, Point | None, Point | None]:
        if number in self.timeline.points:
            return self.timeline.points[number]
        self._asked += 1
        if self._asked > MOST_PROBES:
            raise LostError(f"{MOST_PROBES} ids were asked, and they do not grow with time")
        point = yield number
        self.timeline.learn(number, point)
        return point

    def next(self, below: Point | None, above: Point | None, instant: float) -> tuple[int, range] | None:
        """Return the id to ask next and the unknown part it lies in; None where no id between the two is unknown."""
        low, high = below.id if below else 0, above.id if above else self.top + 1
        free = self.timeline.free(low, high)
        if sum(map(len, free)) <= (_CLOSE if below or above else 0):
            return None
        if above is None:
            return free[-1][-1], free[-1]  # the newest says how far the ids reach
        self._widths.append(high - low)
        widest = max(free, key=len)
        slow = len(self._widths) > 2 and self._widths[-1] > self._widths[-3] / 2  # noqa: PLR2004  # two rounds ago
        guess = None if slow else self.timeline.expected_id(below, above, instant)
        if guess is None:
            return widest[len(widest) // 2], widest
        part = min(free, key=lambda part: max(part[0] - guess, guess - part[-1]))
        return (guess if guess in part else part[len(part) // 2]), part

    def near(self, number: int, part: range) -> Generator[int, Point | None, Point | None]:
        """Ask an id of a part of which nothing is known, and for want of a dated article others.

        First those next to it; where they are all missing, ever further off on both sides by turns. A part beside a gap
        is halved instead: the gap reaches as far as it is empty.
        """
        point = yield from self._one_of(number, part)
        if point is not None:
            return point
        beside = self.timeline.gap_beside(part)
        empty = [*beside, number - 1, number + 2]
        step, up = _FIRST_LEAP, True
        while point is None:
            sides = (number + step, number - step) if up else (number - step, number + step)
            place = None if beside else next((place for place in sides if place in part), None)
            if place is None:
                break
            point = yield from self._one_of(place, part)
            if point is None:
                empty += [place - 1, place + 2]
            step, up = step * _LEAP_GROWTH, not up
        self.timeline.gaps.append((min(empty), max(empty)))
        return point

    def _one_of(self, place: int, part: range) -> Generator[int, Point | None, Point | None]:
        """Ask an id and those next to it for an article."""
        for number in (place, place + 1, place - 1, place + 2):
            if number in part:
                point = yield from self._ask(number)
                if point is not None:
                    return point
        return None

    def settle(self, point: Point, *known: Point | None) -> Generator[int, Point | None, None]:
        """Find out whose date is wrong where an article surprises: its own, or that of what was known."""
        if not self.sure(point):
            yield from self.neighbours(point, inwards=1)
        for other in (*self.timeline.against(point), *known):
            if other is not None and point.id not in self.timeline.doubted and not self.sure(other):
                yield from self.neighbours(other, inwards=1)

    def sure(self, point: Point) -> bool:
        """Whether a point may decide."""
        return point.id in self._sure or self.timeline.speaks_for(point)

    def neighbours(self, point: Point, *, inwards: int) -> Generator[int, Point | None, None]:
        """Ask the neighbours of an article whether its date can be right; two that agree against it are enough."""
        others: list[Point] = []
        for distance in range(1, _NEIGHBOURS // 2 + 1):
            for number in (point.id + inwards * distance, point.id - inwards * distance):
                if not 0 < number <= self.top:
                    continue
                other = yield from self._ask(number)
                if self.timeline.speaks_for(point):
                    return
                others += [other] if other is not None else []
                if len(others) == 2:  # noqa: PLR2004  # one and a second
                    apart = abs(others[0].first - others[1].first)
                    off = min(abs(point.first - other.first) for other in others)
                    # On a site with an article a week neighbours are far apart, and no date is wrong.
                    if off > _OUT_OF_LINE * apart:
                        self.timeline.doubt(point.id)
                    else:
                        self._sure.add(point.id)
                    return
        self._sure.add(point.id)
