"""The sources of a site in their order: the days that one cannot speak for are left to the next."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from farscrawler.frontier.sources.base import SourceUnavailableError
from farscrawler.frontier.sources.dated_lists import DatedLists
from farscrawler.frontier.sources.feeds import Feeds
from farscrawler.frontier.sources.index_pages import IndexPages
from farscrawler.frontier.sources.sitemaps import Sitemaps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from farscrawler.days import DateRange
    from farscrawler.frontier.listed import ListedArticles
    from farscrawler.frontier.sources.base import Source
    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")


#: Lists that tell how many articles the others name: those of a week.
_ENOUGH = 7


class Fallback:
    """The sources ``names`` of a site, the best one first.

    After a reading ``uncovered`` holds the days that none of them led to, ``unavailable`` why sources could not be
    used, and ``failed`` the lists that could not be read. ``then_ids``: what is uncovered is looked for among the ids.
    """

    def __init__(
        self,
        publisher: Publisher,
        reader: ListReader,
        listed: ListedArticles,
        names: Collection[str],
        *,
        then_ids: bool = False,
    ) -> None:
        self.publisher = publisher
        self.today = reader.context.clock.today_in(publisher.tz)
        self.uncovered: list[DateRange] = []
        self.unavailable: list[str] = []
        self.failed: list[str] = []
        searchable = then_ids or ("pages" in names and "pages" in publisher.sources.names)
        made: dict[str, Source] = {
            "archive": DatedLists(publisher, reader, self.today),
            "sitemaps": Sitemaps(publisher, reader, self.today, searchable=searchable),
            "pages": IndexPages(publisher, reader, self.today, listed),
            "feeds": Feeds(publisher, reader, self.today),
        }
        self.sources = [made[name] for name in names if name in publisher.sources.names]

    @property
    def lists(self) -> float:
        """The requests for lists that a whole reading takes."""
        return sum(source.lists for source in self.sources)

    @property
    def seen(self) -> str | None:
        """How many lists were read of those of a sample."""
        return "; ".join(filter(None, (source.seen for source in self.sources))) or None

    @property
    def unknown(self) -> str | None:
        """What the lists of a sample cannot tell."""
        return next((source.unknown for source in self.sources if source.unknown), None)

    @property
    def share(self) -> float | None:
        """The share of the lists that is read, where it tells something of the rest: of a week, or of all."""
        if len(self.sources) != 1 or (progress := self.sources[0].progress) is None:
            return None
        done, total = progress
        return done / total if done >= min(_ENOUGH, total) else None

    def sample(self) -> None:
        """Read from now on of many lists only some, each of which stands for several."""
        for source in self.sources:
            source.sampled = True

    async def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield the lists that name articles of a range; days to come are left out."""
        async for listing, _ in self.weighed(wanted):
            yield listing

    async def weighed(self, wanted: DateRange) -> AsyncIterator[tuple[Listing, float]]:
        """Yield the same lists, each with the number of lists that it stands for: 0 where its days are wanted alone."""
        wanted = wanted.closed(first=dt.date.min, last=self.today)
        self.uncovered = [wanted] if wanted.first <= wanted.last else []
        for source in self.sources:
            parts, self.uncovered = self.uncovered, []
            for part in parts:
                logger.info("%s: %s by its %s", self.publisher.key, part, source.name)
                try:
                    async for listing in source.listings(part):
                        yield listing, 0.0 if source.probing else source.scale
                except SourceUnavailableError as error:
                    logger.info("%s: no way through its %s: %s", self.publisher.key, source.name, error)
                    self.unavailable.append(f"{source.name}: {error}")
                    self.uncovered.append(part)
                    continue
                self.failed += source.failed
                self.uncovered += source.uncovered
