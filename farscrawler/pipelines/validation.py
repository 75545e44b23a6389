"""ValidationPipeline: the last warnings, the content hash, and no item without a key or a headline."""

from __future__ import annotations

from typing import Any

from scrapy.exceptions import DropItem

from farscrawler.outcomes.fetched import FetchedArticle
from farscrawler.parsing.fill import finish
from farscrawler.parsing.validation import flaw


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
