"""Incsys: the ASP.NET engine of Fars-Online and its sister sites; article pages in three skins, and print pages.

Of the skins of an article page, as far as they are known, the first that a page wears is read. Skin A is known from a
real page of a sister site, 1 and 2 from a public crawler's selectors for sister sites; they were not seen as HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from farscrawler.extract.boilerplate import after_label, article_text
from farscrawler.extract.document import is_closed
from farscrawler.extract.front_pages import without_article
from farscrawler.extract.incsys_print import read_print
from farscrawler.extract.lines import Lines, block_lines, inline_text
from farscrawler.extract.links import MANY_LINKS, linked_articles
from farscrawler.extract.markup import figure_caption, first_text, has_class, images, labels, last_label
from farscrawler.extract.metadata import own_addresses
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.extract.queries import select
from farscrawler.extract.service_pages import is_service_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

    from farscrawler.extract.document import Document
    from farscrawler.extract.explain import Evidence
    from farscrawler.items import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The elements of an article page; ``body`` is the container of its text, ``apart`` what in it is none."""

    body: Element | None
    headline: Element | None
    published: Element | None
    kicker: Element | None = None
    section: Element | None = None
    lead: Element | None = None
    tags: list[Element] = field(default_factory=list)
    apart: list[Element] = field(default_factory=list)
    skin: str = ""


@dataclass(frozen=True, slots=True)
class Skin:
    """A skin: words one of which a source must hold (it spares vain searches), and the search for its parts."""

    marks: tuple[str, ...]
    parts: Callable[[Element], Parts | None]
    name: str


def _skin_a(root: Element) -> Parts | None:
    bodies, headlines = select("div.main-news", root), select("h1.title-news", root)
    if not bodies and not headlines:
        return None
    body = bodies[0] if bodies else None
    headline = headlines[0] if headlines else None
    found: dict[str, Element] = {}
    # The frame's classes are used again below the body (kicker) and in other boxes (section path): only what stands
    # in the article's own box and above its body is the article's.
    for element in _box(headline if headline is not None else body, root).iter("span", "div"):
        if element is body:
            break
        names = (element.get("class") or "").split()
        for name in ("category", "date-created", "section-name"):
            if name in names and name not in found and "".join(map(str, element.itertext())).strip():
                found[name] = element
    return Parts(
        body=body,
        headline=headline,
        published=found.get("date-created"),
        kicker=found.get("category"),
        section=found.get("section-name"),
    )


def _box(inner: Element | None, root: Element) -> Element:
    if inner is not None:
        for parent in inner.iterancestors("div"):
            if parent.get("id") == "content-news" or has_class(parent, "section-category"):
                return parent
    return root


def _skin_1(root: Element) -> Parts | None:
    for article in select("article.status-publish, article.boxcolor", root):
        bodies = select(".entry-content", article)
        if bodies:  # lists show teasers in the same element, without a text
            return Parts(
                body=bodies[0],
                headline=next(iter(select(".the_title", article)), None),
                published=next(iter(select(".entry-meta ul > li:first-child", article)), None),
                section=next(iter(select(".entry-cat", article)), None),
                tags=select("[rel~=tag]", article),
            )
    return None


_2_PUBLISHED = ".article-info > dd:nth-child(2)"


def _skin_2(root: Element) -> Parts | None:
    boxes = select("#ctl00_ContentPlaceHolder1_divNews", root)
    if not boxes:
        return None
    box = boxes[0]
    headline = next(box.iter("h1"), None)
    kicker = next(box.iter("h2", "h1"), None)
    if kicker is not None and kicker.tag == "h1":
        kicker = None  # an h2 below the headline is a heading of the text
    lead = next(iter(select(".newslid", box)), None)
    published = next(iter(select(_2_PUBLISHED, box) or select(_2_PUBLISHED, root)), None)
    apart = [element for element in (headline, kicker, lead) if element is not None]
    return Parts(
        body=box,
        headline=headline,
        published=published,
        kicker=kicker,
        lead=lead,
        apart=[*apart, *select(".article-info", box)],
    )


SKINS = (
    Skin(("title-news", "main-news"), _skin_a, "skin A"),
    Skin(("entry-content",), _skin_1, "skin 1"),
    Skin(("ContentPlaceHolder1_divNews",), _skin_2, "skin 2"),
)


