"""Span: a range of whole days, as people write it (`since=1401-02-01`, `until=1401-02-31`)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import jdatetime

from farscrawler.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.items import Article


#: What is said of a span that has not begun, with the publisher and the span.
AHEAD = "%s: %s lies in the future; nothing can have been published then."
#: Years from here on are Gregorian, below it Jalali: no newspaper is older, and no Jalali year so high is near.
_GREGORIAN_FROM = 1700
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_MONTHS = 12
_BEFORE_ALL, _AFTER_ALL = "0000", "9999"


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``first`` to ``last``, both included, Gregorian dates of the site's own zone.

    An open end is ``date.min`` or ``date.max``.
    """

    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def days(self) -> Iterator[dt.date]:
        """Give every day, the first one first; both ends must be closed."""
        for number in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(number)

    def closed(self, *, first: dt.date, last: dt.date) -> Span:
        """Give the part of the span between two days."""
        return Span(max(self.first, first), min(self.last, last))

    def covers(self, article: Article) -> bool:
        """Tell whether an article was published on one of the days; one whose day is unknown is not covered."""
        day = day_of(article)
        return day is not None and day in self

    def lies_ahead(self, tz: str) -> bool:
        """Tell whether the span has not begun yet on the clock of a zone."""
        return self.first > today_in(tz)

    def jalali_ends(self) -> tuple[str, str]:
        """Give both days as the archive writes them; an open end lies before or after every day."""
        return jalali(self.first) or _BEFORE_ALL, jalali(self.last) or _AFTER_ALL

    def __str__(self) -> str:
        return f"{jalali(self.first) or '…'} – {jalali(self.last) or '…'}"


def today_in(tz: str) -> dt.date:
    """Give the day that it is in a zone."""
    return dt.datetime.now(ZoneInfo(tz)).date()


def day_of(article: Article) -> dt.date | None:
    """Give the day an article was published on, in its site's zone; None where that is not known."""
    if article.published_at is not None:
        return dt.date.fromisoformat(article.published_at[:10])
    return from_jalali(article.published_jalali)


def from_jalali(text: str | None) -> dt.date | None:
    """Give the Gregorian date of a day as the archive writes it, `1401-02-28` with or without a time; None for None."""
    if text is None:
        return None
    year, month, day = map(int, text[:10].split("-"))
    return gregorian(year, month, day)


def gregorian(year: int, month: int, day: int) -> dt.date:
    """Give the Gregorian date of a Jalali one. ValueError where there is no such day."""
    found: dt.date = jdatetime.date(year, month, day).togregorian()
    return found


def jalali(day: dt.date) -> str | None:
    """Give a day as the archive writes it, `1401-02-28`; None for an open end."""
    if day in (dt.date.min, dt.date.max):
        return None
    found: str = jdatetime.date.fromgregorian(date=day).strftime("%Y-%m-%d")
    return found


def parse_span(since: str | None, until: str | None) -> Span:
    """Read both ends of a range; each may be a day, a month or a year. Raises BadArgumentError."""
    first = _ends("since", since)[0] if since is not None else dt.date.min
    last = _ends("until", until)[1] if until is not None else dt.date.max
    if first > last:
        raise BadArgumentError(f"since={since} lies after until={until}; exchange them.")
    return Span(first, last)


def _ends(name: str, text: str) -> tuple[dt.date, dt.date]:
    """Give the first and the last day of what was written."""
    wanted = f"{name}={text}: write a day such as 1401-02-01, a month (1401-02), a year, or the same in Gregorian."
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise BadArgumentError(wanted)
    year = int(match[1])  # int() reads Persian digits too
    month, day = (int(part) if part else None for part in (match[2], match[3]))
    if year < 1300:  # noqa: PLR2004  # before the calendar came into use (1304); a slip such as 140 or 0401
        raise BadArgumentError(wanted)
    make = gregorian if year < _GREGORIAN_FROM else dt.date
    try:
        first = make(year, month or 1, day or 1)
        if day is not None:
            return first, first
        following = make(year + 1, 1, 1) if month in (None, _MONTHS) else make(year, (month or 0) + 1, 1)
    except ValueError as error:
        raise BadArgumentError(f"{name}={text}: there is no such day.") from error
    return first, following - dt.timedelta(days=1)


# The one place that reads the machine's clock for what is stored.
def now() -> str:
    """Give the present moment as the archive writes it: UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


#: Clocks are wrong by hours where a time zone was set wrong; what lies further ahead is no time at which anyone was.
_AHEAD = dt.timedelta(days=1)


def in_future(moment: dt.datetime) -> bool:
    """Tell a moment (aware) that has not come yet, so that no page can have been taken then."""
    return moment > dt.datetime.now(dt.UTC) + _AHEAD
