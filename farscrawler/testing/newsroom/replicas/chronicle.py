"""Chronicle: the articles of a newsroom by time, found without making those that lie elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import jdatetime

from farscrawler.testing.newsroom import clock
from farscrawler.testing.newsroom.replicas.edition import Edition, edition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.testing.newsroom.press import Newsroom

Day = tuple[int, int, int]
_CACHED = 8_192


class Chronicle:
    """The editions of ``newsroom``: by id, and by Jalali or Gregorian day of Tehran's clock."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self._edition = lru_cache(maxsize=_CACHED)(self._made)

    def article(self, number: int) -> Edition | None:
        """Return one article; None for a gap."""
        story = self.newsroom.story(number)
        return None if story is None else self._edition(number, story.revision)

    def backwards(self, before: datetime | None = None) -> Iterator[Edition]:
        """Yield the articles newest first, from the newest or from the last one before a moment."""
        at = self.newsroom.newest_id if before is None else self._last_slot(before)
        for number in range(at, self.newsroom.first_id - 1, -1):
            found = self.article(number)
            if found is not None and (before is None or found.published < before):
                yield found

    def between(self, start: datetime, end: datetime) -> list[Edition]:
        """Return the articles of a span, its end left out, newest first."""
        found = []
        for one in self.backwards(end):
            if one.published < start:
                break
            found.append(one)
        return found

    def day(self, day: Day) -> list[Edition]:
        """Return the articles of one Jalali day."""
        return self.between(*bounds(day))

    def newest(self, number: int) -> list[Edition]:
        """Return the newest articles."""
        return [one for one, _ in zip(self.backwards(), range(number), strict=False)]

    def first(self) -> Edition:
        """Return the oldest article."""
        return next(one for at in self.newsroom.ids()[:1] if (one := self.article(at)) is not None)

    def _last_slot(self, before: datetime) -> int:
        """Return the highest id whose slot of time begins before a moment."""
        newsroom = self.newsroom
        slots = range(newsroom.count)
        after = bisect_right(slots, before, key=lambda index: newsroom.timeline.instant(index, 0.0))
        # A slot's start lies before every instant in it, so the article of the next slot may not be before the moment.
        return min(newsroom.first_id + after, newsroom.newest_id)

    def _made(self, number: int, _revision: int) -> Edition:
        story = self.newsroom.story(number)
        if story is None:
            raise LookupError(f"no article {number}")
        return edition(story)


def midnight(day: Day) -> datetime:
    """Return the first instant of a Jalali day in Tehran, UTC; ValueError where there is no such day."""
    return clock.jalali_midnight("-".join(map(str, day)))


def bounds(day: Day) -> tuple[datetime, datetime]:
    """Return the first instants of a Jalali day and of the next one."""
    start = jdatetime.date(*day)
    after = start + timedelta(days=1)
    return midnight(day), midnight((after.year, after.month, after.day))


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """Return the first instants of a Jalali month and of the next one."""
    return midnight((year, month, 1)), midnight((year + month // 12, month % 12 + 1, 1))


def gregorian_bounds(year: int, month: int, day: int | None = None) -> tuple[datetime, datetime]:
    """Return the first instants, in Tehran, of a Gregorian day or month and of the next one; ValueError for none."""
    start = datetime(year, month, day or 1, tzinfo=clock.TEHRAN)
    if day is not None:
        # Tehran's wall clock, not 24 hours: a day in spring and autumn had 23 and 25.
        end = datetime.combine(start.date() + timedelta(days=1), start.time(), clock.TEHRAN)
    else:
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=clock.TEHRAN)
    return start.astimezone(UTC), end.astimezone(UTC)
