"""Ask a site's lists: for the newest article id, and for whatever else a plan wants to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request

from farscrawler.discovery.context import ListPage, UnreachableError
from farscrawler.discovery.listed import newest_of
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.outcomes.judge import Verdict, judge_failure, judge_status, redirect_of
from farscrawler.parsing import NoArticle, article_links, recognise

if TYPE_CHECKING:
    from scrapy.http import Response

    from farscrawler.spiders.news import NewsSpider

_HTTP_OK = 200
_NOTHING_LISTED = Verdict("failed", "the home page names no article")


async def newest_listed(spider: NewsSpider, known: int | None) -> int | None:
    """Give the newest id that the lists show; None where they show none, and articles are ``known``.

    Raises UnreachableError, saying how, where no list could be read.
    """
    keys: set[str] = set()
    verdict = Verdict("failed", "no list address is known")
    for url in spider.publisher.list_urls():
        try:
            response = await spider.crawler.engine.download_async(Request(spider.fetch_url(url), dont_filter=True))
        except Exception as failure:  # noqa: BLE001  # whatever it is, it is judged and said
            verdict = judge_failure(failure)
            continue
        if response.status == _HTTP_OK:
            found = article_links(response.body, publisher=spider.publisher, url=spider.site_url(response.url))
            keys.update(key for key, _ in found)
        verdict = _judge(spider, response)
    newest = newest_of(keys, known)
    if newest is None and (known is None or verdict is not _NOTHING_LISTED):
        raise UnreachableError(verdict.reason, blocked=verdict.outcome == "blocked")
    return newest


async def fetch(spider: NewsSpider, url: str, *, etag: str | None = None, last_modified: str | None = None) -> ListPage:
    """Fetch a list, sitemap or feed. Raises UnreachableError where no answer came or robots.txt forbids it."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    request = Request(
        spider.fetch_url(url),
        headers={name: value for name, value in headers.items() if value},
        dont_filter=True,
        meta={"download_maxsize": MAX_BYTES},  # a sitemap may have fifty thousand addresses, a page may not
    )
    try:
        response = await spider.crawler.engine.download_async(request)
    except Exception as failure:  # whatever it is, it is judged and said
        verdict = judge_failure(failure)
        raise UnreachableError(
            verdict.reason, blocked=verdict.outcome == "blocked", forbidden=verdict.outcome == "skipped"
        ) from failure

    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return ListPage(
        url=spider.site_url(response.url),
        status=response.status,
        body=response.body,
        content_type=header("Content-Type"),
        etag=header("ETag"),
        last_modified=header("Last-Modified"),
    )


def _judge(spider: NewsSpider, response: Response) -> Verdict:
    """Say what a list page without an id is: a wall, an error, or a page that only names none."""
    page = recognise(
        response.body, publisher=spider.publisher, form="article", url=response.url, article_id=None, content_type=None
    )
    if isinstance(page, NoArticle) and page.outcome == "blocked":
        return Verdict("blocked", page.reason)
    if response.status == _HTTP_OK:
        return _NOTHING_LISTED
    found = judge_status(response.status, redirect_of(response), _NOTHING_LISTED, announced_empty=False)
    return Verdict("blocked" if found.outcome == "blocked" else "failed", f"its home page answers {found.reason}")
