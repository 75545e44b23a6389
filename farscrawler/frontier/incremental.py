"""What is new on a site whose ids say nothing of it: by its home page, lists, feeds, and the doors of the last days.

The incremental crawl keeps a day as its floor: all articles of later days are owed, so that a run that dies half-way
leaves no hole.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.days import Span, now, today_in
from farscrawler.frontier.base import Strategy, settled_outcomes
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.listed import ListedArticles
from farscrawler.frontier.sources.base import DoorShutError
from farscrawler.frontier.sources.feeds import FeedsDoor
from farscrawler.frontier.sources.listing_cache import ListError, ListReader
from farscrawler.frontier.sources.walk import Walk
from farscrawler.frontier.target import Target
from farscrawler.listings.moments import day_in
from farscrawler.publishers.model import SOURCES
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.listings import Entry, Listing


logger = logging.getLogger("farscrawler")

#: Days that stay owed although their lists were read: articles come late, and a sitemap may lag a day behind.
STILL_OPEN = dt.timedelta(days=2)


class _Listed(Strategy):
    """What both plans share: the newest lists of a site, and the walk through its doors."""

    def __init__(self, context: Context, form: str | None) -> None:
        self.context = context
        self.publisher = context.publisher
        self.zone = time_zone(self.publisher.tz)
        self.today = today_in(self.publisher.tz)
        self.hand = ListedArticles(context, form)
        self.reader = ListReader(context, lambda _: True, by_address=True)
        self.unread: list[str] = []

    async def newest_lists(self) -> AsyncIterator[Listing]:
        """Give the feeds, and the home page and lists; what cannot be read is noted."""
        feeds = FeedsDoor(self.publisher, self.reader, self.today)
        for path in self.publisher.sources.feeds:
            try:
                listing = await feeds.read(self.publisher.address(path), feeds.parser)
            except DoorShutError:  # noted with the others
                break
            if listing is not None:
                yield listing
        self.unread += feeds.owed
        for url in self.publisher.list_urls():
            try:
                yield await self.reader.read(url, feeds.page_parser())
            except ListError as error:
                logger.info("%s: %s: %s", self.publisher.key, url, error)
                self.unread.append(f"{url}: {error}")

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Hear what became of a target."""
        self.hand.settled(target, outcome, article)


class Fresh(_Listed):
    """The incremental crawl by doors. The first run of all takes ``first`` articles, and owes from yesterday on."""

    def __init__(self, context: Context, form: str | None, *, first: int) -> None:
        super().__init__(context, form)
        self.first = first
        self._floor = dt.date.min
        self._is_first = False
        self._whole = False

    async def targets(self) -> AsyncIterator[Target]:
        """Give what the newest lists name and is not known, then what the doors of the days above the floor do."""
        self._floor = self._starting_floor()
        span = Span(self._floor + dt.timedelta(days=1), dt.date.max)
        given = 0
        read = False
        async for listing in self.newest_lists():
            read = True
            for target in self._owed_of(listing.articles, None if self._is_first else span):
                yield target
                given += 1
                if self._is_first and given >= self.first:
                    return
        walk = Walk(self.publisher, self.reader, self.hand, [name for name in SOURCES if name != "ids"])
        async for listing in walk.listings(span):
            for target in self._owed_of(listing.articles, span):
                yield target
                given += 1
                if self._is_first and given >= self.first:
                    return
        self._end(walk, read=read or any(door.opened for door in walk.doors))

    def _end(self, walk: Walk, *, read: bool) -> None:
        """Say what could not be read, and whether all days above the floor were."""
        gap = [part for part in walk.left if part.first < self.today - STILL_OPEN and not self._is_first]
        if not read:
            self._shortfall = f"none of its lists could be read ({'; '.join([*self.unread, *walk.shut])})"
        elif walk.owed:
            self._shortfall = f"lists that could not be read: {walk.owed[0]}"
        elif gap:
            self._shortfall = f"nothing leads to all articles of {gap[0]} any more; -a since= may find them"
        self._whole = read and not walk.owed

    def _starting_floor(self) -> dt.date:
        floor = _day(self.context.ledger.watermark())
        if floor is None or floor > self.today:
            self._is_first = True
            floor = self.today - dt.timedelta(days=1)
            self.context.ledger.set_watermark(_number(floor), now())
        return floor

    def _owed_of(self, entries: Iterable[Entry], span: Span | None) -> Iterable[Target]:
        wanted = [entry for entry in entries if span is None or entry.may_lie_in(span, self.zone)]
        for entry, known in self.hand.split(_newest_first(wanted, self.zone)):
            if known is None:
                yield self.hand.target(entry)
            else:
                self.context.already_settled(1)

    def finish(self) -> None:
        """Raise the floor where nothing above it is owed, less the days that may still grow."""
        floor = self.today - STILL_OPEN
        if self._whole and not self.hand.undone and not self.hand.in_flight and floor > self._floor:
            self.context.ledger.set_watermark(_number(floor), now())


