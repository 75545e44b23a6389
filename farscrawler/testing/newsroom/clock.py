"""When a story appears, and how the site prints it: ids to instants, instants to Jalali lines.

The calendar is jdatetime's and the offsets are those of the tz database, so what is computed here can be
held against a reader that works the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

import jdatetime

from farscrawler.testing.newsroom import words
from farscrawler.zones import time_zone

TEHRAN = time_zone("Asia/Tehran")
DAY = 86_400
PACE = 155.0  # articles a day, as between the known ids 7824 (1396-07-29) and 267403 (1401-02-28)
_CACHED_DAYS = 4_096
_NOON = 12


def jalali_midnight(day: str) -> datetime:
    """Return the first instant of a Jalali day (``1396-07-29``) in Tehran; ``ValueError`` if it is none."""
    try:
        year, month, number = (int(part) for part in day.split("-"))
        gregorian: date = jdatetime.date(year, month, number).togregorian()
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a Jalali day such as 1396-07-29: {day!r}") from error
    return datetime.combine(gregorian, time(), TEHRAN).astimezone(UTC)


@lru_cache(maxsize=1)
def double_hours() -> tuple[tuple[int, int], ...]:
    """Return the spans (POSIX seconds, start and end) in which Tehran's clock showed the same hour twice.

    Source: the tz database; summer time ended on 30 Shahrivar at 24:00, so the hour before came twice.
    """
    spans = []
    for year in range(1370, 1450):
        evening = datetime.combine(jdatetime.date(year, 6, 30).togregorian(), time(23), TEHRAN)
        first, second = evening.timestamp(), evening.replace(fold=1).timestamp()
        if first != second:
            spans.append((int(first), int(second) + 3_600))
    return tuple(spans)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The rising instants of the articles.

    ``origin`` is the POSIX second of article 0; the first ``count`` articles are ``step`` seconds apart,
    later ones ``later_step``. Unless ``dst_edges`` is set no instant falls into a double hour; if it is,
    every double hour that a story could fall into gets one.
    """

    origin: int
    count: int
    step: float
    later_step: float
    dst_edges: bool

    def _axis(self, index: int) -> int:
        if index <= self.count:
            return int(index * self.step)
        return int(self.count * self.step + (index - self.count) * self.later_step)

    def instant(self, index: int, chance: float) -> datetime:
        """Return the UTC instant of article ``index``, from 0; ``chance`` in [0, 1) places it in its slot."""
        start, end = self.origin + self._axis(index), self.origin + self._axis(index + 1)
        if self.dst_edges:
            second = start + int(chance * (end - start))
            for first, last in double_hours():
                low, high = max(start, first), min(end, last)
                if low < high:
                    second = low + int(chance * (high - low))
        else:
            second = start + int(chance * (end - start))
            for first, last in double_hours():
                # A span before the origin is no part of the axis.
                if first >= self.origin and second >= first:
                    second += last - first
        return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=_CACHED_DAYS)
def jalali_day(day: date) -> tuple[int, int, int]:
    """Return the Jalali year, month and day of a Gregorian ``day``."""
    found = jdatetime.date.fromgregorian(date=day)
    return found.year, found.month, found.day


def weekday(day: date) -> str:
    """Return the site's word for the weekday of ``day``."""
    return words.WEEKDAYS[(day.weekday() + 2) % 7]


def twelve_hours(local: datetime, before: str, after: str) -> str:
    """Return ``9:25:40 AM``: the clock of twelve hours with the given words for before and after noon."""
    return f"{local.hour % 12 or 12}:{local:%M:%S} {before if local.hour < _NOON else after}"
