"""Texts of the newsroom's kind with planted copies, other reports of the same event, and bulletins."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import words as newsroom

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS = "ابپتجچحخدرزسشصطعغفقکگلمنوهی"
_AFFIXES = ("\u200cها", "\u200cهای", "\u200cتر", "\u200cاند", "ی", "")
#: Of so many texts one has a copy of each kind.
_EVERY = 20


@dataclass(slots=True)
class Texts:
    """Texts in the order of printing; ``copies`` holds the place of each copy with its source's place and its kind.

    Reports with the same quotation, and bulletins of the same form, are no copies although they share much.
    """

    texts: list[str] = field(default_factory=list)
    copies: dict[int, tuple[int, str]] = field(default_factory=dict)


class Writer:
    """Writes text: the newsroom's words are the frequent ones, and 40,000 invented ones follow as in any language."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        known = " ".join(
            (
                *newsroom.TOPICS,
                *newsroom.ACTIONS,
                *newsroom.CONCEPTS,
                *newsroom.CITIES,
                *newsroom.ROLES,
                *newsroom.NAMES,
            )
        ).split()
        invented = ("".join(self.dice.choices(_LETTERS, k=self.dice.randint(3, 8))) for _ in range(40_000))
        self._words = [*dict.fromkeys(known), *invented]
        self._weights = list(accumulate(1 / (at + 5) for at in range(len(self._words))))

    def words(self, count: int) -> list[str]:
        """Return so many words; some have an affix, a comma, or are a number."""
        found = []
        for word in self.dice.choices(self._words, cum_weights=self._weights, k=count):
            chance = self.dice.random()
            if chance < 0.02:
                found.append(str(self.dice.randint(2, 5_000)))
            elif chance < 0.14:
                found.append(word + self.dice.choice(_AFFIXES))
            else:
                found.append(f"{word}،" if chance < 0.2 else word)
        return found

    def edited(self, text: list[str], share: float) -> list[str]:
        """Return a text with a share of its words exchanged."""
        return [self.words(1)[0] if self.dice.random() < share else word for word in text]

    def bulletin(self, words: list[str]) -> list[str]:
        """Return a bulletin of a form: every fifth word is a number, drawn anew."""
        return [str(self.dice.randint(2, 60)) if at % 5 == 2 else word for at, word in enumerate(words)]


def other_letters(text: list[str]) -> list[str]:
    """Return a text in Arabic letters and digits, with spaces in place of half-spaces."""
    table = str.maketrans({"ی": "ي", "ک": "ك", "\u200c": " ", **dict(zip("0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True))})
    return [word.translate(table) for word in text]


#: What is done to a text to make a copy of it.
KINDS: dict[str, Callable[[Writer, list[str]], list[str]]] = {
    "another preamble": lambda writer, text: [*writer.words(max(5, len(text) // 8)), *text],
    "5 % edited": lambda writer, text: writer.edited(text, 0.05),
    "15 % edited": lambda writer, text: writer.edited(text, 0.15),
    "30 % edited": lambda writer, text: writer.edited(text, 0.30),
    "cut to half": lambda _, text: text[: len(text) // 2],
    "other letters": lambda _, text: other_letters(text),
}


def planted(count: int, lengths: tuple[int, int], seed: int = 1) -> Texts:
    """Return about so many texts of a range of lengths in words; a quarter of them are copies."""
    writer, found = Writer(seed), Texts()
    changes = list(KINDS.items())
    lines = [[*writer.words(lengths[0])] for _ in range(5)]
    at = 0
    while len(found.texts) < count:
        text = writer.words(writer.dice.randint(*lengths))
        place = len(found.texts)
        found.texts.append(" ".join(text))
        step = at % _EVERY
        if step < len(changes):
            kind, change = changes[step]
            found.copies[len(found.texts)] = (place, kind)
            found.texts.append(" ".join(change(writer, text)))
        elif step == len(changes):  # a third of it is quoted by another report, with words of its own around it
            quoted = text[: len(text) // 3]
            found.texts.append(" ".join([*writer.words(len(text) // 2), *quoted, *writer.words(len(text) // 4)]))
        elif step == len(changes) + 1:
            found.texts.append(" ".join(writer.bulletin(lines[(at // _EVERY) % len(lines)])))
        at += 1
    return found
