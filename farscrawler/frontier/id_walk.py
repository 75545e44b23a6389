"""The id walk: through the ids of a range of time, and outwards from both ends until nothing of it can lie further out.

Pure, as the bisection is: `MarginWalk.ids` yields the next id and is sent the point of its article, or None.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from farscrawler.frontier.timeline import GAP, HOUR, SIDES, disorder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from farscrawler.frontier.timeline import Point, Side, TimeRange

    Ids: TypeAlias = Generator[int, Point | None, None]

#: A second article has to lie beyond this share of the margin: a single one may have a wrong date.
_SECOND = 0.75
#: Articles in a row further out than any disorder that end a margin too: the site was silent for days or weeks.
#: Fewer may be a handful of old articles that were entered anew.
_FAR_IN_A_ROW = 20
#: Ids tried for an article while leaping over a gap, and while halving it: single ids are missing anyway.
_LEAP_TRIES = 2
_HALF_TRIES = 4
#: A run of missing ids is a gap where chance would give it once in 1 / _CHANCE ids, or where it is that long.
_CHANCE = 1e-8
_LONGEST_GAP = 200
#: Articles at either end from which the disorder there is measured.
_SAMPLE = 500
#: What was met is a sample: the fewer articles, the more out of order others may be. By this over the root of their
#: number a margin is wider than the disorder met; the made-up sites of the tests show that it is enough.
_UNSEEN = 3.0
#: Articles in a row far outside that are no disorder: that end of the range is somewhere else.
ASTRAY = 30
#: New searches after which the walk goes on wherever it leads: it costs much, but loses nothing.
_SEARCHES = 4


class Margin:
    """The margin on one side of a range: ``hours`` wide, or as wide as ``disorder`` says (seconds), ``limit`` at most.

    It is walked through when one article beyond it and a second nearly beyond it were met since the last one
    in the range: an article further out can be in the range only if it is more out of order than any that was met.
    """

    def __init__(
        self, time_range: TimeRange, side: Side, *, hours: float, limit: float, disorder: Callable[[], float]
    ) -> None:
        self.time_range = time_range
        self.side = side
        self.least = hours * HOUR
        self.limit = limit * HOUR
        self._disorder = disorder
        self._beyond: list[float] = []
        self._far = 0

    @property
    def width(self) -> float:
        """The width (seconds) by what was met so far."""
        return min(self.limit, max(self.least, self._disorder()))

    def done(self) -> bool:
        """Whether the margin is walked through."""
        if self._far >= _FAR_IN_A_ROW:
            return True
        if len(self._beyond) < 2 or max(self._beyond) <= self.least:  # noqa: PLR2004  # one and a second
            return False
        width = self.width
        return max(self._beyond) > width and sum(by > _SECOND * width for by in self._beyond) > 1

    def is_beyond(self, point: Point) -> bool:
        """Whether an article lies beyond the margin."""
        return self.time_range.outside(point, self.side) > self.width

    def met(self, point: Point) -> None:
        """Take in an article met on the way out."""
        by = self.time_range.outside(point, self.side)
        if by > 2 * self.limit:
            self._far += 1
            return
        self._far = 0
        if point in self.time_range:
            self._beyond.clear()
        elif by > 0:
            self._beyond.append(by)


def gap_of(articles: int, ids: int) -> int:
    """Return how many ids missing in a row are no chance, where ``articles`` of ``ids`` have an article."""
    if ids < GAP or articles >= ids:
        return GAP
    by_chance = math.log(1 - max(articles, 1) / ids)
    return min(_LONGEST_GAP, max(GAP, math.ceil(math.log(_CHANCE) / by_chance)))


def endless(newest: int, most: int) -> str:
    """Return the sentence of a site whose ids go on and on."""
    return (
        f"the ids above {newest:,} do not end: {most:,} of them were asked (PROBE_MOST); another run goes on from there"
    )


class MarginWalk:
    """The walk through a margin, from the id ``start`` outwards; ids end at 1, and above ``top`` with the first gap.

    Where ``gap`` ids are missing in a row the walk leaps ever further until it finds an article, and comes back to the
    far edge of the gap. No more than ``most`` ids above the top are walked; ``endless`` is set where they all were.
    """

    def __init__(self, margin: Margin, start: int, top: int, *, gap: int = GAP, most: float = math.inf) -> None:
        self.margin = margin
        self.gap = gap
        self.side = margin.side
        self.top = top
        self.endless = False
        self._highest = top + most
        self._position = start
        self._empty = 0

    def ids(self) -> Ids:
        """Yield the ids one by one."""
        while not self.margin.done() and 1 <= self._position <= self.top + self.gap:
            if self._position > self._highest:
                self.endless = True
                return
            if self._empty < self.gap:
                yield from self._ask(self._position)
                self._position += self.side
            elif not (yield from self._leap()):
                return

    def _ask(self, number: int) -> Generator[int, Point | None, Point | None]:
        point = yield number
        if point is None:
            self._empty += 1
        else:
            self._empty = 0
            self.margin.met(point)
            self.top = max(self.top, number)
        return point

    def _leap(self) -> Generator[int, Point | None, bool]:
        """Cross a gap; return whether there is an article beyond it, and the walk goes on from there."""
        near, step = self._position - self.side, GAP
        while True:
            far = min(near + self.side * step, self.top)
            if far < 1:  # down to the first ids by halves
                far = near // 2
            if (near - far) * -self.side < 1 or near <= GAP * (self.side < 0):
                return False
            point = yield from self._try(far, _LEAP_TRIES)
            if point is not None:
                break
            near, step = far, 2 * step
        near, point = yield from self._edge(near, point)
        self.margin.met(point)
        self._position = point.id + self.side
        # Towards the gap everything is asked until it is empty again.
        self._empty = 0
        for number in range(point.id - self.side, near, -self.side):
            yield from self._ask(number)
            if self._empty >= self.gap:
                break
        self._empty = 0
        return True

    def _edge(self, near: int, point: Point) -> Generator[int, Point | None, tuple[int, Point]]:
        """Halve what lies between an empty id and an article beyond the margin, so that not all of it is walked."""
        while self.margin.is_beyond(point) and abs(point.id - near) > GAP:
            middle = (near + point.id) // 2
            found = yield from self._try(middle, _HALF_TRIES)
            if found is None:
                near = middle
            else:
                point = found
        return near, point

    def _try(self, number: int, tries: int) -> Generator[int, Point | None, Point | None]:
        """Ask an id or, where it is missing, a few next to it."""
        for place in range(number, number + tries * self.side, self.side):
            if 1 <= place <= self.top:
                point = yield place
                if point is not None:
                    return point
        return None


class RangeWalk:
    """What the walk through a range and its margins has met; ``limit`` (seconds) is more than any disorder.

    ``first`` and ``last`` are the lowest and highest id of an article in the range; ``met`` counts those of this walk,
    ``passed`` the ids walked past and ``dated`` the dated articles among them, of all walks.
    """

    def __init__(self, time_range: TimeRange, limit: float) -> None:
        self.time_range = time_range
        self.limit = limit
        self.first: int | None = None
        self.last: int | None = None
        self.passed = self.dated = 0
        self._searches = 0
        self._begin()

    def _begin(self) -> None:
        self.met = 0
        self._opening: list[Point] = []
        self._closing: deque[Point] = deque(maxlen=_SAMPLE)
        self._beside: dict[Side, deque[Point]] = {side: deque(maxlen=_SAMPLE) for side in SIDES}
        self._strays: deque[Point] = deque(maxlen=ASTRAY)
        self._side: Side | None = None

    def inside(self, point: Point | None) -> None:
        """Go past an id between the ends, upwards."""
        self.passed += 1
        if point is not None:
            if len(self._opening) < _SAMPLE:
                self._opening.append(point)
            self._closing.append(point)
            self._go(point)

    def beside(self, point: Point | None, side: Side) -> None:
        """Go past an id in a margin, outwards."""
        self.passed += 1
        if point is not None:
            self._beside[side].append(point)
            self._go(point)

    def _go(self, point: Point) -> None:
        self.dated += 1
        if point in self.time_range:
            self.met += 1
            self.first = point.id if self.first is None else min(self.first, point.id)
            self.last = point.id if self.last is None else max(self.last, point.id)
        side = next((side for side in SIDES if self.time_range.outside(point, side) > self.limit), None)
        if side != self._side:
            self._strays.clear()
            self._side = side
        if side is not None:
            self._strays.append(point)

    @property
    def astray(self) -> Side | None:
        """The side of the range on which the walk has been for long, so that it has to be searched again."""
        if len(self._strays) < ASTRAY or self._searches == _SEARCHES:
            return None
        # Old articles after many of the range were entered anew; they are not the time before it.
        return self._side if self._side == 1 or self.met < ASTRAY else None

    def strays(self) -> list[Point]:
        """Return the articles that led astray, and begin a walk anew; what was found stays."""
        found = list(self._strays)
        self._searches += 1
        self._begin()
        return found

    def disorder(self, side: Side) -> float:
        """Return the disorder (seconds) to be expected at one end."""
        points = sorted([*(self._opening if side < 0 else self._closing), *self._beside[side]])
        return disorder(points, self.limit) * (1 + _UNSEEN / math.sqrt(len(points))) if points else 0.0

    def follow(self, ids: Ids, side: Side) -> Ids:
        """Yield the ids of the walk through a margin, and end it where it leads astray."""
        number = next(ids, None)
        while number is not None and self.astray is None:
            point = yield number
            self.beside(point, side)
            try:
                number = ids.send(point)
            except StopIteration:
                return
