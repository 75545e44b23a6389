"""The text of a page of no known system: where the page says it is, or else the main part of the page.

readability-lxml says which elements are the main part. The lines are read from the page itself, so that short lists,
small tables and headings that it throws away stay where they stand between paragraphs.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from farscrawler import timestamps
from farscrawler.extract.body import BodyText, read_body
from farscrawler.extract.css import ancestors
from farscrawler.extract.document import parse
from farscrawler.extract.lines import Lines, block_lines
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from farscrawler.extract.general_selection import GeneralSelection

# Of the extractors tried on the 23 pages with known texts that newspaper4k ships, readability-lxml had the best mean F1
# of words (0.956; trafilatura 0.925, resiliparse 0.867, jusText 0.458), and on the real Persian pages at hand it kept
# every word and every ZWNJ, which trafilatura deletes.
# It says on every page which way it went.
logging.getLogger("readability").setLevel(logging.CRITICAL)
#: A text is so long, in characters; a shorter one is a teaser, unless the page says that it is an article.
LEAST_TEXT = 140
#: A text of a page that says so is so long: one sentence.
LEAST_SAID = 40
_MARK = "data-farscrawler"
# What stands between paragraphs and is text, though an extractor takes it for a menu.
_BETWEEN = frozenset({"ul", "ol", "dl", "table", "blockquote", "pre", "h2", "h3", "h4", "h5", "h6", "p"})
_PARAGRAPHS = frozenset({"p", "blockquote"})
# More of a list than this in links is a menu.
_LINKED = 0.5
# So many lines of the main part may stand above the text: headline, time, kicker, section.
_LINES_ABOVE = 8
_LEAST_PARAGRAPH = 20
# What stands above a text and is none: times, codes, counts, names of who wrote it.
_META = re.compile(
    r"(?:کد|شماره) ?(?:خبر|مطلب)\s*:|(?:تعداد )?بازدید\s*:|زمان مطالعه\s*:|(?:تاریخ|زمان|ساعت) ?(?:انتشار|خبر|درج)?\s*:"
    r"|(?:بروزرسانی|به ?روز ?رسانی|ویرایش|انتشار)\s*:"
)
_MAX_META = 120  # characters
_NO_TEXT = re.compile(r"relat|similar|suggest|popular|share|social|tags?\b|comment|author|meta", re.IGNORECASE)


def find_text(selection: GeneralSelection, known: Sequence[str | None], *, is_said: bool) -> BodyText:
    """Return the text of a page; ``known`` are lines that are read already and open it, such as the headline.

    ``is_said``: the page says that it is an article, which may then be short.
    """
    said = read_body(selection)
    if _length(said.lines) >= (LEAST_SAID if is_said else LEAST_TEXT):
        return said
    for where, find in (
        ("the main part", _main_part),
        ("the paragraphs", _paragraphs),
        ("below the headline", _below_headline),
    ):
        parts = find(selection)
        if parts is None:
            continue
        box, skip = parts
        lines = _below_known(block_lines(box, skip), known)
        if _length(lines) >= (LEAST_SAID if is_said else LEAST_TEXT):
            selection.took("body", where, next(filter(None, lines.texts), ""))
            selection.stands("body", box)
            return BodyText(box, (box,), where, lines)
    return said


def _length(lines: Lines) -> int:
    return sum(len(text) for i, text in enumerate(lines.texts) if i not in lines.links)


def _main_part(selection: GeneralSelection) -> tuple[Element, set[Element]] | None:
    """Return the element that holds the main part of a page, and what in it is none; None without one. Never raises."""
    from readability import Document  # noqa: PLC0415  # slow to import, and seldom needed

    source, originals = _marked_source(selection)
    try:
        markup = Document(source).summary(html_partial=True, keep_all_images=True)
    except Exception:  # noqa: BLE001  # its own Unparseable, and whatever hostile markup makes of it
        return None
    root, _ = parse(markup.encode("utf-8", "replace"))
    if root is None:
        return None
    marks = (one.get(_MARK) for one in root.iter())
    kept = {
        originals[int(mark)] for mark in marks if mark is not None and mark.isdecimal() and int(mark) < len(originals)
    }
    texts = [one for one in kept if _has_own_text(one)]
    box = _shared(texts)
    return None if box is None else (box, _not_text(selection, box, kept, texts))


def _marked_source(selection: GeneralSelection) -> tuple[str, list[Element]]:
    """Return the page's source without scripts and what is none of a text, its elements numbered, and the elements."""
    root = selection.page.root
    copy = deepcopy(root)
    originals = list(root.iter())
    for i, (element, same) in enumerate(zip(originals, [*copy.iter()], strict=True)):
        if element in selection.not_text or element.tag in ("script", "style"):
            same.clear(keep_tail=True)  # type: ignore[call-arg]  # the stubs are older than it
        elif isinstance(element.tag, str):
            same.set(_MARK, str(i))
    source: str = etree.tostring(copy, encoding="unicode", method="html")
    return source, originals


