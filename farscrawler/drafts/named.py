"""Kickers and leads that the general rules do not find: by their names or their place on several pages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from farscrawler import timestamps
from farscrawler.drafts.body import by_field
from farscrawler.drafts.fields import FieldDraft
from farscrawler.drafts.places import found_by, places_of
from farscrawler.drafts.sample import shared_lines
from farscrawler.extract.general_selection import KICKER_NAMES, LEAD_NAMES
from farscrawler.extract.lines import block_lines, inline_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.drafts.sample import Sample

_NAMES = {"kicker": KICKER_NAMES, "lead": LEAD_NAMES}
_LENGTHS = {"kicker": range(4, 161), "lead": range(20, 901)}
#: Elements before the headline among which a kicker may stand.
_REACH = 12
#: A name or place is told by so many pages.
_LEAST_PAGES = 2
#: Labels of sections have fewer words.
_WORDS = 3
_INLINE = frozenset({"a", "b", "i", "em", "strong", "u", "br", "img", "script", "style"})


def draft_named(samples: Sequence[Sample], drafts: Mapping[str, FieldDraft]) -> dict[str, FieldDraft]:
    """Return drafts of the kicker and the lead where there is none: by their names, or by their place.

    What only may be one of them is a hint, without a selector.
    """
    found: dict[str, FieldDraft] = {}
    for field in _NAMES:
        old = drafts.get(field)
        if old is None or not old.selectors or old.held <= 1:
            draft = _drafted(field, samples, drafts)
            if draft is not None and (draft.selectors or old is None or not old.selectors):
                found[field] = draft
    return found


def _drafted(field: str, samples: Sequence[Sample], drafts: Mapping[str, FieldDraft]) -> FieldDraft | None:
    """Return the draft of a field by the elements that stand where it may stand; None where there are none."""
    counts = _counted(field, samples, drafts)
    # A name is told by one page, as the general rules would read it, and so is a lead that they read as text: left out
    # of the text and of the lead it would be lost. Any other place is told by no less than two.
    told = {one: count for one, count in counts.items() if count >= _LEAST_PAGES or not one[0] or field == "lead"}
    if not told:
        return None
    unnamed, selector = max(told, key=lambda one: (not one[0], told[one]))
    count = told[unnamed, selector]
    if not unnamed:
        return FieldDraft(field, (selector,), count, count)
    if (why := _place_says(field, samples, selector, drafts)) is not None:
        return FieldDraft(field, (selector,), count, count, named=False, hint=why)
    if count < _LEAST_PAGES:
        return None
    return FieldDraft(field, (), 0, 0, hint=f"{selector} on {count} pages")


def _counted(field: str, samples: Sequence[Sample], drafts: Mapping[str, FieldDraft]) -> dict[tuple[bool, str], int]:
    """Return on how many pages a selector finds what stands where a field may stand, by whether no name says it."""
    shared = shared_lines(samples)
    counts: dict[tuple[bool, str], int] = {}
    for sample in samples:
        own: set[tuple[bool, str]] = set()
        for element in _between(field, sample, drafts, shared):
            alone = (one for one in places_of(element) if found_by(one.selector, sample.index) == [element])
            place = next((one for one in alone if one.named or field == "kicker"), None)
            if place is not None:
                own.add((not _is_named(field, element), place.selector))
        for one in own:
            counts[one] = counts.get(one, 0) + 1
    return counts


def _place_says(field: str, samples: Sequence[Sample], selector: str, drafts: Mapping[str, FieldDraft]) -> str | None:
    """Return why the place of what a selector finds is that of a field on every page; None where it is not."""
    if field == "lead":
        # The general rules read it as text, and the site sets it apart between headline and text.
        return "it stands apart before the text" if _is_text(samples, selector) else None
    for sample in samples:
        headline = by_field(drafts, "headline", sample)
        for one in found_by(selector, sample.index):
            if headline is None or not _is_right_above(one, headline):
                return None
    return "it stands right above the headline"


def _is_right_above(element: Element, headline: Element) -> bool:
    """Whether the words of an element, none of them a link or a time, are the line before the headline in its box."""
    text, below = inline_text(element), inline_text(headline)
    if text is None or len(text.split()) < _WORDS or next(element.iter("a"), None) is not None:
        return False
    if timestamps.looks_like(text):
        return False
    around = set(element.iterancestors())
    box = next((one for one in headline.iterancestors() if one in around), None)
    lines = [] if box is None else [line for line in block_lines(box).texts if line]
    return any(pair == (text, below) for pair in pairwise(lines))


def _is_text(samples: Sequence[Sample], selector: str) -> bool:
    """Whether the general rules read all that a selector finds as lines of the text."""
    for sample in samples:
        texts = sample.article.body.split("\n")
        if any(inline_text(one) not in texts for one in found_by(selector, sample.index)):
            return False
    return True


def _is_named(field: str, element: Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return any(_NAMES[field].fullmatch(name) for name in names)


def _between(field: str, sample: Sample, drafts: Mapping[str, FieldDraft], shared: frozenset[str]) -> Iterator[Element]:
    """Yield the elements where a field may stand: before the headline, or between it and the text.

    They hold one line or paragraph of this page alone, and no other field.
    """
    headline, body = by_field(drafts, "headline", sample), by_field(drafts, "body", sample)
    if headline is None or body is None:
        return
    order = {one: at for at, one in enumerate(sample.index.root.iter("*"))}
    at, end = order[headline], order[body]
    inside = len(list(headline.iter("*")))
    first, last = (max(0, at - _REACH), at) if field == "kicker" else (at + inside, end)
    taken = {one for name, elements in sample.elements.items() if name != "body" for one in elements}
    taken |= {one for name in drafts for one in (by_field(drafts, name, sample),) if one is not None}
    for one, place in order.items():
        if not first <= place < last or one.tag in _INLINE or one in taken:
            continue
        if not taken.isdisjoint(one.iterdescendants()) or not taken.isdisjoint(one.iterancestors()):
            continue
        lines = [line for line in block_lines(one).texts if line]
        text = inline_text(one) or ""
        if len(lines) == 1 and lines[0] not in shared and len(text) in _LENGTHS[field]:
            yield one
