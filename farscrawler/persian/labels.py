"""Labels, names and marks compared whatever their spelling, and numbers in Persian digits. Nothing is stored so."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Farsi and Arabic yeh, alef maksura; Farsi and Arabic kaf. Half-spaces and direction marks count as spaces.
_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ـ": None,
        **dict.fromkeys("\u200c\u200e\u200f\u00ad\u00a0", " "),
    },
)
_YEH = "[یيى]"
_KAF = "[کك]"
_DIGITS = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
_NAME_CHARS = 40
_SPACE = "[\\s\u200c\u200e\u200f\u00a0]+"


def fold_label(text: str) -> str:
    """Return a label for comparison: NFKC, Farsi yeh and kaf, half-spaces as spaces, spaces folded, lower case."""
    # Site names, buttons and end marks are asked for on every page; what is long is asked for once.
    return _fold_name(text) if len(text) <= _NAME_CHARS else _fold(text)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_LETTERS).split()).lower()


_fold_name = lru_cache(maxsize=1024)(_fold)


@lru_cache(maxsize=256)  # asked for the same few labels at every line
def spelling_pattern(text: str) -> str:
    """Return a regular expression source that matches a text in either yeh and kaf and with any space."""
    words = []
    for word in text.split():
        letters = (_YEH if c in "یيى" else _KAF if c in "کك" else re.escape(c) for c in word)
        words.append("".join(letters))
    return _SPACE.join(words)


def digits(text: str) -> str:
    """Return a text of digits (`1401/02/28`, `12,345.5`) in Persian ones, with the Persian marks of numbers."""
    return text.translate(_DIGITS)
