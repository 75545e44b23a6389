"""Parsing: pure functions from a page's bytes to an article's fields."""

from __future__ import annotations

from farscrawler.extract.article import fill
from farscrawler.extract.links import article_links
from farscrawler.extract.page import Anatomy, NoArticle, Page
from farscrawler.extract.reader import MAX_BODY_BYTES, recognise, walled

__all__ = ["MAX_BODY_BYTES", "Anatomy", "NoArticle", "Page", "article_links", "fill", "recognise", "walled"]