class LatestListed(_Listed):
    """The newest N articles by doors, stored ones included: by those that go on into the past, then by the rest."""

    def __init__(self, context: Context, count: int, form: str | None) -> None:
        super().__init__(context, form)
        self._wanted = count
        self._found = 0
        self._pending = count

    async def targets(self) -> AsyncIterator[Target]:
        """Give articles while they are wanted; with enough in flight, wait what becomes of them."""
        walk = Walk(self.publisher, self.reader, self.hand, ["archive", "pages"])
        later = Walk(self.publisher, self.reader, self.hand, ["sitemaps"])
        read = False
        for lists in (walk.listings(Span()), self.newest_lists(), later.listings(Span())):
            async for listing in lists:
                read = True
                async for target in self._owed_of(listing.articles):
                    yield target
                if self._found >= self._wanted:
                    return
        if not read:
            why = "; ".join([*walk.shut, *self.unread, *later.shut])
            self._shortfall = f"none of its lists could be read ({why})"

    async def _owed_of(self, entries: Iterable[Entry]) -> AsyncIterator[Target]:
        for entry, known in self.hand.split(_newest_first(entries, self.zone)):
            in_flight = self.hand.in_flight
            while in_flight and self._found + len(in_flight) >= self._wanted:
                await in_flight.one_settled()
            if self._found >= self._wanted:
                return
            if known is None:
                yield self.hand.target(entry)
            elif known == "article":
                self._count()
                self.context.already_stored([entry.key])
            else:
                self.context.already_settled(1)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Count what was found."""
        if outcome == "article":
            self._count()
        super().settled(target, outcome, article)

    def _count(self) -> None:
        self._found += 1
        self._pending = max(0, self._wanted - self._found)


def _newest_first(entries: Iterable[Entry], zone: ZoneInfo) -> list[Entry]:
    """Sort a list by its dates where each entry has one; otherwise its own order is the best there is."""
    found = list(entries)
    dates = [entry.published or entry.lastmod for entry in found]
    if not all(dates):
        return found
    order = [
        (day_in(date, zone), date.timestamp() if isinstance(date, dt.datetime) else float("inf"))
        for date in dates
        if date
    ]
    return [found[at] for at in sorted(range(len(found)), key=order.__getitem__, reverse=True)]


def _number(day: dt.date) -> int:
    """Give a day as the floors keep it: 20220518."""
    return day.year * 10_000 + day.month * 100 + day.day


def _day(number: int | None) -> dt.date | None:
    """Read a day back; None for what is no day, as an id that an earlier version of the site's data left there."""
    if number is None:
        return None
    try:
        return dt.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


# The incremental crawl: what is new since the last one, newest first, and nothing in between forgotten.
#
# A floor is kept in the archive: everything at or below it is behind us. All ids above it are owed until they are
# settled, so a run that dies half-way down leaves no hole: the next one owes the rest, whatever is newer by then.
logger = logging.getLogger("farscrawler")

