"""Let the clock of a run hear what time the answers of the site say that it is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler.outcomes.visit import META_KEY
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from farscrawler.outcomes.visit import VisitState

logger = logging.getLogger("farscrawler")


class ClockMiddleware:
    """Near the wire, before an answer is dated."""

    def __init__(self, spider: NewsSpider) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(NewsSpider.of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        visit: VisitState | None = request.meta.get(META_KEY)
        if (visit is not None and visit.target.saved is not None) or "cached" in response.flags:
            return response  # of another time
        date, age = (response.headers.get(name) for name in ("Date", "Age"))
        said = self._spider.context.clock.hear(
            urlsplit(request.url).netloc,
            date.decode("latin-1") if date else None,
            age.decode("latin-1") if age else None,
        )
        if said is not None:
            logger.warning("%s: %s", self._spider.publisher.key, said)
        return response
