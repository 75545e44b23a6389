"""Pages that are no article though they have headlines, times and texts: home pages, sections, lists, live scores.

A page is a list where most of its text stands in entries: elements beside each other, alike, each with a link and a
heading or date of its own. A home page says so by its own address. An article with a list beside it is neither.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler import timestamps
from farscrawler.extract.lines import block_lines, inline_text
from farscrawler.extract.metadata import is_jsonld, own_addresses
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.document import Document

_ARTICLE_TYPES = ("article", "newsarticle", "video.other")
_HOME_PATH = re.compile(r"/?(?:(?:fa|en|ar|ps|ku|fa-ir|home|main|default|index)(?:\.\w{2,5})?/?){0,2}", re.IGNORECASE)
_HOME_TITLE = re.compile(r"(?:صفحه (?:اصلی|نخست|اول)|home ?page)\b", re.IGNORECASE)
_SERVICE_TITLE = re.compile(
    r"حریم خصوصی|(?:قوانین|شرایط)(?: و مقررات)?(?: استفاده| سایت|$)|آرشیو|جستجو"
    r"|پیوندها|تبلیغات|about(?: us)?$|contact(?: us)?$|privacy|terms\b|cookies?\b|search\b|archives?\b"
)
_SERVICE_PATH = re.compile(
    r"/(?:about|contact|privacy|terms|policy|rules|search|archives?|tags?|category|categories|author|login|register"
    r"|sitemap|rss|live-?scores?)(?:[-_]?us)?(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
# So many entries make a list, so long is the text of a link that is a headline, and so long a teaser at most.
_ENTRIES = 5
_LEAST_LINK = 15
_MOST_OF_TEASER = 700
# More of a page's text than this in entries, and the page is a list.
_SHARE = 0.5
_LOOKED_AT = 400  # elements of an entry, and entries
_HEADINGS = 3  # of an entry
_TIME_LINE = 80  # characters; a longer line is no time
_ENTRY_TAGS = ("div", "li", "article", "section", "tr", "p", "dl", "a", "h2", "h3")
# A page of scores is short lines of names, numbers and times.
_SCORE = re.compile(r"[\d۰-۹]{1,2}\s*[:\-–]\s*[\d۰-۹]{1,2}")
_SCORES = 8
_WORDS_OF_SENTENCE = 7


def no_article(page: Document, found: RawFields) -> NoArticle | None:
    """Return that a page whose fields were found is no article, None for an article."""
    if _is_home(page, found.headline):
        return NoArticle("not-article", Reason.HOME_PAGE)
    if not _is_plain(found):
        return NoArticle("not-article", Reason.NO_TEXT)
    entries = _lines_of_entries(page.root)
    lines = [fold_label(one) for one in (*found.paragraphs, found.lead or "") if one]
    listed = sum(len(one) for one in lines if one in entries)
    if listed > _SHARE * sum(map(len, lines)):
        return NoArticle("not-article", Reason.LIST)
    return None


def says_article(page: Document) -> bool:
    """Whether a page says to machines that it is an article."""
    kinds = _og_types(page)
    if kinds:
        return kinds[0] in _ARTICLE_TYPES
    for thing in page.index.attributed("itemtype"):
        if (thing.get("itemtype") or "").lower().endswith(("newsarticle", "/article", "blogposting")):
            return next((one for one in thing.iter("*") if one.get("itemprop") == "articleBody"), None) is not None
    if any(one.get("itemprop") == "articleBody" for one in page.index.attributed("itemprop")):
        return True
    return any("NewsArticle" in (script.text or "") for script in page.index.tagged("script") if is_jsonld(script))


def is_service(page: Document, headline: str) -> bool:
    """Whether a page is one of its site's tools or rules: by its headline, or by the last part of its address.

    What is called «درباره ما» and the like, ``farscrawler.extract.front_pages`` knows.
    """
    path = urlsplit(next((one for _, one in own_addresses(page.index) if _is_split(one)), page.url)).path
    return _SERVICE_TITLE.match(fold_label(headline)) is not None or _SERVICE_PATH.search(path) is not None


def _og_types(page: Document) -> list[str]:
    return [
        (one.get("content") or "").strip().lower()
        for one in page.index.tagged("meta")
        if (one.get("property") or one.get("name") or "").strip().lower() == "og:type"
    ]


def _is_home(page: Document, headline: str) -> bool:
    """Whether a page is the first one of its site: by its own address, by the one it came from, or by its headline.

    Some systems name the home page as the address of every page; where the page came from elsewhere and says nothing
    else, or that it is an article, that is no word.
    """
    if _is_home_title(headline):
        return True
    own = next((address for _, address in own_addresses(page.index)), None)
    came_home = _is_home_address(page.url) and not _is_nobodys(page.url)
    if own is None or not _is_home_address(own):
        return own is None and came_home
    return came_home or (not says_article(page) and (_is_nobodys(page.url) or "website" in _og_types(page)))


def _is_nobodys(url: str) -> bool:
    """Whether nobody knows where a page came from."""
    return (urlsplit(url).hostname or "").endswith(".invalid")


def _is_split(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:  # a bracketed host that is no address
        return False
    return True


def _is_home_address(address: str) -> bool:
    if not _is_split(address):
        return False
    parts = urlsplit(address)
    return not re.search(r"\d", parts.query) and _HOME_PATH.fullmatch(parts.path) is not None


def _is_home_title(headline: str) -> bool:
    return _HOME_TITLE.match(fold_label(headline)) is not None


def _is_plain(found: RawFields) -> bool:
    """Whether a text has sentences, and is no table of scores and times."""
    lines = [one for one in (*found.paragraphs, found.lead or "") if one]
    scores = sum(1 for one in lines if _SCORE.search(one))
    if scores < _SCORES:
        return True
    return sum(len(one.split()) >= _WORDS_OF_SENTENCE for one in lines) > scores // 2


def _lines_of_entries(root: Element) -> set[str]:
    """Return the lines of all entries of lists on a page, as ``fold_label`` has them."""
    return {fold_label(line) for one in entries_of(root) for line in block_lines(one).texts if line}


def entries_of(root: Element) -> set[Element]:
    """Return the entries of all lists of a page: alike by name, in boxes alike by name, as in rows of a grid."""
    alike: dict[tuple[str, str, str, str], list[Element]] = {}
    for child in root.iter(*_ENTRY_TAGS):
        parent = child.getparent()
        if parent is not None:
            alike.setdefault((*_named(child), *_named(parent)), []).append(child)
    found: set[Element] = set()
    for children in alike.values():
        if len(children) < _ENTRIES:
            continue
        some = children[:_LOOKED_AT]
        entries = [one for one in some if _is_entry(one)]
        if len(entries) >= _ENTRIES and len(entries) > len(some) // 2:
            found.update(entries)
    return found


def _named(element: Element) -> tuple[str, str]:
    return str(element.tag), (element.get("class") or "").strip()


def _is_entry(element: Element) -> bool:
    """Whether an element is the entry of another page: a link that is a headline, and little else or a time too."""
    links = [one for one in islice(element.iter("a"), _LOOKED_AT) if one.get("href")]
    texts = [text for one in links if len(text := inline_text(one) or "") >= _LEAST_LINK]
    if not texts:
        return False
    text = inline_text(element) or ""
    if len(text) <= _MOST_OF_TEASER and (2 * sum(map(len, texts)) >= len(text) or _heads(element)):
        return True
    return _heads(element) and _is_dated(element)


def _heads(element: Element) -> bool:
    """Whether an entry begins with a heading that is a link."""
    headings = islice(element.iter("h1", "h2", "h3", "h4", "h5"), _HEADINGS)
    return any(next(one.iter("a"), None) is not None or _is_in_link(one) for one in headings)


def _is_in_link(heading: Element) -> bool:
    return next(heading.iterancestors("a"), None) is not None


def _is_dated(element: Element) -> bool:
    return any(
        timestamps.looks_like(text)
        for one in islice(element.iter("*"), _LOOKED_AT)
        if not len(one) and (text := (one.text or "").strip()) and len(text) <= _TIME_LINE
    )