def _has_own_text(element: Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _shared(elements: Sequence[Element]) -> Element | None:
    """Return the innermost element that holds all of some elements."""
    if not elements:
        return None
    first, *others = elements
    chain = [first, *ancestors(first)]
    for other in others:
        own = {other, *ancestors(other)}
        while chain and chain[0] not in own:
            chain.pop(0)
    return chain[0] if chain else None


def _not_text(selection: GeneralSelection, box: Element, kept: set[Element], texts: Sequence[Element]) -> set[Element]:
    """Return what in the box of a text is none of it: what is dropped, pictures, and what the extractor left out.

    A list, a table, a heading or a quotation that it left out stays where it stands among the paragraphs.
    """
    order = selection.order
    last = max(order[one] for one in texts)
    holders = {above for one in kept for above in ancestors(one)}
    paragraphs = {one.getparent() for one in texts if one.tag in _PARAGRAPHS}
    skip = selection.not_text | selection.held
    stack = list(box.iterchildren("*"))
    while stack:
        one = stack.pop()
        if one in skip:
            continue
        if one.tag == "figure":
            skip.add(one)
        elif one in kept or one in holders:
            stack.extend(one.iterchildren("*"))
        elif not _is_inline(one) and not (
            one.tag in _BETWEEN and _is_text(one) and (order[one] < last or one.getparent() in paragraphs)
        ):
            skip.add(one)
    return skip


def _is_inline(element: Element) -> bool:
    return element.tag in (
        "a",
        "b",
        "strong",
        "em",
        "i",
        "span",
        "br",
        "u",
        "sup",
        "sub",
        "font",
        "small",
        "mark",
        "abbr",
    )


def _is_text(element: Element) -> bool:
    """Whether a list or table is text: it has some, little of it in links, and does not call itself otherwise."""
    if _NO_TEXT.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
        return False
    whole = len("".join(map(str, element.itertext())).strip())
    linked = sum(len("".join(map(str, one.itertext()))) for one in element.iter("a"))
    return whole > 0 and linked <= _LINKED * whole


def _paragraphs(selection: GeneralSelection) -> tuple[Element, set[Element]] | None:
    """Return the element below the headline whose own paragraphs are the longest, with what in it is no text."""
    headline = selection.headline
    at = selection.order[headline] if headline is not None else 0
    lengths: dict[Element, int] = {}
    for one in selection.index.tagged("p"):
        parent = one.getparent()
        if parent is None or selection.order[one] < at or _is_within(one, selection.not_text):
            continue
        length = len("".join(map(str, one.itertext())).strip())
        if length >= _LEAST_PARAGRAPH and _is_text(one) and not selection.is_of_others(one):
            lengths[parent] = lengths.get(parent, 0) + length
    if not lengths:
        return None
    box = max(lengths, key=lambda one: lengths[one])
    boxes = {one for one in box.iterchildren("*") if one.tag not in _BETWEEN and not _is_inline(one)}
    return box, {*selection.not_text, *selection.held, *boxes, *box.iter("figure")}


def _is_within(element: Element, others: set[Element]) -> bool:
    return any(one in others for one in (element, *ancestors(element)))


def _below_headline(selection: GeneralSelection) -> tuple[Element, set[Element]] | None:
    """Return the longest element beside the headline, or beside what it stands in, that follows it and is text."""
    if selection.headline is None:
        return None
    skip = {*selection.not_text, *selection.held, *selection.page.root.iter("figure")}
    for above in (selection.headline, *ancestors(selection.headline)):
        lengths: dict[Element, int] = {}
        for one in above.itersiblings("*"):
            if one not in skip and not selection.is_of_others(one) and _is_text(one):
                lengths[one] = _length(block_lines(one, skip))
        box = max(lengths, key=lambda one: lengths[one], default=None)
        if box is not None and lengths[box] >= LEAST_SAID:
            return box, skip
    return None


def _below_known(lines: Lines, known: Sequence[str | None]) -> Lines:
    """Return the lines of the main part without what stands above the text: what is known already, and links."""
    folded = {fold_label(line) for line in known if line}
    start = 0
    for i, line in enumerate(lines.texts[:_LINES_ABOVE]):
        if fold_label(line) in folded:
            start = i + 1
    for i, line in enumerate(lines.texts[start : start + _LINES_ABOVE], start):
        if len(line) <= _MAX_META and (_META.search(fold_label(line)) or timestamps.looks_like(line)):
            start = i + 1
    while start < len(lines.texts) and (start in lines.links or not lines.texts[start]):
        start += 1
    links = {i - start: href for i, href in lines.links.items() if i >= start}
    return Lines(lines.texts[start:], links, {i - start for i in lines.cells if i >= start})
