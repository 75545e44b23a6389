"""IranSamaneh: the content system of about a hundred Iranian sites; so far what yjc.ir and its nearest kin need.

The machine-readable dates of this system lie (Jalali years in ISO attributes, modification before publication), so the
visible line is read. Every block stands twice on the page, once as ``*_mobile``; class names are matched whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.parsing.document import is_closed
from farscrawler.parsing.furniture import article_text
from farscrawler.parsing.lines import Lines, block_lines, fold, inline_text
from farscrawler.parsing.links import MANY_LINKS, linked_articles
from farscrawler.parsing.markup import by_class, figure_caption, finder, first_text, images, labels
from farscrawler.parsing.page import CUT_OFF, Anatomy, NoArticle
from farscrawler.publishers.model import normal_id

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.parsing.document import Document

# Names in the order of preference; the family's sites spell them differently.
_KICKER = ("rutitr_body", "rutitr", "news_rutitr")
_HEADLINE = ("title", "title-news")
_LEAD = ("subtitle", "news-subtitle", "subtitle-news")
_BODY = ("body", "baznashr-body")
_CLASSES = frozenset(
    (
        *(*_KICKER, *_HEADLINE, *_LEAD, *_BODY, "news_pdate_c", "news_nav_title", "news_id_c"),
        *("lead_image", "news_path", "tags_title", "tags_container"),
    ),
)
_MODIFIED = finder("descendant::meta[@property='article:modified_time']")
_OWN_ADDRESS = finder("descendant::link[@rel='canonical'] | descendant::meta[@property='og:url']")
Found = dict[str, list["Element"]]


def dissect(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article page of this system, or what the page is instead."""
    root = page.root
    found = by_class(root, _CLASSES)
    headline, published = _headline(found), _after_label(found["news_pdate_c"], found)
    body = next((element for name in _BODY for element in found[name] if element.tag != "body"), None)
    if headline is None or published is None:
        return _without_article(page, frame=body is not None or headline is not None)
    if not is_closed(page.text):
        return NoArticle("failed", f"{CUT_OFF}: page not closed")
    own_id = _own_id(page, found)
    lines = block_lines(body, [*body.iter("figure")]) if body is not None else Lines([], {})
    text = article_text(lines, page.publisher, own_id or page.article_id)
    path = labels(link for element in found["news_path"] for link in element.iter("a"))
    pictures = [
        picture for element in (*found["lead_image"], body) if element is not None for picture in element.iter("img")
    ]
    return Anatomy(
        headline=headline,
        kicker=_first(found, _KICKER),
        published_text=published,
        modified_text=next((fold(meta.get("content") or "") for meta in _MODIFIED(root)), None) or None,
        lead=_first(found, _LEAD),
        paragraphs=text.texts,
        section=path[-1] if path else None,
        tags=labels(link for name in ("tags_title", "tags_container") for e in found[name] for link in e.iter("a")),
        images=images(pictures, page.publisher.base_url + "/", figure_caption),
        article_id=own_id,
        warnings=text.warnings,
    )


def _first(found: Found, names: tuple[str, ...]) -> str | None:
    return next(filter(None, (first_text(found[name]) for name in names)), None)


def _headline(found: Found) -> str | None:
    """Return the h1 of a title, which stands in an element of that class, around one, or is one itself."""
    for name in _HEADLINE:
        for element in found[name]:
            inside = next(element.iter("h1"), None)
            heading = inside if inside is not None else next(element.iterancestors("h1"), None)
            text = inline_text(heading)
            if text is not None:
                return text
    return first_text(found["title-news"])


def _after_label(elements: list[Element], found: Found) -> str | None:
    """Return the text of the first element that has any beside its label."""
    return next(filter(None, (inline_text(element, found["news_nav_title"]) for element in elements)), None)


def _own_id(page: Document, found: Found) -> str | None:
    """Return the id that the page says it is: its address for machines, or the news code in Persian digits."""
    for element in _OWN_ADDRESS(page.root):
        article_id = page.publisher.article_id(element.get("href") or element.get("content") or "")
        if article_id is not None:
            return article_id
    return normal_id(_after_label(found["news_id_c"], found))


def _without_article(page: Document, *, frame: bool) -> NoArticle:
    if not is_closed(page.text):
        return NoArticle("failed", "unfinished page")
    if len(linked_articles(page.root, page.publisher, page.url)) >= MANY_LINKS and not frame:
        return NoArticle("not-article", "list of articles")
    return NoArticle("missing", "empty template") if frame else NoArticle("not-article", "no headline and timestamp")
