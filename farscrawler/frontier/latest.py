"""The newest N articles: by ids, from the newest listed one downwards, or by the lists of the site."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.days import DateRange
from farscrawler.frontier.base import Strategy, Target
from farscrawler.frontier.listed import ListedArticles
from farscrawler.frontier.outlook import Outlook, article_share
from farscrawler.frontier.pending import settled_outcomes
from farscrawler.frontier.sources.base import SourceUnavailableError
from farscrawler.frontier.sources.fallback import Fallback
from farscrawler.frontier.sources.feeds import Feeds
from farscrawler.frontier.sources.listing_cache import ListError, ListReader
from farscrawler.listings.moments import day_in
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from zoneinfo import ZoneInfo

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.listings import Entry, Listing

logger = logging.getLogger("farscrawler")

#: Ids in a row without an article that end the search: no gap near the newest ids has been seen that long, and going
#: down to id 1 for want of articles would take days.
MISSES_END = 500
#: Ids looked up at a time: a few dozen articles are wanted, as a rule.
_LOOKED_UP = 50


class ListedStrategy(Strategy):
    """The base of strategies for a site whose ids do not tell what is newer: they go by its lists.

    A listed address that is missing is final: its article was taken down. ``unread`` gathers the newest lists that
    could not be read, each with the reason.
    """

    def __init__(self, context: Context, form: str | None) -> None:
        self.context = context
        self.publisher = context.publisher
        self.zone = time_zone(self.publisher.tz)
        self.listed = ListedArticles(context, form)
        self.reader = ListReader(context, lambda _: True, by_address=True)
        self.unread: list[str] = []

    @property
    def today(self) -> dt.date:
        """The day that it is where the site is."""
        return self.context.clock.today_in(self.publisher.tz)

    async def newest_lists(self) -> AsyncIterator[Listing]:
        """Yield the feeds, then the home page and the other list pages."""
        feeds = Feeds(self.publisher, self.reader, self.today)
        for path in self.publisher.sources.feeds:
            try:
                listing = await feeds.read(self.publisher.address(path), feeds.parser)
            except SourceUnavailableError:  # noted with the others
                break
            if listing is not None:
                yield listing
        self.unread += feeds.failed
        for url in self.publisher.list_urls():
            try:
                yield await self.reader.read(url, feeds.page_parser())
            except ListError as error:
                logger.info("%s: %s: %s", self.publisher.key, url, error)
                self.unread.append(f"{url}: {error}")

    @property
    def shortfall(self) -> str | None:
        cut = f"lists that could not be read: {self.reader.cut[0]}" if self.reader.cut else None
        return self._shortfall or cut or self.reader.other_links

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        self.listed.settled(target, outcome, article)

    def named(self, target: Target) -> bool:
        return True


class _Latest(Strategy):
    """The base of both: articles are handed out until enough are found, stored ones included."""

    context: Context
    wanted: int
    _found = 0

    @property
    def pending(self) -> int:
        return max(0, self.wanted - self._found)

    async def _enough(self) -> bool:
        """Whether enough articles are found; with enough of them in flight, their outcomes are waited for."""
        in_flight = self.context.in_flight
        while in_flight and self._found + len(in_flight) >= self.wanted:
            await in_flight.one_settled()
        return self._found >= self.wanted

    def _settled_before(self, key: str, outcome: Outcome) -> None:
        if outcome == "article":
            self._count_found()
            self.context.already_stored([key])
        else:
            self.context.already_settled(1)

    def _count_found(self) -> None:
        self._found += 1


class LatestByIds(_Latest):
    """Hands out ids downwards from the newest one."""

    def __init__(self, context: Context, count: int, form: str, *, edge: int) -> None:
        self.context = context
        self.wanted = count
        self.form = form
        self._misses = 0
        self._edge = edge
        self._newest = 0

    async def _look_ahead(self) -> Outlook:
        return self._ahead(await self.context.client.newest_listed() or self.context.ledger.newest_id() or 0)

    def _ahead(self, newest: int) -> Outlook:
        """Return what lies ahead: ids from the newest one downwards, taken for articles as often as those known."""
        share = article_share(self.context.ledger.counts()) or 1.0
        ids = (Target(key=str(number), form=self.form) for number in range(newest, 0, -1))
        pending = stored = 0
        found = 0.0
        for _, outcome in settled_outcomes(self.context.ledger, ids, size=_LOOKED_UP):
            if found >= self.wanted:
                break
            pending += outcome is None
            stored += outcome == "article"
            found += share if outcome is None else outcome == "article"
        left = max(0, self.wanted - stored)
        lists = len(self.context.publisher.list_urls())
        return Outlook(addresses=pending, articles=left, walked=True, lists=lists)

    async def targets(self) -> AsyncIterator[Target]:
        newest = await self.context.client.newest_listed() or self.context.ledger.newest_id()
        if newest is None:
            return
        self._newest = newest
        self._outlook = self._ahead(newest)
        ids = (Target(key=str(number), form=self.form) for number in range(newest, 0, -1))
        for target, outcome in settled_outcomes(self.context.ledger, ids, size=_LOOKED_UP):
            if await self._enough():
                return
            if self._misses >= MISSES_END:
                self._shortfall = f"{MISSES_END} ids in a row hold no article, down from the newest listed"
                return
            if outcome is None:
                yield target
            else:
                self._settled_before(target.key, outcome)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        if outcome == "article":
            self._count_found()
        else:
            self._misses += 1

    def _count_found(self) -> None:
        super()._count_found()
        self._misses = 0

    @property
    def shortfall(self) -> str | None:
        return self._shortfall or self.context.client.other_links

    def named(self, target: Target) -> bool:
        return target.key in self.context.client.listed_ids

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near the newest listed id."""
        return int(target.key) > self._newest - self._edge


class LatestByListings(ListedStrategy, _Latest):
    """Hands out what the lists name, the newest first: by sources that go on into the past, then by the others."""

    def __init__(self, context: Context, count: int, form: str | None) -> None:
        super().__init__(context, form)
        self.wanted = count

    async def _look_ahead(self) -> Outlook:
        return Outlook(addresses=self.wanted, unknown="how many of the newest articles are stored already")

    async def targets(self) -> AsyncIterator[Target]:
        self._outlook = await self._look_ahead()
        backwards = Fallback(self.publisher, self.reader, self.listed, ["archive", "pages"])
        sitemaps = Fallback(self.publisher, self.reader, self.listed, ["sitemaps"])
        read = False
        for lists in (backwards.listings(DateRange()), self.newest_lists(), sitemaps.listings(DateRange())):
            async for listing in lists:
                read = True
                async for target in self._pending_of(listing.articles):
                    yield target
                if self._found >= self.wanted:
                    return
        if not read:
            why = "; ".join([*backwards.unavailable, *self.unread, *sitemaps.unavailable])
            self._shortfall = f"none of its lists could be read ({why})"

    async def _pending_of(self, entries: Iterable[Entry]) -> AsyncIterator[Target]:
        for entry, outcome in self.listed.split(newest_first(entries, self.zone)):
            if await self._enough():
                return
            if outcome is None:
                yield self.listed.target(entry)
            else:
                self._settled_before(entry.key, outcome)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        if outcome == "article":
            self._count_found()
        super().settled(target, outcome, article)


def newest_first(entries: Iterable[Entry], zone: ZoneInfo) -> list[Entry]:
    """Return a list by its dates where each entry has one; otherwise its own order is the best there is."""
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
