"""The past: all articles of a span of days, by the best door the site has."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from farscrawler.days import AHEAD
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Strategy
from farscrawler.frontier.listed import ListedArticles, by_address
from farscrawler.frontier.sources.listing_cache import ListReader
from farscrawler.frontier.sources.walk import Walk
from farscrawler.publishers.model import SOURCES
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.days import Span
    from farscrawler.frontier.base import Context
    from farscrawler.frontier.target import Target
    from farscrawler.items import Article
    from farscrawler.listings import Entry

logger = logging.getLogger("farscrawler")


class Past(Strategy):
    """Every article of a span: lists are read as there is room, and of what they name the owed is handed out.

    ``ids`` makes the plan that finds a span among ids alone, for the days that no other door leads to. ``door`` is the
    only one to try. ``edge`` is how near the newest stored id a miss is provisional.
    """

    def __init__(
        self,
        context: Context,
        span: Span,
        form: str | None,
        *,
        edge: int,
        door: str | None = None,
        ids: Callable[[Span], Strategy] | None = None,
    ) -> None:
        self.context = context
        self.publisher = context.publisher
        self.span = span
        self._zone = time_zone(self.publisher.tz)
        self._edge = edge
        self._newest = 0 if by_address(self.publisher) else context.ledger.newest_id() or 0
        self._outside = 0
        self._hand = ListedArticles(context, form)
        self._reader = ListReader(context, self._wanted, by_address=by_address(self.publisher))
        names = (door,) if door is not None else SOURCES
        self._ids = ids if "ids" in names and "ids" in self.publisher.sources.names else None
        lists = [name for name in names if name != "ids"]
        self._walk = Walk(self.publisher, self._reader, self._hand, lists, then_ids=self._ids is not None)
        if self._ids is not None and not self._walk.doors:
            self._ids(span)  # raises BadArgumentError where it cannot be, before anything is fetched
        self._by_ids: list[Strategy] = []
        self._owners: dict[str, Strategy] = {}  # which plan of ids an address in flight belongs to

    @property
    def pending(self) -> int | None:
        """Lists say it only as they are read."""
        return self._by_ids[-1].pending if self._by_ids else None

    async def targets(self) -> AsyncIterator[Target]:
        """Tell what of the span is stored; then give what the doors lead to and is owed."""
        self._announce()
        if self.span.lies_ahead(self.publisher.tz):
            logger.info(AHEAD, self.publisher.key, self.span)
            return
        async for listing in self._walk.listings(self.span):
            for target in self._owed_of(listing.articles):
                yield target
        if self._ids is not None and self._walk.left:
            await self._hand.in_flight.all_settled()
            self.context.ledger.archive.flush()  # what the lists brought is known to the plan of the ids
            parts, self._walk.left = self._walk.left, []
            for part in parts:
                logger.info("%s: %s by its ids", self.publisher.key, part)
                try:
                    plan = self._ids(part)
                except BadArgumentError as error:  # its ids are of another kind
                    self._walk.shut.append(f"ids: {error}")
                    self._walk.left.append(part)
                    continue
                self._by_ids.append(plan)
                async for target in plan.targets():
                    self._owners[target.key] = plan
                    yield target

    def _announce(self) -> None:
        """Tell of every stored article of the span, whoever fetched it; a plan of ids tells it itself."""
        if self._walk.doors:
            for keys in self.context.ledger.stored_between(*self.span.jalali_ends()):
                self.context.already_stored(keys)

    def _owed_of(self, entries: Iterable[Entry]) -> Iterable[Target]:
        for entry, known in self._hand.split(filter(self._wanted, entries)):
            if known is None:
                yield self._hand.target(entry)
            elif known != "article":  # those of the span were told at the start
                self.context.already_settled(1)

    def _wanted(self, entry: Entry) -> bool:
        return entry.may_lie_in(self.span, self._zone)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Count what was fetched and does not belong."""
        plan = self._owners.pop(target.key, None)
        if plan is not None:
            plan.settled(target, outcome, article)
            return
        self._hand.settled(target, outcome, article)
        if article is not None and not self.span.covers(article):
            self._outside += 1
        if outcome == "article" and target.key.isdigit():
            self._newest = max(self._newest, int(target.key))

    @property
    def shortfall(self) -> str | None:
        """Say which days or lists could not be read."""
        said = [plan.shortfall for plan in self._by_ids if plan.shortfall]
        if self._walk.left:
            days = ", ".join(str(part) for part in self._walk.left)
            why = "; ".join(self._walk.shut) or "it has no door that leads to them"
            said.append(f"nothing leads to {days} ({why})")
        if owed := self._walk.owed:
            more = f" and {len(owed) - 1} more" if len(owed) > 1 else ""
            said.append(f"lists that could not be read: {owed[0]}{more}")
        return "; ".join(said) or None

    def beyond(self, target: Target) -> bool:
        """Ask the plan of the ids; what a list names is not beyond it."""
        return bool(self._by_ids) and self._by_ids[-1].beyond(target)

    def provisional(self, target: Target) -> bool:
        """Leave misses near the newest number to the incremental crawl, as any harvest does."""
        plan = self._owners.get(target.key)
        if plan is not None:
            return plan.provisional(target)
        return bool(self._newest) and target.key.isdigit() and int(target.key) > self._newest - self._edge

    def finish(self) -> None:
        """Say what was fetched for nothing."""
        for plan in self._by_ids:
            plan.finish()
        if self._walk.doors:
            logger.info("%s: %d lists were asked for.", self.publisher.key, self._reader.asked)
        outside = self._outside - self._hand.undated
        if outside:
            logger.info(
                "%s: %d of the articles fetched lie outside %s: stored, not exported.",
                self.publisher.key,
                outside,
                self.span,
            )
        if self._hand.undated:
            logger.warning(
                "%s: %d articles have no date that can be read: stored, not exported.",
                self.publisher.key,
                self._hand.undated,
            )
