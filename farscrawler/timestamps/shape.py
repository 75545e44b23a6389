"""looks_like: whether a line of a page is a timestamp, before its value is judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.timestamps.common import has_common_shape
from farscrawler.timestamps.lexer import lex
from farscrawler.timestamps.normalise import normalise
from farscrawler.timestamps.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.timestamps.vocabulary import Token

# The longest line that is nothing but labels, weekday, dates of three calendars and a time has about 100.
MAX_LINE = 120
_DIGIT = re.compile("[0-9]")
_FOREIGN = frozenset((Kind.OTHER, Kind.NUMBERED, Kind.SPAN, Kind.CHOICE, Kind.ABOUT, Kind.AUTHOR))
_TELLING = frozenset((Kind.CLOCK, Kind.NUMERIC_DATE))
_YEAR, _SHORT = 4, 2


def looks_like(text: str) -> bool:
    """Whether the whole line is made of the words and numbers of timestamps, valid or not.

    It needs a time, a numeric date, or a month with a day and a year or a weekday: ``چهارشنبه 31 مهر 1404 - 13:33:20``
    looks like one; a headline with a day in it does not, nor does ``بهمن ۵۷``. Never raises.
    """
    if len(text) > MAX_LINE:
        return False
    line = normalise(text)
    if not _DIGIT.search(line):
        return False
    if has_common_shape(line):
        return True
    tokens = lex(line[: MAX_LINE * 2])
    kinds = {token.kind for token in tokens}
    return kinds.isdisjoint(_FOREIGN) and (not kinds.isdisjoint(_TELLING) or _names_a_day(tokens, kinds))


def _names_a_day(tokens: Sequence[Token], kinds: set[Kind]) -> bool:
    """Whether a month, a number that can be a day, and a year or a weekday are among the tokens."""
    numbers = [token.text for token in tokens if token.kind is Kind.NUMBER]
    years = [text for text in numbers if len(text) == _YEAR and text.isdecimal()]
    days = [text for text in numbers if len(text) <= _SHORT or not text.isdecimal()]
    months = sum(token.kind is Kind.MONTH for token in tokens)
    short_year = len(days) > 1 and months == 1
    return months > 0 and bool(days) and (bool(years) or short_year or Kind.WEEKDAY in kinds)
