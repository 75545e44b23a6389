"""Scrapy's core stats, whose count of items is kept where the items pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.extensions.corestats import CoreStats

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


class DirectCoreStats(CoreStats):
    """Scrapy's core stats, less a listener to ``item_scraped``: for each item Scrapy makes a task for each of these.

    `DirectItemPipelineManager` counts the items, under the same name.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        core = super().from_crawler(crawler)
        crawler.signals.disconnect(core.item_scraped, signal=signals.item_scraped)
        return core
