"""The days that lists tell: dates as machines write them, days in names, and what may lie in a span."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from farscrawler.days import DateRange
from farscrawler.listings.entry import Entry
from farscrawler.listings.moments import read_moment
from farscrawler.listings.names import day64, day_in_path, days_named, days_of_leaves
from tests.support.listings import TEHRAN, UTC

# -- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tz", "expected"),
    [
        ("2024-08-30T20:27:00Z", "UTC", dt.datetime(2024, 8, 30, 20, 27, tzinfo=UTC)),
        ("2024-08-30T20:27+03:30", "UTC", dt.datetime(2024, 8, 30, 16, 57, tzinfo=UTC)),
        ("2024-08-30T20:27:00.123456789+0330", "UTC", dt.datetime(2024, 8, 30, 16, 57, tzinfo=UTC)),
        ("2024-08-30", "UTC", dt.date(2024, 8, 30)),
        ("2024-02", "UTC", dt.date(2024, 2, 29)),
        ("2024", "UTC", dt.date(2024, 12, 31)),
        ("2026-10-20T12:24:39", "Asia/Tehran", dt.datetime(2026, 10, 20, 8, 54, 39, tzinfo=UTC)),
        ("Mon, 19 Oct 2026 19:33:00 GMT", "Asia/Tehran", dt.datetime(2026, 10, 19, 19, 33, tzinfo=UTC)),
        ("19 Oct 2026 22:42:01 +0330", "UTC", dt.datetime(2026, 10, 19, 19, 12, 1, tzinfo=UTC)),
        ("19 Oct 2026 22:42", "Asia/Tehran", dt.datetime(2026, 10, 19, 19, 12, tzinfo=UTC)),
        ("Mon, 19 Oct 2026 22:42:00 -0000", "Asia/Tehran", dt.datetime(2026, 10, 19, 22, 42, tzinfo=UTC)),
        # ifb.ir: Jalali, day first, with the half of the day
        ("25/07/1405 10:20:30 ب.ظ", "Asia/Tehran", dt.datetime(2026, 10, 17, 18, 50, 30, tzinfo=UTC)),
        ("۲۵/۰۷/۱۴۰۵ ۱۰:۲۰:۳۰ ق.ظ", "Asia/Tehran", dt.datetime(2026, 10, 17, 6, 50, 30, tzinfo=UTC)),
        # a Jalali year in a Gregorian format: the zone is what a machine put there
        ("1404-09-10T14:34:00+00:00", "Asia/Tehran", dt.datetime(2025, 12, 1, 11, 4, tzinfo=UTC)),
        ("1404-09-10 14:34", "Asia/Tehran", dt.datetime(2025, 12, 1, 11, 4, tzinfo=UTC)),
        # summer time, which ended in 1401
        ("2022-05-18T14:55:59", "Asia/Tehran", dt.datetime(2022, 5, 18, 10, 25, 59, tzinfo=UTC)),
        ("2024-13-01", "UTC", None),
        ("2024-02-30T10:00Z", "UTC", None),
        ("2024-08-30T25:00Z", "UTC", None),
        ("0001-01-01T00:00:00Z", "UTC", None),
        ("Mon, 32 Oct 2026 19:33:00 GMT", "UTC", None),
        ("yesterday", "UTC", None),
        ("", "UTC", None),
        ("۱۱ روز قبل", "UTC", None),
        ("2" * 5000, "UTC", None),
    ],
)
def test_dates_of_machines(text: str, tz: str, expected: dt.date | None) -> None:
    found = read_moment(text, tz=tz)
    assert found == expected
    assert isinstance(found, dt.datetime) == isinstance(expected, dt.datetime)


@given(st.text(max_size=60), st.sampled_from(["UTC", "Asia/Tehran"]))
@example("9999-12-31T23:59:59-23:59", "UTC")
@example("1 Jan 9999 00:00 +9999", "UTC")
@example("2024-01-01T10:10:10,5", "UTC")
def test_no_text_makes_the_dates_raise(text: str, tz: str) -> None:
    found = read_moment(text, tz=tz)
    assert found is None or not isinstance(found, dt.datetime) or found.tzinfo is not None


@given(st.integers(800_000_000, 2_800_000_000))
def test_what_is_written_is_read(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, UTC)
    assert read_moment(moment.isoformat(), tz="Asia/Tehran") == moment
    assert read_moment(moment.strftime("%a, %d %b %Y %H:%M:%S +0000"), tz="Asia/Tehran") == moment
    assert read_moment(moment.strftime("%d %b %Y %H:%M:%S"), tz="UTC") == moment


# -- names ---------------------------------------------------------------------------------------


def named(model: str, day: str, *, url_safe: bool, pad: str) -> str:
    text = json.dumps({"model": model, "date": day, "x": "??>>"})  # of a length and letters that need pads, - and _
    code = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(text.encode()).decode()
    return code.replace("=", pad)


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        (f"/sitemap/{day64(dt.date(2024, 8, 30))}.xml", "2024-08-30", "2024-08-30"),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=False, pad='=')}.xml", *["2024-08-30"] * 2),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=True, pad=',')}.xml", *["2024-08-30"] * 2),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=True, pad='')}.xml", *["2024-08-30"] * 2),
        ("/sitemap/1402/sitemap.xml", "2023-03-21", "2024-03-19"),
        ("/sitemap/2024/sitemap.xml", "2024-01-01", "2024-12-31"),
        ("/fa/2024/08/30/fa_2024_08_30_sitemap.xml", "2024-08-30", "2024-08-30"),
        ("/sitemap-pt-post-2024-08.xml", "2024-08-01", "2024-08-31"),
        ("/sitemap/1402-12.xml.gz", "2024-02-20", "2024-03-19"),
        ("/sitemap/1399-12.xml", "2021-02-19", "2021-03-20"),
        ("/sitemap-20240830.xml", "2024-08-30", "2024-08-30"),
        ("/sitemap/1402/7/23.xml", "2023-10-15", "2023-10-15"),
    ],
)
def test_names_of_days(url: str, first: str, last: str) -> None:
    assert days_named(f"https://www.site.ir{url}") == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    "url",
    [
        "/sitemap.xml",
        "/post-sitemap1402.xml",
        "/sitemap-1402.xml",
        "/sitemap-202411.xml",
        "/sitemap/1402-5.xml",
        "/sitemap/9999/sitemap.xml",
        "/sitemap/0000/sitemap.xml",
        "/sitemap-123456789.xml",
        "/sitemap/bm9uc2Vuc2Ugb2YgYSBuYW1l.xml",
        "//[bad",
    ],
)
def test_names_of_no_day(url: str) -> None:
    assert days_named(f"https://www.site.ir{url}") is None


def test_names_that_are_counted_are_not_taken_for_dates() -> None:
    months = [f"https://www.site.ir/sitemap/1402/{number:02}.xml" for number in range(1, 13)]
    assert None not in days_of_leaves(months)
    parts = [f"https://www.site.ir/sitemap/1402/{number:02}.xml" for number in range(1, 40)]
    assert set(days_of_leaves(parts)) == {None}


@given(st.dates(dt.date(1995, 1, 1), dt.date(2060, 1, 1)))
def test_a_day_is_named_and_read_back(day: dt.date) -> None:
    assert days_named(f"https://www.site.ir/sitemap/{day64(day)}.xml") == (day, day)
    assert days_named(f"https://www.site.ir/{day:%Y/%m/%d}/x.xml") == (day, day)


def test_days_in_addresses_of_articles() -> None:
    assert day_in_path("https://t.ir/fa/news/1402/07/23/2971234/slug") == dt.date(2023, 10, 15)
    assert day_in_path("https://t.ir/2024/05/27/slug/") == dt.date(2024, 5, 27)
    assert day_in_path("https://t.ir/news/20240527/slug") is None
    assert day_in_path("https://t.ir/1402/13/01/slug") is None


@given(st.text(max_size=200))
def test_no_address_makes_the_names_raise(text: str) -> None:
    days_named(text)
    day_in_path(text)


# -- what may lie in a span -----------------------------------------------------------------------


def test_only_what_certainly_lies_elsewhere_is_left_out() -> None:
    span = DateRange(dt.date(2024, 3, 10), dt.date(2024, 3, 20))

    def may(published: dt.date | None = None, lastmod: dt.date | None = None) -> bool:
        return Entry("1", "", published, lastmod).may_lie_in(span, TEHRAN)

    assert may()
    assert may(dt.date(2024, 3, 9))
    assert may(dt.date(2024, 3, 21))
    assert not may(dt.date(2024, 3, 8))
    assert not may(dt.date(2024, 3, 22))
    assert may(dt.datetime(2024, 3, 8, 20, 30, tzinfo=UTC))  # the 9th in Tehran
    assert not may(lastmod=dt.date(2024, 3, 8))
    assert may(lastmod=dt.date(2030, 1, 1))  # changed long after: says nothing
    assert Entry("1", "", dt.date.max).may_lie_in(DateRange(), TEHRAN)
    assert Entry("1", "", dt.date.min).may_lie_in(DateRange(), TEHRAN)
