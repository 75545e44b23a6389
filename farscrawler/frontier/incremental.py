"""The incremental crawl: what is new since the last one, newest first, and nothing in between forgotten.

The archive keeps a watermark: everything at or below it is done. All above it is pending until it is settled, so a
run that dies half-way down leaves no hole: the next one goes on with the rest, whatever is newer by then. The
watermark is an id, or a day (20220518) on a site whose ids do not tell what is newer.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.days import DateRange, now
from farscrawler.frontier.base import Strategy, Target
from farscrawler.frontier.id_walk import endless
from farscrawler.frontier.latest import ListedStrategy, newest_first
from farscrawler.frontier.outlook import Outlook
from farscrawler.frontier.pending import settled_outcomes
from farscrawler.frontier.sources.fallback import Fallback
from farscrawler.publishers.model import SOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.listings import Entry

logger = logging.getLogger("farscrawler")

#: Asking more ids than this takes half a day at one request a second, and is worth a word.
_MANY_IDS = 40_000
#: Ids above the newest one that every run asks, since the site gives them out next; of the others some rest.
_NEXT_IDS = 3
#: What the log says of the first incremental run on an archive, with the publisher and what the run takes.
FIRST_RUN = (
    "%s: this first run takes the %s (FIRST_IDS); later runs go on from there. For older articles name days, such as "
    "--since 1403-01-01, or a number, such as --latest 1000."
)
#: Days that stay pending although their lists were read: articles come late, and a sitemap may lag a day behind.
STILL_OPEN = dt.timedelta(days=2)


class IncrementalByIds(Strategy):
    """Probe upwards past the newest listed id, then go down to the watermark.

    ``probe_misses`` ids in a row without an article end the probe, and so do ``probe_most`` ids in all: a site that
    answers every id with an article would never let go; the next run goes on from there. A miss less than ``edge``
    below the newest article of its time is asked again: an id may be given out before its article is published. The
    first run of all takes ``first`` ids.
    """

    def __init__(
        self, context: Context, form: str, *, probe_misses: int, probe_most: int, edge: int, first: int
    ) -> None:
        self.context = context
        self.form = form
        self.probe_misses = probe_misses
        self.probe_most = probe_most
        self.edge = edge
        self.first = first
        self.top = 0
        self.watermark = 0
        self._has_lists = False

    async def _look_ahead(self) -> Outlook:
        newest = max(await self.context.client.newest_listed() or 0, self.context.ledger.newest_id() or 0)
        return self._ahead(newest, self._first_watermark(newest)[0])

    def _ahead(self, newest: int, watermark: int) -> Outlook:
        at = self.context.clock.moment()
        ids = self._targets(range(watermark + 1, newest + 1))
        pending = sum(outcome is None for _, outcome in settled_outcomes(self.context.ledger, ids, at=at))
        return Outlook(
            addresses=pending,
            walked=True,
            misses=self.probe_misses,
            lists=len(self.context.publisher.list_urls()),
            unknown="how much is newer than what the site's first pages show",
        )

    async def targets(self) -> AsyncIterator[Target]:
        """Yield the ids above the newest known one, then the pending ones down to the watermark."""
        listed = await self.context.client.newest_listed()
        self._has_lists = listed is not None
        newest = max(listed or 0, self.context.ledger.newest_id() or 0)
        if not newest:
            return
        self.watermark = self._starting_watermark(newest)
        self.top = newest
        self._outlook = self._ahead(newest, self.watermark)
        async for target in self._probe():
            yield target
        self._pending = newest - self.watermark
        ids = self._targets(range(newest, self.watermark, -1))
        for target, outcome in settled_outcomes(self.context.ledger, ids, at=self.context.clock.moment()):
            if outcome is None:
                yield target
            else:
                self._count_down(1)
                self.context.already_settled(1)

    def _first_watermark(self, newest: int) -> tuple[int, bool]:
        """Return the watermark to begin with, and whether the ledger has it."""
        ledger = self.context.ledger
        watermark = ledger.watermark()
        if watermark is not None and watermark < newest:
            return watermark, True
        # Before the first crawl of this kind; or the watermark stands above all there is, and cannot be right.
        known = ledger.newest_id()
        if known is None:
            return max(0, newest - self.first), False
        # What an earlier crawl of named ids left undone just below its newest article is pending too.
        return min(known, ledger.lowest_pending(known - self.edge) or known) - 1, False

    def _starting_watermark(self, newest: int) -> int:
        ledger = self.context.ledger
        watermark, is_known = self._first_watermark(newest)
        if is_known:
            return watermark
        if ledger.newest_id() is None:
            logger.info(FIRST_RUN, self.context.publisher.key, f"{newest - watermark:,} newest ids")
        if newest - watermark > _MANY_IDS:
            logger.warning(
                "%s: %s ids lie between the newest one and the newest known; --latest N takes only the newest.",
                self.context.publisher.key,
                f"{newest - watermark:,}",
            )
        ledger.set_watermark(watermark, now())
        return watermark

    async def _probe(self) -> AsyncIterator[Target]:
        newest = self.top
        ids = self._targets(range(newest + 1, newest + self.probe_most + 1))
        at = self.context.clock.moment()
        for target, outcome in settled_outcomes(self.context.ledger, ids, size=max(1, self.probe_misses), at=at):
            number = int(target.key)
            while number > self.top + self.probe_misses and self.context.in_flight:
                await self.context.in_flight.one_settled()
            if number > self.top + self.probe_misses:
                return
            if outcome is None or await self._is_next(number):
                yield target
        self._shortfall = endless(newest, self.probe_most)

    async def _is_next(self, number: int) -> bool:
        """Whether an id is among the next ones above the newest, which a request in flight may yet raise."""
        while number > self.top + _NEXT_IDS and self.context.in_flight:
            await self.context.in_flight.one_settled()
        return number <= self.top + _NEXT_IDS

    def _targets(self, numbers: range) -> Iterator[Target]:
        return (Target(key=str(number), form=self.form) for number in numbers)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        number = int(target.key)
        if outcome == "article":
            self.top = max(self.top, number)
        if number <= self.top:
            self._count_down(1)

    @property
    def shortfall(self) -> str | None:
        """Where the lists lead, if to no article: what is newer than the ids that were asked nobody knows."""
        return self._shortfall or self.context.client.other_links

    def named(self, target: Target) -> bool:
        return target.key in self.context.client.listed_ids

    def beyond(self, target: Target) -> bool:
        """Whether a site that lists articles says nothing odd in having no page here."""
        return self._has_lists and int(target.key) > self.top

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near or above the newest article."""
        return int(target.key) > self.top - self.edge

    def finish(self) -> None:
        """Raise the watermark to just below the lowest id that is still pending, and never into the edge."""
        watermark = self.watermark
        ids = self._targets(range(watermark + 1, self.top - self.edge + 1))
        for target, outcome in settled_outcomes(self.context.ledger, ids):
            if outcome is None:
                break
            watermark = int(target.key)
        if watermark > self.watermark:
            self.context.ledger.set_watermark(watermark, now())


