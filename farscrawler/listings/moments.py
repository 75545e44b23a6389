"""The dates that lists, sitemaps and feeds write: W3C, RFC 822 with its common faults, and Jalali ones."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from farscrawler import timestamps
from farscrawler.days import is_jalali_year
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

#: An aware moment, or a day where no time of it is known.
Moment = dt.datetime | dt.date

#: No news was on the web before; years of two digits and slips are refused by it.
_EARLIEST = 1990
_LATEST = 2100
_MAX_LENGTH = 200
_STRAYS = 5
_APART = dt.timedelta(days=3)
#: W3C-DTF (https://www.w3.org/TR/NOTE-datetime), the profile of ISO 8601 that sitemaps and Atom are written in, with
#: a blank for the T; seconds and zone may be missing.
_W3C = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?P<time>[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?\s*(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?)?",
    re.ASCII,
)
#: RFC 822 §5 and RFC 2822 §3.3; weekday, seconds and zone may be missing.
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\.?\s+\d{4}\s+\d{1,2}:\d\d(?::\d\d)?"
    r"(?:\s*(?P<zone>[+-]\d{4}|UTC?|GMT|Z))?",
    re.ASCII | re.IGNORECASE,
)
_ZONE_AT_END = re.compile(r"\s*(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


def read_moment(text: str | None, *, tz: str, fetched_at: dt.datetime | None = None) -> Moment | None:
    """Read when an article was published or changed; None where that is not certain. Never raises.

    ``tz`` is the zone of dates that name none; ``fetched_at`` (aware) is needed for relative ones. A Jalali year with
    a zone behind it is on the site's clock: only machines that take it for a Gregorian one write the zone.
    """
    text = (text or "").strip()
    if not text or len(text) > _MAX_LENGTH:
        return None
    if found := _W3C.fullmatch(text):
        # Nastooh's lists and WordPress with wp-parsidate promise W3C and write Jalali years.
        if not is_jalali_year(int(found["year"])):
            return _w3c(found, tz)
        text = _ZONE_AT_END.sub("", text)
    elif found := _RFC822.fullmatch(text):
        return _rfc822(text, found["zone"], tz)
    answer = timestamps.read(text, fetched_at=fetched_at, tz=tz)
    if isinstance(answer, timestamps.Refusal):
        return None
    return answer.published_at or answer.date


def read_printed(text: str, titles: Iterable[str], *, tz: str, fetched_at: dt.datetime) -> Moment | None:
    """Read the time printed beside an item of a list: its text, its title where the text is relative, or both fail."""
    for candidate in (text, *titles):
        found = read_moment(candidate, tz=tz)  # without the moment of the fetch nothing relative is read
        if found is not None:
            return found
    return read_moment(text, tz=tz, fetched_at=fetched_at)


def day_in(moment: Moment, zone: ZoneInfo) -> dt.date:
    """Return the day of a moment on a site's clock."""
    if not isinstance(moment, dt.datetime):
        return moment
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # within a day of the calendar's ends
        return moment.date()


def reach(days: Iterable[dt.date]) -> dt.date | None:
    """Return the day that a list of the newest articles goes back to; None where it names no days.

    Old articles that were brought up again, and wrong dates, do not tell: of the oldest ones, a tenth of the list, one
    at least and ``_STRAYS`` at most are left out where they lie further back than all the others are apart.
    """
    known = sorted(days)
    for at in range(min(_STRAYS, max(1, len(known) // 10), len(known) - 1), 0, -1):
        if known[at] - known[at - 1] > max(_APART, known[-1] - known[at]):
            return known[at]
    return known[0] if known else None


def _w3c(found: re.Match[str], tz: str) -> Moment | None:
    year, month, day = (int(part) if part else None for part in found.group("year", "month", "day"))
    try:
        # The last day of a year or month: such a date stands for a change some time before its end.
        date = dt.date(year or 0, month or 12, day or calendar.monthrange(year or 0, month or 12)[1])
        if not found["time"]:
            return _sane(date)
        time = dt.time.fromisoformat(found["time"][1:].replace(",", "."))
    except ValueError:
        return None
    zone = _offset(found["zone"]) if found["zone"] else time_zone(tz)
    return _sane(dt.datetime.combine(date, time.replace(microsecond=0), zone)) if zone is not None else None


def _offset(text: str) -> dt.tzinfo | None:
    if text in "Zz":
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    try:
        return dt.timezone(sign * dt.timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
    except ValueError:
        return None


def _rfc822(text: str, zone: str | None, tz: str) -> Moment | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    if moment.tzinfo is None:  # no zone, or -0000, which is UTC (RFC 2822 §3.3)
        moment = moment.replace(tzinfo=dt.UTC if zone else time_zone(tz))
    return _sane(moment)


def _sane(moment: Moment) -> Moment | None:
    return moment if _EARLIEST <= moment.year <= _LATEST else None
