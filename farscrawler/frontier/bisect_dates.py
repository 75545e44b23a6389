"""A range of days on a site that has nothing but numbers: its ends are found by bisection, all between is walked.

Whatever is fetched on the way is stored like any article, and stored articles are the known points of a search: a
run that was killed, or the next range, begins with all that was learnt before.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections import ChainMap
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from farscrawler.days import AHEAD
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Strategy, Target
from farscrawler.frontier.bisection import Aim, LostError, Split, find
from farscrawler.frontier.id_walk import ASTRAY, Margin, MarginWalk, RangeWalk, endless, gap_of
from farscrawler.frontier.outlook import Outlook
from farscrawler.frontier.pending import chunks, count_pending
from farscrawler.frontier.timeline import DAY, GAP, HOUR, SIDES, Timeline, TimeRange, midnight, point_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from farscrawler.archive.records import Outcome
    from farscrawler.days import DateRange
    from farscrawler.frontier.base import Context
    from farscrawler.frontier.timeline import Point, Side
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher


T = TypeVar("T")

logger = logging.getLogger("farscrawler")

#: Stored articles on either side of an end of the range that its search begins with.
_KNOWN_AROUND = 50
#: Ids of a walk kept in mind; the archive commits after far fewer, and is asked about older ones.
_REMEMBERED = 1_000


class BisectDates(Strategy):
    """The articles of a range of days, on a site whose ids grow with time.

    ``margin_hours`` are looked through beyond either end at least, ``margin_limit`` at most; a miss less than
    ``edge`` below the newest id is asked again, and no more than ``probe_most`` ids above it are asked. ``probes``
    counts the ids asked one at a time.
    """

    def __init__(
        self,
        context: Context,
        wanted: DateRange,
        form: str,
        *,
        edge: int,
        margin_hours: float,
        margin_limit: float,
        probe_most: int,
    ) -> None:
        _check(context.publisher)
        self.context = context
        self.wanted = wanted
        self.form = form
        self.probes = 0
        self._edge = edge
        self._most = probe_most
        self._hours, self._limit = margin_hours, max(margin_hours, margin_limit)
        self._times = TimeRange(
            -math.inf if wanted.first == dt.date.min else midnight(wanted.first),
            math.inf if wanted.last == dt.date.max else midnight(wanted.last) + DAY,
        )
        self._timeline = Timeline(self._limit * HOUR)
        self._walk = RangeWalk(self._times, self._limit * HOUR)
        self._top = self._listed = self._found = 0
        self._first, self._last = 1, 0
        self._is_inside = self._is_probing = False
        self._undated: set[int] = set()  # articles without a readable date
        self._probed: dict[int, Point | None] = {}
        self._walked: dict[int, Point | None] = {}
        self._stored: dict[int, Point | None] = {}  # of the last chunk that was looked up
        self._points = ChainMap(self._probed, self._walked, self._stored)

    async def estimate(self) -> AsyncIterator[Target]:
        """Yield the ids that find both ends of the range."""
        if self.wanted.lies_ahead(self.context.publisher.tz):
            self._outlook = Outlook(addresses=0, walked=True)
            return
        self._learn_stored()
        if not await self._find_top():
            self._outlook = Outlook(addresses=0, walked=True)
            return
        try:
            for side in SIDES:
                async for target in self._search(side):
                    yield target
        except LostError as error:
            self._outlook = Outlook(addresses=None, unknown=f"where {self.wanted} is, {error}")
            return
        self._outlook = self._ahead()

    def _ahead(self) -> Outlook:
        """Return what lies ahead once both ends are found: the ids between them, and those of the margins."""
        within = range(self._first, self._last + 1)
        pending = count_pending(self.context.ledger, [within]) if within else 0
        asked = sum(number in within for number in self._probed)  # they may not be committed yet
        return Outlook(addresses=max(0, pending - asked) + self._margin_ids(), walked=True)

    def _margin_ids(self) -> int:
        """Return how many pending ids the margins are expected to hold, at the pace of the ids around."""
        points = self._timeline.trusted()
        seconds = points[-1].first - points[0].first if points else 0.0
        pace = (points[-1].id - points[0].id) / seconds if seconds > 0 else 0.0
        if math.isfinite(self._times.end - self._times.first) and self._last >= self._first:
            pace = (self._last - self._first + 1) / (self._times.end - self._times.first)
        # Two articles have to lie beyond the margin; above the newest id all of a gap is asked.
        each = math.ceil(self._hours * HOUR * pace) + 2
        below = each if math.isfinite(self._times.first) and self._first > 1 else 0
        above = 0 if math.isinf(self._times.end) else GAP if self._last >= self._top else each
        first, last = self._first, max(self._last, self._first - 1)
        margins: dict[Side, range] = {-1: range(max(1, first - below), first), 1: range(last + 1, last + 1 + above)}
        left = [part for side, part in margins.items() if part and not self._is_settled(side, part)]
        asked = sum(number in part for number in self._probed for part in left)
        return max(0, count_pending(self.context.ledger, left) - asked)

    def _is_settled(self, side: Side, part: range) -> bool:
        """Whether the walk through a margin asks nothing: a run of the same days has walked through it before."""
        self._look_up(part)
        walk = self._margin_walk(side).ids()
        try:
            number = next(walk)
            while number in part and number in self._points:
                number = walk.send(self._points[number])
        except StopIteration:
            return True
        return False

    async def targets(self) -> AsyncIterator[Target]:
        """Yield the ids that find both ends of the range, then all pending ones within, then the margins."""
        self._count_stored()
        if self.wanted.lies_ahead(self.context.publisher.tz):
            logger.info(AHEAD, self.context.publisher.key, self.wanted)
            return
        self._say("%s by its ids", self.wanted)
        self._learn_stored()
        if not await self._find_top():
            return
        try:
            async for target in self._round():
                yield target
            while self._walk.astray is not None:
                # Wrong dates that agreed with each other, or gaps that were none: those met there lead back.
                self._say("%s articles in a row lie far beside %s; it is searched again", ASTRAY, self.wanted)
                met = self._walk.met
                self._timeline.gaps.clear()
                for point in self._walk.strays():
                    self._timeline.learn(point.id, point)
                if met:  # what was found there may have neighbours
                    async for target in self._margin(-1):
                        yield target
                async for target in self._round():
                    yield target
        except LostError as error:
            self._shortfall = f"{self.wanted} was not found, {error}"
            return
        self._close()

    def _count_stored(self) -> None:
        """Count every stored article of the range, whoever fetched it."""
        for keys in self.context.ledger.stored_between(*self.wanted.jalali_ends()):
            self.context.already_stored(keys)
            self._found += len(keys)

    async def _round(self) -> AsyncIterator[Target]:
        """Yield the ids that find the ends, all between, and the margins; end early where they lead astray."""
        for side in SIDES:
            async for target in self._search(side):
                yield target
        self._last = max(self._last, self._first - 1)  # with nothing between, the margins meet there
        place = "is about ids %s – %s" if self._first <= self._last else "lies between ids %s and %s, if anywhere"
        self._say(f"%s {place} (%s probes)", self.wanted, *sorted((self._first, self._last)), self.probes)
        self._outlook = self._outlook or self._ahead()
        async for target in self._inside():
            yield target
        for side in SIDES:
            if self._walk.astray is None:
                async for target in self._margin(side):
                    yield target

    # -- single ids -----------------------------------------------------------------------------

    def _look_up(self, numbers: range) -> int:
        """Take the points of ids that are settled in the ledger, and return how many of these are misses.

        Those of the chunk before are forgotten.
        """
        ledger = self.context.ledger
        keys = [str(number) for number in numbers if number not in self._probed and number not in self._walked]
        outcomes = {key: found.outcome for key, found in ledger.known(keys).items() if found.final}
        times = ledger.publication_times(list(outcomes)) if outcomes else {}
        self._stored.clear()
        self._stored.update({int(key): point_of(int(key), times[key]) if key in times else None for key in outcomes})
        articles = [int(key) for key, outcome in outcomes.items() if outcome == "article"]
        self._undated.update(number for number in articles if self._stored[number] is None)
        return len(outcomes) - len(articles)

    async def _drive(self, steps: Generator[int, Point | None, T], results: list[T]) -> AsyncIterator[Target]:
        """Ask the ids that a search or a walk wants, one at a time; its result is put into ``results``."""
        try:
            number = next(steps)
            while True:
                self._look_up(range(number, number + 1))
                if number not in self._points:
                    self.probes += 1
                    self._is_probing = True
                    yield Target(key=str(number), form=self.form)
                    await self.context.in_flight.empty.wait()
                    self._is_probing = False
                number = steps.send(self._points[number])
        except StopIteration as end:
            results.append(end.value)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Learn when the article of an id was published."""
        number = int(target.key)
        point = point_of(number, article) if article is not None else None
        if point is not None:
            self._found += point in self._times
        elif outcome == "article":
            self._undated.add(number)
        if self._is_probing:
            self._probed[number] = point
            return
        self._walked[number] = point
        if len(self._walked) > _REMEMBERED:
            del self._walked[next(iter(self._walked))]
        if self._is_inside:
            self._pass(point)

    def beyond(self, target: Target) -> bool:
        """Whether an id is above all that the site lists."""
        return 0 < self._listed < int(target.key)

    def named(self, target: Target) -> bool:
        return target.key in self.context.client.listed_ids

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near or above the newest id."""
        return int(target.key) > self._top - self._edge

    # -- the ends -------------------------------------------------------------------------------

    def _learn_stored(self) -> None:
        """Begin with the stored articles around both ends."""
        for instant in (self._times.first, self._times.end):
            if math.isfinite(instant):
                around = self.context.ledger.publication_times_around(_day(instant), _KNOWN_AROUND)
                for key, time in around.items():
                    if key.isdigit():
                        self._timeline.learn(int(key), point_of(int(key), time))

    async def _find_top(self) -> int:
        """Return the newest id; where articles after the range are known, the site need not be asked."""
        _, after = self._timeline.around(self._times.end)
        if after is None or not self._timeline.speaks_for(after):
            self._listed = await self.context.client.newest_listed() or 0
        self._top = max(self.context.ledger.newest_id() or 0, self._listed)
        return self._top

    async def _search(self, side: Side) -> AsyncIterator[Target]:
        """Yield the ids that find the first id inside, or the last one."""
        if side > 0 and math.isinf(self._times.end):
            self._last = self._top
            return
        # Further inside costs nothing, as those ids are asked anyway; further outside no more than the margin does.
        inner, outer = min(DAY, (self._times.end - self._times.first) / 2), self._hours * HOUR
        aim = Aim(self._times.first, outer, inner) if side < 0 else Aim(self._times.end, inner, outer)
        found: list[Split] = []
        async for target in self._drive(find(self._timeline, aim, self._top), found):
            yield target
        below, above = found[0].below, found[0].above
        if side < 0:
            near = below.id + 1 if below is not None and below in aim else None
            self._first = near or (above.id if above is not None else self._top + 1)
        else:
            near = above.id - 1 if above is not None and above in aim else None
            self._last = near if near is not None else below.id if below is not None else 0

    # -- all between, and the margins -------------------------------------------------------------

    async def _inside(self) -> AsyncIterator[Target]:
        """Yield every pending id between the ends, as many at a time as the in-flight limit lets."""
        self._pending = self._last - self._first + 1
        self._is_inside = True
        for part in chunks(range(self._first, self._last + 1)):
            self.context.already_settled(self._look_up(range(part[0], part[-1] + 1)))
            for number in part:
                if self._walk.astray is not None:
                    break
                if number in self._points:
                    self._pass(self._points[number])
                else:
                    yield Target(key=str(number), form=self.form)
        await self.context.in_flight.empty.wait()
        self._is_inside = False

    def _pass(self, point: Point | None) -> None:
        self._walk.inside(point)
        self._count_down(1)

    async def _margin(self, side: Side) -> AsyncIterator[Target]:
        walk = self._margin_walk(side)
        async for target in self._drive(self._walk.follow(walk.ids(), side), []):
            yield target
        if walk.endless:
            self._shortfall = endless(self._top, self._most)

    def _margin_walk(self, side: Side) -> MarginWalk:
        disorder = partial(self._walk.disorder, side)
        margin = Margin(self._times, side, hours=self._hours, limit=self._limit, disorder=disorder)
        start = self._first - 1 if side < 0 else max(self._last, self._first - 1) + 1
        gap = gap_of(self._walk.dated, self._walk.passed)
        return MarginWalk(margin, start, self._top, gap=gap, most=self._most)

    # -- the end ------------------------------------------------------------------------------------

    def _close(self) -> None:
        """Say what was found, and what could not be decided."""
        first, last = self._walk.first, self._walk.last
        if first is not None and last is not None:
            beside = sum(not first <= number <= last for number in self._probed)
            self._say("%s: %s articles, in ids %s – %s, and %s probes beside them",
                      self.wanted, self._found, first, last, beside)  # fmt: skip
        elif not self._found:
            around = (self._timeline.around(self._times.first)[0], self._timeline.around(self._times.end)[1])
            names = [f"{point.id:,} ({_day(point.first)})" for point in around if point is not None]
            beside_it = f"; beside it lie the articles {' and '.join(names)}" if names else ""
            self._say("nothing was published in %s%s", self.wanted, beside_it)
        if self._undated:
            logger.warning(
                "%s: %s articles there have no date that can be read: they are stored, and in no range.",
                self.context.publisher.key,
                f"{len(self._undated):,}",
            )

    def _say(self, text: str, *values: object) -> None:
        shown = [f"{value:,}" if isinstance(value, int) else value for value in values]
        logger.info(f"%s: {text}.", self.context.publisher.key, *shown)  # noqa: G004  # the text is one of ours


def _check(publisher: Publisher) -> None:
    """Refuse a site whose ids say nothing of time. Raise BadArgumentError."""
    if not publisher.sources.ids or publisher.forms[publisher.default_form].id != "number":
        raise BadArgumentError(f"since and until cannot be used for {publisher.key}: its ids do not grow with time.")


def _day(instant: float) -> dt.date:
    """Return the day of an instant."""
    return dt.date.min + dt.timedelta(days=int(instant // DAY))
