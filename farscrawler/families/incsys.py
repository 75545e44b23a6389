"""Incsys: the ASP.NET engine of Fars-Online and its sister sites; article pages in three skins, and print pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.families.incsys_print import dissect_print
from farscrawler.families.incsys_skins import Parts, worn
from farscrawler.parsing.document import is_closed
from farscrawler.parsing.furniture import after_label, article_text
from farscrawler.parsing.lines import Lines, block_lines, inline_text
from farscrawler.parsing.links import MANY_LINKS, linked_articles
from farscrawler.parsing.markup import figure_caption, finder, first_text, has_class, images, labels, last_label
from farscrawler.parsing.page import CUT_OFF, Anatomy, NoArticle

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.items import Image
    from farscrawler.parsing.document import Document

_SHORT_LINK = finder("descendant::input[@id='ctl00_ContentPlaceHolder1_litUrlShort']")
_OWN_ADDRESS = finder(
    "descendant::link[@rel='canonical'] | descendant::meta[@property='og:url'] | descendant::form[@action]",
)
_IMAGE_BOX = "image-news"
# Boxes of the engine that a text container may hold, none of them text.
_APART_CLASSES = (_IMAGE_BOX, "also-read", "sign-in-social", "comment-write", "comment-info", "comment-list")


def dissect(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article or print page of this engine, or what the page is instead."""
    parts = worn(page.root, page.text)
    if parts is not None:
        return _noted(page, _dissect_article(page, parts), parts.skin)
    if page.form == "print":
        return _noted(page, dissect_print(page), "the lines of the print page")
    return _without_skin(page)


def _noted(page: Document, found: Anatomy | NoArticle, where: str) -> Anatomy | NoArticle:
    if page.evidence is not None and isinstance(found, Anatomy):
        page.evidence.took_all(found, where)
    return found


def _dissect_article(page: Document, parts: Parts) -> Anatomy | NoArticle:
    headline, published = inline_text(parts.headline), inline_text(parts.published)
    if not is_closed(page.text):
        return NoArticle("failed", f"{CUT_OFF}: page not closed")
    if parts.headline is None and published is not None and inline_text(parts.body) is not None:
        return NoArticle("not-article", "unknown layout")
    if headline is None:
        return NoArticle("missing", "empty template")
    if published is None:
        return NoArticle("not-article", "no timestamp")
    own_id = _own_id(page)
    lines = Lines([], {})
    pictures: tuple[Image, ...] = ()
    if parts.body is not None:
        apart = [*parts.apart, *parts.body.iter("figure")]
        lines = block_lines(parts.body, apart, _APART_CLASSES)
        pictures = images(parts.body.iter("img"), page.publisher.base_url + "/", _caption)
    text = article_text(lines, page.publisher, own_id or page.article_id)
    return Anatomy(
        headline=headline,
        kicker=inline_text(parts.kicker),
        published_text=published,
        lead=inline_text(parts.lead),
        paragraphs=text.texts,
        section=last_label(parts.section),
        tags=labels(parts.tags),
        images=pictures,
        permalink=_permalink(page.root, lines),
        article_id=own_id,
        warnings=text.warnings,
    )


def _permalink(root: Element, lines: Lines) -> str | None:
    """Return the short link as printed: the value of its field, or what follows its label in the text."""
    for field in _SHORT_LINK(root):
        value = (field.get("value") or "").strip()
        if value:
            return value
    return next(filter(None, (after_label(text, "لینک کوتاه:") for text in lines.texts)), None)


def _own_id(page: Document) -> str | None:
    """Return the id that the page itself says it is, from its short link or one of its own addresses."""
    addresses = [field.get("value") for field in _SHORT_LINK(page.root)]
    addresses += [e.get("href") or e.get("content") or e.get("action") for e in _OWN_ADDRESS(page.root)]
    for address in filter(None, addresses):
        try:
            absolute = urljoin(page.publisher.base_url + "/", address.strip())
        except ValueError:
            continue
        article_id = page.publisher.article_id(absolute)
        if article_id is not None:
            return article_id
    return None


def _caption(picture: Element) -> str | None:
    """Return what the page prints under a picture; the ``alt`` text is not printed."""
    for parent in picture.iterancestors("div"):
        if has_class(parent, _IMAGE_BOX):
            return inline_text(parent)
    return figure_caption(picture)


def _without_skin(page: Document) -> NoArticle:
    """Say what a page in none of the skins is; of an unknown layout the print page may still be read."""
    if not is_closed(page.text):
        return NoArticle("failed", "unfinished page")
    own_id = _own_id(page)
    if own_id is not None and own_id == page.article_id:
        if first_text(page.root.iter("h1")) is None:
            return NoArticle("missing", "empty template")
        return NoArticle("not-article", "unknown layout")
    if len(linked_articles(page.root, page.publisher, page.url)) >= MANY_LINKS:
        return NoArticle("not-article", "list of articles")
    return NoArticle("not-article", "no headline and timestamp")
