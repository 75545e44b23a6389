"""Obey robots.txt for every request, those that wait for it included.

To report upstream (Scrapy 2.19, scrapy/downloadermiddlewares/robotstxt.py): ``robot_parser`` lets all requests that
wait for one robots.txt await the same Deferred. Its first callback, that of the first request that waits, hands the
rules to that request and returns None, so that every later one gets None, which means «everything is allowed»: with
more than one request under way a site's first pages are fetched against its robots.txt. An `asyncio.Future` gives its
result to all. A second thing: ``_parse_robots`` reads rules from an error page too, where RFC 9309 (2.3.1.3) says that
a robots.txt that is not there forbids nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from farscrawler.outcomes.judge import Refusal, RefusedRequestError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser


_ERROR = 400


class SharedRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, with one answer for all requests that wait, and a refusal that says what it is."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asking: dict[str, asyncio.Future[RobotParser | None]] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        """Read rules only from a robots.txt that is there, not from an error page."""
        if response.status >= _ERROR:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's host, fetched once."""
        netloc = urlsplit(request.url).netloc
        if netloc not in self._asking:
            self._asking[netloc] = asyncio.ensure_future(super().robot_parser(request))
        # Shielded: a request that is cancelled while it waits must not take the answer from the others.
        return await asyncio.shield(self._asking[netloc])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise RefusedRequestError for a request that the rules forbid."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RefusedRequestError(Refusal.ROBOTS_TXT) from error
