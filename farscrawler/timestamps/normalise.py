"""One folding of a text before it is lexed, and of every word of the tables."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = {
    "ی": "يىېۍئێ",
    "ک": "كڪ",
    "گ": "ګ",
    "ا": "آأإٱ",
    "ه": "ةۀھہەۂ",
    "و": "ؤۆ",
    "ر": "ڕ",
    "ل": "ڵ",
    ",": "،٬",
    ";": "؛",
    ":": "∶",
    "/": "\u2044\u2215\u060d",
    ".": "٫۔",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "'": "\u2018\u2019\u201b\u02bc\u2032`",
    "|": "¦│‖\u01c0\u05c0•●▪■◆∙⋅·",
    # Everything that ends a line, and the null character, which ends a text in some systems.
    "\n": "\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029",
    " ": "\t\u1680\u200b\u180e",
}
# Marks without a place in a word: bidi marks, joiners, soft hyphens, the tatweel, short vowels and hamza above.
_DROPPED = "\u00ad\u034f\u061c\u0640\u0670\u200c\u200d\u200e\u200f\u2060\ufeff" + "".join(
    map(chr, (*range(0x064B, 0x0660), *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(mark): None for mark in _DROPPED}
    table |= {ord(variant): letter for letter, variants in _LETTERS.items() for variant in variants}
    for value in range(10):
        table[0x06F0 + value] = table[0x0660 + value] = str(value)
    return table


_TABLE = _table()
# The Kurdish "three" would be folded to the word for thirty, so it is written as the Persian one before.
_KURDISH_THREE = re.compile("(?<![\\w\u200c])سێ(?![\\w\u200c])")


def normalise(text: str) -> str:
    """Return ``text`` by NFKC with ASCII digits, one yeh, one kaf, one alef, and no invisible marks."""
    if text.isascii():
        return text.translate(_TABLE)
    if "ێ" in text:
        text = _KURDISH_THREE.sub("سه", text)
    return unicodedata.normalize("NFKC", text).translate(_TABLE)


def is_latin(text: str) -> bool:
    """Whether every digit of the raw text is an ASCII one."""
    return not any("\u0660" <= c <= "\u0669" or "\u06f0" <= c <= "\u06f9" for c in text)
