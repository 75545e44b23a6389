"""LeadPipeline: dateline and lead."""

from __future__ import annotations

from typing import Any

from farscrawler.outcomes.fetched import FetchedArticle
from farscrawler.parsing.fill import fill_lead


class LeadPipeline:
    """Fill dateline and lead (لید) from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_lead(item, item.page)
        return item
