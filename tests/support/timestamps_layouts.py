"""Layouts of Persian timestamps as functions, and the days to print in them, counted by jdatetime alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import jdatetime
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from _pytest.mark.structures import ParameterSet

    from farscrawler.timestamps import RefusalReason

MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
DARI = ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت")
GREGORIAN = (
    *("ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن"),
    *("ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"),
)
WEEKDAYS = ("دوشنبه", "سه\u200cشنبه", "چهارشنبه", "پنج\u200cشنبه", "جمعه", "شنبه", "یکشنبه")
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
ARABIC_LETTERS = str.maketrans("یک", "يك")
#: When the lines of a page were fetched: Wednesday 28 Ordibehesht 1401, 16:20 in Tehran.
FETCHED = datetime.fromisoformat("2022-05-18T16:20:00+04:30")


class Day(NamedTuple):
    """A day in both calendars."""

    year: int
    month: int
    day: int
    gregorian: date

    @property
    def jalali(self) -> str:
        return f"{self.year}-{self.month:02}-{self.day:02}"

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.gregorian.weekday()]

    @property
    def named(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]} {self.year}"


@cache
def days(first: int = 1370, last: int = 1405) -> tuple[Day, ...]:
    """Return every day of the Jalali years first..last."""
    start = jdatetime.date(first, 1, 1).togregorian()
    end = jdatetime.date(last + 1, 1, 1).togregorian()
    found = []
    for count in range((end - start).days):
        day = start + timedelta(count)
        persian = jdatetime.date.fromgregorian(date=day)
        found.append(Day(persian.year, persian.month, persian.day, day))
    return tuple(found)


# Each prints a day and a time, 14:55 or 14:55:59 as the second of the pair says.
LAYOUTS: dict[str, tuple[Callable[[Day], str], str]] = {
    "weekday, named, seconds, Arabic yeh": (
        lambda d: f"{d.weekday} {d.named} - 14:55:59".translate(ARABIC_LETTERS),
        "14:55:59",
    ),
    "Persian digits after a label": (
        lambda d: f"تاریخ انتشار: {d.named} - 14:55".translate(PERSIAN_DIGITS),
        "14:55:00",
    ),
    "time first, Arabic digits": (lambda d: f"14:55 - {d.named}".translate(ARABIC_DIGITS), "14:55:00"),
    "slashes": (lambda d: f"{d.year}/{d.month:02}/{d.day:02} 14:55".translate(PERSIAN_DIGITS), "14:55:00"),
    "slashes, time first, code before": (
        lambda d: f"کد خبر: 267403تاریخ: 14:55 {d.year}/{d.month}/{d.day}",
        "14:55:00",
    ),
    "day first, afternoon": (lambda d: f"{d.day:02}/{d.month:02}/{d.year} 02:55:59 ب.ظ", "14:55:59"),
    "ISO shape": (lambda d: f"{d.jalali}T14:55:59".translate(PERSIAN_DIGITS), "14:55:59"),
    "slashes between the parts": (
        lambda d: f"{d.weekday} / {d.day} {MONTHS[d.month - 1]} {d.year} / 14:55".translate(PERSIAN_DIGITS),
        "14:55:00",
    ),
    "month first": (lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year} 14:55 Asia/Tehran", "14:55:00"),
    "time in words": (lambda d: f"{d.weekday} {d.named} ساعت 14 و 55 دقیقه و 59 ثانیه", "14:55:59"),
    "bars and bidi marks": (
        lambda d: f"\u200f{d.weekday}\u200f | \u200e{d.named} | \u200e14:55".translate(PERSIAN_DIGITS),
        "14:55:00",
    ),
    "two calendars": (
        lambda d: (
            f"{d.named} - 14:55 ({d.gregorian.day} {GREGORIAN[d.gregorian.month - 1]} {d.gregorian.year})".translate(
                PERSIAN_DIGITS
            )
        ),
        "14:55:00",
    ),
    "Dari month, one word": (lambda d: f"{d.weekday} {d.day} {DARI[d.month - 1]}\u200cماه {d.year}، 14:55", "14:55:00"),
}


def by_kind(table: Mapping[str, Sequence[tuple[str, str | RefusalReason]]]) -> list[ParameterSet]:
    """Return the rows of a table as the parameters of a test, each under the name of its kind."""
    return [pytest.param(*row, id=f"{kind} {n}") for kind, rows in table.items() for n, row in enumerate(rows)]
