"""Words whose meaning hangs on what stands before them: the place after به وقت, م after a time, شنبه after ۵."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.timestamps.vocabulary import AFTER_TIME, OTHER, PLACES, UNCLEAR_DAYPART, UNKNOWN_ZONE, Kind, Word
from farscrawler.timestamps.words import LOCAL, OF_THE_WEEK, TIME_WORD, TO, TOUCHING_LETTERS, ZULU

if TYPE_CHECKING:
    from farscrawler.timestamps.vocabulary import Token

_ABBREVIATION = re.compile("[A-Z]{2,5}")
# The name of a place before "time" has so many words at most: New York City time.
_LONGEST_NAME = 3
# The counted days, یک‌شنبه to پنج‌شنبه, as ``date.weekday()``: 6, 0, 1, 2, 3.
_COUNTED_DAYS = {str(number): (number - 2) % 7 for number in range(1, 6)}
_TIMES = frozenset((Kind.CLOCK, Kind.DAYPART))


def in_context(word: Word, gap: str, found: str, tokens: list[Token], *, dotted: bool) -> tuple[Word, str]:
    """Return the meaning of a word after ``tokens``, and the gap before it; tokens it takes in are dropped from them.

    ``dotted`` tells that a full stop follows: a letter with one is an initial.
    """
    last = tokens[-1] if tokens else None
    if last and last.kind is Kind.ZONE_LEAD:
        return _place(found), tokens.pop().gap
    taken = None
    if last and gap.strip(" (") == "":
        if word is OTHER or found.lower() in PLACES:
            taken = _zone_lead(tokens)
        elif found == OF_THE_WEEK:
            taken = _count_of_days(tokens, gap)
        elif found.lower() == TIME_WORD:
            taken = _name_of_zone(tokens)
        if taken is None and last.kind in _TIMES:
            initial = dotted and len(found) == 1
            return _after_time(word, gap, found, last, initial=initial), gap
    if taken is not None:
        start, first = taken, tokens[taken]
        if found == OF_THE_WEEK:
            word = Word(Kind.WEEKDAY, _COUNTED_DAYS[first.text])
        else:
            word = _place(first.text if first.kind is Kind.OTHER and len(tokens) == start + 1 else found)
        del tokens[start:]
        return word, first.gap
    if gap and found.lower() in TOUCHING_LETTERS:
        in_iso = last is not None and last.kind is Kind.NUMERIC_DATE and found.isupper()
        return (word if in_iso else OTHER), gap
    return word, gap


def _place(name: str) -> Word:
    """Return the zone of a place; one without a name is not known."""
    return Word(Kind.ZONE, name=PLACES.get(name.lower(), ""))


def _zone_lead(tokens: list[Token]) -> int | None:
    """Return where «ساعت» or «به ساعت» begins directly after a time, or «محلی»: a place follows these."""
    if tokens[-1].word.name == LOCAL:
        return len(tokens) - 1
    if tokens[-1].kind is not Kind.HOUR:
        return None
    start = len(tokens) - (2 if len(tokens) > 1 and tokens[-2].text == TO else 1)
    return start if _is_after_time(tokens, start) else None


def _name_of_zone(tokens: list[Token]) -> int | None:
    """Return where the words begin that stand between a time and "time", with nothing but spaces between."""
    for start in range(len(tokens) - 1, max(len(tokens) - 1 - _LONGEST_NAME, 0), -1):
        if tokens[start].kind is not Kind.OTHER:
            return None
        if _is_after_time(tokens, start):
            return start
    return None


def _is_after_time(tokens: list[Token], index: int) -> bool:
    return index > 0 and tokens[index - 1].kind in _TIMES and tokens[index].gap.strip(" (") == ""


def _count_of_days(tokens: list[Token], gap: str) -> int | None:
    """Return where the number of ``۵شنبه`` is; with a space between them it must be no number of a date."""
    if tokens[-1].text not in _COUNTED_DAYS or "(" in gap:
        return None
    before = tokens[-2].kind if len(tokens) > 1 else None
    return len(tokens) - 1 if not gap or before not in (Kind.MONTH, Kind.NUMBER) else None


def _after_time(word: Word, gap: str, found: str, time: Token, *, initial: bool) -> Word:
    """Return what a word says directly after a time: م is the afternoon, a letter alone nothing certain."""
    meant = None if initial else AFTER_TIME.get(found.lower())
    if meant and (time.kind is Kind.CLOCK or meant.kind is Kind.ZONE_LEAD):
        return meant
    if word is OTHER and _ABBREVIATION.fullmatch(found):
        return UNKNOWN_ZONE
    zulu = found.lower() == ZULU and (found.isupper() or not gap)
    lone = len(found) == 1 and (word is OTHER or initial or found.lower() in TOUCHING_LETTERS)
    return UNCLEAR_DAYPART if lone and not zulu and time.kind is Kind.CLOCK else word
