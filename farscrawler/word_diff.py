"""What changed between two revisions of an article, word by word."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Literal

from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.items import Article

Kind = Literal["same", "removed", "added"]
Piece = tuple[Kind, str]

#: Fields of the visit, not of the article.
_BESIDE = ("fetched_at", "content_hash", "revision", "url", "schema_version")
_WORD = re.compile(r"\s+|\S+")
_LINE = re.compile(r"[^\n]*\n?")
#: Words of one text times those of the other. Beyond it lines are compared, since a comparison grows with the product:
#: so many took 2 s, and two texts of a megabyte would take hours.
_MOST_PAIRS = 16_000_000


def word_diff(old: str, new: str) -> list[Piece]:
    """Return the words of two texts as (`same`, `removed` or `added`, text) in reading order; long texts by lines."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    before, after = _shared(a, b)
    ours, theirs = a[before : len(a) - after], b[before : len(b) - after]
    if len(ours) * len(theirs) > _MOST_PAIRS:
        ours, theirs = _lines("".join(ours)), _lines("".join(theirs))
    pieces: list[Piece] = [("same", "".join(a[:before]))]
    if len(ours) * len(theirs) > _MOST_PAIRS:
        pieces += [("removed", "".join(ours)), ("added", "".join(theirs))]
    else:
        pieces += _compared(ours, theirs)
    pieces.append(("same", "".join(a[len(a) - after :])))
    return _joined(pieces)


def _shared(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """Return the number of words that both begin with, and of those of the rest that both end with."""
    most = min(len(a), len(b))
    before = next((at for at in range(most) if a[at] != b[at]), most)
    most -= before
    return before, next((at for at in range(most) if a[-1 - at] != b[-1 - at]), most)


def _lines(text: str) -> list[str]:
    return _LINE.findall(text)[:-1]  # the last match is empty


def _compared(a: Sequence[str], b: Sequence[str]) -> Iterator[Piece]:
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", "".join(a[a1:a2])
            continue
        yield "removed", "".join(a[a1:a2])
        yield "added", "".join(b[b1:b2])


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces without empty ones, and with neighbours of one kind as one."""
    found: list[Piece] = []
    for kind, text in pieces:
        if text and found and found[-1][0] == kind:
            found[-1] = kind, found[-1][1] + text
        elif text:
            found.append((kind, text))
    return found


def changes(old: Article, new: Article) -> Iterator[tuple[str, list[Piece]]]:
    """Yield each field that differs, with its word diff."""
    for name in FIELD_NAMES:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _BESIDE and before != after:
            yield name, word_diff(_as_text(before), _as_text(after))


def _as_text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)
