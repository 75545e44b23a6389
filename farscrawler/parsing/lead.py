"""Lead and dateline: how an article's text opens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from farscrawler.persian import spelling_pattern

if TYPE_CHECKING:
    from farscrawler.parsing.page import Anatomy
    from farscrawler.publishers import Publisher

NO_LEAD = "no-lead"
# A city stands between two separators and is one to three words. The second separator stands free:
# «تهران-شیراز» is not cut in two, and in «شهردار شیراز: …» a speaker is named, not a place.
_SEPARATOR = r"[-–—_:ـ−]+"
_WORD = r"(?!ـ)[^\W\d_]+"  # the tatweel is a letter to a regular expression, and a dash to some typists
_CITY = rf"{_WORD}(?:[ \u200c\u00a0]{_WORD}){{0,2}}(?=\s+{_SEPARATOR}(?:\s|$))"
_DATELINE = rf"(?P<dateline>(?:NAMES)(?:\s*{_SEPARATOR}\s*{_CITY})?)(?:\s*{_SEPARATOR}\s*|\s*$)"


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline as printed, with its city if any, and the text after its separator (may be empty)."""

    dateline: str
    rest: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How an article's text divides: dateline, lead, the paragraphs of the body, and why there is no lead."""

    dateline: str | None
    lead: str | None
    body: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def split_dateline(text: str, names: tuple[str, ...]) -> Dateline | None:
    """Split a paragraph opened by one of the publisher's datelines; None when it is not."""
    if not names:
        return None
    found = _pattern(names).match(text)
    if found is None:
        return None
    return Dateline(found["dateline"], text[found.end() :])


def read(anatomy: Anatomy, publisher: Publisher) -> Opening:
    """Divide an article's text into dateline, lead and body.

    A lead is what the markup sets apart, or (where the publisher prints one) the first of several paragraphs when a
    dateline opens it or a blank line sets it apart from all others. A lone paragraph is body, exactly as printed.
    """
    paragraphs = tuple(filter(None, anatomy.paragraphs))
    names = publisher.datelines
    if anatomy.lead is not None and paragraphs:
        opened = split_dateline(anatomy.lead, names)
        if opened is None:
            return Opening(None, anatomy.lead, paragraphs)
        return Opening(opened.dateline, opened.rest or None, paragraphs, () if opened.rest else (NO_LEAD,))
    if anatomy.lead is not None:
        paragraphs = (anatomy.lead,)
    if not paragraphs:
        return Opening(None, None, (), (NO_LEAD,))
    first, *others = paragraphs
    opened = split_dateline(first, names)
    if others and publisher.lead_by_dateline:
        if opened is not None:
            return Opening(opened.dateline, opened.rest or None, tuple(others), () if opened.rest else (NO_LEAD,))
        if _set_apart(anatomy.paragraphs):
            return Opening(None, first, tuple(others))
    return Opening(opened.dateline if opened else None, None, paragraphs, (NO_LEAD,))


def _set_apart(lines: tuple[str, ...]) -> bool:
    """Whether a blank line follows the first paragraph and not every other: where all do, none tells the lead."""
    if len(lines) < len(("lead", "", "body")) or lines[1]:
        return False
    rest = lines[2:]
    return len(rest) == 1 or any(a and b for a, b in pairwise(rest))


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    # Longest first, so that no name is cut short by one that begins it.
    alternatives = "|".join(spelling_pattern(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(_DATELINE.replace("NAMES", alternatives))
