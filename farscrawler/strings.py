"""Strings that machines write for machines (JSON-LD, feeds, JSON sitemaps), made into text as markup would hold it.

No browser shows them, so nobody sees what is wrong with them: half an emoji, a NUL, entities of HTML, line ends. Half
an emoji cannot even be written to a file.
"""

from __future__ import annotations

import difflib
import html
import re
from html.entities import html5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ASCII_BLANKS = "\t\n\r\f\v"
_EDGES = " \u00a0"
_SURROGATE = re.compile("[\ud800-\udfff]")
#: C0 and C1 but for the blanks among them; U+0085 ends a line.
_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)))
_CONTROLS |= {0x85: " "}
_CONTROL = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f]")
#: Whatever a clean string has not.
_ODD = re.compile("[\\x00-\\x1f\\x7f-\\x9f&\ud800-\udfff]|  ")
#: A semicolon ends it always: `?a=1&copy=2` is an address.
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|[A-Za-z][A-Za-z0-9]{1,31});")


def clean(text: str) -> str:
    """Return a machine's string as text: entities of HTML decoded, blanks folded, control characters left out.

    Pairs of surrogates are joined, half of one becomes U+FFFD. Letters, half-spaces and marks stay as they are.
    """
    if _ODD.search(text) is None:  # nearly all strings are clean
        return text.strip(_EDGES)
    text = _REFERENCE.sub(_character, text)
    text = join_surrogates(text)
    if _CONTROL.search(text):
        text = text.translate(_CONTROLS)
    return fold_blanks(text)


def join_surrogates(text: str) -> str:
    """Return a text whose pairs of surrogates are characters, and whose lone ones are U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fold_blanks(text: str) -> str:
    """Fold runs of ASCII whitespace to one space and trim the ends, of U+00A0 too; nothing else changes."""
    # Looking for what is mostly not there, by plain search, costs a tenth of a regular expression's walk.
    for blank in _ASCII_BLANKS:
        if blank in text:
            text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(_EDGES)


def code_of(reference: re.Match[str]) -> int | None:
    """Return the number of a character reference, matched in groups of decimal and hexadecimal digits, or None."""
    decimal, hexadecimal = reference.groups()
    return int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else None


def _character(reference: re.Match[str]) -> str:
    code = code_of(reference)
    if code is not None and 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates
        return chr(code)  # with its other half behind it, it is a character
    return html.unescape(reference[0]) if code is not None else html5.get(reference[0][1:], reference[0])


def did_you_mean(word: str, known: Iterable[str], others: Mapping[str, str] | None = None) -> str:
    """Return a hint at the known word that was meant, to be set behind a phrase; an empty text where none is near.

    ``others`` are words that are none, with the known one that each of them stands for elsewhere.
    """
    meant = {**{one: one for one in known}, **(others or {})}
    found = difflib.get_close_matches(word.lower(), meant, 1)
    return f"; did you mean {meant[found[0]]}?" if found else ""
