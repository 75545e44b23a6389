"""Days: the Jalali calendar, ranges of days as people write them, and the clock.

jdatetime says on which day a Jalali year begins; a day is counted from there, since jdatetime's own conversion of one
takes thirteen times as long (4.3 against 0.33 microseconds) and a reading of a line of text asks for several.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import jdatetime

from farscrawler.errors import BadArgumentError
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Four digits from here on are a Jalali year, since the calendar came into use in 1304 and no page speaks of 1404 AD;
#: up to the Gregorian year that no newspaper is older than.
FIRST_JALALI_YEAR, _FIRST_GREGORIAN_YEAR = 1300, 1700

#: What the log says of a range that has not begun, with the publisher and the range.
AHEAD = "%s: %s lies in the future; nothing can have been published then."

MONTHS = 12
#: Six months of 31 days, five of 30, and Esfand: where each begins, counted from 1 Farvardin.
_STARTS = tuple(min(m, 6) * 31 + max(m - 6, 0) * 30 for m in range(MONTHS))
#: 1 Farvardin of the year 1.
_YEAR_ONE = dt.date(622, 3, 21).toordinal()
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
#: «SH» stands for the solar Hijri calendar. Without such a mark some reader takes every form for a Gregorian date:
#: DuckDB, pyarrow, pandas, polars and `datasets` were asked. Slashes, since hyphens turn a date around within
#: right-to-left text.
MARK = "SH "
_STORED = re.compile(rf"{MARK}(\d{{4}})/(\d\d)/(\d\d)(?: (\d\d:\d\d:\d\d))?", re.ASCII)
#: The length of a stored day. Every stored moment begins with its day, so that as text it sorts by time.
STORED_DAY = len(MARK + "1401/02/28")
_BEFORE_ALL, _AFTER_ALL = f"{MARK}0000", f"{MARK}9999"
#: Clocks are wrong by hours where a time zone was set wrong; nobody was at a moment that lies further ahead.
_CLOCK_ERROR = dt.timedelta(days=1)


# The Jalali calendar.


def is_jalali_year(year: int) -> bool:
    """Whether a year of four digits is one of the Jalali calendar, whatever calendar its format promises."""
    return FIRST_JALALI_YEAR <= year < _FIRST_GREGORIAN_YEAR


@lru_cache(maxsize=512)
def _new_year(year: int) -> int:
    """Return the ordinal of 1 Farvardin. Raise ValueError outside of the years that jdatetime counts."""
    ordinal: int = jdatetime.date(year, 1, 1).togregorian().toordinal()
    return ordinal


def gregorian(year: int, month: int, day: int) -> dt.date:
    """Return the Gregorian date of a Jalali day. Raise ValueError where there is no such day."""
    if year > 0 and 0 < month <= MONTHS and day > 0:
        ordinal = _new_year(year) + _STARTS[month - 1] + day - 1
        if ordinal < (_new_year(year + 1) if month == MONTHS else _new_year(year) + _STARTS[month]):
            return dt.date.fromordinal(ordinal)
    raise ValueError(f"there is no day {year:04}-{month:02}-{day:02} in the Jalali calendar")


def jalali_parts(day: dt.date) -> tuple[int, int, int]:
    """Return the Jalali year, month and day of a Gregorian date. Raise ValueError before the year 1."""
    ordinal, year = day.toordinal(), day.year - 621
    if ordinal < _YEAR_ONE:
        raise ValueError(f"{day} lies before the Jalali calendar")
    if ordinal < _new_year(year):
        year -= 1
    days = ordinal - _new_year(year)
    month = bisect_right(_STARTS, days)
    return year, month, days - _STARTS[month - 1] + 1


def jalali(day: dt.date) -> str | None:
    """Return a day as arguments, logs and answers have it, `1401-02-28`; None for an open end."""
    if day in (dt.date.min, dt.date.max):
        return None
    year, month, number = jalali_parts(day)
    return f"{year:04}-{month:02}-{number:02}"


def slashed(day: dt.date | None) -> str:
    """Return a day as 1401/02/28; hyphens would turn it around within right-to-left text."""
    return (jalali(day) or "").replace("-", "/") if day else "?"


def stored_jalali(plain: str) -> str:
    """Return a Jalali moment `1401-02-28T14:55:59`, or a day, as the archive writes it: `SH 1401/02/28 14:55:59`."""
    return f"{MARK}{plain.replace('-', '/').replace('T', ' ')}"


def plain_jalali(stored: str) -> str:
    """Return a stored Jalali moment or day as it was before it was stored, and any other text as it is."""
    return stored.removeprefix(MARK).replace("/", "-").replace(" ", "T") if _STORED.fullmatch(stored) else stored


def stored_moment(stored: str) -> tuple[dt.date, str]:
    """Return the Gregorian date of a stored Jalali moment or day, and its clock, empty for a day.

    Raise ValueError for any other text.
    """
    found = _STORED.fullmatch(stored)
    if found is None:
        raise ValueError(f"{stored!r} is no stored Jalali time")
    year, month, day, clock = found.groups()
    return gregorian(int(year), int(month), int(day)), clock or ""


def date_fields(published_jalali: str | None) -> tuple[str | None, str | None]:
    """Return what follows from `published_jalali`: the values of `published_date` and `published_jalali_date`."""
    if published_jalali is None:
        return None, None
    try:
        return stored_moment(published_jalali)[0].isoformat(), published_jalali[:STORED_DAY]
    except ValueError:  # a damaged row
        return None, None


def period(year: int, month: int | None = None, day: int | None = None) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a year, a month or a day; its calendar follows from the year.

    Raise ValueError where there is no such day.
    """
    make = gregorian if is_jalali_year(year) else dt.date
    first = make(year, month or 1, day or 1)
    if day is not None:
        return first, first
    following = make(year + 1, 1, 1) if month in (None, MONTHS) else make(year, (month or 0) + 1, 1)
    return first, following - dt.timedelta(days=1)


