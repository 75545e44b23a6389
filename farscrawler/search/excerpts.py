"""Excerpts: the part of a text that a search has found, as printed, and the places of the hits in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.persian.search_fold import fold_in_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from farscrawler.search.query import Query, Term

    Places = list[tuple[int, int]]

#: Characters of an excerpt: two lines of a terminal.
_LENGTH = 160
#: Characters that a cut may move by, so that no word is cut.
_WORD = 20
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a field as it is stored, which begins at ``start``; ``hits`` are begin and end of each, in ``text``.

    ``more_before`` and ``more_after`` say that the field has more text.
    """

    field: str
    text: str
    start: int
    hits: tuple[tuple[int, int], ...]
    more_before: bool
    more_after: bool


class Excerpts:
    """Finds in texts what a query looks for."""

    def __init__(self, query: Query) -> None:
        self._patterns: dict[str, list[re.Pattern[str]]] = {}
        for term in dict.fromkeys(query.terms):
            pattern = _pattern(term)
            for column in term.columns:
                self._patterns.setdefault(column, []).append(pattern)

    def of(self, texts: Mapping[str, str | None]) -> list[Excerpt]:
        """Return an excerpt of each of these fields that has a hit."""
        found = []
        for field, text in texts.items():
            if text and (hits := self.hits(field, text)):
                found.append(_cut(field, text, hits))
        return found

    def hits(self, field: str, text: str) -> Places:
        """Return begin and end of each hit in the text of a field."""
        patterns = self._patterns.get(field)
        if not patterns:
            return []
        folded, places = fold_in_place(text)
        spans = (match.span() for pattern in patterns for match in pattern.finditer(folded))
        if places is not None:
            # Marks behind a letter belong to it; and one sign such as ﷺ may be several words.
            ends = [*places, len(text)]
            spans = ((places[first], max(places[last - 1] + 1, ends[last])) for first, last in spans)
        return _merged(spans)


def _pattern(term: Term) -> re.Pattern[str]:
    """Return what matches a term in a folded text; the longest spelling first, as alternatives of an expression go."""
    ways = (r"[\W_]+".join(phrase) for phrase in sorted(term.phrases, key=len, reverse=True))
    end = "" if term.prefix else r"(?![^\W_])"
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(ways)}){end}")


def _merged(spans: Iterable[tuple[int, int]]) -> Places:
    found: Places = []
    for first, last in sorted(spans):
        if found and first < found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _cut(field: str, text: str, hits: Places) -> Excerpt:
    """Return the part of a text with most hits, the first one of several."""
    if len(text) <= _LENGTH:
        start, end = 0, len(text)
    else:
        counts = [sum(first <= other < first + _LENGTH // 2 for other, _ in hits) for first, _ in hits]
        middle = hits[counts.index(max(counts))][0]
        start = max(0, min(middle - _LENGTH // 4, len(text) - _LENGTH))
        end = min(len(text), max(start + _LENGTH, hits[counts.index(max(counts))][1]))
        start, end = _at_a_blank(text, start, end)
    inside = tuple((max(first, start) - start, min(last, end) - start) for first, last in hits if start <= first < end)
    return Excerpt(field, text[start:end], start, inside, start > 0, end < len(text))


def _at_a_blank(text: str, start: int, end: int) -> tuple[int, int]:
    """Return both ends of a part, moved inward to the next blank where one is near."""
    if start and (blank := _BLANK.search(text, start, start + _WORD)):
        start = blank.end()
    if end < len(text):
        cut = max((match.start() for match in _BLANK.finditer(text, end - _WORD, end)), default=end)
        end = cut if cut > start else end
    return start, end
