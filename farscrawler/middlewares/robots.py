"""Obey robots.txt for every request, those that wait for it included."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser


_ERROR = 400


class SharedRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, with one answer for all that wait.

    In Scrapy 2.19 the requests that wait while robots.txt is fetched all await one Deferred, which gives its
    result to the first of them and None, read as «everything is allowed», to the others.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asking: dict[str, asyncio.Future[RobotParser | None]] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        """Read rules only from a robots.txt that is there: an error page has none (RFC 9309 §2.3.1)."""
        if response.status >= _ERROR:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Give the rules of the request's host, fetched once."""
        netloc = urlsplit(request.url).netloc
        if netloc not in self._asking:
            self._asking[netloc] = asyncio.ensure_future(super().robot_parser(request))
        # Shielded: a request that is cancelled while it waits must not take the answer from the others.
        return await asyncio.shield(self._asking[netloc])
