"""Invented Persian text: sentences from the word lists, in one of the spellings real pages come in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import words

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

ASCII_DIGITS = "0123456789"
DIGITS = {"ascii": ASCII_DIGITS, "persian": "۰۱۲۳۴۵۶۷۸۹", "arabic": "٠١٢٣٤٥٦٧٨٩"}
ZWNJ = "\u200c"
NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one story is typed: ZWNJ kept, spaced or glued; yeh farsi or arabic; digits of which script."""

    zwnj: str
    yeh: str
    digits: str

    def write(self, text: str) -> str:
        """Return ``text`` in this spelling."""
        # str.replace is several times as fast as str.translate on Persian text.
        for old, new in _changes(self):
            text = text.replace(old, new)
        return text


@lru_cache(maxsize=32)
def _changes(spelling: Spelling) -> tuple[tuple[str, str], ...]:
    changes: list[tuple[str, str]] = []
    if spelling.digits != "ascii":
        changes += zip(ASCII_DIGITS, DIGITS[spelling.digits], strict=True)
    if spelling.yeh == "arabic":
        changes += [("ی", "ي"), ("ک", "ك")]
    if spelling.zwnj != "kept":
        changes.append((ZWNJ, " " if spelling.zwnj == "spaced" else ""))
    return tuple(changes)


def pick_spelling(rng: random.Random) -> Spelling:
    """Draw a spelling; about half of real pages use Arabic yeh, most use ZWNJ, digits are mostly ASCII."""
    return Spelling(
        zwnj=rng.choices(("kept", "spaced", "glued"), (60, 30, 10))[0],
        yeh=rng.choices(("farsi", "arabic"), (70, 30))[0],
        digits=rng.choices(("ascii", "persian", "arabic"), (75, 17, 8))[0],
    )


_SLOTS: dict[str, Sequence[str]] = {
    "role": words.ROLES,
    "name": words.NAMES,
    "city": words.CITIES,
    "topic": words.TOPICS,
    "action": words.ACTIONS,
    "verb": words.VERBS,
    "unit": words.UNITS,
    "month": words.MONTHS,
    "concept": words.CONCEPTS[::2],
    "concept2": words.CONCEPTS[1::2],
}
_NUMBERS = {"n": (2, 99), "n2": (100, 10_000), "day": (1, 30)}  # low, and one above high


@lru_cache(maxsize=128)
def _plan(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, slot) for literal, slot, _, _ in Formatter().parse(template))


def fill(rng: random.Random, templates: Sequence[str], number: int | None = None) -> str:
    """Fill one of ``templates``; a slot named twice says the same, and ``number`` fixes ``{n}``."""
    chance = rng.random
    said: dict[str, str] = {} if number is None else {"n": str(number)}
    parts: list[str] = []
    for literal, slot in _plan(templates[int(chance() * len(templates))]):
        parts.append(literal)
        if slot is None:
            continue
        if slot not in said:
            if slot in _NUMBERS:
                low, high = _NUMBERS[slot]
                said[slot] = str(low + int(chance() * (high - low)))
            else:
                options = _SLOTS[slot]
                said[slot] = options[int(chance() * len(options))]
        parts.append(said[slot])
    return "".join(parts)


def paragraph(rng: random.Random, spelling: Spelling, sentences: int, special: bool = False) -> str:
    """Return a paragraph of ``sentences``; a ``special`` one holds characters that HTML must escape."""
    parts = [fill(rng, words.SENTENCES) for _ in range(sentences)]
    if special:
        parts.append(fill(rng, words.SENTENCES_SPECIAL))
    return spelling.write(" ".join(parts))


def at_some_space(rng: random.Random, text: str, replacement: str) -> str:
    """Return ``text`` with one of its inner plain spaces turned into ``replacement``."""
    places = text.count(" ")
    if not places:
        return text
    before = text.split(" ", int(rng.random() * places) + 1)
    after = before.pop()
    return " ".join(before) + replacement + after
