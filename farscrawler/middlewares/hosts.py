"""Keep every request on the publisher's own hosts, or on the web archive that is asked instead; redirects included.

No subclass of Scrapy's OffsiteMiddleware: that one lets requests with ``dont_filter`` pass, as all of ours are, knows
hosts but no ports and schemes, and has no place for ``base_url``; nothing of it would be left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


class HostsMiddleware:
    """The border of a crawl: requests for the site go to ``base_url`` where one is given, all others are refused."""

    def __init__(self, spider: NewsSpider) -> None:
        self.spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(NewsSpider.of(crawler))

    def process_request(self, request: Request) -> Request | None:
        base = self.spider.arguments.base_url
        parts = urlsplit(request.url)
        here = f"{parts.scheme}://{parts.netloc}"
        if (server := self.spider.web_archive) is not None:
            if here not in server.origins:
                raise RefusedRequestError(Refusal.OFF_WEB_ARCHIVE, f"to {parts.hostname}")
            return None
        if base is not None and here == base:
            return None
        if not self.spider.publisher.owns(request.url):
            raise RefusedRequestError(Refusal.OFF_SITE, f"to {parts.hostname}")
        return request.replace(url=base + request.url[len(here) :]) if base is not None else None
