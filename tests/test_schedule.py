"""Rates learned from articles, and when asking pays: the pure part of `farscrawler watch`."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from farscrawler.schedule.budget import Demand, Limits, crawls_a_day, demand, left_for_crawls, price_of
from farscrawler.schedule.due import JITTER, expected_waiting, jittered, share, waits_until
from farscrawler.schedule.profile import (
    DAY,
    HOUR,
    UNKNOWN_RATE,
    WEEK_HOURS,
    Profile,
    hour_begins,
    hour_number,
)

#: 10 Azar 1405, 12:30 in Tehran: half past an hour there, as its offset is half an hour too.
NOW = 1_796_029_200.0
LIMITS = Limits(300.0, 12 * HOUR, 10_000.0)

moments = st.floats(1.0e9, 3.0e9)
rates = st.floats(0.001, 100.0)


def fed(by_hour: dict[int, float], days: int, scale: float = 1.0) -> Profile:
    """Return a profile of so many days with these articles at each hour of the day, asked once an hour."""
    profile = Profile()
    first = hour_number(NOW) - hour_number(NOW) % 24
    for number in range(first, first + days * 24):
        count = by_hour.get(number % 24, 0.0) * scale
        profile.observe(hour_begins(number), hour_begins(number + 1), {number: count} if count else {})
    return profile


@given(moments)
def test_an_hour_begins_on_tehrans_clock(at: float) -> None:
    assert hour_begins(hour_number(at)) <= at < hour_begins(hour_number(at) + 1)
    assert (hour_begins(hour_number(at)) + 3.5 * HOUR) % HOUR == 0


def test_a_site_of_which_nothing_is_known_has_the_rate_of_one_and_no_rhythm() -> None:
    assert Profile().rates() == pytest.approx([UNKNOWN_RATE] * WEEK_HOURS)


def test_the_rhythm_of_a_day_is_learned_within_a_week_and_never_falls_to_nothing() -> None:
    profile = fed(dict.fromkeys(range(8, 20), 6.0), days=7)
    day = [profile.rate(hour) for hour in range(24)]
    assert all(4.0 < rate < 8.0 for rate in day[8:20])
    assert all(0.0 < rate < 1.5 for rate in (*day[:8], *day[20:]))


def test_a_site_that_speeds_up_fivefold_is_known_for_it_after_two_days() -> None:
    profile = fed(dict.fromkeys(range(24), 2.0), days=28)
    assert profile.level() == pytest.approx(2.0, rel=0.1)
    start = hour_number(profile.seen_to or 0)
    for number in range(start, start + 48):
        profile.observe(hour_begins(number), hour_begins(number + 1), {number: 10.0})
    assert 6.0 < profile.level() < 10.0


def test_a_silent_site_falls_below_an_article_a_day_and_is_heard_when_it_speaks_again() -> None:
    profile = fed(dict.fromkeys(range(24), 4.0), days=14)
    last = hour_number(profile.seen_to or 0)
    profile.observe(hour_begins(last), hour_begins(last + 90 * 24), {})
    assert profile.level() * 24 < 5.0
    silent = profile.level()
    profile.observe(hour_begins(last + 90 * 24), hour_begins(last + 91 * 24), {last + 90 * 24 + 3: 40.0})
    assert profile.level() > 2 * silent


def test_articles_that_come_late_count_and_a_clock_set_back_adds_nothing() -> None:
    profile, other = fed({9: 3.0}, days=3), fed({9: 3.0}, days=3)
    seen = profile.seen_to or 0
    profile.observe(seen, seen + HOUR, {hour_number(seen) - 5: 4.0})
    other.observe(seen, seen + HOUR, {})
    assert profile.level() > other.level()
    before = profile.rates()
    profile.observe(seen - 3 * DAY, seen - 2 * DAY, {hour_number(seen) - 60: 50.0})
    assert profile.rates() == before
    assert profile.seen_to == seen + HOUR


def test_learning_in_one_piece_is_learning_hour_by_hour() -> None:
    start = hour_number(NOW)
    articles = Counter({start + hour: float(hour % 7) for hour in range(5 * 24)})
    whole, pieces = Profile(), Profile()
    whole.observe(hour_begins(start), hour_begins(start + 5 * 24), articles)
    for number in range(start, start + 5 * 24):
        pieces.observe(hour_begins(number), hour_begins(number + 1), {number: articles[number]})
    # The shape is computed anew every few hours, so that the level differs by what it was at those times.
    assert whole.level() == pytest.approx(pieces.level(), rel=0.15)


def test_ten_years_of_observing_overflow_nothing() -> None:
    profile = Profile()
    at = NOW
    for _ in range(120):
        profile.observe(at, at + 30 * DAY, {hour_number(at) + 3: 500.0})
        at += 30 * DAY
    assert all(math.isfinite(rate) and rate > 0 for rate in profile.rates())


@given(rates, moments, st.floats(0.001, 1000.0))
def test_at_a_steady_rate_the_interval_is_the_square_root_of_twice_the_threshold_to_the_rate(
    rate: float, since: float, threshold: float
) -> None:
    expected = math.sqrt(2 * threshold / rate) * HOUR
    assume(expected < 1000 * HOUR)
    found = waits_until(lambda _: rate, since, threshold, since + 2000 * HOUR)
    assert found - since == pytest.approx(expected, rel=1e-6, abs=1e-3)


@given(st.lists(st.floats(0.0, 50.0), min_size=24, max_size=24), moments, st.floats(0.01, 500.0))
def test_at_the_due_time_the_expected_waiting_is_the_threshold(
    day: list[float], since: float, threshold: float
) -> None:
    def rate(number: int) -> float:
        return day[number % 24]

    latest = since + 12 * HOUR
    due = waits_until(rate, since, threshold, latest)
    assert since <= due <= latest
    waiting = expected_waiting(rate, since, due)
    if due < latest:
        assert waiting == pytest.approx(threshold, rel=1e-4, abs=1e-3)
    else:
        assert waiting <= threshold * (1 + 1e-6)


@given(st.lists(st.floats(0.0, 50.0), min_size=24, max_size=24), moments, st.floats(0.01, 500.0), st.floats(1.0, 10.0))
def test_a_busier_site_is_never_due_later(day: list[float], since: float, threshold: float, times: float) -> None:
    latest = since + 12 * HOUR
    due = waits_until(lambda number: day[number % 24], since, threshold, latest)
    busier = waits_until(lambda number: day[number % 24] * times, since, threshold, latest)
    assert busier <= due + 1e-3


@given(st.floats(1.0, 1e6), st.text(), st.integers(0, 10**9))
def test_jitter_is_small_and_the_same_whenever_it_is_computed(seconds: float, publisher: str, count: int) -> None:
    found = jittered(seconds, publisher, count)
    assert seconds * (1 - JITTER) <= found <= seconds * (1 + JITTER)
    assert found == jittered(seconds, publisher, count)
    assert 0 <= share(publisher, count) < 1


def test_jitter_spreads_publishers() -> None:
    assert len({round(share(f"site{number}", 1), 2) for number in range(300)}) > 80


demands = st.lists(st.builds(Demand, root=st.floats(0.01, 10.0), cost=st.floats(1.0, 50.0)), min_size=1, max_size=30)


@given(demands, st.floats(1.0, 1e6))
def test_the_price_keeps_to_the_budget_and_spends_it(sites: list[Demand], budget: float) -> None:
    price = price_of(sites, budget, LIMITS)
    spent = sum(one.cost * crawls_a_day(one, price, LIMITS) for one in sites)
    least = sum(one.cost * DAY / LIMITS.longest for one in sites)
    most = sum(one.cost * DAY / LIMITS.shortest for one in sites)
    assert spent == pytest.approx(min(max(budget, least), most), rel=1e-3)


@given(demands, st.floats(1.0, 1e5), st.floats(1.0, 10.0))
def test_a_larger_budget_makes_requests_no_dearer(sites: list[Demand], budget: float, times: float) -> None:
    assert price_of(sites, budget * times, LIMITS) <= price_of(sites, budget, LIMITS)


def test_demand_is_of_the_square_roots_of_the_rates() -> None:
    assert demand([4.0] * 84 + [0.0] * 84, 3.0) == Demand(1.0, 3.0)


def test_a_day_that_has_spent_too_much_spends_less_at_once_and_savings_are_not_made_up_for() -> None:
    assert left_for_crawls(1000.0, 500.0, 0.5, 200.0) == 800.0
    assert left_for_crawls(1000.0, 750.0, 0.5, 200.0) == 300.0
    assert left_for_crawls(1000.0, 0.0, 0.5, 200.0) == 800.0
    assert left_for_crawls(1000.0, 1200.0, 0.5, 200.0) == 0.0
