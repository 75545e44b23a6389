"""The most common texts, read at once: ``چهارشنبه 28 ارديبهشت 1401 - 14:55:59``, and ``2022-05-18T14:55:59+04:30``.

A page prints one of the former nearly always, with or without its label, and has some of the latter for machines, so
that the full grammar is spared. What is read here, the grammar reads the same; a test holds the two against each other.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import FIRST_YEAR, LAST_YEAR, Calendar, jalali_day
from farscrawler.timestamps.result import RefusalReason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import VOCABULARY, Kind, Word
from farscrawler.timestamps.zones import east, wall_clock

if TYPE_CHECKING:
    from datetime import tzinfo
    from zoneinfo import ZoneInfo

_LINE = re.compile(
    r"(?:تاریخ انتشار ?: ?)?(?:([^\W\d_]+) )?([0-9]{1,2}) ([^\W\d_]+) ([0-9]{4})"
    r"(?: - |,? | ساعت )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: (AM|PM|ق\.ظ|ب\.ظ))?"
)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:(Z)|([+-])([0-9]{2}):?(00|30|45))?"
)
# No year of another calendar is among them.
_ISO_YEARS = range(1990, 2100)
_UTC = east(0)
_LAST_HOUR_EAST = 11  # of an offset; others are the grammar's
_AFTERNOON = ("PM", "ب.ظ")
_LAST_PLAIN_HOUR, _HALF_DAY = 11, 12
_WORDS: dict[str, Word] = {first: word for first, entries in VOCABULARY.items() for rest, word in entries if not rest}
_WEEKDAYS = {name: word.value for name, word in _WORDS.items() if word.kind is Kind.WEEKDAY}
_MONTHS = {
    name: word.value for name, word in _WORDS.items() if word.calendar is Calendar.JALALI and word.kind is Kind.MONTH
}


def has_common_shape(normal: str) -> bool:
    """Whether a normalised line has this layout, with the name of a month and, if any, of a weekday."""
    match = _LINE.fullmatch(normal.strip())
    return match is not None and match[3] in _MONTHS and (match[1] is None or match[1] in _WEEKDAYS)


def read_common(normal: str, site: ZoneInfo) -> Timestamp | None:
    """Return what a normalised line means, or None where it is not of this one layout."""
    match = _LINE.fullmatch(normal.strip())
    if match is None:
        return None
    weekday_name, day, month_name, year, hour, minute, second, half = match.groups()
    if half is not None and not 1 <= int(hour) <= _LAST_PLAIN_HOUR:
        return None  # noon, midnight and contradictions are the grammar's
    afternoon = _HALF_DAY if half in _AFTERNOON else 0
    month, weekday = _MONTHS.get(month_name), _WEEKDAYS.get(weekday_name)
    if month is None or (weekday_name and weekday is None) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    date = jalali_day(int(year), month, int(day))
    if date is None:
        raise RefusedError(RefusalReason.NO_SUCH_DAY)
    if weekday not in (None, date.weekday()):
        raise RefusedError(RefusalReason.WEEKDAY_DISAGREES)
    try:
        local = datetime(date.year, date.month, date.day, int(hour) + afternoon, int(minute), int(second or 0))  # noqa: DTZ001  # a wall clock, its zone is given below
    except ValueError:
        raise RefusedError(RefusalReason.NO_SUCH_TIME) from None
    return wall_clock(local, site, "second" if second else "minute")


def read_iso(normal: str, site: ZoneInfo) -> Timestamp | None:
    """Return what a normalised text means in ISO 8601, or None where it has another shape or names no moment."""
    match = _ISO.fullmatch(normal.strip())
    if match is None or int(match[1]) not in _ISO_YEARS:
        return None
    year, month, day, hour, minute, second, utc, sign, hours, minutes = match.groups()
    zone: tzinfo = _UTC if utc else site
    if sign:
        if int(hours) > _LAST_HOUR_EAST:
            return None
        offset = 60 * int(hours) + int(minutes)
        zone = east(-offset if sign == "-" else offset)
    try:
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))  # noqa: DTZ001  # as above
    except ValueError:
        return None
    return wall_clock(local, zone, "second" if second else "minute")
