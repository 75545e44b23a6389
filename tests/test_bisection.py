"""The pure parts of a search for dates among ids: points, timeline, bisection and margin."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.archive.records import PublicationTime
from farscrawler.frontier.bisection import Aim, LostError, Split, find
from farscrawler.frontier.id_walk import Margin, MarginWalk
from farscrawler.frontier.timeline import (
    DAY,
    HOUR,
    Point,
    Timeline,
    TimeRange,
    disorder,
    longest_rising,
    midnight,
    point_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

T = TypeVar("T")
LIMIT = 48 * HOUR


def at(number: int, hours: float) -> Point:
    return Point(number, hours * HOUR, hours * HOUR)


def run(steps: Generator[int, Point | None, T], answer: Callable[[int], Point | None]) -> tuple[T, list[int]]:
    """Answer all that a search or a walk asks, and give its result and what it asked."""
    asked: list[int] = []
    try:
        number = next(steps)
        while True:
            asked.append(number)
            number = steps.send(answer(number))
    except StopIteration as end:
        return end.value, asked


@pytest.mark.parametrize(
    ("stamp", "first", "width"),
    [
        (PublicationTime("2022-05-18T14:55:59+04:30", "SH 1401/02/28 14:55:59", "second"), "2022-05-18T14:55:59", 0),
        (PublicationTime("2022-05-18T14:55:00+04:30", "SH 1401/02/28 14:55:00", "minute"), "2022-05-18T14:55:00", 59),
        (PublicationTime(None, "SH 1401/02/28", "day"), "2022-05-18T00:00:00", DAY - 1),
        # the hour that the end of summer time doubles: no instant, and yet its day and clock are known
        (PublicationTime(None, "SH 1400/06/30 23:10:05", "second"), "2021-09-21T23:10:05", 0),
    ],
)
def test_a_point_is_the_sites_own_clock_and_as_wide_as_it_is_vague(
    stamp: PublicationTime, first: str, width: float
) -> None:
    point = point_of(7, stamp)
    begin = dt.datetime.fromisoformat(first)
    assert point is not None
    assert point.first == midnight(begin.date()) + (begin - dt.datetime.combine(begin, dt.time())).total_seconds()
    assert (point.id, point.last - point.first) == (7, width)


def test_without_a_day_there_is_no_point() -> None:
    assert point_of(7, PublicationTime(None, None, None)) is None


def test_disorder_is_that_of_the_many() -> None:
    ordered = [at(n, n / 5) for n in range(600)]
    assert disorder(ordered, LIMIT) == 0
    shuffled = [at(n, n / 5 + (6 if n % 3 == 0 else 0)) for n in range(600)]
    assert 5 * HOUR < disorder(shuffled, LIMIT) < 6 * HOUR
    for wrong in (-9_000, 9_000, 40, -40):  # years off, and a straggler of two days: neither tells of the others
        spoilt = [*shuffled[:300], at(300, 60 + wrong), *shuffled[301:]]
        assert disorder(spoilt, LIMIT) == pytest.approx(disorder(shuffled, LIMIT), abs=HOUR)
    assert disorder([], LIMIT) == 0


def test_an_article_of_a_day_alone_is_out_of_order_only_where_its_day_is() -> None:
    day = [Point(n, (n // 10) * DAY, (n // 10) * DAY + DAY - 1) for n in range(100)]
    assert disorder(day, LIMIT) == 0


@given(st.lists(st.integers(0, 50), max_size=40))
def test_the_longest_rising_chain_is_one_and_none_is_longer(times: list[int]) -> None:
    points = [at(n, hour) for n, hour in enumerate(times)]
    chain = longest_rising(points)
    assert chain == sorted(chain, key=lambda point: (point.id, point.first))
    assert all(a.first <= b.first for a, b in pairwise(chain))
    best: list[int] = []  # the plain way: the longest chain that ends with each point
    for n, hour in enumerate(times):
        best.append(1 + max((best[m] for m in range(n) if times[m] <= hour), default=0))
    assert len(chain) == max(best, default=0)


def test_a_wrong_date_is_not_trusted_and_disorder_is() -> None:
    good = [at(n * 10, n * 24 + (9 if n % 2 else 0)) for n in range(20)]
    timeline = Timeline(LIMIT, [*good, at(55, 24 * 400), at(95, -24 * 400)])
    assert timeline.trusted() == good
    assert timeline.around(at(0, 24 * 8 + 1).first) == (good[8], good[9])
    assert timeline.around(-1.0) == (None, good[0])
    assert timeline.around(24 * 400 * HOUR) == (good[-1], None)


def steady(number: int) -> Point | None:
    """Twelve minutes an id, from id 1 to 200,000."""
    return at(number, number / 5) if 1 <= number <= 200_000 else None


@given(st.integers(500, 200_000), st.sampled_from([1, 20]))
def test_a_steady_site_is_searched_with_a_handful_of_probes(number: int, window: int) -> None:
    instant = number / 5 * HOUR + 1
    split, asked = run(find(Timeline(LIMIT), Aim(instant, 4 * HOUR, window * HOUR), 200_000), steady)
    assert isinstance(split, Split)
    below, above = split.below or Point(0, 0, 0), split.above or Point(200_001, 0, 0)
    near = any(-4 * HOUR <= point.first - instant <= window * HOUR for point in (below, above))
    assert near or above.id - below.id < 10  # so few ids are not worth a probe
    assert below.id <= number + 1 + 5 * window
    assert above.id >= number - 20
    assert len(asked) <= 8


@given(
    st.integers(15_000, 198_000),
    st.integers(1, 100_000),
    st.integers(0, 100_000),
    st.floats(0.3, 4),
)
def test_the_ends_of_a_gap_are_found_however_long_it_is(begin: int, length: int, target: int, bend: float) -> None:
    """Ids whose pace changes, and one run of missing ones; the moment lies somewhere, in the gap too."""
    end = min(begin + length, 199_000)

    def answer(number: int) -> Point | None:
        if not 1 <= number <= 200_000 or begin <= number < end:
            return None
        return at(number, 40_000 * (number / 200_000) ** bend)

    instant = 40_000 * HOUR * ((target + 0.5) / 100_001) ** bend
    true = math.ceil(200_000 * (target + 0.5) / 100_001)
    true = end if begin <= true < end else true
    split, asked = run(find(Timeline(LIMIT), Aim(instant, 4 * HOUR, 20 * HOUR), 200_000), answer)
    below, above = split.below, split.above
    assert below is None or below.first < instant
    assert above is None or above.first >= instant
    # near in time, or next to it in ids: nothing but the gap and a few unknown ids are between
    near = [p for p in (below, above) if p and -4 * HOUR <= p.first - instant <= 20 * HOUR]
    if not near:
        assert above is None or sum(answer(n) is not None for n in range(true, above.id)) <= 8
        assert below is None or sum(answer(n) is not None for n in range(below.id + 1, true)) <= 8
    assert len(asked) <= 150


@pytest.mark.parametrize("lie", [-900, -100, 100, 900])  # days
def test_a_probe_that_lies_does_not_lead_astray(lie: int) -> None:
    """Whichever of the probes lies, the search ends where it would have ended, with a few more probes."""
    aim = Aim(12_345 * HOUR, 4 * HOUR, 20 * HOUR)
    _, honest = run(find(Timeline(LIMIT), aim, 200_000), steady)
    for liar in honest:

        def answer(number: int, liar: int = liar) -> Point | None:
            point = steady(number)
            return at(number, number / 5 + lie * 24) if number == liar and point else point

        split, asked = run(find(Timeline(LIMIT), aim, 200_000), answer)
        near = [p for p in (split.below, split.above) if p and p.id != liar]
        assert any(-4 * HOUR <= point.first - aim.instant <= 20 * HOUR for point in near)
        assert len(asked) <= len(honest) + 12


def test_ids_that_do_not_grow_with_time_are_given_up() -> None:
    def answer(number: int) -> Point | None:
        return at(number, hash((number, "x")) % 40_000)

    timeline = Timeline(LIMIT)
    try:
        _, asked = run(find(timeline, Aim(12_345 * HOUR, 0, 0), 200_000), answer)
    except LostError as error:
        assert "do not grow with time" in str(error)  # noqa: PT017  # either way it must end
        asked = list(timeline.points)
    assert len(asked) <= 200


BOUNDS = TimeRange(1_000 * HOUR, 1_100 * HOUR)


def margin(side: int, met: float = 0.0) -> Margin:
    return Margin(BOUNDS, -1 if side < 0 else 1, hours=4, limit=48, disorder=lambda: met * HOUR)


@pytest.mark.parametrize("met", [0, 9, 400])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_margin_is_as_wide_as_the_disorder_and_no_wider_than_the_limit(side: int, met: float) -> None:
    start = 5_000 if side < 0 else 5_500
    _, asked = run(MarginWalk(margin(side, met), start - (side < 0), 200_000).ids(), steady)
    hours = len(asked) / 5
    expected = min(48, max(4, met))
    assert expected <= hours <= expected + 1
    assert asked == list(range(asked[0], asked[0] + side * len(asked), side))


def test_a_margin_follows_the_range_where_the_end_was_wrong() -> None:
    _, asked = run(MarginWalk(margin(-1), 5_200, 200_000).ids(), steady)
    assert min(asked) < 5_000 - 20
    assert asked[:200] == list(range(5_200, 5_000, -1))


@pytest.mark.parametrize("length", [1, 19, 20, 21, 500, 3_000])
def test_a_margin_leaps_over_a_gap_and_comes_back_to_its_far_edge(length: int) -> None:
    """A gap right below the range's highest ids: what lies beyond it still belongs to the range."""

    def answer(number: int) -> Point | None:
        if 5_100 - length < number <= 5_100:
            return None
        shift = length if number <= 5_100 - length else 0  # no time passes in the gap
        return at(number + 0, (number + shift) / 5)

    point_ids, asked = run(MarginWalk(margin(-1), 5_200, 200_000).ids(), answer)
    assert point_ids is None
    inside = {n for n in range(1, 5_201) if (p := answer(n)) and p in BOUNDS}
    assert inside <= set(asked)
    assert len(set(asked)) < len(inside) + 150


def test_nothing_beyond_either_end_ends_a_margin() -> None:
    _, down = run(MarginWalk(margin(-1), 5, 200_000).ids(), lambda _: None)
    assert down == [5, 4, 3, 2, 1]
    _, up = run(MarginWalk(margin(1), 200_001, 200_000).ids(), lambda _: None)
    assert up == list(range(200_001, 200_021))


@pytest.mark.parametrize("years", [-8, 8])
def test_one_wrong_date_does_not_end_a_margin(years: int) -> None:
    def answer(number: int) -> Point | None:
        point = steady(number)
        return at(number, number / 5 + years * 8_760) if number in (4_999, 4_997) and point else point

    _, asked = run(MarginWalk(margin(-1), 4_999, 200_000).ids(), answer)
    assert len(asked) >= 20
