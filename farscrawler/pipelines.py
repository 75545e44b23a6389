"""The archive pipeline: a finished article goes to the ledger, visit and article together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem, NotConfigured

from farscrawler.extensions.run import Run
from farscrawler.extract.article import fill_body, fill_headline, fill_lead, fill_timestamp, finish, flaw
from farscrawler.frontier.base import crawls_news
from farscrawler.outcomes.judge import FetchedArticle, Verdict

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


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


# BodyPipeline: body, section, agency, authors, tags, images, permalink.
class BodyPipeline:
    """Fill the body and what stands around it from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_body(item, item.page)
        return item


# HeadlinePipeline: kicker, headline, subtitle.
class HeadlinePipeline:
    """Fill kicker (روتیتر), headline (تیتر) and subtitle (زیرتیتر) of an article from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_headline(item, item.page)
        return item


# LeadPipeline: dateline and lead.
class LeadPipeline:
    """Fill dateline and lead (لید) from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_lead(item, item.page)
        return item


# TimestampPipeline: publication and modification.
class TimestampPipeline:
    """Fill when an article was published and modified from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_timestamp(item, item.page)
        return item


# ValidationPipeline: the last warnings, the content hash, and no item without a key or a headline.
class ValidationPipeline:
    """Finish an article whose fields are filled."""

    def process_item(self, item: Any) -> Any:
        """Finish an article; DropItem for one that cannot be stored. Whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            problem = flaw(item)
            if problem is not None:
                raise DropItem(f"{item.publisher} {item.article_id}: {problem}")
            finish(item, item.page)
        return item
