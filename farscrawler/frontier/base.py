"""The base of every strategy: the class itself, its targets, and the crawl around it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from farscrawler.frontier.clock import Clock
from farscrawler.frontier.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from scrapy.statscollectors import StatsCollector

    from farscrawler.archive.ledger import Ledger
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.inflight import InFlight
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.saved.page import SavedPage
    from farscrawler.webarchives.capture import Capture

_T = TypeVar("_T")

#: The size limit of a list page, a feed, or a page of a web archive's index, in bytes: the largest list page seen has
#: 576 KB, and 3,000 lines of an index have 2 MB.
MAX_ANSWER_BYTES = 8 * 1024 * 1024
#: What a strategy tells the crawl is counted under these names, the last one followed by a reason.
KNOWN_ARTICLES = "farscrawler/known/articles"  # asked for, and stored by an earlier run
KNOWN_SETTLED = "farscrawler/known/settled"  # asked for, and found to be no article by an earlier run
ASKED_AGAIN = "farscrawler/asked_again"  # settled before, and asked again: by other rules, or since again= says so
PASSED_OVER = "farscrawler/passed_over/"  # saved pages of no use


@dataclass(slots=True, frozen=True)
class Target:
    """One wanted address.

    * ``key`` is what the ledger knows it by, the article id; ``form`` is the page form to ask first.
    * ``etag`` and ``last_modified`` are the validators of the last visit, for a page that is visited ``again``.
    * ``url`` is the site's own address of the article as it was found, where it cannot be made of the key.
    * ``source`` and ``source_at`` (UTC, ISO 8601) say where and when the page was taken that stands for the site here:
      a capture in a web archive, or a saved file; None where the site itself is asked.
    * ``captures`` are those of a web archive that are to be tried, the present one first.
    * ``saved`` is the page itself, where nothing is asked; with ``rescue`` it counts only if it is an article, since a
      later visit has found none.
    """

    key: str
    form: str
    etag: str | None = None
    last_modified: str | None = None
    again: bool = False
    url: str | None = None
    source: str | None = None
    source_at: str | None = None
    captures: tuple[Capture, ...] = ()
    saved: SavedPage | None = None
    rescue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The answer to a request for a list, sitemap or feed: decompressed ``body``, empty where ``status`` is 304."""

    url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file at an address: ``size`` is that of the whole file, ``version`` differs where the file does."""

    body: bytes
    size: int
    version: str | None


class UnreachableError(Exception):
    """The site could not be asked at all; the message says how it failed.

    ``blocked``: it refuses us; ``forbidden``: its robots.txt does; ``answered``: it answers, and its lists lead to no
    article; ``nothing_listed``: it answers, and its lists lead nowhere.
    """

    def __init__(
        self,
        how: str,
        *,
        blocked: bool = False,
        forbidden: bool = False,
        answered: bool = False,
        nothing_listed: bool = False,
    ) -> None:
        super().__init__(how)
        self.nothing_listed = nothing_listed
        self.blocked = blocked
        self.forbidden = forbidden
        self.answered = answered


class HeavyAnswerError(Exception):
    """An answer would hold the event loop for long, and is to be read apart."""


class SiteClient(ABC):
    """Fetches what a strategy reads itself: lists, sitemaps, feeds and the indexes of web archives.

    ``listed_ids`` are the ids that the lists showed when the newest one was asked for; ``other_links`` says where the
    lists lead instead, where no link of them is an article's.
    """

    listed_ids: frozenset[str] = frozenset()
    other_links: str | None = None

    @abstractmethod
    async def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, largest: int = MAX_ANSWER_BYTES
    ) -> ListPage:
        """Return a list, sitemap or feed of the site, fetched politely like any page; with validators, conditionally.

        ``largest`` is the size limit in bytes.

        Raise UnreachableError, saying how, where no answer came or robots.txt forbids it.
        """

    async def fetch_part(self, url: str, first: int, last: int) -> FilePart | None:
        """Return the bytes from ``first`` to ``last`` of a large file; None where there is no such file (HTTP 404).

        Raise UnreachableError, saying how, where they did not come whole.
        """
        raise UnreachableError(f"{url} cannot be asked for in parts")

    def read_here(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        """Return ``function(body, **given)``, called here. Raise HeavyAnswerError where it holds up all else."""
        return function(body, **given)

    async def read_apart(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        """Return ``function(body, **given)``, called in a process of its own, where all of it is pickled.

        Raise OverBudgetError where the answer is not read to its end within the limits.
        """
        return function(body, **given)

    async def read(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        """Return ``function(body, **given)``, called here, or apart where it is heavy. Raise OverBudgetError."""
        try:
            return self.read_here(function, body, **given)
        except HeavyAnswerError:
            return await self.read_apart(function, body, **given)

    @abstractmethod
    async def newest_listed(self) -> int | None:
        """Return the newest article id that the home page and the lists show, or None where they show no id.

        Raise UnreachableError where none of them could be fetched.
        """


def _no_exports(keys: Sequence[str]) -> None:
    """Do nothing: the run writes no exports."""


@dataclass(kw_only=True)
class Context:
    """The crawl around a strategy. What the strategy tells is counted in ``stats``.

    ``on_stored`` takes the ids of stored articles that belong to what was asked for: the exports hold them too.
    """

    publisher: Publisher
    ledger: Ledger
    client: SiteClient
    stats: StatsCollector
    in_flight: InFlight
    clock: Clock = field(default_factory=Clock)
    on_stored: Callable[[Sequence[str]], None] = _no_exports

    def already_stored(self, keys: Sequence[str]) -> None:
        """Count articles that belong to the strategy and need no fetching, and hand them to the exports."""
        if keys:
            self.stats.inc_value(KNOWN_ARTICLES, len(keys))
            self.on_stored(keys)

    def already_settled(self, count: int) -> None:
        """Count addresses of the strategy that an earlier run settled as no articles."""
        if count:
            self.stats.inc_value(KNOWN_SETTLED, count)

    def handed_out(self, target: Target) -> bool:
        """Count a target that was settled before as asked again, and return whether it is one."""
        asked_again = self.ledger.asked_again
        if target.key not in asked_again:
            return False
        asked_again.discard(target.key)
        self.stats.inc_value(ASKED_AGAIN)
        return True

    def passed_over(self, reason: str) -> None:
        """Count something saved that is of no use, by its reason."""
        self.stats.inc_value(PASSED_OVER + reason)


class Strategy(ABC):
    """Which addresses are wanted and still pending, handed out lazily."""

    _pending: int | None = None
    _shortfall: str | None = None
    _outlook: Outlook | None = None

    @property
    def outlook(self) -> Outlook | None:
        """What lies ahead of the whole run, as soon as the strategy can tell; None before."""
        return self._outlook

    async def estimate(self) -> AsyncIterator[Target]:
        """Yield the addresses without which nobody can tell what lies ahead, and set the outlook; no work is begun."""
        self._outlook = await self._look_ahead()
        needed: tuple[Target, ...] = ()
        for target in needed:
            yield target

    async def _look_ahead(self) -> Outlook:
        """Return what lies ahead, where lists and the archive tell it."""
        return Outlook(addresses=None, unknown="how much this is")

    @property
    def pending(self) -> int | None:
        """How many addresses are still pending, where that is known; for progress only."""
        return self._pending

    @property
    def shortfall(self) -> str | None:
        """What the strategy could not do although nothing failed, said at its end; None where it did all."""
        return self._shortfall

    @abstractmethod
    def targets(self) -> AsyncIterator[Target]:
        """Yield the pending addresses; the crawl takes the next one only when the in-flight limit lets it."""

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Take in the outcome of an address of this strategy, with the article where one was fetched anew."""
        self._count_down(1)

    def _count_down(self, count: int) -> None:
        if self._pending is not None:
            self._pending = max(0, self._pending - count)

    def provisional(self, target: Target) -> bool:
        """Whether a miss here is so near the newest id that an article may yet appear under it."""
        return False

    def beyond(self, target: Target) -> bool:
        """Whether this address is above all that the site has listed, so that nothing was to be expected."""
        return False

    def named(self, target: Target) -> bool:
        """Whether a list, the archive or the user names this address as an article's; no walk over ids does."""
        return False

    def leave(self) -> None:  # noqa: B027  # a default: nearly all work for one crawl alone
        """Let go of what is shared with other crawls; called at the end of every run, however it ends."""

    def finish(self) -> None:  # noqa: B027  # a default: most leave it to the ledger
        """Write down, once everything is committed, what the strategy itself must remember."""


class WrappedStrategy(Strategy):
    """A strategy around ``inner``: what it adds comes before or after, all else is the inner one's."""

    def __init__(self, inner: Strategy) -> None:
        self.inner = inner

    def owner(self, target: Target) -> Strategy:
        """Return the strategy that has handed a target out."""
        return self.inner

    @property
    def outlook(self) -> Outlook | None:
        if self._outlook is None and (ahead := self.inner.outlook) is not None:
            self._outlook = ahead.with_revisits(self.count_again())
        return self._outlook

    def estimate(self) -> AsyncIterator[Target]:
        return self.inner.estimate()

    def count_again(self) -> int:
        """Count the addresses that this strategy adds to those of the inner one."""
        return 0

    @property
    def pending(self) -> int | None:
        return self.inner.pending

    @property
    def shortfall(self) -> str | None:
        return self.inner.shortfall

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        self.owner(target).settled(target, outcome, article)

    def provisional(self, target: Target) -> bool:
        return self.owner(target).provisional(target)

    def beyond(self, target: Target) -> bool:
        return self.owner(target).beyond(target)

    def named(self, target: Target) -> bool:
        return self.owner(target).named(target)

    def finish(self) -> None:
        self.inner.finish()
