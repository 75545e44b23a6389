"""Days of the three calendars, as Gregorian dates; the Jalali one by jdatetime."""

from __future__ import annotations

from datetime import date
from enum import Enum
from functools import lru_cache

import jdatetime

# The years a Jalali date may have: the living memory of the press, and room ahead.
FIRST_YEAR = 1300
LAST_YEAR = 1499
# A lunar month begins with the sighting of the moon: the arithmetic calendar may be off by so many days.
LUNAR_TOLERANCE = 2

_MONTHS = 12
# Day before 1 Muharram 1 of the civil (Friday) epoch, 19 July 622 in the Gregorian calendar, as an ordinal.
_LUNAR_EPOCH = 227014
_LONGEST_MONTH = 31
_LONGEST_LUNAR_MONTH = 30
# About forty years of days: more than an archive of one site holds, and a few megabytes at most.
_CACHED_DAYS = 16384


class Calendar(Enum):
    """The calendar a date is written in."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


@lru_cache(maxsize=_CACHED_DAYS)
def jalali_day(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a Jalali one, or None where it does not exist."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= _MONTHS and 1 <= day <= _LONGEST_MONTH):
        return None
    try:
        found: date = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        return None
    return found


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


@lru_cache(maxsize=_CACHED_DAYS)
def jalali_text(day: date) -> str:
    """Return ``1401-02-28``, or an empty string outside FIRST_YEAR..LAST_YEAR."""
    try:
        found = jdatetime.date.fromgregorian(date=day)
    except ValueError:
        return ""
    year: int = found.year
    return f"{year:04}-{found.month:02}-{found.day:02}" if FIRST_YEAR <= year <= LAST_YEAR else ""
