"""Years that are not four plain digits: in words, with a mark of thousands, with an apostrophe for the century."""

from __future__ import annotations

import re

from farscrawler.timestamps import words
from farscrawler.timestamps.calendars import FIRST_YEAR, GREGORIAN_YEARS, LAST_YEAR
from farscrawler.timestamps.normalise import normalise

_HUNDRED = 100
_TEN = 10
_TEENS = range(10, 20)


def _parts() -> dict[str, int]:
    """Return the folded words of hundreds, tens and units, each with its number."""
    cardinals = [(cell, number) for number, (cell, _) in enumerate(words.UNITS_IN_WORDS, 1)]
    cardinals += [(cell, number) for number, (cell, _) in enumerate(words.TEENS_IN_WORDS, _TEN)]
    tens = [cell for cell, _ in words.TENS_IN_WORDS] + list(words.HIGH_TENS_IN_WORDS)
    cardinals += [(cell, number * _TEN) for number, cell in enumerate(tens, 2)]
    cardinals += words.HUNDREDS_IN_WORDS
    return {normalise(word): number for cell, number in cardinals for word in cell.split("|")}


_PARTS = _parts()
_ONE, _TWO = (normalise(cell.split("|")[0]) for cell, _ in words.UNITS_IN_WORDS[:2])
_AND = rf"[ ]?{words.AND}[ ]?"
#: A thousand or two and what is joined to it by "and"; the longer of two words first, so that «سیصد» is no «سی».
IN_WORDS = (
    rf"(?<![^\W\d_])(?:(?:{_ONE}|{_TWO})[ ]?)?{words.THOUSAND}"
    rf"(?:{_AND}(?:{'|'.join(sorted(_PARTS, key=len, reverse=True))}))*+(?![^\W\d_])"
)
_WORD = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)))
_THOUSANDS = re.compile(r"([12])[,.']([0-9]{3})")
# The years an apostrophe and two digits can mean where the month is a Gregorian one: those of the web.
_THIS_CENTURY, _LAST_CENTURY = range(30), range(90, 100)


def year_in_words(text: str) -> int | None:
    """Return the year of a text that matches IN_WORDS, or None where its parts make no number that can be one."""
    head, _, tail = text.partition(words.THOUSAND)
    year = 2000 if head.startswith(_TWO) else 1000
    smallest = 1000
    for word in _WORD.findall(tail):
        part = _PARTS[word]
        # Each part is of a lower place than the one before it: hundreds, tens, units; a teen ends the number.
        place = _HUNDRED if part >= _HUNDRED else _TEN if part >= _TEN else 1
        if place >= smallest:
            return None
        smallest = 1 if part in _TEENS else place
        year += part
    return year if FIRST_YEAR <= year <= LAST_YEAR or year in GREGORIAN_YEARS else None


def year_of_thousands(text: str) -> int | None:
    """Return the number of «1,400», or None where the text is no such number."""
    match = _THOUSANDS.fullmatch(text)
    return int(match[1] + match[2]) if match else None


def gregorian_short_year(short: int) -> int | None:
    """Return the Gregorian year of «'21», or None where it may be of either century."""
    if short in _THIS_CENTURY:
        return 2000 + short
    return 1900 + short if short in _LAST_CENTURY else None
