"""The item pipelines: headline, lead, body, timestamp, validation, archive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.python import global_object_name

from farscrawler.extract.article import fill_body, fill_headline, fill_lead, fill_timestamp, finish, flaw
from farscrawler.outcomes.judge import Verdict
from farscrawler.outcomes.visit import FetchedArticle
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from farscrawler.outcomes.recorder import Recorder

_STORED = Verdict("article", "")


class DirectItemPipelineManager(ItemPipelineManager):
    """Scrapy's chain of item pipelines, for which an article that a pipeline hands on is done.

    Scrapy 2.19 makes a coroutine of whatever a pipeline returns and awaits it, once a pipeline. Chains with a method
    that asks for the spider, as of old, are left to Scrapy. What has passed is counted, as `DirectCoreStats` says.
    """

    async def process_item_async(self, item: Any) -> Any:
        if self._mw_methods_requiring_spider:
            item = await super().process_item_async(item)
        else:
            for method in filter(None, self.methods["process_item"]):
                found = method(item)
                item = found if found is item else await ensure_awaitable(found, _warn=global_object_name(method))
        if self.crawler is not None:
            self.crawler.stats.inc_value("item_scraped_count")
        return item


class ArticlePipeline(ABC):
    """A step on the way of an article; other items pass through."""

    def process_item(self, item: Any) -> Any:
        if isinstance(item, FetchedArticle):
            self.process_article(item)
        return item

    @abstractmethod
    def process_article(self, article: FetchedArticle) -> None:
        """Fill a part of an article in place. Raises DropItem for one that cannot be stored."""


class HeadlinePipeline(ArticlePipeline):
    """Kicker (روتیتر), headline (تیتر) and subtitle (زیرتیتر)."""

    def process_article(self, article: FetchedArticle) -> None:
        fill_headline(article, article.page)


class LeadPipeline(ArticlePipeline):
    """Dateline and lead (لید)."""

    def process_article(self, article: FetchedArticle) -> None:
        fill_lead(article, article.page)


class BodyPipeline(ArticlePipeline):
    """Body, section, agency, authors, tags, images and permalink."""

    def process_article(self, article: FetchedArticle) -> None:
        fill_body(article, article.page)


class TimestampPipeline(ArticlePipeline):
    """The times of publication and of the last change."""

    def process_article(self, article: FetchedArticle) -> None:
        # By a clock that may be wrong no time is relative to the fetch, and none lies after it.
        fill_timestamp(article, article.page, fetched_at="" if article.time_doubtful else article.fetched_at)


class ValidationPipeline(ArticlePipeline):
    """The last warnings and the content hash; an article without key or headline is dropped."""

    def process_article(self, article: FetchedArticle) -> None:
        problem = flaw(article)
        if problem is not None:
            raise DropItem(f"{article.publisher} {article.article_id}: {problem}")
        finish(article, article.page)


class ArchivePipeline(ArticlePipeline):
    """The end of the way: the archive commits article and visit together, with their batch."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(NewsSpider.of(crawler).recorder)

    def process_article(self, article: FetchedArticle) -> None:
        self.recorder.settle(article.visit, _STORED, article)
