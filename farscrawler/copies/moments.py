"""Who was first: known where the times that the sites give leave no doubt, and unknown otherwise.

A time is a span of seconds: that of a second, of a minute, or of the whole day where only the day is known. An article
is the first one of its group where its span ends before those of all other publishers begin.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Protocol

from farscrawler.days import Dated, day_of
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

Doubt = Literal["same time", "day only"]

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_SPANS = {"second": 1, "minute": _MINUTE, "hour": _HOUR}
#: The zones of the world: a day of an unknown zone begins so many seconds before that of UTC, or so many after it.
_EASTERNMOST, _WESTERNMOST = 14 * _HOUR, 12 * _HOUR


class Timed(Dated, Protocol):
    """What has a time of publication, and says how precise it is."""

    @property
    def published_at(self) -> str | None:
        """The moment, ISO 8601; None where only the day is known."""
        ...

    @property
    def published_precision(self) -> str | None:
        """`second`, `minute`, `hour` or `day`."""
        ...


def day_and_span(article: Timed, zone: str | None) -> tuple[int, int, int] | None:
    """Return the day of an article as an ordinal, and the first and last second (Unix) of its publication.

    ``zone`` is that of its publisher, None where it is not known. None for an article without a known day.
    """
    day = day_of(article)
    if day is None:
        return None
    width = _SPANS.get(article.published_precision or "")
    if article.published_at is not None and width is not None:
        start = int(dt.datetime.fromisoformat(article.published_at).timestamp())
        return day.toordinal(), start, start + width - 1
    if zone is None:
        start = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())
        return day.toordinal(), start - _EASTERNMOST, start + _DAY + _WESTERNMOST - 1
    midnights = (dt.datetime.combine(day + dt.timedelta(days=n), dt.time(), time_zone(zone)) for n in (0, 1))
    first, after = (int(one.timestamp()) for one in midnights)
    return day.toordinal(), first, after - 1


class Spanned(Protocol):
    """A member of a group: its publisher, and the first and the last second at which it may have been published."""

    @property
    def publisher(self) -> str:
        """The key of its publisher."""
        ...

    @property
    def earliest(self) -> int:
        """The first second (Unix)."""
        ...

    @property
    def latest(self) -> int:
        """The last second."""
        ...


def clocked(member: Spanned) -> bool:
    """Whether the time of a member is known to the minute or better."""
    return member.latest - member.earliest < _MINUTE


def first_of(members: Sequence[Spanned]) -> int | Doubt:
    """Return the place of the first member, or why it is not known.

    Where several articles of one publisher may be the first, it is the one that ends first: the publisher is certain.
    """
    place, first = min(enumerate(members), key=lambda one: (one[1].latest, one[1].earliest))
    rivals = [one for one in members if one.publisher != first.publisher and one.earliest <= first.latest]
    if not rivals:
        return place
    return "same time" if clocked(first) and all(map(clocked, rivals)) else "day only"


def lag(first: Spanned, later: Spanned) -> int | None:
    """Return the seconds between two members; None where one of the times is less certain than a minute."""
    return later.earliest - first.earliest if clocked(first) and clocked(later) else None
