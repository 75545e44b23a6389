"""A year of invented news sites: when each publishes, and when it cannot be reached."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from farscrawler.schedule.profile import HOUR, TEHRAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BEGINS = dt.datetime(2025, 10, 1, tzinfo=dt.timezone(dt.timedelta(seconds=TEHRAN))).timestamp()
#: Articles a day of the smallest and the largest site; the sites between are spread evenly on a logarithmic scale,
#: half of them below 40.
_RATES = (1.0, 1500.0)
#: 1 to 13 Farvardin 1405.
_NOWRUZ = (dt.date(2026, 3, 21), dt.date(2026, 4, 2))
_FRIDAY = 4  # of date.weekday()
#: Of how many sites one dies in the year, one becomes five times as busy, one is silent for three months.
_ONE_OF = 34
_SHORT_OUTAGES, _LONG_OUTAGES = 12.0, 1.5  # a year, of one to six hours and of one to four days


@dataclass(slots=True)
class Site:
    """One site: the times of its articles (seconds since 1970, sorted), and the times in which it is down."""

    name: str
    a_day: float
    articles: NDArray[np.float64]
    outages: list[tuple[float, float]] = field(default_factory=list)
    _begins: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outages.sort()
        self._begins = [first for first, _ in self.outages]

    def is_down(self, at: float) -> bool:
        """Whether the site cannot be reached at a moment."""
        place = bisect_right(self._begins, at) - 1
        return place >= 0 and any(at < end for _, end in self.outages[max(place - 3, 0) : place + 1])


def sites(count: int, days: int, seed: int = 1404) -> Iterator[Site]:
    """Yield this number of sites over this number of days."""
    chance = np.random.default_rng(seed)
    low, high = np.log(_RATES)
    for place in range(count):
        a_day = float(np.exp(low + (high - low) * (place + 0.5) / count))
        rates = _rates(chance, a_day, days, kind=place % _ONE_OF)
        ends = days * 24 * HOUR
        outages = [*_outages(chance, _SHORT_OUTAGES, days, (1, 6)), *_outages(chance, _LONG_OUTAGES, days, (24, 96))]
        if place % _ONE_OF == 0:
            dies = chance.uniform(0.2, 0.9) * ends
            rates[int(dies // HOUR) :] = 0
            outages.append((BEGINS + dies, float("inf")))
        counts = chance.poisson(rates)
        at = np.repeat(np.arange(len(counts)), counts) * HOUR + chance.uniform(0, HOUR, int(counts.sum()))
        yield Site(f"site{place}", a_day, BEGINS + np.sort(at), outages)


def _rates(chance: np.random.Generator, a_day: float, days: int, *, kind: int) -> NDArray[np.float64]:
    """Return the articles an hour in every hour."""
    hours = np.arange(24)
    peak, width = chance.uniform(9, 18), chance.uniform(3, 6)
    distance = np.minimum(np.abs(hours - peak), 24 - np.abs(hours - peak))
    rhythm = np.exp(-((distance / width) ** 2) / 2) + chance.uniform(0.01, 0.15)
    rhythm /= rhythm.mean()
    friday, nowruz = chance.uniform(0.1, 0.7), chance.uniform(0.1, 0.6)
    daily = chance.gamma(8, 1 / 8, days)
    first = dt.datetime.fromtimestamp(BEGINS + TEHRAN, dt.UTC).date()
    for number in range(days):
        day = first + dt.timedelta(days=number)
        daily[number] *= friday if day.weekday() == _FRIDAY else 1
        daily[number] *= nowruz if _NOWRUZ[0] <= day <= _NOWRUZ[1] else 1
    if kind == 1:
        daily[days // 2 :] *= 5
    elif kind == 2:
        daily[days // 3 : days // 3 + 90] = 0
    bursts: NDArray[np.float64] = chance.gamma(4, 1 / 4, days * 24)
    return a_day / 24 * np.outer(daily, rhythm).ravel() * bursts


def _outages(
    chance: np.random.Generator, a_year: float, days: int, hours: tuple[int, int]
) -> Iterator[tuple[float, float]]:
    for _ in range(chance.poisson(a_year * days / 365)):
        begins = BEGINS + chance.uniform(0, days * 24 * HOUR)
        yield begins, begins + chance.uniform(*hours) * HOUR
