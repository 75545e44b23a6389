"""What no reader of a page sees: hidden boxes, unless they are the page itself, which a script shows in time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.css import Index

_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "noscript", "template", "head"})
# A text that is hidden is the page's own where it is half of all paragraphs and a fifth of all that is there.
_PART = 5


def unseen(index: Index) -> set[Element]:
    """Return the elements that no reader sees: ``hidden``, ``display:none``, ``visibility:hidden``, headings for none.

    What holds most of the page's text is seen all the same, once a script has shown it: many pages hide themselves
    until they are loaded.
    """
    found = {one for one in index.attributed("hidden") if (one.get("hidden") or "").lower() != "until-found"}
    found |= {one for one in index.attributed("style") if _UNSEEN.search(one.get("style") or "")}
    found |= {one for one in index.attributed("aria-hidden") if (one.get("aria-hidden") or "").lower() == "true"}
    found = {one for one in found if one.tag not in ("html", "body", "script", "style", "meta", "link")}
    if not found:
        return found
    lengths, paragraphs = _lengths(index.root)
    whole, in_paragraphs = lengths[index.root], paragraphs[index.root]

    def is_the_page(element: Element) -> bool:
        length = lengths[element]
        return 2 * length >= whole or (2 * paragraphs[element] >= in_paragraphs > 0 and _PART * length >= whole)

    return {one for one in found if not is_the_page(one)}


def _lengths(root: Element) -> tuple[dict[Element, int], dict[Element, int]]:
    """Return the number of letters in each element that a reader may see, and of those in its paragraphs.

    All of them in one pass: a page may hide a box in every other one.
    """
    lengths: dict[Element, int] = {}
    paragraphs: dict[Element, int] = {}
    for one in reversed(list(root.iter("*"))):
        inner = [child for child in one if child in lengths]
        length = sum(lengths[child] for child in inner) + sum(_letters_in(child.tail) for child in one)
        length += _letters_in(one.text)
        lengths[one] = 0 if one.tag in _SILENT else length
        paragraphs[one] = sum(paragraphs[child] for child in inner) + (lengths[one] if one.tag == "p" else 0)
    return lengths, paragraphs


def _letters_in(text: str | None) -> int:
    return sum(map(len, text.split())) if text else 0
