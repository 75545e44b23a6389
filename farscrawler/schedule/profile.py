"""How many articles an hour a site publishes, by the hour of the week on Tehran's clock.

A site's rate is a level (articles an hour, of the last days) times a shape (how an hour of the week stands to the
mean, of the last weeks). Both are shrunk: the level towards that of a site of which nothing is known, the shape of an
hour of the week towards that of its hour of the day and its weekday, and these towards a flat line. Fridays, nights
and working hours need no rule that way; a holiday shows in the level within a day or two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR = 3600.0
DAY = 24 * HOUR
WEEK_HOURS = 168
#: Tehran's clock is ahead of UTC by this, without summer time since 1402. Were it to return, a profile would be off by
#: an hour for some weeks and cost some lag; no article is dated by it.
TEHRAN = 3.5 * HOUR
#: The level halves the weight of what was seen before in this time: a site that speeds up, or a holiday, counts for
#: more than half after a day and a half, and one quiet afternoon for little.
_LEVEL_HALF_LIFE = 1.5 * DAY
#: The same of the shape: every hour of the week is seen some four times before half of it is forgotten.
_SHAPE_HALF_LIFE = 28 * DAY
#: The level of a site of which nothing is known: the median of the sites, some 20 articles a day, as if it had been
#: seen for a quarter of a day. One real day outweighs it.
UNKNOWN_RATE = 20.0 / 24
_UNKNOWN_HOURS = 6.0
#: How many articles an hour of the day, a weekday and an hour of the week need to count as much as what they are
#: shrunk to. A weekday's articles come in bunches, so that they say less, each.
_HOUR_WEIGHT, _WEEKDAY_WEIGHT, _CELL_WEIGHT = 3.0, 20.0, 8.0
#: The shape is computed anew after this time: 168 hours take 0.1 ms, and change little in a quarter of a day.
_SHAPE_EVERY = 6 * HOUR
#: Weights grow by powers of two in place of older ones being halved; before this one is reached all are scaled down.
_LARGEST = 2.0**200


def hour_number(at: float) -> int:
    """Return the number of the hour on Tehran's clock of a moment (seconds since 1970)."""
    return int((at + TEHRAN) // HOUR)


def hour_begins(number: int) -> float:
    """Return the moment at which an hour begins, the opposite of ``hour_number``."""
    return number * HOUR - TEHRAN


@dataclass(slots=True)
class Profile:
    """What was seen of a site's publishing: ``observe`` adds to it, ``rate`` and ``rates`` read it.

    ``seen_to`` is the moment up to which the site was read; None before it was.
    """

    seen_to: float | None = None
    _articles: list[float] = field(default_factory=lambda: [0.0] * WEEK_HOURS)
    _hours: list[float] = field(default_factory=lambda: [0.0] * WEEK_HOURS)
    _recent_articles: float = 0.0
    _recent_hours: float = 0.0
    _shape_weight: float = 1.0
    _level_weight: float = 1.0
    _shape: list[float] = field(default_factory=lambda: [1.0] * WEEK_HOURS)
    _shape_at: float = float("-inf")

    def observe(self, since: float, until: float, articles: Mapping[int, float]) -> None:
        """Add a time over which the site was read, and its articles by the number of the hour of publication.

        An article of an earlier hour, which came late, counts too. Nothing is added where ``until`` is not later than
        ``since`` or lies before what was seen: a clock was set back.
        """
        if self.seen_to is not None:
            since = max(since, self.seen_to)
        if until <= since:
            return
        left = dict(articles)
        number = hour_number(since)
        for early in sorted(one for one in left if one < number):
            self._add(early, left.pop(early), 0.0)
        at = since
        while at < until:
            end = min(hour_begins(number + 1), until)
            self._age(end - at)
            self._add(number, left.pop(number, 0.0), (end - at) / HOUR)
            at, number = end, number + 1
        self.seen_to = until
        if until - self._shape_at >= _SHAPE_EVERY:
            self._shape, self._shape_at = self._shaped(), until

    def _age(self, seconds: float) -> None:
        self._level_weight *= 2.0 ** (seconds / _LEVEL_HALF_LIFE)
        self._shape_weight *= 2.0 ** (seconds / _SHAPE_HALF_LIFE)
        if self._level_weight > _LARGEST:
            self._recent_articles /= self._level_weight
            self._recent_hours /= self._level_weight
            self._level_weight = 1.0
        if self._shape_weight > _LARGEST:
            self._articles = [one / self._shape_weight for one in self._articles]
            self._hours = [one / self._shape_weight for one in self._hours]
            self._shape_weight = 1.0

    def _add(self, number: int, articles: float, hours: float) -> None:
        cell = number % WEEK_HOURS
        self._articles[cell] += articles * self._shape_weight
        self._hours[cell] += hours * self._shape_weight
        self._recent_articles += articles * self._level_weight
        # Six hours of a night say as much of the level as the articles that such hours bring.
        self._recent_hours += hours * self._shape[cell] * self._level_weight

    def level(self) -> float:
        """Return the mean number of articles an hour, of the last days; never 0."""
        articles = self._recent_articles / self._level_weight + UNKNOWN_RATE * _UNKNOWN_HOURS
        return articles / (self._recent_hours / self._level_weight + _UNKNOWN_HOURS)

    def rate(self, number: int) -> float:
        """Return the articles an hour to be expected in an hour; never 0."""
        return self.level() * self._shape[number % WEEK_HOURS]

    def rates(self) -> list[float]:
        """Return the articles to be expected in each hour of a week, counted as hour numbers are."""
        level = self.level()
        return [level * one for one in self._shape]

    def _shaped(self) -> list[float]:
        articles = [one / self._shape_weight for one in self._articles]
        hours = [one / self._shape_weight for one in self._hours]
        total = sum(articles)
        if total <= 0:
            return [1.0] * WEEK_HOURS
        mean = total / sum(hours) if sum(hours) > 0 else 0.0
        if mean <= 0:
            return [1.0] * WEEK_HOURS
        by_hour = [_ratio(sum(articles[h::24]), mean * sum(hours[h::24]), 1.0, _HOUR_WEIGHT) for h in range(24)]
        by_weekday = [
            _ratio(sum(articles[d : d + 24]), mean * sum(hours[d : d + 24]), 1.0, _WEEKDAY_WEIGHT)
            for d in range(0, WEEK_HOURS, 24)
        ]
        shape = [
            _ratio(articles[c], mean * hours[c], by_hour[c % 24] * by_weekday[c // 24], _CELL_WEIGHT)
            for c in range(WEEK_HOURS)
        ]
        scale = WEEK_HOURS / sum(shape)
        return [one * scale for one in shape]


def _ratio(articles: float, expected: float, towards: float, weight: float) -> float:
    """Return articles to expected ones, shrunk towards a ratio as if ``weight`` articles had been expected by it."""
    return (articles + weight * towards) / (expected + weight)
