"""FetchedArticle: an article on its way from the spider through the pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.items import Article

if TYPE_CHECKING:
    from farscrawler.outcomes.look import Look
    from farscrawler.parsing.page import Page


class FetchedArticle(Article):
    """An Article with its page and its look still attached.

    Deliberately no dataclass of its own: ``page`` and ``look`` are no fields, so no exporter and no table ever
    sees them.
    """

    page: Page
    look: Look
