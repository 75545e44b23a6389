"""The text of an article: its box, and the lines in it that are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.extract.boilerplate import Paragraphs, article_text
from farscrawler.extract.css import ancestors
from farscrawler.extract.lines import Lines, block_lines
from farscrawler.extract.selection import CAPTION_BOX, inner_elements

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.queries import Query
    from farscrawler.extract.selection import Selection

_PICTURES = ("img", "picture", "video", "iframe", "audio")
_TABLE_OR_QUOTE = ("table", "blockquote", "pre")


@dataclass(frozen=True, slots=True)
class BodyText:
    """The boxes of a text, ``box`` the first of them even where none holds a text, and their lines."""

    box: Element | None = None
    parts: tuple[Element, ...] = ()
    where: str = ""
    lines: Lines = field(default_factory=lambda: Lines([], {}))

    @property
    def texts(self) -> bool:
        """Whether there is any text."""
        return any(self.lines.texts)


def read_body(selection: Selection) -> BodyText:
    """Find the text: of the first place that has any, the box or its parts side by side."""
    empty: BodyText | None = None
    taken: BodyText | None = None
    for query, elements in selection.places("body"):
        found = _body_text(selection, elements, query)
        if not found.texts:
            empty = empty or found
        elif taken is None:
            taken = found
            selection.took("body", found.where, _opening(found))
            selection.stands("body", *found.parts)
            if not selection.is_explained:
                break
        else:
            selection.refused("body", str(query), _opening(found), "a better trusted place has a text")
    return taken or empty or BodyText()


def body_paragraphs(selection: Selection, text: BodyText, article_id: str | None) -> Paragraphs:
    """Return the paragraphs of a text without the lines that are none of it."""
    return article_text(text.lines, selection.page.publisher, article_id)


def machine_paragraphs(selection: Selection, text: str, article_id: str | None) -> Paragraphs:
    """Return the paragraphs of a text that JSON-LD gives."""
    selection.took("body", "json-ld articleBody", text)
    return article_text(_lines_of(text), selection.page.publisher, article_id)


def _body_text(selection: Selection, elements: list[Element], query: Query) -> BodyText:
    """Return the text of the first element with any, and of the elements beside it that the same selector finds."""
    first: BodyText | None = None
    for element in elements:
        if element in selection.held or any(above in selection.held for above in ancestors(element)):
            continue  # the lead of a photo story, which has no other text
        parts = [one for one in elements if one is element or _continues(selection, element, one)]
        found = BodyText(element, tuple(parts), str(query), _lines(selection, parts, query))
        first = first or found
        if found.texts:
            return found
    return first or BodyText()


def _continues(selection: Selection, first: Element, other: Element) -> bool:
    """Whether a box holds more of the text: it stands beside the first, or in an entry beside the first's.

    Entries are those of a live report, alike and without a headline or link of their own: those of a list have both.
    """
    entry, others = first.getparent(), other.getparent()
    if entry is None or others is None:
        return False
    if entry is others:
        return True
    alike = (entry.tag, entry.get("class")) == (others.tag, others.get("class"))
    if not alike or entry.getparent() is None or entry.getparent() is not others.getparent():
        return False
    return not any(one is not other and _heads(selection, one) for one in others)


def _heads(selection: Selection, element: Element) -> bool:
    """Whether something is, or holds, a headline or a link: what an entry of a list begins with."""
    return next(element.iter("h1", "h2", "a", "article"), None) is not None or selection.headline is element


def _lines(selection: Selection, parts: list[Element], query: Query) -> Lines:
    texts: list[str] = []
    seen: list[list[str]] = []  # many pages have a box once more, for narrow screens
    links: dict[int, str] = {}
    cells: set[int] = set()
    for part in parts:
        if query.attribute is None:
            apart = _apart(selection, part)
            found = block_lines(part, apart | inner_elements(part) if query.own_text else apart)
        else:
            found = _lines_of(part.get(query.attribute) or "")
        if found.texts in seen:
            continue
        seen.append(found.texts)
        links |= {len(texts) + i: href for i, href in found.links.items()}
        cells.update(len(texts) + i for i in found.cells)
        texts += found.texts
    return Lines(texts, links, cells)


def _lines_of(text: str) -> Lines:
    return Lines([" ".join(line.split()) for line in text.splitlines()], {})


def _apart(selection: Selection, part: Element) -> set[Element]:
    """Return what stands in a box of text and is none: pictures with captions, what is dropped, other fields."""
    apart = selection.drops | selection.held
    apart.update(selection.index.classes.get(CAPTION_BOX, ()))
    apart.update(one for one in part.iter("figure") if not _shows_text(one))
    return apart


def _shows_text(figure: Element) -> bool:
    """Whether a figure is the frame of a table or quote, as block editors make them."""
    if next(figure.iter(*_PICTURES), None) is not None:
        return False
    return next(figure.iter(*_TABLE_OR_QUOTE), None) is not None


def _opening(text: BodyText) -> str:
    return next(filter(None, text.lines.texts), "")
