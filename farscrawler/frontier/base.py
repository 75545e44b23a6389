"""What a plan may ask and tell while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from farscrawler.archive.records import FINAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler

    from farscrawler.archive.ledger import Ledger
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.arguments import Arguments
    from farscrawler.frontier.target import Target
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.webarchives.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The answer to a request for a list, sitemap or feed: decompressed ``body``, empty where ``status`` is 304."""

    url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class Context(Protocol):
    """The crawl around a plan."""

    @property
    def publisher(self) -> Publisher:
        """The site that is crawled."""

    @property
    def ledger(self) -> Ledger:
        """What is known of its addresses."""

    async def newest_listed(self) -> int | None:
        """Give the newest article id that the home page and the lists show, or None where they show none.

        Raises UnreachableError where none of them could be fetched.
        """

    async def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> ListPage:
        """Fetch a list, sitemap or feed of the site, politely like any page; with validators, conditionally.

        Raises UnreachableError, saying how, where no answer came or robots.txt forbids it.
        """

    def already_stored(self, keys: Sequence[str]) -> None:
        """Tell that these articles belong to the plan and need no fetching."""

    def already_settled(self, count: int) -> None:
        """Tell that so many addresses of the plan were settled as no articles by an earlier run."""

    def passed_over(self, reason: str) -> None:
        """Tell that something saved is of no use; the summary counts by these reasons."""


class Asker(Protocol):
    """What of the spider its surroundings use."""

    @property
    def publisher(self) -> Publisher:
        """The site that is crawled."""

    @property
    def arguments(self) -> Arguments:
        """What was asked for."""

    @property
    def service(self) -> Service | None:
        """The web archive that is asked instead of the site."""

    async def newest_listed(self, known: int | None) -> int | None:
        """Give the newest id the site lists; ``known`` is the newest one stored."""

    async def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> ListPage:
        """Fetch a list, sitemap or feed, as the Context says."""

    def site_url(self, url: str) -> str:
        """Give the site's own address of one on ``base_url``."""


def crawls_news(crawler: Crawler) -> bool:
    """Tell a crawl of ours from Scrapy's own commands (`shell`, `fetch`, `view`), which bring a spider of their own."""
    return getattr(crawler.spider, "publisher", None) is not None


class Plan(Protocol):
    """A plan: which addresses are wanted and still owed, handed out lazily."""

    @property
    def owed(self) -> int | None:
        """How many addresses the plan still owes, where that is known; for progress only."""

    def targets(self) -> AsyncIterator[Target]:
        """Give the owed addresses one by one; the crawl takes the next only when it has room for it."""

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Hear how an address of this plan was settled, with the article where it is one that was fetched anew."""

    @property
    def shortfall(self) -> str | None:
        """Say, at its end, what the plan could not do although nothing failed; None where it did all."""

    def provisional(self, target: Target) -> bool:
        """Tell whether a miss here is so near the newest id that an article may yet appear under it."""

    def beyond(self, target: Target) -> bool:
        """Tell whether this address is above all that the site has listed, so that nothing was to be expected."""

    def finish(self) -> None:
        """Write down, once everything is committed, what the plan itself wants remembered."""


class UnreachableError(Exception):
    """The site could not be asked at all; the message says how it failed.

    ``blocked`` tells that it refuses us, ``forbidden`` that its robots.txt does.
    """

    def __init__(self, how: str, *, blocked: bool = False, forbidden: bool = False) -> None:
        super().__init__(how)
        self.blocked = blocked
        self.forbidden = forbidden


class Feedback:
    """Lets a plan wait until one more of its addresses is settled."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def notify(self) -> None:
        """Wake who waits."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        self._waiting = None

    async def wait(self) -> None:
        """Wait for the next notify()."""
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting


# Plan minus ledger: which addresses of a plan are still owed.
#: How much of a plan is held and looked up at a time.
CHUNK = 500

T = TypeVar("T")


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Give the values in lists of at most ``size``."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def owed(context: Context, targets: list[Target]) -> list[Target]:
    """Give the targets that are not settled for good, and tell the crawl of those that are."""
    known = context.ledger.known(target.key for target in targets)
    left, stored, settled = [], [], 0
    for target in targets:
        found = known.get(target.key)
        if found is None or found.outcome not in FINAL:
            left.append(target)
        elif found.outcome == "article":
            stored.append(target.key)
        else:
            settled += 1
    context.already_stored(stored)
    context.already_settled(settled)
    return left


# Room for addresses in flight: the plan hands out the next one only when one has left.
class Room:
    """Holds at most ``size`` addresses at a time, until it is ``opened`` for good because the run ends."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._open = False
        self._waiting: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Wait until there is room for another one."""
        while self.taken >= self.size and not self._open:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def enter(self) -> None:
        """Take a place."""
        self.taken += 1

    def leave(self) -> None:
        """Give a place back."""
        self.taken -= 1
        self._wake()

    def open_up(self) -> None:
        """Let nobody wait any more."""
        self._open = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


# A plan around another one: what it adds comes before or after, all else is the inner plan's.
class Wrapped:
    """What such a plan leaves to the ``plan`` within."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @property
    def owed(self) -> int | None:
        """How many addresses the plan still owes; what is added is counted when it is reached."""
        return self.plan.owed

    @property
    def shortfall(self) -> str | None:
        """Ask the plan."""
        return self.plan.shortfall

    def finish(self) -> None:
        """Let the plan write down what it wants remembered."""
        self.plan.finish()
