"""Walk: through the doors of a site, the best one first, until one has led to all days of a span."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.days import today_in
from farscrawler.frontier.sources.base import DoorShutError
from farscrawler.frontier.sources.dated_lists import ArchiveDoor
from farscrawler.frontier.sources.feeds import FeedsDoor
from farscrawler.frontier.sources.index_pages import PagesDoor
from farscrawler.frontier.sources.sitemaps import SitemapsDoor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from farscrawler.days import Span
    from farscrawler.frontier.sources.base import Dates, Door
    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")


class Walk:
    """One walk through the doors ``names``, in their order.

    After it ``left`` holds the days that none of them led to, ``shut`` why doors were shut, and ``owed`` the lists
    that failed. A door that is shut, and the days that one cannot speak for, are left to the next. ``then_ids`` tells
    that what is left is looked for among the ids.
    """

    def __init__(
        self,
        publisher: Publisher,
        reader: ListReader,
        dates: Dates,
        names: Collection[str],
        *,
        then_ids: bool = False,
    ) -> None:
        self.publisher = publisher
        self.today = today_in(publisher.tz)
        self.left: list[Span] = []
        self.shut: list[str] = []
        self.owed: list[str] = []
        searchable = then_ids or ("pages" in names and "pages" in publisher.sources.names)
        made: dict[str, Door] = {
            "archive": ArchiveDoor(publisher, reader, self.today),
            "sitemaps": SitemapsDoor(publisher, reader, self.today, searchable=searchable),
            "pages": PagesDoor(publisher, reader, self.today, dates),
            "feeds": FeedsDoor(publisher, reader, self.today),
        }
        self.doors = [made[name] for name in names if name in publisher.sources.names]

    async def listings(self, span: Span) -> AsyncIterator[Listing]:
        """Give the lists that name articles of a span; days to come are left out."""
        span = span.closed(first=dt.date.min, last=self.today)
        self.left = [span] if span.first <= span.last else []
        for door in self.doors:
            parts, self.left = self.left, []
            for part in parts:
                logger.info("%s: %s by its %s", self.publisher.key, part, door.name)
                try:
                    async for listing in door.listings(part):
                        yield listing
                except DoorShutError as error:
                    logger.info("%s: no way through its %s: %s", self.publisher.key, door.name, error)
                    self.shut.append(f"{door.name}: {error}")
                    self.left.append(part)
                    continue
                self.owed += door.owed
                self.left += door.left
