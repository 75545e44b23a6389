"""looks_like: whether a line of a page is a timestamp, before its value is judged."""

from __future__ import annotations

import re

from farscrawler.timestamps.common import has_common_shape
from farscrawler.timestamps.lexer import lex
from farscrawler.timestamps.normalise import normalise
from farscrawler.timestamps.vocabulary import Kind

# The longest line that is nothing but labels, weekday, dates of three calendars and a time has about 100.
MAX_LINE = 120
_DIGIT = re.compile("[0-9]")
_FOREIGN = frozenset((Kind.OTHER, Kind.SPAN))
_TELLING = frozenset((Kind.CLOCK, Kind.NUMERIC_DATE, Kind.MONTH, Kind.WEEKDAY))


def looks_like(text: str) -> bool:
    """Return whether the whole line is made of the words and numbers of timestamps, valid or not.

    It needs a digit, and a time, a numeric date, a month or a weekday: ``چهارشنبه 31 مهر 1404 - 13:33:20`` looks
    like one, a headline with a day in it does not. Never raises.
    """
    if len(text) > MAX_LINE:
        return False
    line = normalise(text)
    if not _DIGIT.search(line):
        return False
    if has_common_shape(line):
        return True
    kinds = {token.kind for token in lex(line[: MAX_LINE * 2])}
    return kinds.isdisjoint(_FOREIGN) and not kinds.isdisjoint(_TELLING)
