"""Fetch pages outside the flow of articles: lists for the strategy of a crawl, one page for a command."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, Spider

from farscrawler.cpu_limit import TookTooLongError, cpu_limit
from farscrawler.drafts.fetched import Fetch, Fetched
from farscrawler.extract import article_links, other_links, walled
from farscrawler.extract.document import excess
from farscrawler.frontier.base import (
    MAX_ANSWER_BYTES,
    FilePart,
    HeavyAnswerError,
    ListPage,
    SiteClient,
    UnreachableError,
)
from farscrawler.listings import said_of_links
from farscrawler.outcomes.judge import Verdict, judge_failure, judge_status, redirect_of
from farscrawler.sandbox import OverBudgetError, Sandbox, is_heavy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from farscrawler.archive.ledger import Ledger
    from farscrawler.extract import NoArticle
    from farscrawler.spiders.news import NewsSpider

_T = TypeVar("_T")

#: CPU time for which an answer may hold the event loop; the largest article seen takes a third of it.
_HELD_SECONDS = 0.3
#: A site that has held it so often is read apart from then on: it costs its neighbours a second, and no more. One slow
#: page is no such site, since the first one may load what reads it.
_HELD_TIMES = 3
#: Longer numbers are no ids, and more than SQLite can count.
MAX_DIGITS = 18
#: An id so far above all others of its page is a slip of the page, not an article: hundreds of ids a day are normal,
#: and a list spans days. A share of the id itself, for sites whose ids are time stamps.
_NEIGHBOUR_IDS = 10_000
_NEIGHBOUR_SHARE = 0.1
_HTTP_OK = 200
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


class EngineClient(SiteClient):
    """The client of a crawl: its requests go through the engine, with the manners of every other one."""

    def __init__(self, spider: NewsSpider, ledger: Ledger, sandbox: Sandbox, limits: Mapping[str, int]) -> None:
        self.spider = spider
        self.ledger = ledger
        self.sandbox = sandbox
        self.limits = limits
        self._held = 0  # times that a small answer of this site took longer

    def read_here(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        heavy = is_heavy(body, most_bytes=self.limits["READ_APART_BYTES"], most_tags=self.limits["READ_APART_TAGS"])
        if heavy or self._held >= _HELD_TIMES:
            raise HeavyAnswerError
        try:
            with cpu_limit(_HELD_SECONDS):
                return function(body, **given)
        except TookTooLongError:  # small, and made to be slow
            self._held += 1
            raise HeavyAnswerError from None

    async def read_apart(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        return await self.sandbox.read(function, body, owner=self.spider.publisher.key, **given)

    async def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, largest: int = MAX_ANSWER_BYTES
    ) -> ListPage:
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        request = Request(
            self.spider.url_to_ask(url),
            headers={name: value for name, value in headers.items() if value},
            dont_filter=True,
            meta={"download_maxsize": min(largest, self.limits["LIST_MAXSIZE"])},
        )
        try:
            response = await self.spider.crawler.engine.download_async(request)
        except Exception as failure:  # whatever it is, it is judged and said
            verdict = judge_failure(failure)
            blocked, forbidden = verdict.outcome == "blocked", verdict.outcome == "skipped"
            raise UnreachableError(verdict.reason, blocked=blocked, forbidden=forbidden) from failure
        return ListPage(
            url=self.spider.site_url(response.url),
            status=response.status,
            body=response.body,
            content_type=header(response, "Content-Type"),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )

    async def fetch_part(self, url: str, first: int, last: int) -> FilePart | None:
        request = Request(
            url,
            # The bytes that are counted are those of the file.
            headers={"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"},
            dont_filter=True,
            meta={"download_maxsize": last - first + 1, "dont_redirect": True},
        )
        try:
            response = await self.spider.crawler.engine.download_async(request)
        except Exception as failure:  # whatever it is, it is judged and said
            verdict = judge_failure(failure)
            raise UnreachableError(verdict.reason, blocked=verdict.outcome == "blocked") from failure
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        served = _CONTENT_RANGE.fullmatch(header(response, "Content-Range") or "")
        if response.status != HTTPStatus.PARTIAL_CONTENT or served is None:
            found = judge_status(response.status, redirect_of(response))
            blocked = found is not None and found.outcome == "blocked"
            raise UnreachableError(f"HTTP {response.status} to a request for a part of {url}", blocked=blocked)
        begin, end, size = map(int, served.groups())
        if begin != first or end != min(last, size - 1) or len(response.body) != end - first + 1:
            raise UnreachableError(f"another part of {url} was served than the one asked for")
        return FilePart(response.body, size, header(response, "ETag") or header(response, "Last-Modified"))

    async def newest_listed(self) -> int | None:
        keys: set[str] = set()
        elsewhere: str | None = None
        known = self.ledger.newest_id()
        trouble: Verdict | None = Verdict("failed", "no list address is known")  # of the last list
        for url in self.spider.publisher.list_urls():
            try:
                response = await self.spider.crawler.engine.download_async(
                    Request(self.spider.url_to_ask(url), dont_filter=True)
                )
            except Exception as failure:  # noqa: BLE001  # whatever it is, it is judged and said
                trouble = judge_failure(failure)
                continue
            at = self.spider.site_url(response.url)
            if what := excess(response.body):
                trouble = Verdict("failed", f"{at} has too many {what}")
                continue
            try:
                if response.status == _HTTP_OK:
                    given = {"publisher": self.spider.publisher, "url": at}
                    links = await self.read(article_links, response.body, **given)
                    keys.update(key for key, _ in links)
                    if not links and elsewhere is None:
                        others = await self.read(other_links, response.body, **given)
                        elsewhere = said_of_links(at, others) if others else None
                wall = await self.read(walled, response.body, content_type=header(response, "Content-Type"))
            except OverBudgetError as error:
                trouble = Verdict("failed", f"{at} {error}")
                continue
            trouble = judge_list(response, wall)
        newest = newest_of(keys, known)
        self.listed_ids = frozenset(keys)
        self.other_links = elsewhere if not keys and trouble is None else None
        if self.other_links is not None and known is None:
            raise UnreachableError(self.other_links, answered=True)
        if newest is None and (known is None or trouble is not None):
            if trouble is None:
                raise UnreachableError("the home page names no article", nothing_listed=True)
            blocked, forbidden = trouble.outcome == "blocked", trouble.outcome == "skipped"
            raise UnreachableError(trouble.reason, blocked=blocked, forbidden=forbidden)
        return newest


def newest_of(keys: Iterable[str], known: int | None) -> int | None:
    """Return the highest id that has a neighbour: another listed one, or the newest ``known`` one, not far below it.

    A single id on an unknown site is taken as it is. None where there is no id at all.
    """
    ids = sorted({int(key) for key in keys if key.isdigit() and len(key) <= MAX_DIGITS}, reverse=True)
    if not ids:
        return None
    if len(ids) == 1 and known is None:
        return ids[0]
    below = [*ids[1:], known or 0]
    for number, next_below in zip(ids, below, strict=True):
        nearest = max(next_below, known if known is not None and known <= number else 0)
        if number - nearest <= max(_NEIGHBOUR_IDS, number * _NEIGHBOUR_SHARE):
            return number
    return None


def judge_list(response: Response, wall: NoArticle | None) -> Verdict | None:
    """Return why a list page cannot be trusted: a wall, or an error; None for a list, whether it names an id or not."""
    if wall is not None and wall.outcome == "blocked":
        return Verdict("blocked", wall.text)
    if response.status == _HTTP_OK:
        return None
    found = judge_status(response.status, redirect_of(response)) or Verdict("failed", f"HTTP {response.status}")
    return Verdict("blocked" if found.outcome == "blocked" else "failed", f"its home page answers {found.reason}")


def header(response: Response, name: str) -> str | None:
    """Return the last header of a name as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


