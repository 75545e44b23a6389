"""The print page: its tags are unknown, so it is read from the sequence of its block-level lines, whatever the markup.

Two lines cannot be mistaken, the timestamp and the permalink; everything else is placed by them. Every line but the
headline and these two may be absent. Source: the site's own print page and the stored text of two others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.parsing import headline
from farscrawler.parsing.document import is_closed
from farscrawler.parsing.furniture import article_text, is_tool, trim_blanks
from farscrawler.parsing.lead import split_dateline
from farscrawler.parsing.lines import Lines, block_lines
from farscrawler.parsing.links import MANY_LINKS, linked_articles
from farscrawler.parsing.page import CUT_OFF, Anatomy, NoArticle
from farscrawler.persian import comparable
from farscrawler.publishers.model import normal_id
from farscrawler.timestamps import looks_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.parsing.document import Document
    from farscrawler.publishers import Publisher

# The permalink is printed raw: its slug may hold quotes, spaces and slashes.
_PERMALINK = re.compile(r"(?:https?:)?//([^/\s]+)(?:/[a-z]{2})?/(?:news|print)/(\d+)(?:/(.*))?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?:)?//([^/\s]+)")
_DIGIT = re.compile(r"\d")  # most lines have none, and are spared the longer look
_MAX_NAME = 60  # no site's name is so long; headlines mostly are, and need no comparing
# More lines than these above a timestamp are no headings but a page of another kind.
_MAX_HEADINGS = 8
# An agency's line stands alone under the timestamp, above the lead: «خبرگزاری مهر». Words that only agencies begin
# with are enough; any other short line counts only when a dateline opens the next one.
_AGENCY = re.compile(r"(?:خبرگزاری|پایگاه خبری|باشگاه خبرنگاران|سایت خبری|شبکه خبری) (?!ها\b|های\b)\S+(?: \S+){0,2}")
_AGENCIES = frozenset(map(comparable, ("ایسنا", "ایرنا", "ایلنا", "ایکنا", "ایمنا", "تسنیم", "مهر", "فارس", "برنا")))
_MAX_AGENCY_WORDS = 5
_SENTENCE_ENDS = (".", ":", "؟", "!", "،", "؛")


@dataclass(frozen=True, slots=True)
class Permalink:
    """Where the permalink line stands, what it says, and the id and raw slug in it."""

    index: int
    text: str
    article_id: str
    slug: str | None


def dissect_print(page: Document) -> Anatomy | NoArticle:
    """Return the parts of a print page; ``failed`` when it is cut off before its permalink has been printed whole."""
    publisher = page.publisher
    lines = block_lines(page.root)
    texts = lines.texts
    names = frozenset(map(comparable, publisher.site_names))
    above = _above_text(texts, names)
    if above is None:
        return _without_article(page, texts, names)
    headings, clock = above
    permalink = _permalink(texts, clock, publisher, page.article_id)
    if permalink is None:
        return _without_permalink(page)
    if permalink.index == len(texts) - 1 and not page.text.rstrip().endswith(">"):
        return NoArticle("failed", f"{CUT_OFF}: in the permalink")
    placed = headline.place(headings, permalink.slug)
    shift = clock + 1
    between = Lines(
        texts[shift : permalink.index],
        {i - shift: href for i, href in lines.links.items() if clock < i < permalink.index},
    )
    text = article_text(between, publisher, permalink.article_id)
    agency, paragraphs = _agency(text.texts, publisher)
    return Anatomy(
        headline=placed.headline,
        kicker=placed.kicker,
        published_text=texts[clock],
        paragraphs=paragraphs,
        agency=agency,
        permalink=permalink.text,
        article_id=permalink.article_id,
        warnings=(*placed.warnings, *text.warnings),
    )


def _above_text(texts: Sequence[str], names: frozenset[str]) -> tuple[list[str], int] | None:
    """Return the headings and the index of the timestamp line below them.

    Site names and buttons are no headings, and neither is a date above all of them: it is today's.
    """
    headings: list[str] = []
    for i, text in enumerate(texts):
        dated = _DIGIT.search(text) is not None and looks_like(text)
        if dated and headings:
            return headings, i
        if dated or not text or (len(text) <= _MAX_NAME and comparable(text) in names) or is_tool(text):
            continue
        headings.append(text)
        if len(headings) > _MAX_HEADINGS:
            return None
    return None


def _permalink(texts: Sequence[str], clock: int, publisher: Publisher, wanted: str | None) -> Permalink | None:
    """Return the last line below the timestamp that is an address; that of the article asked for goes first."""
    last: Permalink | None = None
    for i in range(len(texts) - 1, clock, -1):
        found = _PERMALINK.match(texts[i])
        if found is None or found[1].lower() not in publisher.hosts:
            continue
        article_id = normal_id(found[2])
        if article_id is None:
            continue
        permalink = Permalink(i, texts[i], article_id, found[3])
        if wanted is None or article_id == wanted:
            return permalink
        last = last or permalink
    return last


def _agency(paragraphs: tuple[str, ...], publisher: Publisher) -> tuple[str | None, tuple[str, ...]]:
    """Split the agency's line from the paragraphs below it."""
    if not paragraphs:
        return None, paragraphs
    first, rest = paragraphs[0], trim_blanks(paragraphs[1:])
    words = len(first.split())
    if words > _MAX_AGENCY_WORDS or first.endswith(_SENTENCE_ENDS) or split_dateline(first, publisher.datelines):
        return None, paragraphs
    plain = comparable(first)
    above_dateline = bool(rest) and split_dateline(rest[0], publisher.datelines) is not None
    if above_dateline or plain in _AGENCIES or _AGENCY.fullmatch(plain):
        return first, rest
    return None, paragraphs


def _without_permalink(page: Document) -> NoArticle:
    if is_closed(page.text) and len(linked_articles(page.root, page.publisher, page.url)) >= MANY_LINKS:
        return NoArticle("not-article", "list of articles")
    return NoArticle("failed", f"{CUT_OFF}: no permalink")


def _is_address(text: str, page: Document) -> bool:
    """Whether a line is an address of the site, such as the permalink of a template without an article."""
    found = _ADDRESS.match(text)
    return found is not None and found[1].lower() in page.publisher.hosts


def _without_article(page: Document, texts: Sequence[str], names: frozenset[str]) -> NoArticle:
    """Tell an empty template from a page cut off before its timestamp, and from another page."""
    said = [text for text in texts if text]
    if not is_closed(page.text) and not (said and is_tool(said[-1])):
        return NoArticle("failed", "unfinished page")
    if all(comparable(text) in names or is_tool(text) or _is_address(text, page) or looks_like(text) for text in said):
        return NoArticle("missing", "empty template")
    return NoArticle("not-article", "no headline and timestamp")
