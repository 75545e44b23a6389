"""The selector of the text: the box that holds on every page what is the page's own of what the general rules read."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.drafts.fields import FieldDraft
from farscrawler.drafts.places import Place, found_by, places_of
from farscrawler.drafts.sample import FIELDS, shared_lines
from farscrawler.extract.lines import block_lines
from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.drafts.sample import Sample

#: Boxes of one page, and places of one box, that are tried on every page.
_BOXES, _PLACES = 40, 12
#: The weight of what a box lacks beside what it has too much (the square of the beta of an F measure).
_RECALL = 1 / 8
#: What a place by look or position counts beside one by name: the rows of a table move where a lead is missing.
_POSITION = 0.8
#: A box holds the text of a page where so much of both is the same, in letters.
_HELD = 0.9
#: A selector whose boxes have less of the texts on average is none.
_LEAST = 0.6
_MOST_DROPS = 12
_NO_BOX = frozenset({"html", "body", "a", "script", "style"})


class _Pages:
    """The pages, with the lines of their texts and of their elements."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples
        self.shared = shared_lines(samples)
        self._lines: dict[Element, tuple[str, ...]] = {}
        self.wanted = [self._own(fold_blanks(line) for line in one.article.body.split("\n")) for one in samples]

    def _own(self, lines: Iterable[str]) -> frozenset[str]:
        return frozenset(line for line in lines if line and line not in self.shared)

    def lines(self, element: Element) -> tuple[str, ...]:
        if element not in self._lines:
            self._lines[element] = tuple(line for line in block_lines(element).texts if line)
        return self._lines[element]

    def rank(self, agreements: Sequence[float], place: Place) -> tuple[float, bool, int, int, int]:
        """Return how good a place is: of those as good as each other one of a single box, by name, and short."""
        share = round(sum(agreements) * (1 if place.named else _POSITION), 2)
        most = max(len(found_by(place.selector, one.index)) for one in self.samples)
        return share, place.named, -most, -place.parts, -len(place.selector)

    def own_lines(self, elements: Iterable[Element]) -> frozenset[str]:
        return self._own(line for one in elements for line in self.lines(one))


def draft_body(samples: Sequence[Sample]) -> FieldDraft | None:
    """Return the draft of the text's box; None where the general rules read no text in the markup."""
    pages = _Pages(samples)
    places = {one.selector: one for at in range(len(samples)) for one in _candidates(pages, at)}
    there = [at for at, wanted in enumerate(pages.wanted) if wanted]
    if not places or not there:
        return None
    scored = [(_agreements(pages, place.selector), place) for place in places.values()]
    best, place = max(scored, key=lambda one: pages.rank(*one))
    held = sum(1 for at in there if best[at] >= _HELD)
    if sum(best) < _LEAST * len(there):
        return FieldDraft("body", (), held, len(there), refused="no selector finds it on most pages")
    return FieldDraft("body", (place.selector,), held, len(there), named=place.named)


def draft_drops(samples: Sequence[Sample], body: FieldDraft) -> FieldDraft | None:
    """Return selectors of what stands in the box of the text, and is no line of it on any page."""
    pages = _Pages(samples)
    found: dict[str, None] = {}
    for sample, wanted in zip(samples, pages.wanted, strict=True):
        held = {one for name in FIELDS if name != "body" for one in sample.elements.get(name, ())}
        for box in _boxes(body.selectors, sample):
            for one in _left_out(pages, box, wanted, held):
                if (selector := _drop_of(pages, one, body.selectors)) is not None and len(found) < _MOST_DROPS:
                    found.setdefault(selector)
    return FieldDraft("drop", tuple(found), 0, 0) if found else None


def _candidates(pages: _Pages, at: int) -> Iterator[Place]:
    """Yield places of the elements around the lines of a page's text, the innermost first."""
    sample, wanted = pages.samples[at], pages.wanted[at]
    boxes: dict[Element, None] = {}
    for one in sample.index.root.iter("*"):
        if one.tag in _NO_BOX or len(boxes) >= _BOXES:
            continue
        own = (one.text or "", *(child.tail or "" for child in one))
        if any(fold_blanks(part) and any(fold_blanks(part) in line for line in wanted) for part in own):
            boxes.setdefault(one)
            for above in islice(one.iterancestors(), 3):
                if above.tag not in _NO_BOX:
                    boxes.setdefault(above)
    for box in boxes:
        yield from islice(places_of(box), _PLACES)


def _agreements(pages: _Pages, selector: str) -> list[float]:
    """Return by page how much of a selector's lines and of the text are the same, from 0 to 1.

    It counts far more that a box holds nothing else than that it holds everything, since the general rules read leads
    and captions as text too; and half as much where the headline or the time stands in it.
    """
    found = []
    for sample, wanted in zip(pages.samples, pages.wanted, strict=True):
        boxes = found_by(selector, sample.index)
        mine = pages.own_lines(boxes)
        both = _letters(mine) + _RECALL * _letters(wanted)
        share = (1 + _RECALL) * _letters(mine & wanted) / both if both and wanted else 0.0
        outside = {one for name in ("headline", "published") for one in sample.elements.get(name, ())}
        holds_more = any(one in outside or not outside.isdisjoint(one.iterdescendants()) for one in boxes)
        found.append(share / 2 if holds_more else share)
    return found


def _letters(lines: Iterable[str]) -> int:
    return sum(map(len, lines))


def _boxes(body: Sequence[str], sample: Sample) -> list[Element]:
    return next((found for one in body if (found := found_by(one, sample.index))), [])


def _left_out(pages: _Pages, box: Element, kept: frozenset[str], held: set[Element]) -> Iterator[Element]:
    """Yield the outermost elements in a box with lines, none of which the text has."""
    for one in box.iterchildren("*"):
        if one in held or one.tag in ("script", "style", "figure", "br"):
            continue
        lines = set(pages.lines(one))
        if lines and lines.isdisjoint(kept) and not any(line in text for line in lines for text in kept):
            yield one
        elif lines:
            yield from _left_out(pages, one, kept, held)


def _drop_of(pages: _Pages, element: Element, body: Sequence[str]) -> str | None:
    """Return a selector of the site's own names that finds an element, and on no page a line of the text."""
    for place in islice(places_of(element), _PLACES):
        if place.named and " " not in place.selector and not _takes(pages, place.selector, body):
            return place.selector
    return None


def _takes(pages: _Pages, selector: str, body: Sequence[str]) -> bool:
    """Whether a selector finds a line of the text of any page, or a field of it."""
    for sample, wanted in zip(pages.samples, pages.wanted, strict=True):
        boxes = set(_boxes(body, sample))
        fields = {one for name in FIELDS if name != "body" for one in sample.elements.get(name, ())}
        for one in found_by(selector, sample.index):
            if one in fields or one in boxes or not (fields | boxes).isdisjoint(one.iterdescendants()):
                return True
            if not wanted.isdisjoint(pages.lines(one)):
                return True
    return False


def by_field(drafts: Mapping[str, FieldDraft], field: str, sample: Sample) -> Element | None:
    """Return the element of a page that the draft of a field finds."""
    draft = drafts.get(field)
    found = [one for selector in draft.selectors for one in found_by(selector, sample.index)] if draft else []
    return found[0] if found else None
