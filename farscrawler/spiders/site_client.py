"""Ask a site's lists: for the newest article id, and for whatever else a plan wants to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from farscrawler.extract import NoArticle, article_links, read_page
from farscrawler.frontier.base import ListPage, SiteClient, UnreachableError
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.outcomes.judge import Verdict, judge_failure, judge_status, redirect_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import Response

    from farscrawler.archive.ledger import Ledger
    from farscrawler.spiders.news import NewsSpider


# The newest article id among those that list pages show.
#: Longer numbers are no ids, and more than SQLite can count.
MAX_DIGITS = 18
#: An id so far above all others of its page is a slip of the page, not an article: hundreds of ids a day are normal,
#: and a list spans days. A share of the id itself, for sites whose ids are time stamps.
_NEIGHBOUR_IDS = 10_000
_NEIGHBOUR_SHARE = 0.1


def newest_of(keys: Iterable[str], known: int | None) -> int | None:
    """Give the highest id that has a neighbour: another listed one, or the newest ``known`` one, not far below it.

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


_HTTP_OK = 200
_NOTHING_LISTED = Verdict("failed", "the home page names no article")


class SpiderClient(SiteClient):
    """Asks through the engine of a spider."""

    def __init__(self, spider: NewsSpider, ledger: Ledger) -> None:
        self.spider = spider
        self.ledger = ledger

    async def newest_listed(self) -> int | None:
        """Give the newest id that the lists show; None where they show none, and articles are known.

        Raises UnreachableError, saying how, where no list could be read.
        """
        known = self.ledger.newest_id()
        keys: set[str] = set()
        verdict = Verdict("failed", "no list address is known")
        for url in self.spider.publisher.list_urls():
            try:
                response = await self.spider.crawler.engine.download_async(
                    Request(self.spider.fetch_url(url), dont_filter=True)
                )
            except Exception as failure:  # noqa: BLE001  # whatever it is, it is judged and said
                verdict = judge_failure(failure)
                continue
            if response.status == _HTTP_OK:
                found = article_links(
                    response.body, publisher=self.spider.publisher, url=self.spider.site_url(response.url)
                )
                keys.update(key for key, _ in found)
            verdict = _judge(self.spider, response)
        newest = newest_of(keys, known)
        if newest is None and (known is None or verdict is not _NOTHING_LISTED):
            raise UnreachableError(verdict.reason, blocked=verdict.outcome == "blocked")
        return newest

    async def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> ListPage:
        """Fetch a list, sitemap or feed. Raises UnreachableError where no answer came or robots.txt forbids it."""
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        request = Request(
            self.spider.fetch_url(url),
            headers={name: value for name, value in headers.items() if value},
            dont_filter=True,
            meta={"download_maxsize": MAX_BYTES},  # a sitemap may have fifty thousand addresses, a page may not
        )
        try:
            response = await self.spider.crawler.engine.download_async(request)
        except Exception as failure:  # whatever it is, it is judged and said
            verdict = judge_failure(failure)
            raise UnreachableError(
                verdict.reason, blocked=verdict.outcome == "blocked", forbidden=verdict.outcome == "skipped"
            ) from failure

        def header(name: str) -> str | None:
            value = response.headers.get(name)
            return value.decode("latin-1") if value else None

        return ListPage(
            url=self.spider.site_url(response.url),
            status=response.status,
            body=response.body,
            content_type=header("Content-Type"),
            etag=header("ETag"),
            last_modified=header("Last-Modified"),
        )


def _judge(spider: NewsSpider, response: Response) -> Verdict:
    """Say what a list page without an id is: a wall, an error, or a page that only names none."""
    page = read_page(
        response.body, publisher=spider.publisher, form="article", url=response.url, article_id=None, content_type=None
    )
    if isinstance(page, NoArticle) and page.outcome == "blocked":
        return Verdict("blocked", page.text)
    if response.status == _HTTP_OK:
        return _NOTHING_LISTED
    found = judge_status(response.status, redirect_of(response), _NOTHING_LISTED, announced_empty=False)
    return Verdict("blocked" if found.outcome == "blocked" else "failed", f"its home page answers {found.reason}")
