"""Coverage as pure functions: days and their medians, ids and where they stand, the calendar's columns."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.coverage import Day
from farscrawler.coverage.calendar import SHADES, Frame, shade, step_of
from farscrawler.coverage.gaps import (
    COMPARED,
    LEAST_COMPARED,
    DatedIds,
    UndatedIds,
    days_bounded_by_ids,
    days_of,
    gaps,
    judge_days,
    may_belong_to,
    medians,
    months,
    number,
    open_by_day,
    stretches,
)
from farscrawler.coverage.harvested import Harvest
from farscrawler.coverage.survey import survey
from farscrawler.days import DateRange, gregorian, jalali
from farscrawler.items import Article

if TYPE_CHECKING:
    from pathlib import Path

FIRST = gregorian(1401, 1, 1)
TODAY = gregorian(1403, 1, 1)
WHOLE = DateRange()
EVER = Harvest([(WHOLE, dt.date.max)])
days_around = st.integers(0, 900).map(lambda at: FIRST + dt.timedelta(days=at))
counted = st.dictionaries(days_around, st.integers(0, 300), max_size=200).map(Counter)
spans = st.tuples(days_around, days_around).map(lambda ends: DateRange(min(ends), max(ends)))


def every_day(counts: Counter[dt.date], span: DateRange = WHOLE, today: dt.date = TODAY) -> list[Day]:
    days = days_of(counts, span, today=today)
    return list(judge_days(counts, days, [None] * len(days), EVER, today=today))


def even(length: int, weekday: int = 100, friday: int = 20) -> Counter[dt.date]:
    """So many days of a site that keeps the same pace but for Fridays."""
    days = (FIRST + dt.timedelta(days=at) for at in range(length))
    return Counter({day: friday if day.weekday() == 4 else weekday for day in days})


@given(counted, st.one_of(st.just(WHOLE), spans))
def test_every_day_of_the_range_comes_once_and_every_article_of_it_is_counted(
    counts: Counter[dt.date], span: DateRange
) -> None:
    days = every_day(counts, span)
    dates = [day.date for day in days]
    assert dates == [FIRST + dt.timedelta(days=at) for at in range(1000) if dates and
                     dates[0] <= FIRST + dt.timedelta(days=at) <= dates[-1]]  # fmt: skip
    assert sum(day.articles for day in days) == sum(count for day, count in counts.items() if day in span)
    if span != WHOLE and dates:
        assert dates[0] == span.first
        assert dates[-1] == min(span.last, max([TODAY, *(day for day, count in counts.items() if count)]))
    by_month = list(months(days))
    assert [f"{one.year}-{one.month:02}" for one in by_month] == sorted({(jalali(day) or "")[:7] for day in dates})
    for name in ("articles", "flagged"):
        assert sum(getattr(one, name) for one in by_month) == sum(getattr(day, name) for day in days)
    assert sum(one.days for one in by_month) == len(days)
    assert sum(one.empty for one in by_month) == sum(day.articles == 0 for day in days)


@given(counted)
def test_stretches_are_the_flagged_days(counts: Counter[dt.date]) -> None:
    days = every_day(counts)
    found = list(stretches(days))
    covered = [day for one in found for day in DateRange(one.first, one.last).days()]
    assert covered == [day.date for day in days if day.flagged]
    assert all((two.first - one.last).days > 1 for one, two in pairwise(found))
    assert sum(one.articles for one in found) == sum(day.articles for day in days if day.flagged)


@given(counted)
def test_a_median_is_that_of_the_nearest_days_of_the_weekday_with_an_article(counts: Counter[dt.date]) -> None:
    days = days_of(counts, WHOLE, today=TODAY)
    found = medians(counts, days, today=TODAY)
    for day in days:
        held = [one for one, count in counts.items() if count and one < TODAY and one.weekday() == day.weekday()]
        if len(held) < LEAST_COMPARED:
            assert day not in found
            continue
        held.sort(key=lambda one: abs((one - day).days))
        chosen = held[:COMPARED]
        if len(held) > COMPARED and abs((held[COMPARED] - day).days) == abs((chosen[-1] - day).days):
            continue  # two days equally far away: either may be taken
        assert found[day] == median(counts[one] for one in chosen)


def test_a_quiet_friday_is_usual_and_a_quiet_monday_is_not() -> None:
    counts = even(120)
    monday = next(day for day in counts if day.weekday() == 0 and (day - FIRST).days > 30)
    counts[monday] = 20
    assert [day.date for day in every_day(counts) if day.flagged] == [monday]


@pytest.mark.parametrize(("articles", "flagged"), [(49, True), (50, False), (0, True)])
def test_below_half_of_the_median_is_flagged_and_half_is_not(articles: int, flagged: bool) -> None:
    counts = even(120)
    counts[FIRST + dt.timedelta(days=61)] = articles
    assert every_day(counts)[61].flagged == flagged


def test_a_hole_of_a_year_is_flagged_all_through() -> None:
    counts = even(900)
    hole = [FIRST + dt.timedelta(days=at) for at in range(200, 600)]
    for day in hole:
        del counts[day]
    assert [day.date for day in every_day(counts, today=FIRST + dt.timedelta(days=2000)) if day.flagged] == hole


def test_the_first_years_of_a_site_that_grew_are_not_measured_by_the_last() -> None:
    days = [FIRST + dt.timedelta(days=at) for at in range(3650)]
    counts = Counter({day: 10 + at // 20 for at, day in enumerate(days)})
    assert not any(day.flagged for day in every_day(counts, today=days[-1] + dt.timedelta(days=1)))


def test_a_short_archive_is_not_judged() -> None:
    counts = even(7 * LEAST_COMPARED - 1)
    del counts[FIRST + dt.timedelta(days=9)]
    weekdays = {day.date.weekday() for day in every_day(counts) if day.median is not None}
    assert (FIRST + dt.timedelta(days=9)).weekday() not in weekdays
    assert not any(day.flagged for day in every_day(counts))


def test_today_is_neither_flagged_nor_a_measure() -> None:
    counts = even(80)
    today = max(counts)
    counts[today] = 1
    days = every_day(counts, today=today)
    assert days[-1].date == today
    assert not days[-1].flagged
    assert days[-1].median == days[-8].median == (20 if today.weekday() == 4 else 100)


def test_no_day_lies_after_today_unless_articles_do() -> None:
    counts = even(40)
    today = FIRST + dt.timedelta(days=50)
    assert days_of(counts, DateRange(FIRST, gregorian(1410, 1, 1)), today=today)[-1] == today
    ahead = Counter({FIRST: 1, today + dt.timedelta(days=3): 1})
    assert days_of(ahead, DateRange(FIRST, gregorian(1410, 1, 1)), today=today)[-1] == today + dt.timedelta(days=3)
    assert days_of(Counter(), WHOLE, today=today) == []
    assert days_of(counts, DateRange(gregorian(1402, 1, 1)), today=today) == []


# -- ids ------------------------------------------------------------------------------------------------------------

ids = st.integers(1, 120)
dated_ids = st.dictionaries(ids, st.integers(0, 30).map(lambda at: FIRST.toordinal() + at), max_size=40)


def brute_place(article_id: int, dated: dict[int, int]) -> tuple[int, int]:
    below = [day for at, day in sorted(dated.items()) if at < article_id]
    above = [day for at, day in sorted(dated.items()) if at > article_id]
    low, high = below[-1] if below else None, above[0] if above else None
    if low is not None and high is not None:
        return min(low, high), max(low, high)
    return (
        dt.date.min.toordinal() if low is None else low,
        dt.date.max.toordinal() if high is None else high,
    )


@given(dated_ids, st.sets(ids, max_size=40))
def test_every_id_from_the_lowest_to_the_highest_is_asked_or_in_one_gap(
    dated: dict[int, int], others: set[int]
) -> None:
    dated_ids = DatedIds(dated.items())
    asked = sorted({*dated, *others})
    found = list(gaps(asked, dated_ids, EVER.days))
    missing = [at for gap in found for at in range(gap.first, gap.last + 1)]
    assert sorted([*asked, *missing]) == (list(range(asked[0], asked[-1] + 1)) if asked else [])
    assert sum(gap.count for gap in found) == len(missing)
    for gap in found:
        below = [dt.date.fromordinal(dated[at]) for at in sorted(dated) if at < gap.first]
        above = [dt.date.fromordinal(dated[at]) for at in sorted(dated) if at > gap.last]
        assert gap.after == (below[-1] if below else None)
        assert gap.before == (above[0] if above else None)


@given(dated_ids, st.sets(ids, max_size=40), spans)
def test_what_may_belong_to_a_day_is_counted_there_and_nowhere_else(
    dated: dict[int, int], undated_ids: set[int], span: DateRange
) -> None:
    dated_ids = DatedIds(dated.items())
    undated_ids -= set(dated)
    places = {at: brute_place(at, dated) for at in undated_ids}
    assert {at: dated_ids.place(at) for at in undated_ids} == places
    days = [FIRST + dt.timedelta(days=at) for at in range(31)]
    expected = [sum(low <= day.toordinal() <= high for low, high in places.values()) for day in days]
    assert open_by_day([(place, 1) for place in places.values()], days) == expected
    taken = UndatedIds(dated_ids, span)
    near = {at for at in undated_ids if taken.take(at)}
    assert near == {at for at, place in places.items() if may_belong_to(place, span)} == set(taken.within)
    assert set(taken.all) == undated_ids
    assert UndatedIds(dated_ids, span).take(None)


def test_beyond_the_known_ids_nothing_is_told() -> None:
    third, tenth = FIRST.toordinal() + 3, FIRST.toordinal() + 10
    dated_ids = DatedIds([(5, third), (9, tenth)])
    assert days_bounded_by_ids(5, 12, dated_ids) == (third + 1, tenth - 1)
    assert days_bounded_by_ids(1, 12, dated_ids)[0] == dt.date.min.toordinal()  # no id lies below 1
    first, last = days_bounded_by_ids(3, 9, DatedIds([]))
    assert first > last


@pytest.mark.parametrize(
    ("key", "expected"), [("267403", 267403), ("0012", None), ("a-b", None), ("۱۲", None), ("", None), ("12-3", None)]
)
def test_ids_that_are_numbers(key: str, expected: int | None) -> None:
    assert number(key) == expected


def test_time_stamps_are_placed_but_what_lies_between_them_is_not_counted() -> None:
    dated_ids = DatedIds([(14010203000001, FIRST.toordinal()), (14010205000001, FIRST.toordinal() + 2)])
    undated_ids = UndatedIds(dated_ids, DateRange(FIRST, FIRST))
    assert undated_ids.take(14010204000001)
    assert not UndatedIds(dated_ids, DateRange(FIRST + dt.timedelta(days=5), TODAY)).take(14010204000001)
    assert undated_ids.all == []


# -- the calendar ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", range(1390, 1412))
def test_a_year_begins_on_its_weekday_and_its_months_fill_its_weeks(year: int) -> None:
    frame = Frame.of(year)
    first, last = gregorian(year, 1, 1), gregorian(year + 1, 1, 1) - dt.timedelta(days=1)
    assert frame.offset == (first.weekday() - 5) % 7  # Saturday is 0
    assert frame.column(first) == 0
    assert frame.column(last) == frame.weeks - 1
    assert frame.weeks in (53, 54)  # what calendar.css has columns for
    at = 0
    for start, width in frame.months():
        assert start == at
        assert width in (4, 5, 6)
        at += width
    assert at == frame.weeks
    for day in DateRange(first, last).days():
        saturday = day - dt.timedelta(days=(day.weekday() - 5) % 7)
        assert frame.column(day) == frame.column(max(saturday, first))


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=60))
def test_shades_rise_with_the_number_and_the_fullest_days_share_the_darkest(counts: list[int]) -> None:
    days = [Day(date=FIRST, articles=count, median=None, flagged=False, open_ids=None) for count in counts]
    step = step_of(days)
    shades = [shade(count, step) for count in sorted(counts)]
    assert shades == sorted(shades)
    assert set(shades) <= set(range(SHADES + 1))
    assert all((shade(count, step) == 0) == (count == 0) for count in counts)
    held = sorted(filter(None, counts))
    if held and step > 1:
        assert shade(held[-1], step) >= SHADES - 2  # the scale is not wasted


def test_coverage_takes_a_day_that_is_no_text_for_none(tmp_path: Path) -> None:
    days = [b"SH 1401/02/28", "SH 1401/13/45", "", "SH 1401/02/28 10:00:00"]
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number, day in enumerate(days, 1):
            article = Article(publisher="farsonline", article_id=str(number), url="u", headline="h", body="b")
            article.published_jalali = day  # type: ignore[assignment]  # as another program may write it
            visit = Visit(
                publisher="farsonline", key=str(number), url="u", outcome="article", at="2024-01-01T00:00:00+00:00"
            )
            archive.save(visit, article)
        archive.flush()
        report = survey(archive, publishers.load("farsonline"), DateRange(), now=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert report is not None
    assert (sum(one.articles for one in report.days), report.undated) == (1, 3)
