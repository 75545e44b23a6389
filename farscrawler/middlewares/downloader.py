"""Scrapy's downloader, which asks no host faster than its robots.txt allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader import Downloader

from farscrawler.middlewares.chain import DirectMiddlewareManager
from farscrawler.spiders.ending import is_ending
from farscrawler.spiders.pace import PACES

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class PacedDownloader(Downloader):
    """Holds each request until its host may be asked.

    Here and in no middleware, since every request comes through, whoever has made it (pages, lists, redirects, retries,
    robots.txt itself), and since the turn of a host is given back whatever becomes of a request, its cancellation
    included. What Scrapy's slot waits for (DOWNLOAD_DELAY, AutoThrottle) comes on top: the longer pause counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Scrapy names the class in the middle of its method; the middlewares are made once.
        self.middleware.__class__ = DirectMiddlewareManager

    async def _enqueue_request(self, request: Request) -> Response:
        async with PACES.turn(request.url, lambda: is_ending(self.crawler)):
            return await super()._enqueue_request(request)
