"""Selectors of the fields: those that find on every page at hand what the general rules read there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.drafts.places import Place, found_by, places_of
from farscrawler.drafts.sample import FIELDS, texts_of
from farscrawler.extract.lines import inline_text
from farscrawler.extract.selection import is_large
from farscrawler.publishers.form import normal_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.drafts.sample import Sample

#: Places of one element that are tried on every page.
_TRIED = 60
#: Alternatives of a field, where its markup differs from page to page.
_MOST_SELECTORS = 2
#: So many pages with a field make its selector sure.
_SURE = 3
#: Fields of which one element is taken; an element behind it that the selector finds too does no harm.
_SINGLE = frozenset({"headline", "kicker"})
#: Elements without a text that a selector may find beside those of a field.
_MORE = 5
_CODE = re.compile(r"\W*(?:کد|شماره)\s?(?:خبر|مطلب|مقاله)?\s*:?\s*(\d+)\W*")
_CODE_LETTERS = 40  # the longest such line


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """The selectors of one field, and how sure they are.

    ``held`` counts the pages where they find what the general rules read; ``there`` those with the field. ``named``:
    the site's own names tell the place. ``refused`` says why there is no selector; ``hint`` names one that may be it,
    or says why an unnamed place is that of the field.
    """

    field: str
    selectors: tuple[str, ...]
    held: int
    there: int
    named: bool = True
    refused: str | None = None
    hint: str | None = None

    @property
    def is_sure(self) -> bool:
        """Whether the site's own names tell the place on enough pages, and on every one with the field."""
        return bool(self.selectors) and self.named and self.held == self.there >= _SURE


def draft_fields(samples: Sequence[Sample]) -> dict[str, FieldDraft]:
    """Return the drafts of the fields that any of the pages has in its markup, the text excepted."""
    return {field: draft for field in FIELDS if field != "body" and (draft := _draft(field, samples)) is not None}


def draft_code(samples: Sequence[Sample], ids: Sequence[str | None]) -> FieldDraft | None:
    """Return the draft of the printed news code, where it is the id of every page's address."""
    places: list[list[Element]] = []
    for sample, article_id in zip(samples, ids, strict=True):
        places.append(
            [
                one
                for one in sample.index.tagged("*")
                if len(one) <= 1 and article_id is not None and _code_in(one) == article_id
            ]
        )
    if not all(places) or len(samples) < _SURE:
        return None
    for place in islice(places_of(places[0][-1]), _TRIED):
        found = [found_by(place.selector, one.index) for one in samples]
        if all(any(one in own for one in mine[:1]) for mine, own in zip(found, places, strict=True)):
            return FieldDraft("code", (place.selector,), len(samples), len(samples), named=place.named)
    return None


def _code_in(element: Element) -> str | None:
    text = inline_text(element) if element.text and len(element.text) <= _CODE_LETTERS else None
    found = _CODE.fullmatch(text) if text and len(text) <= _CODE_LETTERS else None
    return normal_id(found[1]) if found else None


def _draft(field: str, samples: Sequence[Sample]) -> FieldDraft | None:
    """Return the draft of one field; None where no page has it in an element."""
    there = [one for one in samples if one.texts(field)]
    if not there:
        return None
    places = list({one.selector: one for sample in there for one in _candidates(field, sample)}.values())
    chosen: list[Place] = []
    left = list(there)
    while left and len(chosen) < _MOST_SELECTORS:
        scored = [(_score(field, one, samples, left), -at, one) for at, one in enumerate(places)]
        (hits, wrong), _, best = max(scored, key=lambda each: (each[0][0] - each[0][1], each[1]))
        if hits <= wrong or (chosen and hits < 2):  # noqa: PLR2004  # a second place needs two pages of its own
            break
        chosen.append(best)
        left = [one for one in left if not _holds(field, best.selector, one)]
    held = len(there) - len(left)
    if not chosen:
        return FieldDraft(field, (), 0, len(there), refused="no selector finds it on most pages")
    if held == 1 and len(there) > 1:
        why = f"{chosen[0].selector} holds on 1 of {len(there)} pages alone"
        return FieldDraft(field, (), held, len(there), refused=why)
    return FieldDraft(
        field, tuple(one.selector for one in chosen), held, len(there), named=all(one.named for one in chosen)
    )


def _candidates(field: str, sample: Sample) -> Iterable[Place]:
    elements = sample.elements.get(field, ())
    if not elements:
        return []
    found = list(islice(places_of(elements[0]), _TRIED))
    if field in ("tags", "authors", "section") and (box := elements[0].getparent()) is not None:
        inner = str(elements[0].tag)
        found += [Place(f"{one.selector} {inner}", one.named) for one in islice(places_of(box), _TRIED)]
    # The plainest first; a name tells more than a look or a position.
    return sorted(found, key=lambda one: (not one.named, one.parts))


def _score(field: str, place: Place, samples: Sequence[Sample], left: Sequence[Sample]) -> tuple[int, float]:
    """Return on how many of the pages that are ``left`` a place holds, and on how many it finds something else."""
    hits = sum(1 for one in left if _holds(field, place.selector, one))
    wrong = 0.0
    for one in samples:
        if one.texts(field):
            continue
        found = texts_of(field, found_by(place.selector, one.index)[:1])
        wrong += 0.5 if found else 0.0
    return hits, wrong


def _holds(field: str, selector: str, sample: Sample) -> bool:
    """Whether a selector finds on a page the elements that the general rules took the field from."""
    wanted = sample.texts(field)
    found = found_by(selector, sample.index)
    if not found or not wanted or is_large(found[0]):
        return False
    if field in _SINGLE:
        return texts_of(field, found[:1]) == wanted[:1]
    if len(found) > len(sample.elements[field]) + _MORE:
        return False
    return texts_of(field, found) == wanted