class OnePageSpider(Spider):
    """The spider of a command about one page: as polite as a crawl, and nothing is stored.

    ``response`` is the answer, ``problem`` a phrase that says why there is none.
    """

    name = "onepage"
    response: Response | None = None
    problem: str | None = None

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def asked_urls(self) -> list[str]:
        """Return the address that the user has asked for."""
        return [self.url]

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, callback=self.take, errback=self.fail, dont_filter=True)

    def take(self, response: Response) -> None:
        """Keep the answer."""
        self.response = response

    def fail(self, failure: Failure) -> None:
        """Keep the reason why there is no answer."""
        self.problem = judge_failure(failure.value).reason


class DraftSpider(OnePageSpider):
    """The spider of a command about one page that asks for more of its site, one after the other.

    ``work`` gets a function that fetches an address of these ``hosts``; every request goes to ``base_url`` where one is
    given, as in a crawl.
    """

    def __init__(
        self, url: str, hosts: Collection[str], base_url: str, work: Callable[[Fetch], Coroutine[None, None, None]]
    ) -> None:
        super().__init__(url)
        self.hosts = hosts
        self.base_url = base_url.rstrip("/")
        self.work = work

    def asked_urls(self) -> list[str]:
        """Return the address that the user has asked for, and the server that stands for the site."""
        return [self.url, *([self.base_url] if self.base_url else [])]

    async def start(self) -> AsyncIterator[Request]:
        await self.work(self.fetch)
        none: tuple[Request, ...] = ()  # all of them went through ``fetch``
        for request in none:
            yield request

    async def fetch(self, url: str) -> Fetched:
        """Return what comes for an address. Never raises: what is wrong is told in what is returned."""
        if urlsplit(url).hostname not in self.hosts:
            return Fetched(url, problem=f"it is on another host, {urlsplit(url).hostname}")
        at, status = url, 0
        for _ in range(self.settings.getint("REDIRECT_MAX_TIMES") + 1):
            parts = urlsplit(at)
            site = f"{parts.scheme}://{parts.netloc}"
            # A stanza has no ports: one that a redirect names is another server.
            if parts.hostname not in self.hosts or (self.base_url and parts.port is not None):
                return Fetched(url, status, problem=f"it leads to another host, {parts.netloc}")
            asked = self.base_url + at[len(site) :] if self.base_url else at
            try:
                # Scrapy would ask the other host before it could be told that this is none of the site's.
                request = Request(asked, dont_filter=True, meta={"dont_redirect": True})
                response = await self.crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is judged and said
                return Fetched(url, problem=judge_failure(error).reason)
            status, to = response.status, redirect_of(response)
            if to is None:
                return Fetched(at, status, response.body, header(response, "Content-Type"))
            at = site + to[len(self.base_url) :] if self.base_url and to.startswith(f"{self.base_url}/") else to
        return Fetched(url, status, problem="its redirects have no end")
