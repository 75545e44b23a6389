"""The price of a request, in article-hours of waiting: so high that the requests of a day suffice.

Articles are fetched once whenever they are found, and visited again while they are young; the price changes nothing
about that. What it decides is how often sites are asked for their lists: requests that lead to no article. So those of
articles are taken off the budget first, as they were lately, and the rest is shared out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.schedule.profile import DAY, WEEK_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Prices between which the right one is looked for; beyond them every site is at one of its limits.
_LEAST_PRICE, _HIGHEST_PRICE = 1e-9, 1e9
_STEPS = 60  # halvings of that range, on a logarithmic scale: the price is found to a billionth


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest and the longest interval between two crawls of a site (seconds), and the requests of a day."""

    shortest: float
    longest: float
    requests: float


@dataclass(frozen=True, slots=True)
class Demand:
    """What the price of a site's crawls depends on.

    ``root`` is the mean square root of the articles an hour, over a week; ``cost`` the requests of a crawl that lead
    to no article.
    """

    root: float
    cost: float


def demand(rates: Sequence[float], cost: float) -> Demand:
    """Return the demand of a site with these rates (articles an hour, for each hour of a week)."""
    return Demand(sum(map(math.sqrt, rates)) / WEEK_HOURS, cost)


def crawls_a_day(one: Demand, price: float, limits: Limits) -> float:
    """Return how often a site is crawled at a price: the square root of its rate to twice the threshold."""
    wanted = 24.0 * one.root / math.sqrt(2 * price * one.cost)
    return min(max(wanted, DAY / limits.longest), DAY / limits.shortest)


def price_of(demands: Iterable[Demand], requests: float, limits: Limits) -> float:
    """Return the lowest price at which the crawls of a day cost no more than ``requests``.

    The highest price there is where not even the longest intervals are so cheap.
    """
    sites = list(demands)

    def costs(price: float) -> float:
        return sum(one.cost * crawls_a_day(one, price, limits) for one in sites)

    low, high = math.log(_LEAST_PRICE), math.log(_HIGHEST_PRICE)
    if costs(_LEAST_PRICE) <= requests:
        return _LEAST_PRICE
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if costs(math.exp(middle)) <= requests else (middle, high)
    return math.exp(high)


def left_for_crawls(budget: float, used: float, day_part: float, articles: float) -> float:
    """Return the requests a day that crawls may cost now, for the rest of a day of which ``day_part`` has passed.

    ``used`` are the requests of this day, ``articles`` those that a whole day takes for articles. A day that has spent
    too much spends less at once, and not nothing at its end; what one has saved is not made up for.
    """
    left = max(1.0 - day_part, 1 / 24)
    return max(min(budget, (budget - used) / left) - articles, 0.0)
