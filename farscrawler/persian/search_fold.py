"""The search fold: one spelling for all the ways in which a Persian word is typed. Nothing is stored so.

Each letter is folded by itself, whatever stands beside it. So the fold is linear in time and idempotent, a table of
letters says all of it, and SQL can do the same with that table (archive/search/tables.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

#: Raised whenever any text is folded otherwise than before; an index of another version is made anew.
FOLD_VERSION = 1

#: Letters of one sound and one look, and joiners that are none. Hamza and madda go with the marks: أ, إ and آ are ا,
#: ؤ is و, ئ is ی, ۀ is ه.
_LETTERS = {
    **dict.fromkeys("يى", "ی"),
    **dict.fromkeys("كڪ", "ک"),
    **dict.fromkeys("ةۃەہھ", "ه"),
    "ٱ": "ا",
    **dict.fromkeys("\u0640\u200d\u2060\ufeff", ""),  # tatweel, zero-width joiner, word joiner, byte order mark
    # Formats that are younger than the tables of SQLite's tokenizer, which takes them for letters.
    **dict.fromkeys("\u061c\u2066\u2067\u2068\u2069", " "),
    **{chr(zero + value): str(value) for zero in (0x0660, 0x06F0) for value in range(10)},
}
#: The blocks whose letters are folded: Latin, Greek and Cyrillic, Hebrew, Arabic, signs, presentation forms, full-width
#: forms, mathematical letters. What NFKC does to Chinese, Korean and Indic letters is of no use here.
_BLOCKS = (
    *((0x0080, 0x052F), (0x0590, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF)),
    *((0x2000, 0x24FF), (0xFB00, 0xFDFF), (0xFE20, 0xFE2F), (0xFE70, 0xFEFF), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF)),
    (0x1EE00, 0x1EEFF),
)
_QUOTES = {
    **dict.fromkeys("«»“”„‟″〝〞", '"'),
    **dict.fromkeys("‘’‚‛′`´‹›", "'"),
}
#: What nearly all texts are written with, each folded to one letter. To ask for it takes a tenth of the other way.
_EVEN = re.compile("[\x00-~\xa0«»ء-غف-ي٠-٩پچژکگۀی۰-۹،؛؟٪\u200c\u200e\u200f–—]*")
_MARKS = ("Mn", "Me")
#: Controls and formats, the half-space, LRM, RLM and the soft hyphen among them: two in three stand for a half-space.
_SPACES = ("Cc", "Cf", "Zs", "Zl", "Zp")


def fold(text: str) -> str:
    """Return a text as it is searched: two texts that differ only in how they are typed give the same.

    NFKC; ي and ى as ی, ك as ک, ة and ۀ as ه; vowel marks, hamza and tatweel gone; digits in ASCII; half-space, soft
    hyphen and direction marks as a space; quotation marks as one; lower case; blanks folded. HTML entities are left
    as they are. The result is folded itself.
    """
    return " ".join(text.translate(_FOLDS).split())


def fold_in_place(text: str) -> tuple[str, list[int] | None]:
    """Return a text folded letter by letter, blanks and all, and the place in the text of each letter of the result.

    The places are None where each letter has kept its own.
    """
    if _EVEN.fullmatch(text):
        return text.translate(_FOLDS), None
    parts = [_FOLDS[ord(letter)] for letter in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


@cache
def letters() -> dict[str, str]:
    """Return what an index has to replace in a text before its tokenizer sees it, by letter.

    Case is left to the tokenizer, and so is what separates words either way.
    """
    found: dict[str, str] = {}
    for first, last in _BLOCKS:
        for letter in map(chr, range(first, last + 1)):
            folded = _letter(letter)
            if folded != letter and (_is_part_of_word(letter) or any(map(str.isalnum, folded))):
                found[letter] = folded
    return found


def _is_part_of_word(letter: str) -> bool:
    return letter in _LETTERS or unicodedata.category(letter)[0] in "LNM"


class _Folds(dict[int, str]):
    """The fold of each letter, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = "".join(map(_plain, _letter(chr(code)).casefold()))
        self[code] = folded
        return folded


def _plain(letter: str) -> str:
    """Return a letter with quotation marks and blanks unified."""
    return _QUOTES.get(letter) or (" " if unicodedata.category(letter) in _SPACES else letter)


def _letter(letter: str) -> str:
    """Return the fold of a letter in its own case; what has several letters in lower case is in lower case."""
    code = ord(letter)
    if not any(first <= code <= last for first, last in _BLOCKS):
        return letter
    folded = _settled(letter)
    return _settled(folded.casefold()) if len(folded.casefold()) != len(folded) else folded


def _settled(text: str) -> str:
    while True:
        taken_apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
        letters_alone = (_LETTERS.get(one, one) for one in taken_apart if unicodedata.category(one) not in _MARKS)
        folded = unicodedata.normalize("NFC", "".join(letters_alone))
        if folded == text:
            return folded
        text = folded


_FOLDS = _Folds()