#: A walk of more ids than this takes half a day at one request a second, and is worth a word.
_LONG_WALK = 40_000


class Incremental(Strategy):
    """Probe upwards past the newest listed id, then walk down to the floor.

    ``probe_misses`` ids in a row without an article end the probe. A miss less than ``edge`` below the newest
    article of its time is asked again: an id may be given out before its article is published. The first run of
    all takes ``first`` ids.
    """

    def __init__(self, context: Context, form: str, *, probe_misses: int, edge: int, first: int) -> None:
        self.context = context
        self.form = form
        self.probe_misses = probe_misses
        self.edge = edge
        self.first = first
        self.top = 0
        self.floor = 0
        self._in_flight = InFlight()
        self._lists = False

    async def targets(self) -> AsyncIterator[Target]:
        """Give the ids above the newest known one, then those down to the floor that are owed."""
        ledger = self.context.ledger
        listed = await self.context.client.newest_listed()
        self._lists = listed is not None
        newest = max(listed or 0, ledger.newest_id() or 0)
        if not newest:
            return
        self.floor = self._starting_floor(newest)
        self.top = newest
        async for target in self._probe():
            yield target
        async for target in self._walk(newest):
            yield target

    def _starting_floor(self, newest: int) -> int:
        ledger = self.context.ledger
        floor = ledger.watermark()
        if floor is not None and floor < newest:
            return floor
        # Before the first crawl of this kind; or the floor stands above all there is, and cannot be right.
        known = ledger.newest_id()
        if known is None:
            floor = max(0, newest - self.first)
        else:
            # What an earlier harvest left undone just below its newest article is owed too.
            floor = min(known, ledger.lowest_pending(known - self.edge) or known) - 1
        if newest - floor > _LONG_WALK:
            logger.warning(
                "%s: %s ids lie between the newest one and the newest known; -a latest=N takes only the newest.",
                self.context.publisher.key,
                f"{newest - floor:,}",
            )
        ledger.set_watermark(floor, now())
        return floor

    async def _probe(self) -> AsyncIterator[Target]:
        number = self.top + 1
        while True:
            while number > self.top + self.probe_misses and self._in_flight:
                await self._in_flight.one_settled()
            if number > self.top + self.probe_misses:
                return
            yield self._in_flight.enter(Target(key=str(number), form=self.form))
            number += 1

    async def _walk(self, newest: int) -> AsyncIterator[Target]:
        self._pending = newest - self.floor
        for target, outcome in settled_outcomes(self.context.ledger, self._targets(range(newest, self.floor, -1))):
            if outcome is None:
                yield self._in_flight.enter(target)
            else:
                self._pending -= 1
                self.context.already_settled(1)

    def _targets(self, numbers: range) -> Iterator[Target]:
        return (Target(key=str(number), form=self.form) for number in numbers)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Learn the newest article."""
        number = int(target.key)
        if outcome == "article":
            self.top = max(self.top, number)
        if self._pending and number <= self.top:
            self._pending = max(0, self._pending - 1)
        self._in_flight.leave(target)

    def beyond(self, target: Target) -> bool:
        """Tell whether a site that lists articles says nothing odd in having no page here."""
        return self._lists and int(target.key) > self.top

    def provisional(self, target: Target) -> bool:
        """Tell whether a miss is near or above the newest article."""
        return int(target.key) > self.top - self.edge

    def finish(self) -> None:
        """Raise the floor to just below the lowest id that is still owed, and never into the edge."""
        if not self.top:
            return
        ledger = self.context.ledger
        floor = self.floor
        for target, outcome in settled_outcomes(ledger, self._targets(range(floor + 1, self.top - self.edge + 1))):
            if outcome is None:
                break
            floor = int(target.key)
        if floor > self.floor:
            ledger.set_watermark(floor, now())
