"""The dates in a chunk of tokens: every reading a date can have, and why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import (
    FIRST_YEAR,
    GREGORIAN_YEARS,
    LAST_YEAR,
    LUNAR_TOLERANCE,
    Calendar,
    gregorian_day,
    jalali_day,
    lunar_day,
)
from farscrawler.timestamps.normalise import is_latin
from farscrawler.timestamps.result import RefusalReason
from farscrawler.timestamps.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from farscrawler.timestamps.vocabulary import Token


_DAY_OF: dict[Calendar, Callable[[int, int, int], date | None]] = {
    Calendar.JALALI: jalali_day,
    Calendar.GREGORIAN: gregorian_day,
    Calendar.LUNAR: lunar_day,
}
# Printed in digits alone, these may be lunar years as well: those of 1986 to 2028.
_MAYBE_LUNAR = range(1407, 1451)
# The lunar year of 1995, when the first Persian news went online: nothing is dated before it in lunar years.
_FIRST_LUNAR_ONLINE = 1416
# A two-digit Jalali year is one of these hundred at most. The first is the Persian web's beginning; the last is
# the year of the fetch, or a fixed one where no fetch is known: a page may not come from the future, and
# reading one text must not depend on the machine's clock.
_FIRST_SHORT_YEAR = 1370
_LAST_SHORT_YEAR = 1409
# Short Gregorian years a page in Latin digits could mean, 2000 to 2029.
_SHORT_GREGORIAN = range(30)
_BEGINS = frozenset((Kind.NUMBER, Kind.NUMERIC_DATE))
FULL = 4
SHORT = 2


@dataclass(frozen=True, slots=True)
class Window:
    """What a text's surroundings say of its years: the Jalali year of the fetch, and the script of its digits."""

    text: str  # as printed
    fetch_year: int | None = None

    @property
    def last_short_year(self) -> int:
        """Return the last year two digits may mean."""
        return self.fetch_year or _LAST_SHORT_YEAR

    @property
    def latin_digits(self) -> bool:
        """Whether the text is printed without a Persian or Arabic digit."""
        return is_latin(self.text)

    def full_year(self, short: int) -> int | None:
        """Return the Jalali year two digits mean, or None outside the window."""
        last = self.last_short_year
        year = last - (last - short) % 100
        return year if year >= _FIRST_SHORT_YEAR else None


@dataclass(slots=True)
class Dated:
    """A date: the tokens of its numbers, its possible days, or the reason it has none.

    ``about`` is the day a lunar reading means within LUNAR_TOLERANCE; a date that is or may be lunar has a
    reason and never stands for a day by itself, but it must agree with those beside it.
    """

    used: frozenset[int] = frozenset()
    days: tuple[date, ...] = ()
    about: date | None = None
    reason: RefusalReason | None = None
    calendar: Calendar | None = None
    rivals: frozenset[date] = frozenset()  # days that make it unclear and are never the answer
    yearless: tuple[int, int] | None = None  # month and day of a date without a year: a checksum, no answer

    def take(self, calendar: Calendar, readings: list[tuple[int, int, int]]) -> None:
        """Keep the readings (year, month, day) that exist; a lunar one is only about its day."""
        days = {day for reading in readings if (day := _DAY_OF[calendar](*reading))}
        self.calendar = calendar
        if not days:
            self.reason = RefusalReason.NO_SUCH_DAY
        elif calendar is Calendar.LUNAR:
            self.about, self.reason = next(iter(days)), RefusalReason.LUNAR_ONLY
        else:
            self.days = tuple(days)

    def deny(self, era: Calendar | None) -> None:
        """Leave it without a day where another calendar is named beside it."""
        if era not in (None, self.calendar):
            self.days, self.about, self.reason = (), None, RefusalReason.CALENDARS_DISAGREE

    @property
    def broken(self) -> bool:
        """Whether there is no day at all it could mean."""
        return not self.days and self.about is None and self.yearless is None

    def agrees(self, day: date) -> bool:
        """Whether the date as printed can be ``day``."""
        if self.yearless and self.calendar:
            month, of_month = self.yearless
            return any(
                _DAY_OF[self.calendar](year, month, of_month) == day
                for year in (day.year, day.year - 621, day.year - 622)
            )
        near = self.about is not None and abs((self.about - day).days) <= LUNAR_TOLERANCE
        return near or day in self.days


