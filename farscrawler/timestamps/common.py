"""The most common line, read at once: ``چهارشنبه 28 ارديبهشت 1401 - 14:55:59``, with or without its label.

A page prints one of these nearly always, so the full grammar is spared. What is read here, the grammar reads the same;
a test holds the two against each other.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import FIRST_YEAR, LAST_YEAR, Calendar, jalali_day
from farscrawler.timestamps.result import RefusalReason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import VOCABULARY, Kind, Word
from farscrawler.timestamps.zones import wall_clock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_LINE = re.compile(
    r"(?:تاریخ انتشار ?: ?)?(?:([^\W\d_]+) )?([0-9]{1,2}) ([^\W\d_]+) ([0-9]{4})"
    r"(?: - |,? | ساعت )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: (AM|PM|ق\.ظ|ب\.ظ))?"
)
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