def worn(root: Element, source: str) -> Parts | None:
    """Return the parts of the article page in the first skin that it wears, None when it wears none.

    A page may hold single elements of another skin, in a box of its frame: a skin with headline and body goes first.
    """
    first: Parts | None = None
    for skin in SKINS:
        if any(mark in source for mark in skin.marks):
            parts = skin.parts(root)
            if parts is not None:
                parts = replace(parts, skin=skin.name)
            if parts is not None and parts.body is not None and parts.headline is not None:
                return parts
            first = first or parts
    return first


_SHORT_LINK = "input#ctl00_ContentPlaceHolder1_litUrlShort"
_IMAGE_BOX = "image-news"
# Boxes of the engine that a text container may hold, none of them text.
_APART_CLASSES = (_IMAGE_BOX, "also-read", "sign-in-social", "comment-write", "comment-info", "comment-list")


def read_fields(page: Document) -> RawFields | NoArticle:
    """Return the raw parts of an article or print page of this engine, or what the page is instead."""
    parts = worn(page.root, page.text)
    if parts is not None:
        return _noted(page, _read_article(page, parts), parts.skin)
    if page.form == "print":
        return _noted(page, read_print(page), "the lines of the print page")
    return _without_skin(page)


def _noted(page: Document, found: RawFields | NoArticle, where: str) -> RawFields | NoArticle:
    if page.evidence is not None and isinstance(found, RawFields):
        _note_all(page.evidence, found, where)
    return found


def _note_all(evidence: Evidence, raw: RawFields, where: str) -> None:
    """Note that every field of an article was taken from one place."""
    for one in fields(raw):
        value = getattr(raw, one.name)
        if value and isinstance(value, str):
            evidence.took(one.name, where, value)
    for name, values in (("body", raw.paragraphs), ("tags", raw.tags)):
        if values:
            evidence.took(name, where, values[0])


def _read_article(page: Document, parts: Parts) -> RawFields | NoArticle:
    headline, published = inline_text(parts.headline), inline_text(parts.published)
    if not is_closed(page.text):
        return NoArticle("failed", Reason.CUT_OFF, "page not closed")
    if parts.headline is None and published is not None and inline_text(parts.body) is not None:
        return NoArticle("not-article", Reason.UNKNOWN_LAYOUT)
    if headline is None:
        return without_article(page, frame=True)
    if is_service_page(headline, last_label(parts.section), page.publisher):
        return NoArticle("not-article", Reason.SERVICE_PAGE)
    if published is None:
        return NoArticle("not-article", Reason.NO_TIMESTAMP)
    own_id = _own_id(page)
    lines = Lines([], {})
    pictures: tuple[Image, ...] = ()
    if parts.body is not None:
        apart = [*parts.apart, *parts.body.iter("figure")]
        lines = block_lines(parts.body, apart, _APART_CLASSES)
        pictures = images(parts.body.iter("img"), page.base, _caption)
    text = article_text(lines, page.publisher, own_id or page.article_id)
    return RawFields(
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
    for entry in select(_SHORT_LINK, root):
        value = (entry.get("value") or "").strip()
        if value:
            return value
    return next(filter(None, (after_label(text, "لینک کوتاه:") for text in lines.texts)), None)


def _own_id(page: Document) -> str | None:
    """Return the id that the page itself says it is, from its short link or one of its own addresses."""
    addresses = [field.get("value") for field in select(_SHORT_LINK, page.root)]
    addresses += [address for _, address in own_addresses(page.index)]
    addresses += [form.get("action") for form in page.root.iter("form")]
    for address in filter(None, addresses):
        article_id = page.publisher.article_id(page.absolute(address))
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
    """Return what a page in none of the skins is; of an unknown layout the print page may still be read."""
    if not is_closed(page.text):
        return NoArticle("failed", Reason.UNFINISHED)
    own_id = _own_id(page)
    if own_id is not None and own_id == page.article_id:
        if first_text(page.root.iter("h1")) is None:
            return NoArticle("missing", Reason.EMPTY_TEMPLATE)
        return NoArticle("not-article", Reason.UNKNOWN_LAYOUT)
    if len(linked_articles(page.root, page.publisher, page.url)) >= MANY_LINKS:
        return NoArticle("not-article", Reason.LIST)
    return NoArticle("not-article", Reason.NO_HEADLINE_AND_TIMESTAMP)
