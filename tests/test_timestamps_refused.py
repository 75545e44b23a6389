"""Kinds of lines whose day or time is not certain: it is refused or left out, and never becomes another day."""

from __future__ import annotations

import pytest

from farscrawler.timestamps import Refusal, RefusalReason, looks_like, read
from tests.support.timestamps_layouts import FETCHED, MONTHS, WEEKDAYS, by_kind, days

# The day alone, or a refusal: a time that is not certain, and never another day.
OPEN = {
    "two labelled times": [
        ("۵ آبان ۱۴۰۰ | ۱۰:۲۰ انتشار | ۱۲:۳۰ ویرایش", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ (انتشار) - ۱۲:۳۰ (ویرایش)", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ ۱۰:۲۰ انتشار ۱۲:۳۰ ویرایش", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ ۱۰:۲۰ ۱۲:۳۰ انتشار ویرایش", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ | انتشار و ویرایش: ۱۰:۲۰ ۱۲:۳۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ انتشار/ویرایش: ۱۰:۲۰/۱۲:۳۰", "1400-08-05"),
        ("انتشار: ۱۱:۰۰ | ۵ آبان ۱۴۰۰ ۱۰:۲۰ | ویرایش: ۱۲:۳۰", "1400-08-05"),
        ("انتشار: ۱۰:۲۰ | انتشار: ۱۱:۲۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ | ویرایش: ۱۲:۳۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ ۱۲:۳۰ ویرایش ۱۰:۲۰ انتشار", "1400-08-05"),
        ("۱۲:۳۰ (ویرایش) ۱۰:۲۰ (انتشار) ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("۱۲:۳۰ ویرایش / ۱۰:۲۰ انتشار / ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("انتشار: | ویرایش: ۱۲:۳۰ | ۱۰:۲۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("انتشار: ۱۰:۲۰ | انتشار: ۱۱:۲۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
    ],
    "dashes": [
        ("چهارشنبه - ۵ آبان - ۰۰", "1400-08-05"),
    ],
    "date@time": [
        ("۵ آبان ۱۴۰۰ @10 ۱۰:۲۰", "1400-08-05"),
    ],
    "the name of an author": [
        ("۵ آبان ۱۴۰۰ افتتاح سد توسط وزیر ساعت ۱۰:۲۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ توسط وزیر نیرو و استاندار و فرماندار و بخشدار و جمعی از مردم ساعت ۱۰:۲۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ ۰۹:۰۰ توسط علی ۱۰:۲۰", "1400-08-05"),
    ],
    "titles of pictures": [
        ("عکس ۱۲ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("عکس/ دربی ۹۷ - ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("عکس | هندبال ایران ۲۲:۱۹ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ - ۱۰ شب سینما در قاب تصویر", "1400-08-05"),
        ("عکس روزنامه هفت صبح | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("هفت صبح - ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("تصاویر | ۱۲:۱۰ نسبت تصویر | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("عکس: بازی ۳:۲ استقلال - ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("گزارش تصویری دیدار والیبال ۱۵:۱۲ - ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("گزارش تصویری ۵ آبان ۱۴۰۰ - ۲۰:۱۵ هندبال", "1400-08-05"),
        ("عکس نماز جمعه ۵ آبان ۱۴۰۰ در ۱۲ شهر", "1400-08-05"),
        ("عکس روز | ۵ آبان ۱۴۰۰ | ۱۲ تصویر برگزیده", "1400-08-05"),
        ("تصاویر ۲۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("قاب ۲۰:۳۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("گزارش تصویری ۲۰:۳۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("عکس ۲۰:۳۰ | ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("عکس ۲۰:۳۰ ۵ آبان ۱۴۰۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ در عکس ۲۰:۳۰", "1400-08-05"),
        ("۵ آبان ۱۴۰۰ ساعت ۱۲ عکس", "1400-08-05"),
        ("۲۰۲۰/۱۴:۳۰ عکس ۵ آبان ۱۴۰۰", "1400-08-05"),
    ],
}

REFUSED = {
    "two labelled times": [
        ("انتشار: ۲۳:۳۰ | ویرایش: ۶ آبان ۱۴۰۰ - ۰۰:۱۰", RefusalReason.TWO_CLOCKS),
        ("ویرایش: ۱۲:۳۰ | ۵ آبان ۱۴۰۰ - ۱۰:۲۰", RefusalReason.TWO_CLOCKS),
        ("انتشار: ۱۰:۲۰ | ویرایش: ۱۲:۳۰", RefusalReason.TIME_ONLY),
        ("انتشار: ۱۰:۲۰ | ویرایش: ۱۲:۳۰ | ۵ آبان ۱۴۰۰ | ۷ آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("انتشار: ۱۰:۲۰ | ویرایش: ۱۲:۳۰ | ۳۱ مهر ۱۴۰۰", RefusalReason.NO_SUCH_DAY),
        ("انتشار: ۲۵:۲۰ | ویرایش: ۱۲:۳۰ | ۵ آبان ۱۴۰۰", RefusalReason.NO_SUCH_TIME),
        ("(به\u200cروزرسانی ساعت ۱۲:۳۰) ۵ آبان ۱۴۰۰ ساعت ۱۰:۲۰", RefusalReason.TWO_CLOCKS),
    ],
    "a choice of two": [
        ("۵ یا ۶ آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۵ آبان ۱۴۰۰ یا ۶ آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۵ آبان یا ۶ آبان ۱۴۰۰", RefusalReason.NO_YEAR),
        ("چهارشنبه یا پنجشنبه ۵ آبان ۱۴۰۰", RefusalReason.WEEKDAY_DISAGREES),
        ("پنجم یا ششم آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۱۴۰۰/۰۸/۰۵ یا ۱۴۰۰/۰۸/۰۶", RefusalReason.TWO_DATES),
        ("۵ آبان ۱۴۰۰ ساعت ۱۰ یا ۱۱", RefusalReason.TWO_DATES),
        ("۵ آبان ۱۴۰۰ ساعت ۱۰:۲۰ یا ۱۱:۲۰", RefusalReason.TWO_DATES),
        ("دیروز یا پریروز", RefusalReason.TWO_DATES),
        ("دیروز یا امروز ساعت ۱۰:۲۰", RefusalReason.TWO_DATES),
        ("۲ یا ۳ ساعت پیش", RefusalReason.TWO_DATES),
        ("۵ و ۶ آبان ۱۴۰۰", RefusalReason.STRAY_NUMBER),
        ("۵ الی ۶ آبان ۱۴۰۰", RefusalReason.SPAN),
        ("۵-۶ آبان ۱۴۰۰", RefusalReason.NO_DAY),
        ("۵ or ۶ آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۵ آبان یا آذر ۱۴۰۰", RefusalReason.NO_YEAR),
        ("۵ آبان ۱۳۹۹ یا ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۲۶ اکتبر یا ۲۷ اکتبر ۲۰۲۱", RefusalReason.NO_YEAR),
        ("۲۶ و یا ۲۷ اکتبر ۲۰۲۱", RefusalReason.TWO_DATES),
        ("۵ یا احتمالا ۶ آبان ۱۴۰۰", RefusalReason.TWO_DATES),
        ("۵، ۶ آبان ۱۴۰۰", RefusalReason.STRAY_NUMBER),
    ],
    "about so long ago": [
        ("حدود ۲ روز پیش", RefusalReason.VAGUE),
        ("حدود یک ماه پیش", RefusalReason.COARSE),
        ("بیش از ۲ ساعت پیش", RefusalReason.NO_DATE),
        ("کمتر از ۲ ساعت پیش", RefusalReason.NO_DATE),
        ("حدود چند ساعت پیش", RefusalReason.VAGUE),
        ("حدود ۲ تا ۳ ساعت پیش", RefusalReason.SPAN),
        ("حدود ساعت ۱۰:۲۰ دیروز", RefusalReason.TIME_ONLY),
        ("less than 3 hours ago", RefusalReason.NO_DATE),
        ("over 3 hours ago", RefusalReason.NO_DATE),
    ],
    "nights and days back": [
        ("دیشب ساعت ۰۱:۳۰", RefusalReason.DAYPART_UNCLEAR),
        ("دیشب", RefusalReason.VAGUE),
        ("دیشب ساعت ۱۲", RefusalReason.DAYPART_UNCLEAR),
        ("دیشب ساعت ۱۴:۳۰", RefusalReason.DAYPART_CONTRADICTS),
        ("دیشب ساعت ۱۲:۳۰", RefusalReason.DAYPART_UNCLEAR),
        ("دیشب ساعت ۰۰:۳۰", RefusalReason.DAYPART_UNCLEAR),
        ("پریروز ساعت ۵", RefusalReason.CLOCK_UNCLEAR),
        ("پریشب", RefusalReason.VAGUE),
        ("سه شنبه پریروز ساعت ۰۹:۱۰", RefusalReason.WEEKDAY_DISAGREES),
    ],
    "years in words": [
        ("پنجشنبه پنجم آبان هزار و چهارصد", RefusalReason.WEEKDAY_DISAGREES),
        ("سی و یکم مهر هزار و چهارصد", RefusalReason.NO_SUCH_DAY),
        ("آبان هزار و چهارصد", RefusalReason.NO_DAY),
        ("هزار و چهارصد نفر ۵ آبان", RefusalReason.NO_YEAR),
        ("۵ آبان هزار و چهارصد نفر", RefusalReason.NO_YEAR),
        ("۵ آبان، هزار و چهارصد بازدید", RefusalReason.NO_YEAR),
        ("پنجم آبان هزار و چهارصد میلیون", RefusalReason.NO_YEAR),
        ("پنجم آبان صد و چهل", RefusalReason.NO_YEAR),
        ("پنجم آبان هزار", RefusalReason.NO_YEAR),
        ("پنجم آبان دو هزار", RefusalReason.NO_YEAR),
        ("پنجم آبان چهارصد", RefusalReason.NO_YEAR),
        ("پنجم آبان نود و نه", RefusalReason.NO_YEAR),
    ],
    "Kurdish": [
        ("پێنجشەممە ٥ی خەزەڵوەری ١٤٠٠", RefusalReason.WEEKDAY_DISAGREES),
        ("پێرێ ١٠:٢٠", RefusalReason.TIME_ONLY),
        ("چەند خولەک لەمەوبەر", RefusalReason.VAGUE),
        ("٢ مانگ لەمەوبەر", RefusalReason.COARSE),
        ("ساڵێک لەمەوبەر", RefusalReason.COARSE),
        ("چەند ڕۆژێک لەمەوبەر", RefusalReason.VAGUE),
        ("پێش کەمێک", RefusalReason.VAGUE),
        ("پێش ٣ کاتژمێر پێش", RefusalReason.VAGUE),
        ("ئەمڕۆ: ٥ی خەزەڵوەری ١٤٠٠", RefusalReason.PAGE_CLOCK),
    ],
    "dashes": [
        ("پنجشنبه - ۵ آبان - ۱۴۰۰", RefusalReason.WEEKDAY_DISAGREES),
        ("چهارشنبه - ۵ آبان - ۱۰:۲۰", RefusalReason.NO_YEAR),
        ("۵ آبان - ۱۴۰۰ نفر", RefusalReason.NO_YEAR),
        ("۵ آبان - ۱۴۰۰ بازدید", RefusalReason.NO_YEAR),
        ("۵ آبان - ۱۴۰۰ شرکت کننده", RefusalReason.NO_YEAR),
    ],
    "marks in a year": [
        ("۵ آبان ۱٬۴۰۰ نفر", RefusalReason.NO_YEAR),
        ("۵ آبان ۱٬۴۰۰ بازدید", RefusalReason.NO_YEAR),
        ("۵ آبان ۱۱٬۴۰۰", RefusalReason.NO_YEAR),
        ("۵ آبان ۱٬۴۰", RefusalReason.NO_YEAR),
        ("۵ آبان، ۱٬۴۰۰ تومان", RefusalReason.NO_YEAR),
        ("۱٬۴۰۰ بازدید - ۵ آبان", RefusalReason.NO_YEAR),
    ],
    "the name of an author": [
        ("۵ آبان توسط علی ۱۴۰۰", RefusalReason.NO_YEAR),
    ],
}


@pytest.mark.parametrize(("text", "day"), by_kind(OPEN))
def test_an_open_time_is_left_out(text: str, day: str) -> None:
    found = read(text, fetched_at=FETCHED)
    assert isinstance(found, Refusal) or (found.jalali, found.precision) == (day, "day")


@pytest.mark.parametrize(("text", "reason"), by_kind(REFUSED))
def test_an_uncertain_day_of_every_kind_is_refused(text: str, reason: RefusalReason) -> None:
    assert read(text, fetched_at=FETCHED) == Refusal(reason)


@pytest.mark.parametrize("words", ["هزار و چهار و سیصد", "هزار و بیست و سیزده", "هزار و سیصد و چهارصد", "هزار و دو"])
def test_parts_that_make_no_year_make_no_date(words: str) -> None:
    assert read(f"پنجم آبان {words}") == Refusal(RefusalReason.NO_YEAR)


def test_a_wrong_weekday_refuses_dashed_dates() -> None:
    for day in days(1400, 1400):
        wrong = WEEKDAYS[(day.gregorian.weekday() + 1) % 7]
        assert read(f"{wrong} - {day.day} {MONTHS[day.month - 1]} - {day.year}") == Refusal(
            RefusalReason.WEEKDAY_DISAGREES
        )


@pytest.mark.parametrize("hour", range(6))
def test_last_night_is_not_certain_before_the_morning(hour: int) -> None:
    fetched = FETCHED.replace(hour=hour)
    assert read("دیشب ساعت ۲۲:۳۰", fetched_at=fetched) == Refusal(RefusalReason.VAGUE)


@pytest.mark.parametrize("text", ["دیشب ساعت ۲۲:۳۰", "حدود ۳ ساعت پیش", "پێش ٣ کاتژمێر", "پریروز ساعت ۹:۱۰"])
def test_what_counts_from_the_fetch_needs_its_moment(text: str) -> None:
    assert read(text) == Refusal(RefusalReason.NO_FETCH_TIME)


@pytest.mark.parametrize("line", ["۵ یا ۶ آبان ۱۴۰۰", "۵ آبان ۱۴۰۰ توسط علی", "حدود ۱۰:۲۰"])
def test_a_choice_a_name_or_an_about_is_no_bare_timestamp_line(line: str) -> None:
    assert not looks_like(line)
