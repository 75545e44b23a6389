"""The archive pipeline: a finished article goes to the ledger, visit and article together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

from farscrawler.discovery.context import crawls_news
from farscrawler.extensions.run import Run
from farscrawler.outcomes.judge import Verdict

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from farscrawler.outcomes.fetched import FetchedArticle

_STORED = Verdict("article", "")


class ArchivePipeline:
    """Settles each article; the archive commits it with its batch."""

    run: Run

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawls_news(crawler):
            raise NotConfigured
        return cls(crawler)

    def open_spider(self) -> None:
        self.run = Run.of(self.crawler)

    def process_item(self, item: FetchedArticle) -> FetchedArticle:
        self.run.settle(item.look, _STORED, item)
        return item