class IncrementalByListings(ListedStrategy):
    """Read the newest lists, then those of the days above the watermark.

    The first run of all takes ``first`` articles, and begins with yesterday as its watermark.
    """

    def __init__(self, context: Context, form: str | None, *, first: int) -> None:
        super().__init__(context, form)
        self.first = first
        self._watermark = dt.date.min
        self._is_first = False
        self._is_whole = False

    async def _look_ahead(self) -> Outlook:
        if self.context.ledger.watermark() is not None:
            return Outlook(addresses=None, unknown="how many new articles the lists name")
        return Outlook(addresses=self.first, unknown="how many lists name them")

    async def targets(self) -> AsyncIterator[Target]:
        """Yield what the newest lists name and is pending, then what the lists of the open days do."""
        self._watermark = self._starting_watermark()
        if self._is_first:
            logger.info(FIRST_RUN, self.publisher.key, f"{self.first:,} newest articles")
        open_days = DateRange(self._watermark + dt.timedelta(days=1), dt.date.max)
        given = 0
        read = False
        async for listing in self.newest_lists():
            read = True
            for target in self._pending_of(listing.articles, None if self._is_first else open_days):
                yield target
                given += 1
                if self._is_first and given >= self.first:
                    return
        fallback = Fallback(self.publisher, self.reader, self.listed, [name for name in SOURCES if name != "ids"])
        async for listing in fallback.listings(open_days):
            for target in self._pending_of(listing.articles, open_days):
                yield target
                given += 1
                if self._is_first and given >= self.first:
                    return
        self._end(fallback, read=read or any(source.answered for source in fallback.sources))

    def _end(self, fallback: Fallback, *, read: bool) -> None:
        """Say what could not be read, and whether all days above the watermark were."""
        gap = [part for part in fallback.uncovered if part.first < self.today - STILL_OPEN and not self._is_first]
        if not read:
            self._shortfall = f"none of its lists could be read ({'; '.join([*self.unread, *fallback.unavailable])})"
        elif fallback.failed:
            self._shortfall = f"lists that could not be read: {fallback.failed[0]}; another run asks for them again"
        elif gap:
            self._shortfall = f"nothing leads to all articles of {gap[0]} any more; --since may find them"
        self._is_whole = read and not fallback.failed

    def _starting_watermark(self) -> dt.date:
        watermark = _day(self.context.ledger.watermark())
        doubtful = self.context.clock.doubtful
        if watermark is None or (watermark > self.today and not doubtful):
            self._is_first = True
            watermark = self.today - dt.timedelta(days=1)
            if not doubtful:
                self.context.ledger.set_watermark(_number(watermark), now())
        return watermark

    def _pending_of(self, entries: Iterable[Entry], days: DateRange | None) -> Iterator[Target]:
        wanted = [entry for entry in entries if days is None or entry.may_lie_in(days, self.zone)]
        for entry, outcome in self.listed.split(newest_first(wanted, self.zone)):
            if outcome is None:
                yield self.listed.target(entry)
            else:
                self.context.already_settled(1)

    def finish(self) -> None:
        """Raise the watermark where nothing above it is pending, less the days that may still grow."""
        clock = self.context.clock
        if clock.doubtful:
            return
        if self._is_first and self._watermark > self.today:  # set before the sites had said the time
            self.context.ledger.set_watermark(_number(self.today - dt.timedelta(days=1)), clock.now())
        watermark = self.today - STILL_OPEN
        if self._is_whole and not self.listed.undone and watermark > self._watermark:
            self.context.ledger.set_watermark(_number(watermark), now())


def _number(day: dt.date) -> int:
    """Return a day as the ledger keeps a watermark: 20220518."""
    return day.year * 10_000 + day.month * 100 + day.day


def _day(number: int | None) -> dt.date | None:
    """Return the day of a watermark; None for what is no day, as an id that earlier data of the site left there."""
    if number is None:
        return None
    try:
        return dt.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None
