"""BodyPipeline: body, section, agency, authors, tags, images, permalink."""

from __future__ import annotations

from typing import Any

from farscrawler.outcomes.fetched import FetchedArticle
from farscrawler.parsing.fill import fill_body


class BodyPipeline:
    """Fill the body and what stands around it from its page."""

    def process_item(self, item: Any) -> Any:
        """Fill an article; whatever else a spider yields passes through."""
        if isinstance(item, FetchedArticle):
            fill_body(item, item.page)
        return item
