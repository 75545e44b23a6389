"""Ranges of days as people write them, and which articles belong into one."""

from __future__ import annotations

import datetime as dt

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.days import (
    DateRange,
    date_fields,
    day_of,
    gregorian,
    is_jalali_year,
    jalali,
    jalali_parts,
    parse_date_range,
    period,
    plain_jalali,
    stored_jalali,
    stored_moment,
)
from farscrawler.errors import BadArgumentError
from farscrawler.items import Article
from tests.support.dated import dated


def article(day: str | None = None) -> Article:
    return Article(publisher="p", article_id="1", url="u", **dated(day))


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("1401-02-01", "1401-02-31", dt.date(2022, 4, 21), dt.date(2022, 5, 21)),
        ("۱۴۰۱/۲/۱", "1401.2.31", dt.date(2022, 4, 21), dt.date(2022, 5, 21)),
        ("1401-02", "1401-02", dt.date(2022, 4, 21), dt.date(2022, 5, 21)),
        ("1399", "1399", dt.date(2020, 3, 20), dt.date(2021, 3, 20)),  # a leap year: 30 Esfand is its last day
        ("1399-12", "1399-12", dt.date(2021, 2, 19), dt.date(2021, 3, 20)),
        ("2022-05-18", "2022-05", dt.date(2022, 5, 18), dt.date(2022, 5, 31)),
        ("2024-02", "2024", dt.date(2024, 2, 1), dt.date(2024, 12, 31)),
        (None, "1401-01-01", dt.date.min, dt.date(2022, 3, 21)),
        ("1401-01-01", None, dt.date(2022, 3, 21), dt.date.max),
    ],
)
def test_days_months_and_years_of_both_calendars(
    since: str | None, until: str | None, first: dt.date, last: dt.date
) -> None:
    assert parse_date_range(since, until) == DateRange(first, last)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", None, "since=yesterday: write a day such as"),
        ("01-02-01", None, "since=01-02-01: write a day"),
        ("1401-13-01", None, "since=1401-13-01: there is no such day"),
        (None, "1400-12-30", "until=1400-12-30: there is no such day"),  # 1400 is no leap year
        (None, "2023-02-29", "until=2023-02-29: there is no such day"),
        ("1401-02-01T10:00", None, "write a day"),
        ("140", None, "write a day"),
        ("1299-01-01", None, "write a day"),
        ("1402", "1401", "since=1402 lies after until=1401"),
    ],
)
def test_what_is_no_range_is_a_sentence(since: str | None, until: str | None, said: str) -> None:
    with pytest.raises(BadArgumentError, match=said):
        parse_date_range(since, until)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2060, 1, 1)), st.integers(0, 400))
def test_what_is_written_is_read_back(first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length)
    span = parse_date_range(jalali(first), last.isoformat())
    assert span == DateRange(first, last)
    assert [*span.days()][:: max(1, length)] == [first, last][: length + 1]


def test_the_day_of_an_article_is_that_of_its_own_zone() -> None:
    assert day_of(article("1401-02-28T23:59:59")) == dt.date(2022, 5, 18)
    assert day_of(article("1401-02-28")) == dt.date(2022, 5, 18)
    assert day_of(article()) is None


def test_only_what_certainly_lies_within_is_covered() -> None:
    span = parse_date_range("1401-02-28", "1401-02-28")
    assert span.covers(article("1401-02-28T00:00:00"))
    assert not span.covers(article("1401-02-27T23:59:59"))
    assert not span.covers(article())
    assert str(span) == "1401-02-28 – 1401-02-28"
    assert str(DateRange()) == "… – …"


def test_the_calendar_is_that_of_jdatetime_from_its_first_year_to_the_last() -> None:
    """Every new year, and with it every leap year; within a year the months have fixed lengths."""
    for year in range(1, 9378):
        first = jdatetime.date(year, 1, 1).togregorian()
        assert gregorian(year, 1, 1) == first
        assert jalali_parts(first) == (year, 1, 1)
        if year > 1:
            before = jdatetime.date.fromgregorian(date=first - dt.timedelta(days=1))
            assert jalali_parts(first - dt.timedelta(days=1)) == (before.year, before.month, before.day)


@given(st.dates(dt.date(622, 3, 21), dt.date(9998, 12, 31)))
def test_a_day_goes_to_the_jalali_calendar_and_back(day: dt.date) -> None:
    there = jdatetime.date.fromgregorian(date=day)
    assert jalali_parts(day) == (there.year, there.month, there.day)
    stored = stored_jalali(jalali(day) or "")
    assert stored_moment(stored) == (day, "")
    assert stored_moment(f"{stored} 23:59:59") == (day, "23:59:59")
    assert date_fields(f"{stored} 23:59:59") == (day.isoformat(), stored)
    assert plain_jalali(stored) == jalali(day)


@pytest.mark.parametrize(
    "text",
    [
        "1401-02-28",
        "SH 1401-02-28",
        "SH 1401/13/01",
        "SH 1401/02/28T10:00:00",
        "SH 1401/02/28 10:00",
        "SH ۱۴۰۱/۰۲/۲۸",
        "",
    ],
)
def test_what_is_no_stored_jalali_time_is_left_as_it_is(text: str) -> None:
    assert date_fields(text) == (None, None)
    with pytest.raises(ValueError, match=r"no stored Jalali time|there is no day"):
        stored_moment(text)
    assert text == "SH 1401/13/01" or plain_jalali(text) == text


@pytest.mark.parametrize("day", [(1400, 12, 30), (1399, 12, 31), (1401, 7, 31), (1401, 0, 1), (1401, 13, 1), (0, 1, 1)])
def test_a_day_that_no_calendar_has_is_refused(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="there is no day"):
        gregorian(*day)


def test_a_day_before_the_calendar_has_no_jalali_date() -> None:
    with pytest.raises(ValueError, match="lies before"):
        jalali_parts(dt.date(622, 3, 20))


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ((1399,), dt.date(2020, 3, 20), dt.date(2021, 3, 20)),
        ((1399, 12), dt.date(2021, 2, 19), dt.date(2021, 3, 20)),
        ((1401, 2, 28), dt.date(2022, 5, 18), dt.date(2022, 5, 18)),
        ((2024, 2), dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ((2024,), dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
    ],
)
def test_a_period_is_of_the_calendar_of_its_year(written: tuple[int, ...], first: dt.date, last: dt.date) -> None:
    assert period(*written) == (first, last)


def test_a_year_is_jalali_from_1300_to_1699() -> None:
    assert [year for year in range(1200, 2200) if is_jalali_year(year)] == [*range(1300, 1700)]
