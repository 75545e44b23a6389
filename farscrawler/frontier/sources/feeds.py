"""The feeds of a site: the newest few dozen articles; they help a range only where it lies within what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.days import jalali
from farscrawler.frontier.sources.base import Source, SourceUnavailableError
from farscrawler.frontier.sources.listing_cache import Parser
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.moments import day_in, reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.days import DateRange
    from farscrawler.listings import Listing


class Feeds(Source):
    """Reads the first feed that goes back beyond the first day of the wanted days."""

    name = "feeds"

    async def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield the feed that shows all of the wanted days."""
        if not self.publisher.sources.feeds:
            raise SourceUnavailableError("the site has no feeds")
        self.begin()
        begins = []
        for path in self.publisher.sources.feeds:
            listing = await self.read(self.publisher.address(path), self.parser)
            if listing is None:
                continue
            days = [day_in(entry.published, self.zone) for entry in listing.articles if entry.published is not None]
            back_to = reach(days)
            if back_to is not None and back_to < wanted.first:  # of its oldest day it may show a part only
                self.failed = []
                yield listing
                return
            begins += [back_to] if back_to is not None else []
        self.end()
        if begins:
            raise SourceUnavailableError(f"its feeds go back to {jalali(min(begins))} only")
        if not self.failed:
            raise SourceUnavailableError("its feeds name no dates")

    @property
    def parser(self) -> Parser:
        """The parser of a feed."""
        return Parser(read_feed, ("feed", self.publisher.sources.feed_tz), {"publisher": self.publisher})
