"""What is read and what is refused, rule by rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from farscrawler.timestamps import MAX_LENGTH, Refusal, RefusalReason, Timestamp, looks_like, read

# The page of the relative rows was fetched here: Wednesday 28 Ordibehesht 1401, 16:20 in Tehran.
FETCHED = datetime.fromisoformat("2022-05-18T16:20:00+04:30")
MINUTE = "1401-02-28T14:55:00"
SECOND = "1401-02-28T14:55:59"

READ = [
    # label, weekday, named month, time before and after, every separator
    ("چهارشنبه 28 ارديبهشت 1401 - 14:55:59", SECOND, "second"),
    ("تاریخ انتشار : چهارشنبه ۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴:۵۵", MINUTE, "minute"),
    ("ساعت ۱۴:۵۵ روز چهارشنبه ۲۸ اردیبهشت ماه سال ۱۴۰۱", MINUTE, "minute"),
    ("۱۴:۵۵ | چهارشنبه | ۲۸ اردیبهشت ۱۴۰۱", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱، ۱۴:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ , ۱۴:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ / ۱۴:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱-۱۴:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱\n۱۴:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ساعت 14:55", MINUTE, "minute"),
    ("کد خبر: 236008تاریخ: 14:55 1401/02/28", MINUTE, "minute"),
    ("🕒 14:55 📅 28 اردیبهشت 1401", MINUTE, "minute"),
    # a named month in other arrangements, calendars and tongues
    ("28 /اردیبهشت/ 1401", "1401-02-28", "day"),
    ("28-اردیبهشت-1401 14:55", MINUTE, "minute"),
    ("اردیبهشت ۲۸, ۱۴۰۱ ۱۴:۵۵ Asia/Tehran", MINUTE, "minute"),
    ("1401 اردیبهشت 28", "1401-02-28", "day"),
    ("۲۸ اردیبهشت ۰۱ - ۱۴:۵۵", MINUTE, "minute"),
    ("May 18th, 2022 at 2:55 PM", MINUTE, "minute"),
    ("Wed, 18 May 2022 10:25:59 GMT", SECOND, "second"),
    ("الأربعاء 18 مايو 2022 - 02:55 مساء بتوقيت طهران", MINUTE, "minute"),
    ("۲۸ غویی ۱۴۰۱ - ۱۴:۵۵", MINUTE, "minute"),
    ("٢٨ی گوڵانی ١٤٠١ی هەتاوی", "1401-02-28", "day"),
    ("بیست و هشتم اردیبهشت ماه ۱۴۰۱", "1401-02-28", "day"),
    ("بیست\u200cو\u200cهشتم اردی\u200cبهشت ۱۴۰۱", "1401-02-28", "day"),
    ("دی ۲۲, ۱۳۹۹ - 11 January 2021", "1399-10-22", "day"),
    ("خبرگزاری مهر ۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ #آبان #جمعه", MINUTE, "minute"),
    # numeric dates
    ("1401/02/28-14:55", MINUTE, "minute"),
    ("1401-02-28-14:55", MINUTE, "minute"),
    ("۱۴۰۱ / ۲ / ۲۸", "1401-02-28", "day"),
    ("28.02.1401 ۱۴:۵۵", MINUTE, "minute"),
    ("2022-05-18T10:25:59.123Z", SECOND, "second"),
    ("2022-05-18 14:55 +04:30", MINUTE, "minute"),
    ("2022-05-18+04:30", "1401-02-28", "day"),
    ("05/18/2022", "1401-02-28", "day"),
    ("Wednesday 05/06/2019", "1398-03-15", "day"),  # only 5 June was one
    ("۰۱/۰۲/۲۸", "1401-02-28", "day"),
    ("۱۴۰۱/۰۲/۲۸ برابر با ۱۴۴۳/۱۰/۱۶", "1401-02-28", "day"),
    ("۱۶ شوال ۱۴۴۳ - ۲۸ اردیبهشت ۱۴۰۱ - ۱۸ می ۲۰۲۲", "1401-02-28", "day"),
    # times in words, parts of the day
    ("28 اردیبهشت 1401 ساعت ساعت 14 و 55 دقیقه", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت چهارده و پنجاه و پنج دقیقه", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۲ و نیم بعدازظهر", "1401-02-28T14:30:00", "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴", "1401-02-28T14:00:00", "hour"),
    ("۲۸ اردیبهشت ۱۴۰۱، ۱۱ صبح", "1401-02-28T11:00:00", "hour"),
    ("عصر چهارشنبه ۲۸ اردیبهشت ۱۴۰۱ ساعت ۲:۵۵", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۲:۱۵ بامداد", "1401-02-28T00:15:00", "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ - عصر ایران", MINUTE, "minute"),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴ : ۵۵", MINUTE, "minute"),
    # zones
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۰:۲۵ به وقت گرینویچ", MINUTE, "minute"),
    ("28 اردیبهشت 1401 - 13:55 (UTC+3:30)", MINUTE, "minute"),
    ("۳۰ شهریور ۱۴۰۰ - ۲۳:۳۰ +04:30", "1400-06-30T23:30:00", "minute"),
    # labels
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ | به\u200cروزرسانی: ۲۹ اردیبهشت ۱۴۰۱ - ۰۹:۱۰", MINUTE, "minute"),
    ("امروز: جمعه ۳۰ اردیبهشت ۱۴۰۱ | انتشار: ۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵", MINUTE, "minute"),
    ("زمان انتشار: ۱۴:۵۵ تاریخ انتشار: ۱۴۰۱/۰۲/۲۸", MINUTE, "minute"),
    ("مدت فیلم: ۱۲:۳۰ | ۲۸ اردیبهشت ۱۴۰۱", "1401-02-28", "day"),
    ("۱۲ نظر | ۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ - ۳ دقیقه مطالعه", MINUTE, "minute"),
    ("به قلم استاد جمعه | ۲۸ اردیبهشت ۱۴۰۱ | ۱۴:۵۵", MINUTE, "minute"),
]


@pytest.mark.parametrize(("text", "jalali", "precision"), READ)
def test_a_line_is_read(text: str, jalali: str, precision: str) -> None:
    found = read(text)
    assert isinstance(found, Timestamp), found
    assert (found.jalali, found.precision) == (jalali, precision)
    assert (found.published_at is None) == (precision == "day")


RELATIVE = [
    ("۴۵ ثانیه پیش", "1401-02-28T16:19:15", "second"),
    ("یک ربع پیش", "1401-02-28T16:05:00", "minute"),
    ("نیم ساعت پیش", "1401-02-28T15:50:00", "minute"),
    ("یک ساعت و نیم پیش", "1401-02-28T14:50:00", "minute"),
    ("منتشر شده: ۲ ساعت و ۱۵ دقیقه قبل", "1401-02-28T14:05:00", "minute"),
    ("2 hours ago", "1401-02-28T14:20:00", "hour"),
    ("بازدید: ۱۲۳۴ | ۱ روز و ۲ ساعت پیش", "1401-02-27T14:20:00", "hour"),
    ("دو هفته پیش", "1401-02-14", "day"),
    ("سه\u200cشنبه دیروز ساعت ۵ عصر", "1401-02-27T17:00:00", "hour"),
    ("پریروز", "1401-02-26", "day"),
]


@pytest.mark.parametrize(("text", "jalali", "precision"), RELATIVE)
def test_a_relative_line_is_read_from_the_fetch(text: str, jalali: str, precision: str) -> None:
    found = read(text, fetched_at=FETCHED)
    assert isinstance(found, Timestamp), found
    assert (found.jalali, found.precision) == (jalali, precision)


REFUSED = [
    ("۲۸ اردیبهشت ۱۴۰۱ " + " " * MAX_LENGTH, RefusalReason.TOO_LONG),
    ("\ufdfa" * 200, RefusalReason.TOO_LONG),  # eighteen letters each once folded
    ("", RefusalReason.NO_DATE),
    ("تاریخ انتشار :", RefusalReason.NO_DATE),
    ("https://example.ir/fa/1401/02/28/123", RefusalReason.NO_DATE),
    ("قیمت دلار دیروز افزایش یافت", RefusalReason.NO_DATE),
    ("ساعت ۱۴:۵۵", RefusalReason.TIME_ONLY),
    ("چهارشنبه ۲۸ اردیبهشت - ۱۴:۵۵", RefusalReason.NO_YEAR),
    ("28 اردیبهشت 2022", RefusalReason.NO_YEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ | ویژه مهر ۱۲", RefusalReason.NO_YEAR),
    ("اردیبهشت ۱۴۰۱", RefusalReason.NO_DAY),
    ("شماره ۱۲ مهر ۱۴۰۰", RefusalReason.NO_DAY),
    ("چهارشنبه 31 مهر 1404 - 13:33:20", RefusalReason.NO_SUCH_DAY),
    ("تاریخ: چهارشنبه 31 مهر 1404 13:33:20", RefusalReason.NO_SUCH_DAY),
    ("۱۴۰۱/۱۳/۰۵", RefusalReason.NO_SUCH_DAY),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۲۴:۰۰", RefusalReason.NO_SUCH_TIME),
    ("۵۵:۱۴ - ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.NO_SUCH_TIME),
    ("۱۵۰۰/۰۱/۰۱", RefusalReason.YEAR_OUTSIDE),
    ("22/05/18", RefusalReason.YEAR_OUTSIDE),
    ("۱۴۴۳/۱۰/۱۶ ۱۴:۵۵", RefusalReason.MAYBE_LUNAR),
    ("۱۶ شوال ۱۴۴۳", RefusalReason.LUNAR_ONLY),
    ("۱۴۰۱/۰۲/۲۸ قمری", RefusalReason.LUNAR_ONLY),
    ("05/06/2022", RefusalReason.AMBIGUOUS_ORDER),
    ("۰۱/۰۲/۰۳", RefusalReason.AMBIGUOUS_ORDER),
    ("01/02/28", RefusalReason.AMBIGUOUS_ORDER),  # in Latin digits it may be of 2001
    ("۲۸ اردیبهشت ۱۴۰۱ | ۳۰ اردیبهشت ۱۴۰۱", RefusalReason.TWO_DATES),
    ("۲ مهر ۱۴۰۰ انتشار ۳ مهر ۱۴۰۰ به\u200cروزرسانی", RefusalReason.TWO_DATES),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ | ۱۵:۳۰", RefusalReason.TWO_CLOCKS),
    ("۲۸ اردیبهشت ۱۴۰۱ - 19 May 2022", RefusalReason.CALENDARS_DISAGREE),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۲۰ شوال ۱۴۴۳", RefusalReason.CALENDARS_DISAGREE),
    ("سه\u200cشنبه ۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵", RefusalReason.WEEKDAY_DISAGREES),
    ("۲۸ اردیبهشت ۱۴۰۱ Tuesday", RefusalReason.WEEKDAY_DISAGREES),
    ("امروز: چهارشنبه ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.PAGE_CLOCK),
    ("تاریخ تولد: ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.PAGE_CLOCK),
    ("۲۸ اردیبهشت ۱۴۰۱ تا ۳ خرداد", RefusalReason.NO_YEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴:۵۵ تا ۱۶", RefusalReason.SPAN),
    ("۲۸ اردیبهشت ۱۴۰۱ - 1455", RefusalReason.STRAY_NUMBER),
    ("28.02.1401 14.55", RefusalReason.STRAY_NUMBER),
    ("۱۴۰۵-۰۱-۱۹\\+۰۳۳۰۱۵:۱۷:۴۳+۰۳:۳۰", RefusalReason.STRAY_NUMBER),
    ("ساعت ۱۴:۵۵ به گزارش ایسنا ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.CLOCK_APART),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۹:۵", RefusalReason.CLOCK_UNCLEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۸ : ۰۹", RefusalReason.CLOCK_UNCLEAR),  # a page clock may run minute first
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۵", RefusalReason.CLOCK_UNCLEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴:۵۵ ق.ظ", RefusalReason.DAYPART_CONTRADICTS),
    ("۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۲:۳۰ شب", RefusalReason.DAYPART_UNCLEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۰۸:۳۰ عصر ایران", RefusalReason.DAYPART_UNCLEAR),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ EST", RefusalReason.UNKNOWN_ZONE),
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵ به وقت دمشق", RefusalReason.UNKNOWN_ZONE),
    ("2022-05-18T14:55+04:30 UTC", RefusalReason.ZONES_DISAGREE),
    ("۲ فروردین ۱۴۰۰ - ۰۰:۳۰", RefusalReason.MISSING_HOUR),
    ("۳۰ شهریور ۱۴۰۰ - ۲۳:۳۰", RefusalReason.DOUBLE_HOUR),
    ("۳ ساعت پیش", RefusalReason.NO_FETCH_TIME),
    ("دیروز ۱۴:۵۵", RefusalReason.NO_FETCH_TIME),
    ("لحظاتی پیش", RefusalReason.VAGUE),
    ("چند ساعت پیش", RefusalReason.VAGUE),
    ("۲ ماه پیش", RefusalReason.COARSE),
    ("سال گذشته", RefusalReason.COARSE),
    ("۲۸ اردیبهشت ۱۴۰۱ (۲ ساعت پیش)", RefusalReason.RELATIVE_AND_DATE),
]
LATE = [
    ("۲۸ اردیبهشت ۱۴۰۱ - ۱۶:۳۱", RefusalReason.AFTER_FETCH),
    ("پنجشنبه ۲۹ اردیبهشت ۱۴۰۱", RefusalReason.AFTER_FETCH),
    ("امروز ساعت ۲۳:۰۰", RefusalReason.AFTER_FETCH),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_line_is_refused(text: str, reason: RefusalReason) -> None:
    found = read(text)
    assert isinstance(found, Refusal), found
    assert found.reason == reason


@pytest.mark.parametrize(("text", "reason"), LATE)
def test_a_line_later_than_the_fetch_is_refused(text: str, reason: RefusalReason) -> None:
    assert read(text, fetched_at=FETCHED) == Refusal(reason)


def test_every_reason_has_a_line_that_is_refused_for_it() -> None:
    assert {reason for _, reason in REFUSED + LATE} == set(RefusalReason)


def test_the_clock_of_a_site_may_be_ten_minutes_ahead() -> None:
    line = "۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵"
    printed = datetime.fromisoformat("2022-05-18T14:55:00+04:30")
    assert isinstance(read(line, fetched_at=printed - timedelta(minutes=10)), Timestamp)
    assert isinstance(read(line, fetched_at=printed - timedelta(minutes=10, seconds=1)), Refusal)


def test_a_double_hour_keeps_the_wall_clock() -> None:
    assert read("۳۰ شهریور ۱۴۰۰ - ۲۳:۳۰:۰۷") == Refusal("hour repeated by summer time", "1400-06-30T23:30:07", "second")


@pytest.mark.parametrize(("year", "summer"), [(1384, True), (1385, False), (1386, False), (1387, True), (1402, False)])
def test_summer_time_is_that_of_the_year(year: int, summer: bool) -> None:
    found = read(f"۱۰ مرداد {year} - ۱۲:۰۰")
    assert isinstance(found, Timestamp)
    assert found.published_at is not None
    assert found.published_at.utcoffset() == timedelta(hours=4 if summer else 3, minutes=30)


def test_a_site_in_kabul_is_given_on_the_clock_of_tehran() -> None:
    found = read("سه شنبه ۲۰ جدی ۱۴۰۱ ساعت ۱۳:۲۲", tz="Asia/Kabul")
    assert found == Timestamp(
        datetime(2023, 1, 10, 12, 22, tzinfo=ZoneInfo("Asia/Tehran")),
        date(2023, 1, 10),
        "1401-10-20T12:22:00",
        "minute",
    )


def test_a_two_digit_year_ends_with_the_year_of_the_fetch() -> None:
    line = "۰۴/۰۵/۰۳"
    assert read(line) == Refusal(RefusalReason.AMBIGUOUS_ORDER)
    in_1403 = read(line, fetched_at=datetime.fromisoformat("2024-10-01T00:00:00Z"))
    assert isinstance(in_1403, Timestamp)
    assert in_1403.jalali == "1403-05-04"


def test_a_year_that_may_be_lunar_is_jalali_once_the_fetch_has_reached_it() -> None:
    line = "۱۴۰۸/۰۲/۰۱"
    assert read(line) == Refusal(RefusalReason.MAYBE_LUNAR)
    assert read(line, fetched_at=FETCHED) == Refusal(RefusalReason.MAYBE_LUNAR)
    assert isinstance(read(line, fetched_at=datetime.fromisoformat("2030-01-01T00:00:00Z")), Timestamp)


def test_wrong_arguments_are_errors_of_the_caller() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        read("", tz="Asia/Nowhere")
    with pytest.raises(ValueError, match="aware"):
        read("", fetched_at=datetime(2022, 5, 18))  # noqa: DTZ001  # the naive one that is refused


@pytest.mark.parametrize(
    "line",
    [
        "چهارشنبه 28 ارديبهشت 1401 - 14:55:59",
        "شنبه 29 مهر 1396 - 9:25:40 AM",
        "چهارشنبه 31 مهر 1404 - 13:33:20",
        "۲۵:۶۱ - ۲۸ اردیبهشت ۱۴۰۱",
        "تاریخ انتشار: ۱۴۰۱/۰۲/۲۸",
        "چهارشنبه ۲۸ اردیبهشت",
        "\u200f۲۸ اردیبهشت ۱۴۰۱\u200f | ۲:۵۵ ب.ظ",
    ],
)
def test_a_line_of_timestamp_words_looks_like_one_whatever_its_value(line: str) -> None:
    assert looks_like(line)


@pytest.mark.parametrize(
    "line",
    [
        "28 ارديبهشت روز خيام است",
        "افزایش 20 درصدی قیمت",
        "چهارشنبه",
        "تاریخ انتشار",
        "کد خبر: 267403",
        "12",
        "از ۲۸ اردیبهشت تا ۳۰ خرداد",
        "نتیجه پرسپولیس 2:1 استقلال",
        "",
        "28 اردیبهشت 1401 " * 9,
    ],
)
def test_other_lines_do_not_look_like_a_timestamp(line: str) -> None:
    assert not looks_like(line)
