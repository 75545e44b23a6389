"""The block-level lines of any markup, in one iterative pass over an lxml tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lxml.etree import _Element as Element

_BLOCK_NAMES = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol option p pre section summary
    table tbody td tfoot th thead tr ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
# Their text is never what a reader reads as the page's text.
_SILENT_NAMES = """
    applet area audio canvas datalist embed head iframe map math noembed noframes noscript object script select
    style svg template textarea title video
"""
_SILENT = frozenset(_SILENT_NAMES.split())
# A block that holds one of these (or something silent, but for comments) shows something and is no blank line.
_UNBLANK = frozenset({"img", "input", "button", "hr"})
_TEXT_FIELDS = frozenset({"", "text", "url"})
_CELLS = frozenset({"td", "th"})
# A card of a list that is one link has some thirty elements.
_LABEL_ELEMENTS = 100
_BREAK = re.compile(r"\r\n?|\n")
_ASCII_SPACE = " \t\n\r\f\v"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines in order, ``""`` for a visible blank one.

    ``links``: the href of each line (by index) that is all link; ``cells``: the lines that stand beside others in a
    row of a table.
    """

    texts: list[str]
    links: Mapping[int, str]
    cells: Collection[int] = ()


class _Pen:
    """The lines written so far, and the one being written."""

    __slots__ = (
        "_anchor",
        "_href",
        "_loose",
        "_opened",
        "_parts",
        "_pre",
        "_rows",
        "_shown",
        "cells",
        "links",
        "texts",
    )

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.links: dict[int, str] = {}
        self.cells: set[int] = set()
        self._rows: list[bool] = []  # of each open cell, whether others stand in its row
        self._parts: list[str] = []
        self._anchor: str | None = None  # href of the link that the walk is in
        self._href: str | None = None  # href of the link that all of the line stands in so far
        self._loose = False  # some of the line stands outside that link
        self._pre = 0
        self._shown = 0  # lines written, and things seen that are none
        self._opened: list[int] = []  # the same number when each open block began

    def enter(self, element: Element, tag: str) -> None:
        if tag in BLOCKS:
            if self._parts:
                self.end()
            if tag == "pre":
                self._pre += 1
            elif tag in _CELLS:
                self._rows.append(_has_neighbour(element))
            self._opened.append(self._shown)
        elif tag == "br":
            self.end(hard=True)
        elif tag == "a":
            self._anchor = element.get("href", "")
        if tag in _UNBLANK:
            self._shown += 1

    def hide(self) -> None:
        """Note something that has no text here, but is not nothing."""
        self._shown += 1

    def leave(self, tag: str) -> None:
        if tag in BLOCKS:
            if self._parts:
                self.end()
            if self._opened.pop() == self._shown:  # a block with nothing in it is a visible blank line
                self.texts.append("")
                self._shown += 1
            if tag == "pre":
                self._pre -= 1
            elif tag in _CELLS:
                self._rows.pop()
        elif tag == "a":
            self._anchor = None

    def write(self, text: str) -> None:
        if self._pre and ("\n" in text or "\r" in text):
            first, *others = _BREAK.split(text)
            self._add(first)
            for other in others:
                self.end(hard=True)
                self._add(other)
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        if not text.strip(_ASCII_SPACE):
            if self._parts:  # before a line it is only the source's indentation
                self._parts.append(" ")
            return
        self._parts.append(text)
        if self._loose or text.isspace():
            return
        if self._anchor is None or self._href not in (None, self._anchor):
            self._loose = True
        else:
            self._href = self._anchor

    def end(self, *, hard: bool = False) -> None:
        """End the line; a soft end leaves a blank line only where the markup printed a space (``&nbsp;``)."""
        raw = "".join(self._parts)
        text = fold_blanks(raw)
        if text:
            if self._href is not None and not self._loose:
                self.links[len(self.texts)] = self._href
            if self._rows and self._rows[-1]:
                self.cells.add(len(self.texts))
            self.texts.append(text)
            self._shown += 1
        elif hard or "\u00a0" in raw:
            self.texts.append("")
            self._shown += 1
        self._parts.clear()
        self._href, self._loose = None, False


def block_lines(
    root: Element,
    skip: Collection[Element] = (),
    skip_classes: Collection[str] = (),
    *,
    fields: bool = False,
) -> Lines:
    """Return the lines a reader sees in an element, without those of ``skip`` and of elements of ``skip_classes``.

    Block elements break lines, ``br`` ends one, inline elements do neither; a line break of the source is
    whitespace except in ``pre``. An empty block is a visible blank line, as are ``<br><br>`` and ``<p>&nbsp;</p>``.
    Script, style, comments and the like have no text; ``fields``: an address in a text field is text.
    """
    pen = _Pen()
    # Elements to open, or (in second place) to close: a stack of our own, since pages may nest without limit.
    stack: list[tuple[Element, bool]] = [(root, False)]
    while stack:
        element, closing = stack.pop()
        tag = element.tag
        if closing:
            pen.leave(tag)
        elif _reads(element, tag, skip, skip_classes):
            pen.enter(element, tag)
            text = element.text
            if text:
                pen.write(text)
            elif fields and tag == "input":
                pen.write(_address(element))
            if len(element):
                stack.append((element, True))
                stack.extend([(child, False) for child in reversed(element)])
                continue
            pen.leave(tag)
        else:
            if isinstance(tag, str):
                pen.hide()
            if tag in BLOCKS:
                pen.end()  # what is left out still stands between the lines around it
        tail = element.tail
        if tail and element is not root:
            pen.write(tail)
    pen.end()
    return Lines(pen.texts, pen.links, pen.cells)


def inline_text(element: Element | None, skip: Collection[Element] = ()) -> str | None:
    """Return the text of an element on one line, None when it is absent or holds nothing."""
    if element is None:
        return None
    return " ".join(filter(None, block_lines(element, skip).texts)) or None


def label_text(element: Element) -> str:
    """Return the text of a link or a mark on one line, empty where it holds more elements than a label has.

    Links within links would be read again and again otherwise: a thousand of them nest in a small page.
    """
    if next(islice(element.iter(), _LABEL_ELEMENTS, None), None) is not None:
        return ""
    return inline_text(element) or ""


def _has_neighbour(cell: Element) -> bool:
    """Whether a cell of a table stands beside another one; a table of one column is often no more than layout."""
    return cell.getnext() is not None or cell.getprevious() is not None


def _address(field: Element) -> str:
    """Return the address that a field for text shows, ``""`` when it shows none."""
    value = field.get("value", "") if field.get("type", "").lower() in _TEXT_FIELDS else ""
    return value if "//" in value else ""


def _reads(element: Element, tag: object, skip: Collection[Element], skip_classes: Collection[str]) -> bool:
    """Whether an element's text is read; comments and processing instructions have a function for a tag."""
    if tag in _SILENT or not isinstance(tag, str) or (skip and element in skip):
        return False
    if not skip_classes:
        return True
    names = element.get("class")
    return names is None or not any(name in skip_classes for name in names.split())
