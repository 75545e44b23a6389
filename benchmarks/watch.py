"""`farscrawler watch`: how late articles come in at how many requests, over a simulated year, beside fixed timers."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import number, table
from benchmarks.year import BEGINS, sites
from farscrawler.errors import Exit
from farscrawler.outcomes.stop_rules import EndReason
from farscrawler.schedule.budget import Limits, demand, left_for_crawls, price_of
from farscrawler.schedule.plan import CrawlResult, day_part, first_records, settled, tehran_day
from farscrawler.schedule.profile import DAY, HOUR, Profile, hour_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.year import Site
    from farscrawler.archive.schedule import ScheduleRecord

#: What a crawl asks for beside articles: robots.txt, a list page, and one more; four tries where the site is down.
_COST, _COST_DOWN = 3, 4
#: Seconds of a crawl; a new price is found after the other.
_CRAWL, _PRICE_EVERY = 20.0, 6 * HOUR
#: What is learned in the first days is no steady state, and is left out of the figures of all.
_WARM_UP = 7
_SMALL = 10  # articles a day
_LIMITS = (300.0, 12 * HOUR)
_MINUTE = 60.0


@dataclass(slots=True)
class Result:
    """The lags of all articles (seconds), those of small sites, and the requests a day that lead to no article."""

    lags: NDArray[np.float64]
    small: NDArray[np.float64]
    requests: float
    seconds: float

    def cells(self) -> list[str]:
        """Return the cells of a row of the table."""
        middle, late = np.percentile(self.lags, (50, 95)) / _MINUTE
        small = float(np.median(self.small)) / _MINUTE if len(self.small) else float("nan")
        mean = float(self.lags.mean()) / _MINUTE
        return [number(self.requests), *(number(float(one)) for one in (middle, mean, late, small))]


def measure(count: int, days: int, budgets: Sequence[float], intervals: Sequence[float]) -> str:
    """Run the year with each budget and each timer, and with the timer of as many requests as each budget spent."""
    found = list(sites(count, days))
    rows: list[list[str]] = []
    taken = 0.0
    for budget in budgets:
        result = watched(found, days, budget)
        taken += result.seconds
        rows.append([f"watch, {budget:,.0f} requests a day", *result.cells()])
        # A request that is not answered costs more: the timer is set so that both spend the same.
        interval = count * _COST * DAY / result.requests
        timer = timed(found, days, interval)
        rows.append([f"a timer of as many ({interval / _MINUTE:.0f} minutes)", *timer.cells()])
    rows += [[f"a timer of {one / _MINUTE:.0f} minutes", *timed(found, days, one).cells()] for one in intervals]
    head = ("schedule", "requests a day", "median lag", "mean", "95th percentile", "median, small sites")
    articles = sum(len(one.articles) for one in found)
    speed = days * DAY * len(budgets) / taken
    return (
        f"{count} sites, {days} days, {articles:,} articles; lags in minutes, requests that lead to no article. The "
        f"simulation ran {speed:,.0f} times as fast as time.\n\n{table(head, rows)}"
    )


def watched(found: Sequence[Site], days: int, budget: float) -> Result:
    """Ask the sites as `farscrawler watch` does within a budget."""
    begun = time.perf_counter()
    limits = Limits(*_LIMITS, budget)
    records: dict[str, ScheduleRecord] = {
        one.publisher: one for one in first_records([site.name for site in found], BEGINS, at_once=8)
    }
    by_name = {site.name: site for site in found}
    profiles = {name: Profile() for name in records}
    asked: dict[str, list[float]] = {name: [] for name in records}
    due = [(one.due_at, name) for name, one in records.items()]
    heapq.heapify(due)
    price, priced_at, day, used, requests = 1.0, float("-inf"), "", 0, 0
    ends = BEGINS + days * DAY
    while due and due[0][0] < ends:
        now, name = heapq.heappop(due)
        if tehran_day(now) != day:
            day, used = tehran_day(now), 0
        if now - priced_at >= _PRICE_EVERY:
            demands = [demand(profiles[key].rates(), one.cost) for key, one in records.items()]
            price = price_of(demands, left_for_crawls(budget, used, day_part(now), 0.0), limits)
            priced_at = now
        site, record = by_name[name], records[name]
        down = site.is_down(now)
        cost = _COST_DOWN if down else _COST
        if not down:
            _observe(site, profiles[name], record.read_at, now)
            asked[name].append(now)
        end = CrawlResult(
            begun=now,
            ended=now + _CRAWL,
            exit_code=Exit.OWED if down else Exit.DONE,
            end_reason=(EndReason.UNREACHABLE if down else EndReason.FINISHED).value,
            requests=cost,
        )
        records[name] = settled(record, end, profiles[name], price=price, limits=limits)
        used += cost
        requests += cost
        heapq.heappush(due, (records[name].due_at, name))
    return _result(found, asked, requests / days, days, time.perf_counter() - begun)


def _observe(site: Site, profile: Profile, before: float | None, now: float) -> None:
    """Let a profile see the articles of a site since its last crawl; the first one sees those of three hours."""
    since = now - 3 * HOUR if before is None else before
    low, high = np.searchsorted(site.articles, (since, now))
    profile.observe(since, now, Counter(hour_number(at) for at in site.articles[low:high].tolist()))


def timed(found: Sequence[Site], days: int, interval: float) -> Result:
    """Ask each site at a fixed interval, the sites spread over it."""
    begun = time.perf_counter()
    asked: dict[str, list[float]] = {}
    requests = 0
    for place, site in enumerate(found):
        times = np.arange(BEGINS + interval * place / len(found), BEGINS + days * DAY, interval).tolist()
        asked[site.name] = [at for at in times if not site.is_down(at)]
        answered = len(asked[site.name])
        requests += answered * _COST + (len(times) - answered) * _COST_DOWN
    return _result(found, asked, requests / days, days, time.perf_counter() - begun)


def _result(found: Sequence[Site], asked: dict[str, list[float]], requests: float, days: int, seconds: float) -> Result:
    warm = BEGINS + min(_WARM_UP, days / 4) * DAY
    lags, small = [np.empty(0)], [np.empty(0)]
    for site in found:
        at = np.array(asked[site.name])
        articles = site.articles[site.articles >= warm]
        place = np.searchsorted(at, articles)
        read = place < len(at)  # what was published after the last crawl of the year has no lag yet
        lag = at[place[read]] - articles[read]
        lags.append(lag)
        if site.a_day < _SMALL:
            small.append(lag)
    return Result(np.concatenate(lags), np.concatenate(small), requests, seconds)
