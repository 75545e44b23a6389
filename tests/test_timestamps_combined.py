"""Every feature beside every other: label, weekday, date, separator, time, part of the day, zone, digits, noise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from farscrawler.timestamps import Timestamp, read
from tests.support.examples import examples
from tests.support.timestamps_layouts import (
    ARABIC_DIGITS,
    ARABIC_LETTERS,
    DARI,
    GREGORIAN,
    MONTHS,
    PERSIAN_DIGITS,
    Day,
    days,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LABELS = ["", "تاریخ انتشار : ", "تاریخ:", "منتشر شده در ", "انتشار: ", "زمان انتشار :", "آخرین به\u200cروزرسانی: "]
BEFORE = ["", "", "کد خبر: 236008", "شناسه خبر : 1383520/7 | ", "نویسنده استاد جمعه | ", "سرویس: سیاسی 28\n"]
AFTER = ["", "", " | بازدید: 1402", " کد مطلب: 28", "\nکد خبر : 14010228", " #مهر #جمعه", " | 5 نظر", " | خبرگزاری مهر"]
SEPARATORS = [" - ", "، ", " , ", " / ", " | ", " ساعت ", "\n", " ", "، ساعت ", " - ساعت: "]
WEEKDAY_ENDS = [" ", "، ", " / ", " - ", " | "]
DATES: dict[str, Callable[[Day], str]] = {
    "named": lambda d: d.named,
    "named, ماه": lambda d: f"{d.day:02} {MONTHS[d.month - 1]} ماه {d.year}",
    "named, ZWNJ": lambda d: f"{d.day} {MONTHS[d.month - 1]}\u200cماه سال {d.year}",
    "Dari": lambda d: f"{d.day} {DARI[d.month - 1]} {d.year}",
    "month first": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "slashes": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "day first": lambda d: f"{d.day}/{d.month}/{d.year}",
    "dots": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "dashes": lambda d: d.jalali,
    "two calendars": lambda d: f"{d.named} ({d.gregorian.isoformat()})",
    "Gregorian": lambda d: f"{d.gregorian.day} {GREGORIAN[d.gregorian.month - 1]} {d.gregorian.year}",
}
ZONES = {
    "": None,
    " به وقت تهران": None,
    " (به وقت گرینویچ)": 0,
    " UTC": 0,
    " Asia/Tehran": None,
    " +03:30": 210,
    " GMT+4:30": 270,
}


def clock(hour: int, minute: int, second: int | None, style: str) -> str:
    """Return a time in one of four styles; only those with a part of the day count to twelve."""
    seconds = "" if second is None else f":{second:02}"
    if style == "24":
        return f"{hour:02}:{minute:02}{seconds}"
    part = {"ظ": ("ق.ظ", "ب.ظ"), "قبل": ("قبل از ظهر", "بعد\u200cاز\u200cظهر"), "AM": ("AM", "PM")}[style][hour >= 12]
    return f"{hour % 12 or 12}:{minute:02}{seconds} {part}"


@examples(400)
@given(
    day=st.sampled_from(days()),
    time=st.tuples(st.integers(4, 19), st.integers(0, 59), st.none() | st.integers(0, 59)),
    style=st.sampled_from(["24", "ظ", "قبل", "AM"]),
    parts=st.tuples(
        *map(st.sampled_from, (BEFORE, LABELS, SEPARATORS, AFTER, WEEKDAY_ENDS, sorted(DATES), sorted(ZONES)))
    ),
    weekday=st.booleans(),
    time_first=st.booleans(),
    script=st.sampled_from([{}, PERSIAN_DIGITS, ARABIC_DIGITS, ARABIC_LETTERS, PERSIAN_DIGITS | ARABIC_LETTERS]),
)
def test_features_are_read_together(
    *,
    day: Day,
    time: tuple[int, int, int | None],
    style: str,
    parts: tuple[str, str, str, str, str, str, str],
    weekday: bool,
    time_first: bool,
    script: dict[int, int],
) -> None:
    before, label, separator, after, weekday_end, layout, zone = parts
    dated = (day.weekday + weekday_end if weekday else "") + DATES[layout](day)
    timed = clock(*time, style) + zone
    if time_first:
        separator = separator.replace("ساعت:", "").replace("ساعت", "")
    line = separator.join((timed, dated) if time_first else (dated, timed))
    glue = "" if label or not before else " "  # a code may touch a label, but not a day
    text = f"{before}{glue}{label}{line}{after}".translate(script)
    found = read(text)
    assert isinstance(found, Timestamp), (text, found)
    local = datetime.combine(day.gregorian, datetime.min.time()).replace(
        hour=time[0], minute=time[1], second=time[2] or 0
    )
    expected = local.replace(tzinfo=ZoneInfo("Asia/Tehran"))
    if (east := ZONES[zone]) is not None:
        expected = (local - timedelta(minutes=east)).replace(tzinfo=ZoneInfo("UTC"))
    assert found.published_at == expected, text
    assert found.precision == ("minute" if time[2] is None else "second")
