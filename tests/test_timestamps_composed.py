"""Lines that are composed of parts, hundreds of each: years in words, days in many layouts, headlines beside a date."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from farscrawler.timestamps import Timestamp, read
from tests.support.timestamps_layouts import FETCHED, MONTHS, PERSIAN_DIGITS, days

# A list prints a date, a time and a headline in one line: no word of a headline may touch what stands before it.
HEADLINES = [
    "حدود ۳۰۰ نفر در صف ماندند",
    "حدود ساعت ده صبح برق رفت",
    "دو یا سه نفر زخمی شدند",
    "دیشب چه گذشت؟",
    "هزار و چهارصد نفر بیمه شدند",
    "یک هزار و ۴۰۰ تن گندم رسید",
    "سه هزار پایگاه گشوده شد",
    "او قهرمان شد",
    "توسط مردم ساخته شد",
    "گزارش تصویری/ جشن گل‌ها",
    "عکس با گوشی همراه",
    "انتشار کتاب تازه",
    "ویرایش تازه کتاب",
    "نزدیک به دو میلیون نفر",
    "یان در تهران",
    "کات تازه فیلم",
]


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize(
    "line", ["۱۴۰۰/۰۸/۰۵ , ۱۰:۲۰   {}", "چهارشنبه ۵ آبان ۱۴۰۰ - ۱۰:۲۰\n{}", "{} | ۵ آبان ۱۴۰۰ - ۱۰:۲۰"]
)
def test_a_headline_beside_a_date_leaves_it_what_it_is(line: str, headline: str) -> None:
    found = read(line.format(headline), fetched_at=FETCHED)
    assert isinstance(found, Timestamp), found
    assert found.jalali == "1400-08-05T10:20:00"


TENS = ("", "", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود")
UNITS = ("", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه")
TEENS = ("ده", "یازده", "دوازده", "سیزده", "چهارده", "پانزده", "شانزده", "هفده", "هجده", "نوزده")


def _below_hundred(number: int) -> list[str]:
    if 10 <= number < 20:
        return [TEENS[number - 10]]
    return [word for word in (TENS[number // 10], UNITS[number % 10]) if word]


def _year_in_words(year: int) -> str:
    hundreds = {13: ["سیصد"], 14: ["چهارصد"], 19: ["نهصد"], 20: []}[year // 100]
    thousand = "دو هزار" if year >= 2000 else "هزار"
    return " و ".join([thousand, *hundreds, *_below_hundred(year % 100)])


@pytest.mark.parametrize("first", ["", "یک ", "یک\u200c"])
def test_every_jalali_year_in_words(first: str) -> None:
    for year in range(1300, 1500):
        found = read(f"پنجم آبان {first}{_year_in_words(year)}")
        assert isinstance(found, Timestamp), (year, found)
        assert found.jalali == f"{year}-08-05"


def test_every_year_in_words_without_its_spaces() -> None:
    for year in range(1370, 1405):
        words = _year_in_words(year)
        for joined in (words.replace(" ", ""), words.replace(" ", "\u200c"), words.replace(" و ", " و")):
            assert getattr(read(f"۱۲ دی {joined}"), "jalali", None) == f"{year}-10-12"


def test_every_gregorian_year_in_words() -> None:
    for year in range(1980, 2030):
        found = read(f"دهم مارس {_year_in_words(year)}")
        assert isinstance(found, Timestamp), (year, found)
        assert found.date.isoformat() == f"{year}-03-10"


# Each prints one day and one time of publication; {u} is the time of an update.
LAYOUTS = [
    "انتشار: {p} | ویرایش: {u} | {d}",
    "آخرین به‌روزرسانی: {u} - زمان انتشار: {p} - {d}",
    "{d} — به‌روز شده در {u} — منتشر شده در {p}",
    "تاریخ انتشار: {d} {p} | تاریخ ویرایش: {u}",
    "{d}@{p}",
    "{d} @ {p}",
    "{d} توسط آذر بهمن‌پور {p}",
    "{d} توسط دبیر سرویس، ساعت {p}",
    "{p} به قلم مهر تیرگان - {d}",
    "عکس | {d} - {p}",
    "{d} - {p} | ۱۵ عکس",
    "دوم یا سوم؟ | {d} - {p}",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_random_days_and_times_are_right_or_refused(layout: str) -> None:
    dice = random.Random(layout)
    fetched = datetime.fromisoformat("2030-01-01T00:00:00+03:30")
    read_rightly = 0
    for _ in range(150):
        day = dice.choice(days(1390, 1405))
        published, updated = sorted(f"{dice.randrange(24):02}:{dice.randrange(60):02}" for _ in range(2))
        shapes = (
            day.named,
            f"{day.weekday} {day.named}",
            f"{day.weekday} - {day.day} {MONTHS[day.month - 1]} - {day.year}",
            f"{day.day} {MONTHS[day.month - 1]} {day.year // 1000}٬{day.year % 1000:03}",
            f"{day.year}/{day.month:02}/{day.day:02}",
        )
        text = layout.format(d=dice.choice(shapes), p=published, u=updated)
        found = read(text.translate(PERSIAN_DIGITS), fetched_at=fetched)
        if isinstance(found, Timestamp):
            assert found.jalali in (f"{day.jalali}T{published}:00", day.jalali), text
            read_rightly += 1
    assert read_rightly > 120


def test_a_rounded_amount_is_as_precise_as_its_unit() -> None:
    for number in range(1, 24):
        found = read(f"حدود {number} ساعت پیش", fetched_at=FETCHED)
        assert isinstance(found, Timestamp)
        assert (found.published_at, found.precision) == (FETCHED - timedelta(hours=number), "hour")
