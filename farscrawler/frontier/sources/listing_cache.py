"""Read lists, sitemaps and feeds conditionally, and remember what they listed."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import hashlib
import logging
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from farscrawler.archive.listing_cache import Lists, StoredList
from farscrawler.extract import walled
from farscrawler.frontier.base import MAX_ANSWER_BYTES, UnreachableError
from farscrawler.frontier.pending import settled_outcomes
from farscrawler.listings import READERS, read_keys, said_of_links
from farscrawler.sandbox import OverBudgetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from farscrawler.frontier.base import Context, ListPage
    from farscrawler.listings import Entry, Listing

logger = logging.getLogger("farscrawler")

#: Lists in a row that fail or are blocked, and end the run: the site is down, and each has been tried four times.
LISTS_FAILED_END = 5
_OK, _NOT_MODIFIED = 200, 304
_GONE = (404, 410)
_WALL = (401, 403, 429, 451)

Trouble = Literal["forbidden", "gone", "blocked", "unreadable", "over a limit", "failed"]


class ListError(Exception):
    """A list could not be read; the message says why.

    Of the kinds of ``trouble`` only ``failed`` may mend by asking again; with the others this is no way in.
    """

    def __init__(self, how: str, trouble: Trouble) -> None:
        super().__init__(how)
        self.trouble: Trouble = trouble


@dataclasses.dataclass(frozen=True, slots=True)
class Parser:
    """How a list is read: ``function(body, url=…, content_type=…, **given)``; its size limit is ``largest`` bytes.

    ``terms`` are what its answer hangs on beside the site's addresses. With ``timed`` it takes ``fetched_at`` too.
    """

    function: Callable[..., Listing]
    terms: tuple[str | None, ...]
    given: Mapping[str, Any]
    largest: int = MAX_ANSWER_BYTES
    timed: bool = False

    def arguments(self, page: ListPage) -> dict[str, Any]:
        """Return the keywords for reading a list that has just come."""
        at = {"fetched_at": dt.datetime.now(dt.UTC)} if self.timed else {}
        return {"url": page.url, "content_type": page.content_type, **self.given, **at}


class ListReader:
    """Reads the lists of a crawl.

    What the archive has of a list counts only as long as it would be read in the same way: where a selector, or what
    is an address of an article, has changed, the list is asked for anew.

    ``wanted`` says which of the listed articles the strategy would fetch: a closed list is not asked again once these
    are settled. ``by_address``: the articles are asked at the addresses found, which are kept then.

    ``cut`` are the lists that were not read, or not to their end, because of a limit of ours, each with what it says.
    ``other_links`` says where the first list leads that has links and none to an article; None once a list names one.
    """

    def __init__(self, context: Context, wanted: Callable[[Entry], bool], *, by_address: bool) -> None:
        self.context = context
        self.wanted = wanted
        self.asked = 0
        self.other_links: str | None = None
        self.cut: list[str] = []
        self._named = False
        self._by_address = by_address
        self._forms = [
            (name, form.query, form.id, *(path.pattern for path in form.paths))
            for forms in (context.publisher.forms, *(era.forms for era in context.publisher.eras))
            for name, form in forms.items()
        ]
        self._lists = Lists(context.ledger.archive, context.publisher.key)
        self._failed = 0

    async def read(self, url: str, parser: Parser, *, over: bool = False) -> Listing:
        """Return one list; ``over``: its days are over, so that once read whole it is closed.

        Raise ListError where it cannot be read, and UnreachableError where that happens again and again.
        """
        way = self._way(parser)
        stored = self._lists.find(url)
        if stored is not None and stored.way != way:
            stored = None
        if stored is not None and stored.closed and self._settled(stored.listing):
            self._note_links(stored.listing)
            return stored.listing
        self.asked += 1
        try:
            listing = await self._ask(url, stored, parser, over=over)
        except ListError as error:
            if error.trouble == "over a limit":
                self.cut.append(f"{url}: {error}")
            self._failed += error.trouble in ("failed", "blocked")
            if self._failed >= LISTS_FAILED_END:
                raise UnreachableError(str(error), blocked=error.trouble == "blocked") from error
            raise
        self._failed = 0
        self._note_links(listing)
        if listing.over_a_limit:
            self.cut.append(f"{url}: {', '.join(listing.problems)}")
        return listing

    def _note_links(self, listing: Listing) -> None:
        """Note whether a list leads to articles, or where it leads instead."""
        self._named = self._named or bool(listing.articles)
        if self._named:
            self.other_links = None
        elif listing.other_links and self.other_links is None:
            self.other_links = said_of_links(listing.url, listing.other_links)

    def _way(self, parser: Parser) -> str:
        """Return a digest of all that the reading of a list hangs on."""
        terms = repr((READERS, parser.terms, self._forms, self._by_address))
        return hashlib.blake2b(terms.encode(), digest_size=8).hexdigest()

    async def _ask(self, url: str, stored: StoredList | None, parser: Parser, *, over: bool) -> Listing:
        page = await self._fetch(url, stored, parser.largest)
        if page.status == _NOT_MODIFIED:
            if stored is None or not (stored.etag or stored.last_modified):  # what was not read whole has neither
                raise ListError("HTTP 304, unasked", "failed")
            closed = stored.closed or (over and not self.context.clock.doubtful)
            self._lists.save(dataclasses.replace(stored, read_at=self.context.clock.now(), closed=closed))
            return stored.listing
        self._judge(url, page)
        try:
            given = parser.arguments(page)
            if self._by_address:
                listing = await self.context.client.read(parser.function, page.body, **given)
            else:
                listing = await self.context.client.read(read_keys, page.body, reader=parser.function, **given)
            if listing.refused is not None or not (listing.articles or listing.sitemaps):
                wall = await self.context.client.read(walled, page.body, content_type=page.content_type)
                if wall is not None:
                    raise ListError(wall.text, "blocked")
        except OverBudgetError as error:
            raise ListError(str(error), "over a limit") from error
        if listing.refused is not None:
            raise ListError(listing.refused, "over a limit" if listing.over_a_limit else "unreadable")
        listing.url = url
        await asyncio.sleep(0)  # fifty thousand entries take a while at each step, and others have their turn between
        self._keep(listing, page, self._way(parser), over=over)
        await asyncio.sleep(0)
        return listing

    def _settled(self, listing: Listing) -> bool:
        wanted = filter(self.wanted, listing.articles)
        return all(outcome is not None for _, outcome in settled_outcomes(self.context.ledger, wanted))

    async def _fetch(self, url: str, stored: StoredList | None, largest: int) -> ListPage:
        try:
            return await self.context.client.fetch(
                url,
                etag=stored.etag if stored else None,
                last_modified=stored.last_modified if stored else None,
                largest=largest,
            )
        except UnreachableError as error:
            trouble: Trouble = "forbidden" if error.forbidden else "blocked" if error.blocked else "failed"
            raise ListError(str(error), trouble) from error

    def _judge(self, url: str, page: ListPage) -> None:
        """Raise ListError for an answer that cannot be a list."""
        if page.status in _GONE:
            raise ListError(f"HTTP {page.status}", "gone")
        if page.status in _WALL:
            raise ListError(f"HTTP {page.status}", "blocked")
        if page.status != _OK:
            raise ListError(f"HTTP {page.status}", "failed")
        if urlsplit(page.url).path in ("", "/") and urlsplit(url).path not in ("", "/"):
            raise ListError("redirected to the home page", "gone")

    def _keep(self, listing: Listing, page: ListPage, way: str, *, over: bool) -> None:
        """Remember what a list listed; one that is not whole is asked for anew the next time."""
        for problem in listing.problems:
            logger.info("%s: %s: %s", self.context.publisher.key, listing.url, problem)
        if listing.other_links:
            logger.info("%s: %s", self.context.publisher.key, said_of_links(listing.url, listing.other_links))
        lasting = listing.whole and not listing.other_links  # where it leads is said by every run anew
        self._lists.save(
            StoredList(
                listing=listing,
                way=way,
                read_at=self.context.clock.now(),
                etag=page.etag if lasting else None,
                last_modified=page.last_modified if lasting else None,
                closed=over and lasting and not self.context.clock.doubtful,  # its days may not be over at all
            )
        )
