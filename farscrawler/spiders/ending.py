"""Whether a crawl is ending, for whatever waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.spiders.news import NewsSpider
from farscrawler.spiders.site_client import OnePageSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def is_ending(crawler: Crawler) -> bool:
    """Whether a crawl is ending, so that nothing is waited for any more; never for `scrapy shell`, which runs none."""
    spider = crawler.spider
    if isinstance(spider, NewsSpider) and hasattr(spider, "recorder") and spider.recorder.stopping:
        return True
    return isinstance(spider, (NewsSpider, OnePageSpider)) and not crawler.crawling
