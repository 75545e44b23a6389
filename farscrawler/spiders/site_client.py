"""Fetch pages outside the flow of articles: lists for the strategy of a crawl, one page for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scrapy import Request, Spider

from farscrawler.cpu_limit import TookTooLongError, cpu_limit
from farscrawler.extract import article_links, other_links, walled
from farscrawler.extract.document import excess
from farscrawler.frontier.base import MAX_ANSWER_BYTES, ListPage, SiteClient, UnreachableError
from farscrawler.listings import said_of_links
from farscrawler.outcomes.judge import Verdict, judge_failure, judge_status, redirect_of
from farscrawler.sandbox import OverBudgetError, Sandbox, is_heavy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

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


class EngineClient(SiteClient):
    """The client of a crawl: its requests go through the engine, with the manners of every other one."""

    def __init__(self, spider: NewsSpider, ledger: Ledger, sandbox: Sandbox, limits: Mapping[str, int]) -> None:
        self.spider = spider
        self.ledger = ledger
        self.sandbox = sandbox
        self.limits = limits
        self._held = 0  # times that a small answer of this site took longer

    async def read(self, function: Callable[..., _T], body: bytes, /, **given: object) -> _T:
        heavy = is_heavy(body, most_bytes=self.limits["READ_APART_BYTES"], most_tags=self.limits["READ_APART_TAGS"])
        if not heavy and self._held < _HELD_TIMES:
            try:
                with cpu_limit(_HELD_SECONDS):
                    return function(body, **given)
            except TookTooLongError:  # small, and made to be slow
                self._held += 1
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
            trouble = trouble or Verdict("failed", "the home page names no article")
            raise UnreachableError(trouble.reason, blocked=trouble.outcome == "blocked")
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
