"""Answer requests from saved pages, before anything else has its turn: nothing is fetched, not even robots.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response

from farscrawler.frontier.base import crawls_news

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from farscrawler.saved.page import SavedPage


class SavedPagesMiddleware:
    """The outermost middleware: its answer takes the way of a fetched one, with the others' decompression and checks.

    No downloader slot is used, so that no delay and no throttle holds a saved page back.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawls_news(crawler):
            raise NotConfigured
        return cls()

    def process_request(self, request: Request) -> Response | None:
        page: SavedPage | None = request.meta.get("saved")
        if page is None:
            return None
        headers = Headers()
        for name, value in page.headers:
            headers.appendlist(name, value)
        return Response(request.url, status=page.status, headers=headers, body=page.body)
