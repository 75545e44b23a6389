"""What every source of listings has in common: lists that cannot be read, and days it cannot speak for."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

from farscrawler.frontier.outlook import sample
from farscrawler.frontier.sources.listing_cache import ListError, Parser
from farscrawler.listings.pages import read_page
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Sequence

    from farscrawler.days import DateRange
    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

T = TypeVar("T")

logger = logging.getLogger("farscrawler")

#: Lists refused, with none read before them, that make a source unavailable: one address may be a slip.
REFUSALS_END = 3


class SourceUnavailableError(Exception):
    """This source leads to no article of the days; the message says why. Another one may be tried."""


class Source(ABC):
    """A source of one site.

    Of its last reading ``failed`` gathers the lists that could not be read, ``uncovered`` the days it cannot speak
    for; ``answered`` says that at least one of its lists was read.

    With ``sampled`` it reads only some of its lists, each of which stands for ``scale`` of them; ``lists`` are the
    requests that all of them would take, ``seen`` says how many were read where not all were, and ``unknown`` what
    they cannot tell. While it is ``probing``, the articles that it yields are wanted for their days. ``progress`` is
    the number of its periods or sitemaps that are done, and that of all, where it is known; ``named`` counts the
    articles of these periods, where a list may run on into others.
    """

    name: str
    sampled = False
    scale = 1.0
    lists = 0.0
    seen: str | None = None
    unknown: str | None = None
    probing = False
    progress: tuple[int, int] | None = None
    named: int | None = None

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date) -> None:
        self.publisher = publisher
        self.reader = reader
        self.today = today
        self.zone = time_zone(publisher.tz)
        self.failed: list[str] = []
        self.uncovered: list[DateRange] = []
        self.answered = False
        self._refused: list[str] = []

    @abstractmethod
    def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield the lists that name articles of a range, the newest days first; its last day is real.

        They may name others too. Raise SourceUnavailableError where the source leads to none of them.
        """

    async def read(self, url: str, parser: Parser, *, over: bool = False, later_page: bool = False) -> Listing | None:
        """Return one list of the source, or None for one that cannot be read. Raise SourceUnavailableError.

        Where a ``later_page`` is not there, the list has ended.
        """
        before = self.reader.asked
        try:
            listing = await self.reader.read(url, parser, over=over)
        except ListError as error:
            if later_page and self.answered and error.trouble == "gone":
                return None
            self._note_unread(f"{url}: {error}", error)
            return None
        finally:
            self.lists += self.scale * (self.reader.asked - before)
        if not listing.whole:
            self.failed.append(f"{url}: {', '.join(listing.problems)}")
        self.answered = True
        return listing

    def chosen(self, parts: Sequence[T], what: str) -> list[T]:
        """Return the parts to read: all of them, or of many a sample, each of which then stands for several."""
        if not self.sampled or not parts:
            return list(parts)
        found = [parts[at] for at in sample(len(parts))]
        if len(found) < len(parts):
            self.scale *= len(parts) / len(found)
            self.seen = f"{len(found)} of {len(parts):,} {what}"
        return found

    def _note_unread(self, said: str, error: ListError) -> None:
        """Note a list that could not be read. Raise SourceUnavailableError where that makes the source so."""
        self.say(said)
        self.failed.append(said)
        if not self.answered and error.trouble != "failed":
            self._refused.append(said)
            if error.trouble == "forbidden" or len(self._refused) >= REFUSALS_END:
                raise SourceUnavailableError(said) from error

    def say(self, text: str) -> None:
        """Write into the log what happened with a list."""
        logger.info("%s: %s: %s", self.publisher.key, self.name, text)

    def page_parser(self, items: str | None = None, time: str | None = None) -> Parser:
        """Return the parser of the source's list pages."""
        given = {"publisher": self.publisher, "items": items, "time": time}
        return Parser(read_page, ("page", items, time, self.publisher.tz), given, timed=True)

    def begin(self) -> None:
        """Forget the last reading."""
        self.failed, self.uncovered, self._refused = [], [], []
        self.scale = 1.0

    def end(self) -> None:
        """Raise SourceUnavailableError where every list was refused."""
        if not self.answered and self._refused and len(self._refused) == len(self.failed):
            raise SourceUnavailableError(self._refused[0])