# Ranges of days.


class Dated(Protocol):
    """What has a time of publication: an article."""

    @property
    def published_date(self) -> str | None:
        """The Gregorian day, `2022-05-18`."""
        ...


def day_of(article: Dated) -> dt.date | None:
    """Return the day an article was published on, in its site's zone; None where that is not known."""
    return dt.date.fromisoformat(article.published_date) if article.published_date is not None else None


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from ``first`` to ``last``, both included, Gregorian dates of the site's own zone.

    An open end is ``date.min`` or ``date.max``.
    """

    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def days(self) -> Iterator[dt.date]:
        """Yield every day, the first one first; both ends must be closed."""
        for number in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(number)

    def closed(self, *, first: dt.date, last: dt.date) -> DateRange:
        """Return the part of the range between two days."""
        return DateRange(max(self.first, first), min(self.last, last))

    def covers(self, article: Dated) -> bool:
        """Whether an article was published on one of the days; an article without a known day is not covered."""
        day = day_of(article)
        return day is not None and day in self

    def lies_ahead(self, tz: str) -> bool:
        """Whether the range has not begun yet on the clock of a zone."""
        return self.first > today_in(tz)

    def jalali_ends(self) -> tuple[str, str]:
        """Return both days as the archive writes them; an open end lies before or after every day."""
        first, last = jalali(self.first), jalali(self.last)
        return stored_jalali(first) if first else _BEFORE_ALL, stored_jalali(last) if last else _AFTER_ALL

    def __str__(self) -> str:
        return f"{jalali(self.first) or '…'} – {jalali(self.last) or '…'}"


def parse_date_range(since: dt.date | str | None, until: dt.date | str | None) -> DateRange:
    """Read both ends of a range; each is a date, or the text of a day, a month or a year. Raise BadArgumentError."""
    first = _written_period("since", since)[0] if since is not None else dt.date.min
    last = _written_period("until", until)[1] if until is not None else dt.date.max
    if first > last:
        raise BadArgumentError(f"since={since} lies after until={until}; exchange them.")
    return DateRange(first, last)


def _written_period(name: str, text: dt.date | str) -> tuple[dt.date, dt.date]:
    if isinstance(text, dt.datetime):
        raise BadArgumentError(f"{name}={text} is a moment; give the day alone, as a datetime.date.")
    if isinstance(text, dt.date):
        return text, text
    wanted = f"{name}={text}: write a day such as 1401-02-01, a month (1401-02), a year, or the same in Gregorian."
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise BadArgumentError(wanted)
    year, month, day = (int(part) if part else None for part in match.groups())  # int() reads Persian digits too
    if year is None or year < FIRST_JALALI_YEAR:  # a slip such as 140 or 0401
        raise BadArgumentError(wanted)
    try:
        return period(year, month, day)
    except ValueError as error:
        raise BadArgumentError(f"{name}={text}: there is no such day.") from error


def runs_of_days(days: Iterable[dt.date]) -> Iterator[DateRange]:
    """Yield days that rise as ranges."""
    found = list(days)
    breaks = [at + 1 for at, (one, following) in enumerate(pairwise(found)) if (following - one).days > 1]
    for start, end in pairwise([0, *breaks, len(found)]):
        if start < end:
            yield DateRange(found[start], found[end - 1])


# The clock. This is the one place that reads the machine's clock for what is stored.


def now() -> str:
    """Return the present moment as the archive writes it: UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def today_in(tz: str) -> dt.date:
    """Return the day that it is in a zone."""
    return dt.datetime.now(time_zone(tz)).date()


def duration(seconds: float) -> str:
    """Return a length of time for people: `42 s`, `3 min 12 s`, `5 h 7 min`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  # seconds in a minute
        return f"{whole} s" if seconds >= 1 else f"{seconds:.1f} s"
    if whole < 3600:  # noqa: PLR2004  # seconds in an hour
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def in_future(moment: dt.datetime) -> bool:
    """Whether a moment (aware) has not come yet, so that no page can have been taken then."""
    return moment > dt.datetime.now(dt.UTC) + _CLOCK_ERROR


def is_to_come(at: str) -> bool:
    """Whether a moment as the archive writes it has not come yet, so that it was written by a wrong clock."""
    return at > (dt.datetime.now(dt.UTC) + _CLOCK_ERROR).isoformat(timespec="seconds")
