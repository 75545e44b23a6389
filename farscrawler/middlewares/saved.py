"""Answer requests from saved pages, before anything else has its turn: nothing is fetched, not even robots.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response

from farscrawler.outcomes.visit import META_KEY
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from farscrawler.outcomes.visit import VisitState


class SavedPagesMiddleware:
    """The outermost middleware: its answer takes the way of a fetched one, with the others' decompression and checks.

    No downloader slot is used, so that no delay and no throttle holds a saved page back.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # Saved pages are asked for, or kept in WARC files by a run that was killed.
        if NewsSpider.of(crawler).arguments.reads_saved is False and not crawler.settings["WARC"]:
            raise NotConfigured
        return cls()

    def process_request(self, request: Request) -> Response | None:
        visit: VisitState | None = request.meta.get(META_KEY)
        page = visit.target.saved if visit is not None else None
        if page is None:
            return None
        headers = Headers()
        for name, value in page.headers:
            headers.appendlist(name, value)
        return Response(request.url, status=page.status, headers=headers, body=page.body)
