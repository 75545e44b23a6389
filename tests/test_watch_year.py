"""The simulated year of `farscrawler watch`, shortened: what it gains over a timer of as many requests, and why."""

from __future__ import annotations

import re

import pytest

from farscrawler.schedule.profile import DAY, HOUR

np = pytest.importorskip("numpy", reason="the year is simulated with numpy, which is not installed")

from benchmarks import watch, year  # noqa: E402  # they import it

DAYS = 14
#: Eight crawls of a site a day, at three requests.
BUDGET = 30 * 3 * 8.0


@pytest.fixture(scope="module")
def found() -> list[year.Site]:
    return list(year.sites(30, DAYS, seed=7))


@pytest.fixture(scope="module")
def watched(found: list[year.Site]) -> watch.Result:
    return watch.watched(found, DAYS, BUDGET)


def test_the_sites_of_a_year_are_the_same_every_time_and_have_what_sites_have(found: list[year.Site]) -> None:
    again = list(year.sites(30, DAYS, seed=7))
    assert all(np.array_equal(one.articles, other.articles) for one, other in zip(found, again, strict=True))
    assert found[0].a_day < 2
    assert found[-1].a_day > 1000
    dead = found[0]  # it dies: down for ever after
    assert dead.is_down(year.BEGINS + DAYS * DAY)
    outages = [(first, last) for one in found for first, last in one.outages if last - first < 7 * HOUR]
    assert outages
    assert all(one.is_down((first + last) / 2) for one in found for first, last in one.outages if last < 1e12)


def test_the_budget_is_kept(watched: watch.Result) -> None:
    assert 0.7 * BUDGET < watched.requests <= BUDGET


def test_articles_come_in_earlier_than_with_a_timer_of_as_many_requests(
    found: list[year.Site], watched: watch.Result
) -> None:
    timer = watch.timed(found, DAYS, 30 * 3 * DAY / watched.requests)
    assert timer.requests == pytest.approx(watched.requests, rel=0.1)
    assert np.median(watched.lags) < 0.5 * np.median(timer.lags)
    assert watched.lags.mean() < timer.lags.mean()


def test_more_requests_make_less_lag(found: list[year.Site]) -> None:
    few = found[::6]
    poorer, richer = (watch.watched(few, DAYS, budget) for budget in (BUDGET / 6, BUDGET / 2))
    assert np.median(richer.lags) < 0.7 * np.median(poorer.lags)


def test_the_benchmark_prints_its_table() -> None:
    said = watch.measure(6, 10, (150.0,), (3600.0,))
    rows = [line for line in said.splitlines() if line.startswith("| ")]
    assert [re.split(r"[ ,]", row)[1] for row in rows] == ["schedule", "---", "watch", "a", "a"]
    assert "6 sites, 10 days, " in said
