"""A range of days on a site that has nothing but numbers: its ends are found by bisection, all between is walked.

Whatever is fetched on the way is stored like any article, and stored articles are the known points of a search: a
run that was killed, or the next range, begins with all that was learnt before.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from farscrawler.days import AHEAD, jalali
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Strategy, chunks
from farscrawler.frontier.bisection import Aim, LostError, Split, find
from farscrawler.frontier.id_walk import ASTRAY, SIDES, Bounds, Margin, Outwards, Passage, gap_of
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.target import Target
from farscrawler.frontier.timeline import DAY, HOUR, Chart, midnight, point_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.days import Span
    from farscrawler.frontier.base import Context
    from farscrawler.frontier.id_walk import Side, Walk
    from farscrawler.frontier.timeline import Point
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher


# Answers: what became of single ids, from the archive where it knows, from the site otherwise.
T = TypeVar("T")

#: Answers of a walk kept in mind; the archive commits after far fewer, and is asked about older ones.
_REMEMBERED = 1_000


class Answers:
    """Asks ids and hears what became of them; an answer is the article's point, or None where there is no date.

    ``probes`` counts the ids asked one at a time, ``open`` those in flight; ``undated`` are the articles without a
    readable date.
    """

    def __init__(self, context: Context, form: str) -> None:
        self.context = context
        self.form = form
        self.probes = 0
        self.undated: set[int] = set()
        self._probed: dict[int, Point | None] = {}
        self._walked: dict[int, Point | None] = {}
        self._known: dict[int, Point | None] = {}  # of the last look into the archive
        self._probing = False
        self.in_flight = InFlight()

    def __contains__(self, number: int) -> bool:
        return any(number in answers for answers in (self._probed, self._walked, self._known))

    def __getitem__(self, number: int) -> Point | None:
        return next(answers[number] for answers in (self._probed, self._walked, self._known) if number in answers)

    def look_up(self, numbers: Iterable[int]) -> int:
        """Take the answers that the archive has for good, and count the misses among them.

        Those of the look before are forgotten.
        """
        keys = [str(number) for number in numbers if number not in self._probed and number not in self._walked]
        known = {key: found for key, found in self.context.ledger.known(keys).items() if found.final}
        stamps = self.context.ledger.publication_times(known)
        self._known = {int(key): point_of(int(key), stamps[key]) if key in stamps else None for key in known}
        articles = {int(key) for key, found in known.items() if found.outcome == "article"}
        self.undated.update(number for number in articles if self._known[number] is None)
        return len(known) - len(articles)

    def ask(self, number: int) -> Target:
        """Give the target of an id that is not answered yet."""
        return self.in_flight.enter(Target(key=str(number), form=self.form))

    def settle(self, target: Target, outcome: Outcome, article: Article | None) -> None:
        """Hear what became of an id."""
        number = int(target.key)
        point = point_of(number, article) if article is not None else None
        if outcome == "article" and point is None:
            self.undated.add(number)
        if self._probing:
            self._probed[number] = point
        else:
            self._walked[number] = point
            if len(self._walked) > _REMEMBERED:
                del self._walked[next(iter(self._walked))]
        self.in_flight.leave(target)

    def probes_beside(self, first: int, last: int) -> int:
        """Count the ids asked one at a time that lie not between two."""
        return sum(not first <= number <= last for number in self._probed)

    async def drive(self, steps: Generator[int, Point | None, T], results: list[T]) -> AsyncIterator[Target]:
        """Ask the ids that a search or a walk wants, one at a time; its result is put into ``results``."""
        try:
            number = next(steps)
            while True:
                self.look_up([number])
                if number not in self:
                    self.probes += 1
                    self._probing = True
                    yield self.ask(number)
                    await self.in_flight.all_settled()
                    self._probing = False
                number = steps.send(self[number])
        except StopIteration as end:
            results.append(end.value)


logger = logging.getLogger("farscrawler")

#: Stored articles on either side of an end of the range that its search begins with.
_KNOWN_AROUND = 50


class Dates(Strategy):
    """The articles of a range of days, on a site whose ids grow with time.

    ``margin_hours`` are looked through beyond either end at least, ``margin_limit`` at most; a miss less than
    ``edge`` below the newest id is asked again.
    """

    def __init__(
        self, context: Context, span: Span, form: str, *, edge: int, margin_hours: float, margin_limit: float
    ) -> None:
        _check(context.publisher)
        self.context = context
        self.span = span
        self._edge = edge
        self._hours, self._limit = margin_hours, max(margin_hours, margin_limit)
        self._bounds = Bounds(
            -math.inf if span.first == dt.date.min else midnight(span.first),
            math.inf if span.last == dt.date.max else midnight(span.last) + DAY,
        )
        self._chart = Chart(self._limit * HOUR)
        self._passage = Passage(self._bounds, self._limit * HOUR)
        self._answers = Answers(context, form)
        self._walking = False
        self._top = self._listed = self._found = 0
        self._first, self._last = 1, 0
        self._passed = self._dated = 0  # ids walked past, and the dated articles among them

    async def targets(self) -> AsyncIterator[Target]:
        """Give the ids that find both ends of the range, then all within that are owed, then the margins."""
        self._announce()
        if self.span.lies_ahead(self.context.publisher.tz):
            logger.info(AHEAD, self.context.publisher.key, self.span)
            return
        self._learn_known()
        if not await self._find_top():
            return
        try:
            async for target in self._round():
                yield target
            while self._passage.astray is not None:
                # Wrong dates that agreed with each other, or gaps that were none: those met there lead back.
                self._say("%s articles in a row lie far beside %s; it is searched again", ASTRAY, self.span)
                met = self._passage.met
                self._chart.gaps.clear()
                for point in self._passage.strays():
                    self._chart.learn(point.id, point)
                if met:  # what was found there may have neighbours
                    async for target in self._margin(-1):
                        yield target
                async for target in self._round():
                    yield target
        except LostError as error:
            self._shortfall = f"{self.span} was not found, {error}"
            return
        self._close()

    async def _round(self) -> AsyncIterator[Target]:
        """Give the ids that find the ends, all between, and the margins; end early where they lead astray."""
        for side in SIDES:
            async for target in self._search(side):
                yield target
        self._last = max(self._last, self._first - 1)  # with nothing between, the margins meet there
        place = "is about ids %s – %s" if self._first <= self._last else "lies between ids %s and %s, if anywhere"
        ends = sorted((self._first, self._last))
        self._say(f"%s {place} (%s probes)", self.span, *ends, self._answers.probes)
        async for target in self._inside():
            yield target
        for side in SIDES:
            if self._passage.astray is None:
                async for target in self._margin(side):
                    yield target

    def _announce(self) -> None:
        """Tell of every stored article of the range, whoever fetched it."""
        for keys in self.context.ledger.stored_between(*self.span.jalali_ends()):
            self.context.already_stored(keys)
            self._found += len(keys)

    # -- the ends -------------------------------------------------------------------------------

    def _learn_known(self) -> None:
        """Begin with the stored articles around both ends."""
        for instant in (self._bounds.first, self._bounds.end):
            if math.isfinite(instant):
                around = self.context.ledger.publication_times_around(_day(instant), _KNOWN_AROUND)
                for key, stamp in around.items():
                    if key.isdigit():
                        self._chart.learn(int(key), point_of(int(key), stamp))

    async def _find_top(self) -> int:
        """Find the newest id; where articles after the range are known, the site need not be asked."""
        _, after = self._chart.around(self._bounds.end)
        if after is None or not self._chart.speaks_for(after):
            self._listed = await self.context.client.newest_listed() or 0
        self._top = max(self.context.ledger.newest_id() or 0, self._listed)
        return self._top

    async def _search(self, side: Side) -> AsyncIterator[Target]:
        """Find the first id inside, or the last one."""
        if side > 0 and math.isinf(self._bounds.end):
            self._last = self._top
            return
        # Further inside costs nothing, as those ids are asked anyway; further outside no more than the margin does.
        inner, outer = min(DAY, (self._bounds.end - self._bounds.first) / 2), self._hours * HOUR
        aim = Aim(self._bounds.first, outer, inner) if side < 0 else Aim(self._bounds.end, inner, outer)
        found: list[Split] = []
        async for target in self._answers.drive(find(self._chart, aim, self._top), found):
            yield target
        below, above = found[0].below, found[0].above
        if side < 0:
            near = below.id + 1 if below is not None and below in aim else None
            self._first = near or (above.id if above is not None else self._top + 1)
        else:
            near = above.id - 1 if above is not None and above in aim else None
            self._last = near if near is not None else below.id if below is not None else 0

    # -- all between ------------------------------------------------------------------------------

    async def _inside(self) -> AsyncIterator[Target]:
        """Give every owed id between the ends, as many at a time as there is room for."""
        self._pending = self._last - self._first + 1
        self._walking = True
        for part in chunks(range(self._first, self._last + 1)):
            self.context.already_settled(self._answers.look_up(part))
            for number in part:
                if self._passage.astray is not None:
                    break
                if number in self._answers:
                    self._pass(self._answers[number])
                else:
                    yield self._answers.ask(number)
        await self._answers.in_flight.all_settled()
        self._walking = False

    def _pass(self, point: Point | None) -> None:
        self._passed += 1
        self._dated += point is not None
        if point is not None:
            self._passage.inside(point)
        if self._pending:
            self._pending -= 1

    # -- the margins ------------------------------------------------------------------------------

    async def _margin(self, side: Side) -> AsyncIterator[Target]:
        disorder = partial(self._passage.disorder, side)
        margin = Margin(self._bounds, side, hours=self._hours, limit=self._limit, disorder=disorder)
        start = self._first - 1 if side < 0 else self._last + 1
        gap = gap_of(self._dated, self._passed)
        walk = Outwards(margin, start, self._top, gap=gap).walk()
        async for target in self._answers.drive(self._followed(walk, side), []):
            yield target

    def _followed(self, walk: Walk, side: Side) -> Walk:
        """Follow a walk, and end it where it leads astray."""
        number = next(walk, None)
        while number is not None and self._passage.astray is None:
            point = yield number
            self._passed += 1
            self._dated += point is not None
            if point is not None:
                self._passage.beside(point, side)
            try:
                number = walk.send(point)
            except StopIteration:
                return

    # -- what others tell and ask -------------------------------------------------------------------

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Learn when the article of an id was published."""
        self._answers.settle(target, outcome, article)
        point = self._answers[int(target.key)]
        self._found += point is not None and point in self._bounds
        if self._walking:
            self._pass(point)

    def beyond(self, target: Target) -> bool:
        """Tell whether an id is above all that the site lists."""
        return 0 < self._listed < int(target.key)

    def provisional(self, target: Target) -> bool:
        """Tell whether a miss is near or above the newest id."""
        return int(target.key) > self._top - self._edge

    def _close(self) -> None:
        """Say what was found, and what could not be decided."""
        first, last = self._passage.first, self._passage.last
        if first is not None and last is not None:
            self._say("%s: %s articles, in ids %s – %s, and %s probes beside them",
                      self.span, self._found, first, last, self._answers.probes_beside(first, last))  # fmt: skip
        elif not self._found:
            beside = (self._chart.around(self._bounds.first)[0], self._chart.around(self._bounds.end)[1])
            names = [f"{point.id:,} ({_day(point.first)})" for point in beside if point is not None]
            around = f"; beside it lie the articles {' and '.join(names)}" if names else ""
            self._say("nothing was published in %s%s", self.span, around)
        if self._answers.undated:
            logger.warning(
                "%s: %s articles there have no date that can be read: they are stored, and in no range.",
                self.context.publisher.key,
                f"{len(self._answers.undated):,}",
            )

    def _say(self, text: str, *values: object) -> None:
        shown = [f"{value:,}" if isinstance(value, int) else value for value in values]
        logger.info(f"%s: {text}.", self.context.publisher.key, *shown)  # noqa: G004  # the text is one of ours


def _check(publisher: Publisher) -> None:
    """Refuse a site whose ids say nothing of time. Raises BadArgumentError."""
    if not publisher.sources.ids or publisher.forms[publisher.default_form].id != "number":
        raise BadArgumentError(f"since and until cannot be used for {publisher.key}: its ids do not grow with time.")


def _day(instant: float) -> str:
    """Give the Jalali day of an instant."""
    return jalali(dt.date.min + dt.timedelta(days=int(instant // DAY))) or ""
