"""The text of an article: its box, and the lines in it that are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.extract.boilerplate import Paragraphs, article_text
from farscrawler.extract.css import ancestors
from farscrawler.extract.lines import Lines, block_lines
from farscrawler.extract.selection import CAPTION_BOX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.selection import Desk

_PICTURES = ("img", "picture", "video", "iframe", "audio")
_TABLE_OR_QUOTE = ("table", "blockquote", "pre")


@dataclass(frozen=True, slots=True)
class Story:
    """The boxes of a text, ``box`` the first of them even where none holds a text, and their lines."""

    box: Element | None = None
    parts: tuple[Element, ...] = ()
    where: str = ""
    lines: Lines = field(default_factory=lambda: Lines([], {}))

    @property
    def texts(self) -> bool:
        """Whether there is any text."""
        return any(self.lines.texts)


def read(desk: Desk) -> Story:
    """Find the text: of the first place that has any, the box or its parts side by side."""
    empty: Story | None = None
    taken: Story | None = None
    for source, elements in desk.places("body"):
        found = _story(desk, elements, str(source))
        if not found.texts:
            empty = empty or found
        elif taken is None:
            taken = found
            desk.took("body", found.where, _opening(found))
            if not desk.is_explained:
                break
        else:
            desk.refused("body", str(source), _opening(found), "a better trusted place has a text")
    return taken or empty or Story()


def paragraphs(desk: Desk, story: Story, article_id: str | None) -> Paragraphs:
    """Return the paragraphs of a text without the lines that are none of it."""
    return article_text(story.lines, desk.page.publisher, article_id)


def of_machine(desk: Desk, text: str, article_id: str | None) -> Paragraphs:
    """Return the paragraphs of a text that JSON-LD gives."""
    desk.took("body", "json-ld articleBody", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return article_text(Lines(lines, {}), desk.page.publisher, article_id)


def _story(desk: Desk, elements: list[Element], where: str) -> Story:
    """Return the text of the first element with any, and of the elements beside it that the same selector finds."""
    first: Story | None = None
    for element in elements:
        if element in desk.held or any(above in desk.held for above in ancestors(element)):
            continue  # the lead of a photo story, which has no other text
        parts = [one for one in elements if one is element or _continues(desk, element, one)]
        found = Story(element, tuple(parts), where, _lines(desk, parts))
        first = first or found
        if found.texts:
            return found
    return first or Story()


def _continues(desk: Desk, first: Element, other: Element) -> bool:
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
    return not any(one is not other and _heads(desk, one) for one in others)


def _heads(desk: Desk, element: Element) -> bool:
    """Whether something is, or holds, a headline or a link: what an entry of a list begins with."""
    return next(element.iter("h1", "h2", "a", "article"), None) is not None or desk.headline is element


def _lines(desk: Desk, parts: list[Element]) -> Lines:
    texts: list[str] = []
    seen: list[list[str]] = []  # many pages have a box once more, for narrow screens
    links: dict[int, str] = {}
    cells: set[int] = set()
    for part in parts:
        found = block_lines(part, _apart(desk, part))
        if found.texts in seen:
            continue
        seen.append(found.texts)
        links |= {len(texts) + i: href for i, href in found.links.items()}
        cells.update(len(texts) + i for i in found.cells)
        texts += found.texts
    return Lines(texts, links, cells)


def _apart(desk: Desk, part: Element) -> set[Element]:
    """Return what stands in a box of text and is none: pictures with captions, what is dropped, other fields."""
    apart = desk.drops | desk.held
    apart.update(desk.index.classes.get(CAPTION_BOX, ()))
    apart.update(one for one in part.iter("figure") if not _shows_text(one))
    return apart


def _shows_text(figure: Element) -> bool:
    """Whether a figure is the frame of a table or quote, as block editors make them."""
    if next(figure.iter(*_PICTURES), None) is not None:
        return False
    return next(figure.iter(*_TABLE_OR_QUOTE), None) is not None


def _opening(story: Story) -> str:
    return next(_texts(story), "")


def _texts(story: Story) -> Iterator[str]:
    return (text for text in story.lines.texts if text)
