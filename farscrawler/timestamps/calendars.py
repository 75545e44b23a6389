"""Days of the three calendars, as Gregorian dates; the Jalali one by jdatetime."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from enum import Enum
from functools import lru_cache

import jdatetime

# The years a Jalali date may have: the living memory of the press, and room ahead.
FIRST_YEAR = 1300
LAST_YEAR = 1499
# A lunar month begins with the sighting of the moon: the arithmetic calendar may be off by so many days.
LUNAR_TOLERANCE = 2

# Day before 1 Muharram 1 of the civil epoch (19 July 622 in the Gregorian calendar), as an ordinal.
_LUNAR_EPOCH = 227014
_LONGEST_LUNAR_MONTH = 30
_MONTHS = 12
# Six months of 31 days, five of 30, and Esfand; where each begins, counted from 1 Farvardin.
_LONG_MONTHS, _LONG, _SHORT = 6, 31, 30
_STARTS = tuple(min(m, _LONG_MONTHS) * _LONG + max(m - _LONG_MONTHS, 0) * _SHORT for m in range(_MONTHS))


class Calendar(Enum):
    """The calendar a date is written in."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 2)
def _new_year(year: int) -> int:
    """Return the ordinal of 1 Farvardin by jdatetime; with the next one it tells whether the year is leap."""
    ordinal: int = jdatetime.date(year, 1, 1).togregorian().toordinal()
    return ordinal


def jalali_day(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a Jalali one, or None where it does not exist."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= _MONTHS and 1 <= day <= _LONG):
        return None
    ordinal = _new_year(year) + _STARTS[month - 1] + day - 1
    following = _new_year(year + 1) if month == _MONTHS else _new_year(year) + _STARTS[month]
    return date.fromordinal(ordinal) if ordinal < following else None


def jalali_text(day: date) -> str:
    """Return ``1401-02-28``, or an empty string outside FIRST_YEAR..LAST_YEAR."""
    ordinal, year = day.toordinal(), day.year - 621
    if not FIRST_YEAR <= year <= LAST_YEAR + 1:
        return ""
    if ordinal < _new_year(year):
        year -= 1
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ""
    days = ordinal - _new_year(year)
    month = bisect_right(_STARTS, days)
    return f"{year:04}-{month:02}-{days - _STARTS[month - 1] + 1:02}"


def gregorian_day(year: int, month: int, day: int) -> date | None:
    """Return the date, or None where it does not exist or lies outside the Jalali years read."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if jalali_text(found) else None


def lunar_day(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a lunar Hijri one, right within LUNAR_TOLERANCE days, or None.

    By the arithmetic calendar of thirty-year cycles (11 leap years in 30, civil epoch).
    """
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= _MONTHS and 1 <= day <= _LONGEST_LUNAR_MONTH):
        return None
    months = (59 * (month - 1) + 1) // 2
    return date.fromordinal(_LUNAR_EPOCH + (year - 1) * 354 + (3 + 11 * year) // 30 + months + day)
