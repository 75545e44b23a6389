"""The past: all articles of a range of days, by the best source the site has."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.days import AHEAD, today_in
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Strategy
from farscrawler.frontier.listed import ListedArticles, by_address
from farscrawler.frontier.outlook import Outlook
from farscrawler.frontier.sources.fallback import Fallback
from farscrawler.frontier.sources.listing_cache import ListReader
from farscrawler.publishers.model import SOURCES
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from farscrawler.archive.records import Outcome
    from farscrawler.days import DateRange
    from farscrawler.frontier.base import Context, Target
    from farscrawler.items import Article
    from farscrawler.listings import Entry

logger = logging.getLogger("farscrawler")

#: Articles that an estimate fetches, one of each list, to see how large they are and how many requests one takes: some
#: sites redirect half of their addresses, and of five articles all were such.
_PROBES = 14


def make_backfill(
    context: Context,
    wanted: DateRange,
    form: str | None,
    *,
    edge: int,
    via: str | None = None,
    by_ids: Callable[[DateRange], Strategy] | None = None,
) -> Strategy:
    """Return the strategy of a range: ``by_ids`` makes it where the site has no other source than its ids.

    ``via`` is the only source to try, ``edge`` is how near the newest stored id a miss is provisional. Raise
    BadArgumentError where days cannot be found among the ids of the site.
    """
    available = context.publisher.sources.names
    names = [name for name in (SOURCES if via is None else (via,)) if name in available]
    lists = [name for name in names if name != "ids"]
    if by_ids is not None and names and not lists:
        today = today_in(context.publisher.tz)
        return by_ids(wanted if wanted.first > today else wanted.closed(first=dt.date.min, last=today))
    return Backfill(context, wanted, form, lists, edge=edge, by_ids=by_ids if "ids" in names else None)


class Backfill(Strategy):
    """Every article of a range: lists are read one after another, and what they name and is pending is handed out.

    ``lists`` names the sources to try, and ``by_ids`` makes the strategy that finds days among the ids alone, for those
    that no list leads to.
    """

    def __init__(
        self,
        context: Context,
        wanted: DateRange,
        form: str | None,
        lists: Sequence[str],
        *,
        edge: int,
        by_ids: Callable[[DateRange], Strategy] | None,
    ) -> None:
        self.context = context
        self.publisher = context.publisher
        self.wanted = wanted
        self._zone = time_zone(self.publisher.tz)
        self._edge = edge
        self._newest = 0 if by_address(self.publisher) else context.ledger.newest_id() or 0
        self._outside = self._stored = 0
        self._listed = ListedArticles(context, form)
        self._reader = ListReader(context, self._is_wanted, by_address=by_address(self.publisher))
        self._by_ids = by_ids
        self._fallback = Fallback(self.publisher, self._reader, self._listed, lists, then_ids=by_ids is not None)
        self._parts: list[Strategy] = []
        self._owners: dict[str, Strategy] = {}  # which part among the ids an address in flight belongs to

    @property
    def outlook(self) -> Outlook | None:
        """What lies ahead: by the lists read so far, or among the ids where there are no lists."""
        if self._outlook is None and len(self._parts) == 1 and not self._fallback.sources:
            return self._parts[0].outlook
        return self._outlook

    @property
    def pending(self) -> int | None:
        """The pending ids, once days are looked for among them; lists say it only as they are read."""
        return self._parts[-1].pending if self._parts else None

    async def estimate(self) -> AsyncIterator[Target]:
        """Read some of the lists, and yield what they need to be dated; then the ids that find the days without any."""
        if self.wanted.lies_ahead(self.publisher.tz):
            self._outlook = Outlook(addresses=0)
            return
        self._fallback.sample()
        pending = 0.0  # each address stands for several, as its list does
        probes = 0
        async for listing, scale in self._fallback.weighed(self.wanted):
            entries = self._listed.split(filter(self._is_wanted, listing.articles))
            left = [entry for entry, outcome in entries if outcome is None]
            pending += scale * len(left)
            # Not the first one of each list: addresses of two kinds may take turns.
            wanted = left if not scale else [left[probes % len(left)]] if left and probes < _PROBES else []
            for entry in wanted:
                probes += 1
                pending -= 1 if scale else 0
                yield self._listed.target(entry)
        endless = self._fallback.unknown
        ahead = Outlook(
            addresses=None if endless else round(pending), lists=round(self._fallback.lists), seen=self._fallback.seen
        )
        async for strategy in self._among_ids():
            async for target in self._owned(strategy, strategy.estimate()):
                yield target
            if strategy.outlook is not None:
                ahead = ahead.and_then(strategy.outlook)
        unread = f"what {self._fallback.failed[0]} names" if self._fallback.failed else None
        unknown = "; ".join(filter(None, (endless, unread, self._nothing_leads()))) or None
        self._outlook = ahead.and_then(Outlook(addresses=0, unknown=unknown))

    async def targets(self) -> AsyncIterator[Target]:
        """Count the stored articles of the range; then yield what the sources lead to and is pending."""
        if self._fallback.sources:
            for keys in self.context.ledger.stored_between(*self.wanted.jalali_ends()):
                self.context.already_stored(keys)
                self._stored += len(keys)
        if self.wanted.lies_ahead(self.publisher.tz):
            logger.info(AHEAD, self.publisher.key, self.wanted)
            return
        given = 0
        async for listing in self._fallback.listings(self.wanted):
            for target in self._pending_of(listing.articles):
                given += 1
                yield target
            self._look_on(given)
        async for strategy in self._among_ids():
            async for target in self._owned(strategy, strategy.targets()):
                yield target

    def _look_on(self, given: int) -> None:
        """Tell from the lists that are read what the others hold."""
        if self._outlook is None and (share := self._fallback.share):
            named = self._fallback.sources[0].named
            expected = given / share if named is None else max(given, named / share - self._stored)
            self._outlook = Outlook(addresses=round(expected), lists=round(self._reader.asked / share))

    async def _owned(self, strategy: Strategy, targets: AsyncIterator[Target]) -> AsyncIterator[Target]:
        async for target in targets:
            self._owners[target.key] = strategy
            yield target

    async def _among_ids(self) -> AsyncIterator[Strategy]:
        """Yield the strategies that find among the ids what no list leads to."""
        if self._by_ids is None or not self._fallback.uncovered:
            return
        await self.context.in_flight.empty.wait()
        self.context.ledger.archive.flush()  # what the lists brought is known to the search among the ids
        parts, self._fallback.uncovered = self._fallback.uncovered, []
        for part in parts:
            try:
                strategy = self._by_ids(part)
            except BadArgumentError as error:  # its ids are of another kind
                self._fallback.unavailable.append(f"ids: {error}")
                self._fallback.uncovered.append(part)
                continue
            self._parts.append(strategy)
            yield strategy

    def _pending_of(self, entries: Iterable[Entry]) -> Iterator[Target]:
        for entry, outcome in self._listed.split(filter(self._is_wanted, entries)):
            if outcome is None:
                yield self._listed.target(entry)
            elif outcome != "article":  # the stored articles of the range were counted at the start
                self.context.already_settled(1)

    def _is_wanted(self, entry: Entry) -> bool:
        return entry.may_lie_in(self.wanted, self._zone)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Count what was fetched and does not belong to the range."""
        part = self._owners.pop(target.key, None)
        if part is not None:
            part.settled(target, outcome, article)
            return
        self._listed.settled(target, outcome, article)
        if article is not None and not self.wanted.covers(article):
            self._outside += 1
        if outcome == "article" and target.key.isdigit():
            self._newest = max(self._newest, int(target.key))

    def _nothing_leads(self) -> str | None:
        if not self._fallback.uncovered:
            return None
        days = ", ".join(str(part) for part in self._fallback.uncovered)
        why = "; ".join(self._fallback.unavailable) or "it has no source that leads to them"
        return f"nothing leads to {days} ({why})"

    @property
    def shortfall(self) -> str | None:
        """The days or lists that could not be read."""
        said = [part.shortfall for part in self._parts if part.shortfall]
        if nothing := self._nothing_leads():
            said.append(nothing)
        if failed := self._fallback.failed:
            more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            said.append(f"lists that could not be read: {failed[0]}{more}; another run asks for them again")
        said += [self._reader.other_links] if self._reader.other_links else []
        return "; ".join(said) or None

    def named(self, target: Target) -> bool:
        """Whether a list names an address; no walk over ids does."""
        part = self._owners.get(target.key)
        return part is None or part.named(target)

    def beyond(self, target: Target) -> bool:
        """Whether an id is above all that the site lists; what a list names is not."""
        return bool(self._parts) and self._parts[-1].beyond(target)

    def provisional(self, target: Target) -> bool:
        """Whether a miss is so near the newest number that the incremental crawl asks it again."""
        part = self._owners.get(target.key)
        if part is not None:
            return part.provisional(target)
        return bool(self._newest) and target.key.isdigit() and int(target.key) > self._newest - self._edge

    def finish(self) -> None:
        """Say what was fetched and lies outside the range."""
        for part in self._parts:
            part.finish()
        if self._fallback.sources:
            logger.info("%s: %d lists were asked for.", self.publisher.key, self._reader.asked)
        outside = self._outside - self._listed.undated
        if outside:
            logger.info(
                "%s: %d of the articles fetched lie outside %s: stored, not exported.",
                self.publisher.key,
                outside,
                self.wanted,
            )
        if self._listed.undated:
            logger.warning(
                "%s: %d articles have no date that can be read: stored, not exported.",
                self.publisher.key,
                self._listed.undated,
            )
