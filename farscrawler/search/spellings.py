"""The ways in which a Persian word is typed: affixes apart (می شود), with a half-space (می‌شود), or glued (میشود).

The fold makes a space of each half-space, so that two ways are left: words in a row, and one word.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from farscrawler.persian import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Words as SQLite's tokenizer splits a folded text.
TOKEN = re.compile(r"[^\W_]+")
_PUNCTUATION = re.compile(r"[^\w ]|_")

#: What stands before and after a stem and is typed apart as often as not. Whatever is no affix in truth (میدان,
#: تنها) gives a phrase that no text holds, and costs nothing.
_BEFORE = ("نمی", "می", "پیش")
_PLURALS = ("ها", "های", "هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان")
_ENDINGS = (
    *_PLURALS,
    *("تر", "تری", "ترین", "ام", "ات", "اش", "ای", "اند", "ایم", "اید", "مان", "تان", "شان", "مند", "وگو", "وگوی"),
    *("ریزی", "گذاری", "سازی", "گیری", "بندی", "یابی", "بینی", "پذیری", "نویسی", "کننده", "شده"),
)
#: The plurals that a stem is found in also where they are glued: کتاب is a word of کتاب‌ها in the index, and no less in
#: کتابها. Shorter stems would find other words (تن: تنها).
_GLUED_PLURALS = ("ها", "های", "هایی")
_LEAST_WITH_PLURALS = 3
#: Affixes that are no words: typed alone, they belong to the word beside them. ام, اش and ای are words too.
_LEANS_FORWARD = frozenset(("نمی", "می"))
_LEANS_BACK = frozenset((*_PLURALS, "ترین"))
#: A stem has two letters at least: one before the ها of آنها.
_LEAST_STEM = 2
#: Joints of one word that may each be typed either way; more of them are typed all as given, or all glued.
_MOST_JOINTS = 4
#: Phrases of one quoted phrase, each with its words typed in other ways.
_MOST_PHRASES = 64

Phrase = tuple[str, ...]


def words_of(text: str) -> list[Phrase]:
    """Return the words of what was typed without a plain blank, each with the parts that a half-space divides."""
    return [tuple(found) for piece in _PUNCTUATION.split(fold(text)) if (found := TOKEN.findall(piece))]


def spellings(word: Phrase, *, is_prefix: bool = False) -> list[Phrase]:
    """Return every way in which a word is typed, the given one first.

    No affix is split off the beginning of a word: میدان* would find می‌داند.
    """
    found = dict.fromkeys([word])
    for parts in [word] if is_prefix else _splits(word):
        joints = len(parts) - 1
        ways = product((False, True), repeat=joints) if joints <= _MOST_JOINTS else [(True,) * joints]
        for glued in ways:
            found.setdefault(_join(parts, glued))
    return list(found)


def _with_plurals(ways: list[Phrase]) -> list[Phrase]:
    """Return the spellings of a word, and its glued plurals where it is none."""
    stem = ways[0][0]
    if len(ways[0]) > 1 or len(stem) < _LEAST_WITH_PLURALS or not stem.isalpha() or stem.endswith(_PLURALS):
        return ways
    return [*ways, *((stem + plural,) for plural in _GLUED_PLURALS)]


def phrases(words: Sequence[Phrase], *, is_prefix: bool = False, is_pair: bool = False) -> list[Phrase]:
    """Return every way in which words in a row are typed, the given one first; of very many the first ones.

    ``is_prefix`` says that the last one is the beginning of a word, ``is_pair`` that two may be one (پیش بینی).
    """
    if len(words) == 1:
        ways = spellings(words[0], is_prefix=is_prefix)
        return ways if is_prefix else _with_plurals(ways)
    ways_of_each = [spellings(word, is_prefix=is_prefix and place == len(words)) for place, word in enumerate(words, 1)]
    found: dict[Phrase, None] = {}
    for chosen in product(*ways_of_each):
        found.setdefault(tuple(part for way in chosen for part in way))
        if len(found) == _MOST_PHRASES:
            break
    if is_pair:
        found.setdefault(("".join(part for word in words for part in word),))
    return list(found)


def gathered(words: Iterable[Phrase]) -> Iterator[Phrase]:
    """Yield words with the affixes that were typed apart from them: می and شود is one word of two parts."""
    open_word: list[str] = []
    for word in words:
        leans_back = len(word) == 1 and word[0] in _LEANS_BACK
        if open_word and (leans_back or open_word[-1] in _LEANS_FORWARD):
            open_word += word
        else:
            if open_word:
                yield tuple(open_word)
            open_word = list(word)
    if open_word:
        yield tuple(open_word)


def _splits(word: Phrase) -> list[Phrase]:
    """Return the parts of a word in every reading of the affixes that are glued to its first and its last part."""
    found = [word]
    for before in _BEFORE:
        if word[0].startswith(before) and len(word[0]) - len(before) >= _LEAST_STEM:
            found.append((before, word[0].removeprefix(before), *word[1:]))
            break
    for *rest, last in tuple(found):
        found += [
            (*rest, last.removesuffix(ending), ending)
            for ending in _ENDINGS
            if last.endswith(ending) and len(last) - len(ending) >= _LEAST_STEM
        ]
    return found


def _join(parts: Phrase, glued: Sequence[bool]) -> Phrase:
    found = [parts[0]]
    for part, is_glued in zip(parts[1:], glued, strict=True):
        if is_glued:
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)
