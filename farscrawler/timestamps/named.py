"""Dates with the name of a month: which numbers beside it are its day and its year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import FIRST_YEAR, LAST_YEAR, Calendar
from farscrawler.timestamps.dates import FULL, GREGORIAN_YEARS, SHORT, Dated, Window
from farscrawler.timestamps.result import Reason
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import DATE_PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.timestamps.lexer import Token


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """A day and a year a month may have: their tokens, and the year in full."""

    day: int
    year: int
    full_year: int

    def shares(self, other: _Arrangement) -> bool:
        return bool({self.day, self.year} & {other.day, other.year})


def named(tokens: Sequence[Token], window: Window) -> list[Dated]:
    """Return the dates with a month's name; a month without a day's number beside it is none.

    A number belongs to one date: a month with only one arrangement of day and year takes its two first.
    """
    months = [index for index, token in enumerate(tokens) if token.kind is Kind.MONTH]
    found = {index: list(_arrangements(tokens, index, window)) for index in months}
    waiting = list(months) if len(months) > 1 else []
    while (sole := next((index for index in waiting if len(found[index]) == 1), None)) is not None:
        waiting.remove(sole)
        taken = found[sole][0]
        for index in waiting:
            found[index] = [one for one in found[index] if not one.shares(taken)]
    used = {number for some in found.values() for one in some for number in (one.day, one.year)}
    return [dated for index in months if (dated := _dated(tokens, index, found[index], used))]


def _dated(tokens: Sequence[Token], month: int, found: list[_Arrangement], used: set[int]) -> Dated | None:
    word = tokens[month].word
    if word.calendar is None:
        return None
    if not found:
        days = [index for index in (_before(tokens, month), _after(tokens, month)) if _is_day(tokens, index)]
        if not days or used.intersection(days):
            return None
        return Dated(reason=Reason.NO_YEAR)
    dated = Dated(frozenset(number for one in found for number in (one.day, one.year)))
    dated.take(word.calendar, [(one.full_year, word.value, tokens[one.day].numbers[0]) for one in found])
    return dated


def _arrangements(tokens: Sequence[Token], month: int, window: Window) -> Iterator[_Arrangement]:
    """Yield day and year as ``28 O 1401``, ``O 28, 1401``, ``1401 28 O`` and ``1401 O 28``."""
    calendar = tokens[month].word.calendar
    before, after = _before(tokens, month), _after(tokens, month)
    if _is_day(tokens, before):
        if year := _year(tokens, after, calendar, window):
            yield _Arrangement(before, after, year)
        earlier = before - 1 if not tokens[before].gap.strip(" ") else -1
        if year := _year(tokens, earlier, calendar, None):
            yield _Arrangement(before, earlier, year)
    if _is_day(tokens, after):
        later = _after(tokens, after)
        if year := _year(tokens, later, calendar, window):
            yield _Arrangement(after, later, year)
        if year := _year(tokens, before, calendar, None):
            yield _Arrangement(after, before, year)


def _year(tokens: Sequence[Token], index: int, calendar: Calendar | None, window: Window | None) -> int | None:
    """Return the year a number can mean in ``calendar``; one of two digits only where ``window`` is given."""
    if not _is_number(tokens, index):
        return None
    text, value = tokens[index].text, tokens[index].numbers[0]
    if len(text) == FULL:
        fits = value in GREGORIAN_YEARS if calendar is Calendar.GREGORIAN else FIRST_YEAR <= value <= LAST_YEAR
        return value if fits else None
    if len(text) == SHORT and text.isdecimal() and window and calendar is Calendar.JALALI:
        return window.full_year(value)
    return None


def _is_number(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind is Kind.NUMBER


def _is_day(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a number has a day's size: two digits at most, or in words."""
    return _is_number(tokens, index) and (len(tokens[index].text) <= SHORT or not tokens[index].text.isdecimal())


def _touches(gap: str, *, comma: bool) -> bool:
    """Return whether parts of one date may have ``gap`` between them: ``9 /مهر/ 1405``, ``18-May-2022``."""
    stripped = gap.strip(" ")
    return stripped in {"", "/", "."} or gap in {"-", "_"} or (comma and stripped == ",")


def _before(tokens: Sequence[Token], index: int) -> int:
    """Return the index of the part of the date before ``index``, or -1."""
    while index > 0 and _touches(tokens[index].gap, comma=False):
        index -= 1
        if tokens[index].word.name != DATE_PART:
            return index
    return -1


def _after(tokens: Sequence[Token], index: int) -> int:
    """Return the index of the part of the date after ``index``, or the number of tokens."""
    index += 1
    while index < len(tokens) and _touches(tokens[index].gap, comma=True):
        if tokens[index].word.name != DATE_PART:
            return index
        index += 1
    return len(tokens)
