"""Passage: what the walk through a range meets, and whether it is where it should be."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from farscrawler.discovery.margin import SIDES
from farscrawler.discovery.points import disorder

if TYPE_CHECKING:
    from farscrawler.discovery.margin import Bounds, Side
    from farscrawler.discovery.points import Point

#: Articles at either end from which the disorder there is measured.
_SAMPLE = 500
#: What was met is a sample: the fewer articles, the more out of order others may be. By this over the root of their
#: number a margin is wider than the disorder met; tests/numbersite.py tells whether that is enough.
_UNSEEN = 3.0
#: So many articles in a row far outside are no disorder: that end of the range is somewhere else.
ASTRAY = 30
#: After so many new searches the walk goes on wherever it leads: it costs much, but loses nothing.
_SEARCHES = 4


class Passage:
    """Follows the walk through the ids of a range and its margins; ``limit`` (seconds) is more than any disorder.

    ``first`` and ``last`` are the lowest and highest id of an article in the range; ``met`` counts those of this walk.
    """

    def __init__(self, bounds: Bounds, limit: float) -> None:
        self.bounds = bounds
        self.limit = limit
        self.first: int | None = None
        self.last: int | None = None
        self._searches = 0
        self._begin()

    def _begin(self) -> None:
        self.met = 0
        self._opening: list[Point] = []
        self._closing: deque[Point] = deque(maxlen=_SAMPLE)
        self._beside: dict[Side, deque[Point]] = {side: deque(maxlen=_SAMPLE) for side in SIDES}
        self._strays: deque[Point] = deque(maxlen=ASTRAY)
        self._side: Side | None = None

    def inside(self, point: Point) -> None:
        """Go past an article between the ends, upwards."""
        if len(self._opening) < _SAMPLE:
            self._opening.append(point)
        self._closing.append(point)
        self._go(point)

    def beside(self, point: Point, side: Side) -> None:
        """Go past an article in a margin, outwards."""
        self._beside[side].append(point)
        self._go(point)

    def _go(self, point: Point) -> None:
        if point in self.bounds:
            self.met += 1
            self.first = point.id if self.first is None else min(self.first, point.id)
            self.last = point.id if self.last is None else max(self.last, point.id)
        side = next((side for side in SIDES if self.bounds.outside(point, side) > self.limit), None)
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
        """Give the articles that showed it, and begin a walk anew; what was found stays."""
        found = list(self._strays)
        self._searches += 1
        self._begin()
        return found

    def disorder(self, side: Side) -> float:
        """Give the disorder (seconds) to be expected at one end."""
        points = sorted([*(self._opening if side < 0 else self._closing), *self._beside[side]])
        return disorder(points, self.limit) * (1 + _UNSEEN / math.sqrt(len(points))) if points else 0.0
