"""Keep every request on the publisher's own hosts, or on the web archive that is asked instead; redirects included."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured

from farscrawler.frontier.base import crawls_news
from farscrawler.outcomes.judge import OffSiteError

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler

    from farscrawler.frontier.base import Asker


class HostsMiddleware:
    """Send requests for the site to ``base_url`` where one is given, and refuse all that lead elsewhere."""

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawls_news(crawler):
            raise NotConfigured
        middleware = cls()
        middleware.crawler = crawler
        return middleware

    def process_request(self, request: Request) -> Request | None:
        spider: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        base = spider.arguments.base_url
        parts = urlsplit(request.url)
        here = f"{parts.scheme}://{parts.netloc}"
        if spider.service is not None:
            if here not in spider.service.origins:
                raise OffSiteError(f"redirected off the web archive, to {parts.hostname}")
            return None
        if base is not None and here == base:
            return None
        if not spider.publisher.owns(request.url):
            raise OffSiteError(f"redirected off the site, to {parts.hostname}")
        if base is not None:
            return request.replace(url=base + request.url[len(here) :])
        return None
