"""TimestampPipeline: publication and modification."""

from __future__ import annotations

from typing import Any

from farscrawler.outcomes.fetched import FetchedArticle
from farscrawler.parsing.fill import fill_timestamp


class TimestampPipeline:
    """Fill when an article was published and modified from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_timestamp(item, item.page)
        return item
