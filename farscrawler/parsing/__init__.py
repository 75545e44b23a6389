"""Parsing: pure functions from a page's bytes to an article's fields."""

from __future__ import annotations

from farscrawler.parsing.fill import fill
from farscrawler.parsing.links import article_links
from farscrawler.parsing.page import Anatomy, NoArticle, Page
from farscrawler.parsing.recognise import MAX_BODY_BYTES, recognise, walled

__all__ = ["MAX_BODY_BYTES", "Anatomy", "NoArticle", "Page", "article_links", "fill", "recognise", "walled"]
