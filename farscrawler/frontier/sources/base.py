"""What every door has in common: lists that cannot be read, and days it cannot speak for."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Protocol

from farscrawler.frontier.sources.listing_cache import ListError, Parser
from farscrawler.listings.pages import read_page
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from farscrawler.days import Span
    from farscrawler.frontier.base import ListPage
    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Entry, Listing
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")

#: So many lists refused, and none read before them, and the door is taken for shut: one address may be a slip.
REFUSALS_END = 3


class DoorShutError(Exception):
    """This door leads nowhere; the message says why. Another one may be tried."""


class Dates(Protocol):
    """Finds out on which days articles were published whose list names no dates."""

    async def days(self, entries: Sequence[Entry]) -> list[dt.date | None]:
        """Give the day of each entry, once all that were handed out are settled; None where it is not known."""


class Door:
    """A door of one site. ``owed`` gathers what failed, ``left`` the days it cannot speak for; of the last walk."""

    name: str

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date) -> None:
        self.publisher = publisher
        self.reader = reader
        self.today = today
        self.zone = time_zone(publisher.tz)
        self.owed: list[str] = []
        self.left: list[Span] = []
        self.opened = False
        self._refused: list[str] = []

    def listings(self, span: Span) -> AsyncIterator[Listing]:
        """Give the lists that name articles of a span, the newest days first; its last day is real.

        They may name others too. Raises DoorShutError where the door leads nowhere.
        """
        raise NotImplementedError

    async def read(self, url: str, parser: Parser, *, over: bool = False, later_page: bool = False) -> Listing | None:
        """Read one list of the door; one that cannot be read is noted, and None. Raises DoorShutError.

        Where a ``later_page`` is not there, the list has ended.
        """
        try:
            listing = await self.reader.read(url, parser, over=over)
        except ListError as error:
            if later_page and self.opened and error.trouble == "gone":
                return None
            self.refused(f"{url}: {error}", error)
            return None
        if not listing.whole:
            self.owed.append(f"{url}: {', '.join(listing.problems)}")
        self.opened = True
        return listing

    def refused(self, said: str, error: ListError) -> None:
        """Note a list that could not be read. Raises DoorShutError where that says that the door is shut."""
        self.say(said)
        self.owed.append(said)
        if not self.opened and error.trouble != "failed":
            self._refused.append(said)
            if error.trouble == "forbidden" or len(self._refused) >= REFUSALS_END:
                raise DoorShutError(said) from error

    def say(self, text: str) -> None:
        """Write into the log what happened with a list."""
        logger.info("%s: %s: %s", self.publisher.key, self.name, text)

    def page_parser(self, items: str | None = None, time: str | None = None) -> Parser:
        """Give the reader of the door's list pages."""

        def parse(page: ListPage) -> Listing:
            return read_page(
                page.body,
                publisher=self.publisher,
                url=page.url,
                fetched_at=dt.datetime.now(dt.UTC),
                items=items,
                time=time,
                content_type=page.content_type,
            )

        return Parser(parse, ("page", items, time, self.publisher.tz))

    def begin(self) -> None:
        """Forget the last walk."""
        self.owed, self.left, self._refused = [], [], []

    def end(self) -> None:
        """Raise DoorShutError where every list of the walk was refused."""
        if not self.opened and self._refused and len(self._refused) == len(self.owed):
            raise DoorShutError(self._refused[0])
