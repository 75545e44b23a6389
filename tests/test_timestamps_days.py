"""Every day of 1370 to 1405, in a sixth of the layouts each, is read back exactly."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import jdatetime
import pytest

from farscrawler.timestamps import Timestamp, read
from farscrawler.timestamps.calendars import FIRST_YEAR, LAST_YEAR, jalali_day, jalali_text
from tests.support.timestamps_layouts import LAYOUTS, Day, days

TEHRAN = ZoneInfo("Asia/Tehran")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_day_reads_back_in_every_layout(layout: str) -> None:
    write, clock = LAYOUTS[layout]
    turn = list(LAYOUTS).index(layout) % 6
    wrong = [write(day) for day in list(days())[turn::6] if not _is_right(read(write(day)), day, clock)]
    assert wrong == []


def _is_right(found: object, day: Day, clock: str) -> bool:
    """Return whether the reading is the day at that time; no summer time begins or ends near 14:55."""
    assert isinstance(found, Timestamp), (day, found)
    expected = datetime.fromisoformat(f"{day.gregorian}T{clock}").replace(tzinfo=TEHRAN)
    assert found.published_at is not None
    return (
        found.published_at == expected
        and found.published_at.utcoffset() == expected.utcoffset()
        and found.date == day.gregorian
        and found.jalali == f"{day.jalali}T{clock}"
        and found.precision == ("minute" if clock.endswith(":00") else "second")
    )


def test_the_calendar_is_that_of_jdatetime_on_every_day_it_reads() -> None:
    for day in days(FIRST_YEAR, LAST_YEAR):
        assert jalali_day(day.year, day.month, day.day) == day.gregorian
        assert jalali_text(day.gregorian) == day.jalali


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_no_day_exists_beyond_a_month(year: int) -> None:
    for month in range(1, 13):
        for day in (0, 30, 31, 32):
            try:
                expected = jdatetime.date(year, month, day).togregorian()
            except ValueError:
                expected = None
            assert jalali_day(year, month, day) == expected


@pytest.mark.parametrize("day", [date.min, date(1921, 3, 20), date(2121, 3, 21), date.max])
def test_days_outside_the_years_read_have_no_text(day: date) -> None:
    assert jalali_text(day) == ""
