"""The dates in a run of tokens: every reading a date can have, and why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import (
    FIRST_YEAR,
    LAST_YEAR,
    LUNAR_TOLERANCE,
    Calendar,
    gregorian_day,
    jalali_day,
    lunar_day,
)
from farscrawler.timestamps.normalise import is_latin
from farscrawler.timestamps.result import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from farscrawler.timestamps.lexer import Token

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
GREGORIAN_YEARS = range(FIRST_YEAR + 621, LAST_YEAR + 623)
# Short Gregorian years a page in Latin digits could mean, 2000 to 2029.
_SHORT_GREGORIAN = range(30)
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
        """Return whether the text is printed without a Persian or Arabic digit."""
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
    reason: Reason | None = None
    calendar: Calendar | None = None
    rivals: frozenset[date] = frozenset()  # days that make it unclear and are never the answer

    def take(self, calendar: Calendar, readings: list[tuple[int, int, int]]) -> None:
        """Keep the readings (year, month, day) that exist; a lunar one is only about its day."""
        days = {day for reading in readings if (day := _DAY_OF[calendar](*reading))}
        self.calendar = calendar
        if not days:
            self.reason = Reason.NO_SUCH_DAY
        elif calendar is Calendar.LUNAR:
            self.about, self.reason = next(iter(days)), Reason.LUNAR_ONLY
        else:
            self.days = tuple(days)

    @property
    def broken(self) -> bool:
        """Return whether there is no day at all it could mean."""
        return not self.days and self.about is None

    def agrees(self, day: date) -> bool:
        """Return whether the date as printed can be ``day``."""
        near = self.about is not None and abs((self.about - day).days) <= LUNAR_TOLERANCE
        return near or day in self.days


def numeric(token: Token, index: int, window: Window, era: Calendar | None) -> Dated:
    """Return the date of a token such as 1401/02/28, with an era word after it or None.

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
        found.reason = Reason.YEAR_OUTSIDE
    return found


def _full(found: Dated, orders: list[tuple[int, int, int]], window: Window, era: Calendar | None) -> None:
    """Read a date of a four-digit year, given as (year, month, day) in every order it can have.

    A bare year that may be lunar is refused, and what it would be as such is kept; not so where the fetch has
    reached the Jalali year and the lunar one is older than the Persian web.
    """
    year = orders[0][0]
    if year in GREGORIAN_YEARS:
        found.take(Calendar.GREGORIAN, orders)
    elif not FIRST_YEAR <= year <= LAST_YEAR:
        found.reason = Reason.YEAR_OUTSIDE
    elif era is Calendar.LUNAR:
        found.take(Calendar.LUNAR, orders)
    else:
        found.take(Calendar.JALALI, orders)
        reached = year <= (window.fetch_year or 0) and year < _FIRST_LUNAR_ONLINE
        if year in _MAYBE_LUNAR and era is not Calendar.JALALI and not reached:
            found.about, found.reason = lunar_day(*orders[0]), Reason.MAYBE_LUNAR


def _short(found: Dated, numbers: tuple[int, int, int], window: Window) -> None:
    """Read a two-digit year as y/m/d and d/m/y of the Jalali window.

    In Latin digits a Gregorian reading rivals them: it is never taken, but the Jalali one must not leave it open.
    """
    a, b, c = numbers
    readings = [(year, b, day) for short, day in ((a, c), (c, a)) if (year := window.full_year(short))]
    if not readings:
        found.reason = Reason.YEAR_OUTSIDE
        return
    found.take(Calendar.JALALI, readings)
    if window.latin_digits and found.days:
        found.rivals = frozenset(
            day
            for short, month, of_month in ((a, b, c), (c, b, a), (c, a, b))
            if short in _SHORT_GREGORIAN and (day := gregorian_day(2000 + short, month, of_month))
        )
        found.days = (*found.days, *found.rivals)