def era_of(tokens: Sequence[Token], first: int, last: int) -> Calendar | None:
    """Return the calendar named after the date among tokens ``first``..``last``, or before it as its label.

    One after it that is itself the label of another date is not its own: ``۵ آبان ۱۴۰۰ میلادی: ۲۷ اکتبر ۲۰۲۱``.
    """
    after = last + 1
    if after < len(tokens) and tokens[after].kind is Kind.ERA:
        labelled = tokens[after + 1 : after + 2]
        if not any(":" in token.gap or (token.kind in _BEGINS and not token.gap.strip(" ")) for token in labelled):
            return tokens[after].word.calendar
    before = first - 1
    if before >= 0 and tokens[before].kind is Kind.ERA and (before == 0 or ":" in tokens[first].gap):
        return tokens[before].word.calendar
    return None


def numeric(token: Token, index: int, window: Window, era: Calendar | None) -> Dated:
    """Return the date of a token such as 1401/02/28, with the calendar named beside it or None.

    A four-digit year first is y/m/d. A Jalali year last is d/m/y; a Gregorian one d/m/y or m/d/y.
    """
    a, b, c = token.numbers
    separator = next(mark for mark in "/-." if mark in token.text)
    first, _, last = (len(part.strip(" ")) for part in token.text.split(separator))
    found = Dated(frozenset((index,)))
    if first == FULL and last <= SHORT:
        _full(found, [(a, b, c)], window, era)
    elif last == FULL and first <= SHORT:
        orders = [(c, b, a), (c, a, b)] if c in GREGORIAN_YEARS else [(c, b, a)]
        _full(found, orders, window, era)
    elif SHORT in (first, last) and max(first, last) == SHORT:
        _short(found, (a, b, c), window)
    else:
        found.reason = RefusalReason.YEAR_OUTSIDE
    return found


def _full(found: Dated, orders: list[tuple[int, int, int]], window: Window, era: Calendar | None) -> None:
    """Read a date of a four-digit year, given as (year, month, day) in every order it can have.

    A bare year that may be lunar is refused, and what it would be as such is kept; not so where the fetch has
    reached the Jalali year and the lunar one is older than the Persian web.
    """
    year = orders[0][0]
    if year in GREGORIAN_YEARS:
        found.take(Calendar.GREGORIAN, orders)
        found.deny(era)
    elif not FIRST_YEAR <= year <= LAST_YEAR:
        found.reason = RefusalReason.YEAR_OUTSIDE
    elif era is Calendar.LUNAR:
        found.take(Calendar.LUNAR, orders)
    else:
        found.take(Calendar.JALALI, orders)
        found.deny(era)
        reached = year <= (window.fetch_year or 0) and year < _FIRST_LUNAR_ONLINE
        if year in _MAYBE_LUNAR and era is not Calendar.JALALI and not reached:
            found.about, found.reason = lunar_day(*orders[0]), RefusalReason.MAYBE_LUNAR


def _short(found: Dated, numbers: tuple[int, int, int], window: Window) -> None:
    """Read a two-digit year as y/m/d and d/m/y of the Jalali window.

    In Latin digits a Gregorian reading rivals them: it is never taken, but the Jalali one must not leave it open.
    """
    a, b, c = numbers
    readings = [(year, b, day) for short, day in ((a, c), (c, a)) if (year := window.full_year(short))]
    if not readings:
        found.reason = RefusalReason.YEAR_OUTSIDE
        return
    found.take(Calendar.JALALI, readings)
    if window.latin_digits and found.days:
        found.rivals = frozenset(
            day
            for short, month, of_month in ((a, b, c), (c, b, a), (c, a, b))
            if short in _SHORT_GREGORIAN and (day := gregorian_day(2000 + short, month, of_month))
        )
        found.days = (*found.days, *found.rivals)
