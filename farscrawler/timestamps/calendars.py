"""Days of the three calendars, as Gregorian dates, for years that a newspaper can mean."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

from farscrawler.days import FIRST_JALALI_YEAR, MONTHS, gregorian, jalali

# The years a Jalali date may have: the living memory of the press, and room ahead.
FIRST_YEAR, LAST_YEAR = FIRST_JALALI_YEAR, 1499
# The Gregorian years that have days in them.
GREGORIAN_YEARS = range(FIRST_YEAR + 621, LAST_YEAR + 623)
# A lunar month begins with the sighting of the moon: the arithmetic calendar may be off by so many days.
LUNAR_TOLERANCE = 2

# Day before 1 Muharram 1 of the civil epoch (19 July 622 in the Gregorian calendar), as an ordinal.
_LUNAR_EPOCH = 227014
_LONGEST_LUNAR_MONTH = 30
_FIRST_DAY, _LAST_DAY = gregorian(FIRST_YEAR, 1, 1), gregorian(LAST_YEAR + 1, 1, 1) - timedelta(days=1)


class Calendar(Enum):
    """The calendar a date is written in."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


def jalali_day(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a Jalali one, or None where it does not exist."""
    try:
        return gregorian(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def jalali_text(day: date) -> str:
    """Return ``1401-02-28``, or an empty string outside FIRST_YEAR..LAST_YEAR."""
    return (jalali(day) or "") if _FIRST_DAY <= day <= _LAST_DAY else ""


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
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= MONTHS and 1 <= day <= _LONGEST_LUNAR_MONTH):
        return None
    months = (59 * (month - 1) + 1) // 2
    return date.fromordinal(_LUNAR_EPOCH + (year - 1) * 354 + (3 + 11 * year) // 30 + months + day)
