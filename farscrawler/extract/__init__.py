"""Extract: pure functions from a page's bytes to an Article, or to the reason why it is none."""

from __future__ import annotations

from farscrawler.extract.article import fill
from farscrawler.extract.explain import Evidence
from farscrawler.extract.links import article_links, other_links
from farscrawler.extract.owner import Owner, owner_of
from farscrawler.extract.page import NoArticle, Outcome, Page, RawFields, Reason
from farscrawler.extract.reader import MAX_BODY_BYTES, read_article, read_page, walled

__all__ = [
    "MAX_BODY_BYTES",
    "Evidence",
    "NoArticle",
    "Outcome",
    "Owner",
    "Page",
    "RawFields",
    "Reason",
    "article_links",
    "fill",
    "other_links",
    "owner_of",
    "read_article",
    "read_page",
    "walled",
]
