"""Scrapy's two lines for every page, made only where someone reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter

from farscrawler.config import shows_pages
from farscrawler.printing import guard_logs

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


#: None is how Scrapy's documentation says that no record is made; its types leave it out.
_NO_RECORD: LogFormatterResult = None  # type: ignore[assignment]


class PageLogFormatter(LogFormatter):
    """Scrapy's formatter without the «Crawled» and «Scraped» records, unless the level is DEBUG: they cost time."""

    def __init__(self, *, pages: bool) -> None:
        super().__init__()
        self.pages = pages

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        guard_logs()  # also where another program than `farscrawler` runs the crawl
        return cls(pages=shows_pages(crawler.settings))

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        return super().crawled(request, response, spider) if self.pages else _NO_RECORD

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return super().scraped(item, response, spider) if self.pages else _NO_RECORD
