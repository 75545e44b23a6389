"""HeadlinePipeline: kicker, headline, subtitle."""

from __future__ import annotations

from typing import Any

from farscrawler.outcomes.fetched import FetchedArticle
from farscrawler.parsing.fill import fill_headline


class HeadlinePipeline:
    """Fill kicker (روتیتر), headline (تیتر) and subtitle (زیرتیتر) of an article from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_headline(item, item.page)
        return item
