"""Dates with the name of a month: which numbers beside it are its day and its year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import FIRST_YEAR, GREGORIAN_YEARS, LAST_YEAR, Calendar
from farscrawler.timestamps.dates import FULL, SHORT, Dated, Window, era_of
from farscrawler.timestamps.result import RefusalReason
from farscrawler.timestamps.vocabulary import COARSE, OTHER, Kind, Token
from farscrawler.timestamps.words import DATE_PART, YEAR_UNIT
from farscrawler.timestamps.years import gregorian_short_year

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DAY = 86_400
# Before the day, the month and the year.
_DASHES = 3


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """A day and a year a month may have: their tokens, and the year in full."""

    day: int
    year: int
    full_year: int

    def shares(self, other: _Arrangement) -> bool:
        return bool({self.day, self.year} & {other.day, other.year})


def named(tokens: Sequence[Token], window: Window, *, open_start: bool = False, open_end: bool = False) -> list[Dated]:
    """Return the dates with a month's name; a month without a day's number beside it is none.

    A number belongs to one date: a month with only one arrangement of day and year takes its two first.
    ``open_start`` tells that a word without meaning touches the first token: an ordinal there may be of that word.
    ``open_end`` tells that a word touches the last one: what may be an amount may be of that word.
    """
    months = [index for index, token in enumerate(tokens) if token.kind is Kind.MONTH]
    if months and open_start and tokens[0].kind is Kind.NUMBER and not tokens[0].text.isdecimal():
        tokens = (Token(OTHER, tokens[0].gap, tokens[0].text), *tokens[1:])
    sure = len(tokens) - 1 if open_end else len(tokens)
    found = {index: list(_arrangements(tokens, index, window, sure)) for index in months}
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
        yearless = (word.value, tokens[days[0]].numbers[0])
        if len(days) > 1 or word.calendar is Calendar.LUNAR:
            return Dated(reason=RefusalReason.NO_YEAR)
        return Dated(frozenset(days), calendar=word.calendar, reason=RefusalReason.NO_YEAR, yearless=yearless)
    dated = Dated(frozenset(number for one in found for number in (one.day, one.year)))
    dated.take(word.calendar, [(one.full_year, word.value, tokens[one.day].numbers[0]) for one in found])
    places = (month, *dated.used)
    dated.deny(era_of(tokens, min(places), max(places)))
    return dated


def _arrangements(tokens: Sequence[Token], month: int, window: Window, sure: int) -> Iterator[_Arrangement]:
    """Yield day and year as ``28 O 1401``, ``O 28, 1401``, ``1401 28 O``, ``1401 O 28`` and ``Oct 27 10:20 2021``.

    A number in words, with a mark of thousands or beyond a dash may count something: it is a year only before the
    token ``sure``, or where a weekday or the word for year says so.
    """
    before, after = _before(tokens, month), _after(tokens, month)
    if before < 0 and _is_dashed(tokens, month):
        before = month - 1
    if _is_day(tokens, before):
        yield from _day_first(tokens, month, before, window, sure)
    if _is_day(tokens, after):
        yield from _month_first(tokens, month, after, window, sure)


def _day_first(tokens: Sequence[Token], month: int, day: int, window: Window, sure: int) -> Iterator[_Arrangement]:
    calendar, after = tokens[month].word.calendar, _after(tokens, month)
    if year := _year(tokens, after, calendar, window):
        if not tokens[after].worded or _is_sure(tokens, after, sure):
            yield _Arrangement(day, after, year)
    elif year := _marked_year(tokens, month + 1, calendar, window, sure):
        yield _Arrangement(day, month + 1, year)
    earlier = day - 1 if not tokens[day].gap.strip(" ") else -1
    if year := _year(tokens, earlier, calendar, None):
        yield _Arrangement(day, earlier, year)


def _month_first(tokens: Sequence[Token], month: int, day: int, window: Window, sure: int) -> Iterator[_Arrangement]:
    calendar, later = tokens[month].word.calendar, _after(tokens, day)
    if year := _year(tokens, later, calendar, window):
        yield _Arrangement(day, later, year)
    elif year := _marked_year(tokens, day + 1, calendar, window, sure):
        yield _Arrangement(day, day + 1, year)
    beyond = _beyond_time(tokens, later)
    if calendar is Calendar.GREGORIAN and (year := _year(tokens, beyond, calendar, None)):
        yield _Arrangement(day, beyond, year)
    before = _before(tokens, month)
    if year := _year(tokens, before, calendar, None):
        yield _Arrangement(day, before, year)


def _year(tokens: Sequence[Token], index: int, calendar: Calendar | None, window: Window | None) -> int | None:
    """Return the year a number can mean in ``calendar``; one of two digits only where ``window`` is given."""
    if not _is_number(tokens, index):
        return None
    text, value = tokens[index].text, tokens[index].numbers[0]
    if len(text) == FULL:
        return value if _fits(value, calendar) else None
    if len(text) == SHORT and text.isdecimal() and window and calendar is Calendar.JALALI:
        return window.full_year(value)
    return None


def _fits(year: int, calendar: Calendar | None) -> bool:
    return year in GREGORIAN_YEARS if calendar is Calendar.GREGORIAN else FIRST_YEAR <= year <= LAST_YEAR


def _marked_year(
    tokens: Sequence[Token], index: int, calendar: Calendar | None, window: Window, sure: int
) -> int | None:
    """Return the year ``index`` can mean beyond a dash (``- 1401``) or an apostrophe (``'01``), or as ``1,401``."""
    if index >= len(tokens) or tokens[index].kind not in (Kind.NUMBER, Kind.DIGIT_GROUPS) or not tokens[index].numbers:
        return None
    token, mark = tokens[index], tokens[index].gap.strip(" ,")
    value, plain = token.numbers[0], token.kind is Kind.NUMBER
    if mark == "'" and plain and len(token.text) == SHORT:
        return gregorian_short_year(value) if calendar is Calendar.GREGORIAN else window.full_year(value)
    if mark not in {"", "'", "-"} or (plain and (mark == "" or len(token.text) != FULL)) or not _fits(value, calendar):
        return None
    return value if mark == "'" or _is_sure(tokens, index, sure) else None


def _is_sure(tokens: Sequence[Token], year: int, sure: int) -> bool:
    """Whether a number that can be a year counts nothing: no unit follows, and no word that is unknown.

    A weekday in the chunk checks the date, and the word for year before the number names it.
    """
    if any(token.kind is Kind.UNIT and not token.gap.strip(" ") for token in tokens[year + 1 : year + 2]):
        return False
    return year < sure or tokens[year - 1].text == YEAR_UNIT or any(token.kind is Kind.WEEKDAY for token in tokens)


def _is_dashed(tokens: Sequence[Token], month: int) -> bool:
    """Whether dashes part a weekday, a day and the month: the weekday tells the day from another number."""
    gaps = [token.gap.strip(" ") for token in tokens[month - 1 : month + 2]]
    return month > 1 and tokens[month - 2].kind is Kind.WEEKDAY and gaps == ["-"] * _DASHES


def _is_number(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind is Kind.NUMBER


def _is_day(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number can be a day: two digits at most, or in words, and no number of a week or a year."""
    size = _is_number(tokens, index) and (len(tokens[index].text) <= SHORT or not tokens[index].text.isdecimal())
    return size and not (index > 0 and not tokens[index].gap.strip(" ") and _is_counted(tokens, index - 1))


def _is_counted(tokens: Sequence[Token], index: int) -> bool:
    """Whether the token makes the number after it its own: هفته اول, سال پنجم, ده روز اول."""
    word = tokens[index].word
    if word.kind is Kind.JOIN and word.value == _DAY:
        return _is_number(tokens, index - 1) and not tokens[index].gap.strip(" ")
    return word.kind in (Kind.UNIT, Kind.JOIN) and (word.value == COARSE or word.value > _DAY)


def _beyond_time(tokens: Sequence[Token], index: int) -> int:
    """Return the index after a time, and its zone, at ``index``: ctime prints the year there."""
    if index >= len(tokens) or tokens[index].kind is not Kind.CLOCK:
        return len(tokens)
    index += 1
    if index < len(tokens) and tokens[index].kind is Kind.ZONE:
        index += 1
    return index if index < len(tokens) and not tokens[index].gap.strip(" ") else len(tokens)


def _touches(gap: str, *, comma: bool) -> bool:
    """Whether parts of one date may have ``gap`` between them: ``9 /مهر/ 1405``, ``18-May-2022``."""
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
