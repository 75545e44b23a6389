"""Texts of which a part could be dropped unseen: what is glued, spanned, ranked, placed or numbered must count."""

from __future__ import annotations

from datetime import datetime

import pytest

from farscrawler.timestamps import Refusal, RefusalReason, Timestamp, looks_like, read

# Wednesday 28 Ordibehesht 1401, 16:20 in Tehran.
FETCHED = datetime.fromisoformat("2022-05-18T16:20:00+04:30")

READ = [
    # a dotted part of the day, glued to its time
    ("۵ مهر ۱۴۰۰ - ۰۳:۱۵ب.ظ", "1400-07-05T15:15:00"),
    ("۵ مهر ۱۴۰۰ - ۱۲:۱۵ق.ظ", "1400-07-05T00:15:00"),
    ("۹ آذر ۱۴۰۰ - ۰۷:۴۰:۰۸ب.ظ.", "1400-09-09T19:40:08"),
    ("7:40P.M. - 9 آذر 1400", "1400-09-09T19:40:00"),
    ("ب.ظ۰۷:۴۰ - ۹ آذر ۱۴۰۰", "1400-09-09T19:40:00"),
    ("۱۴۰۰/۰۷/۰۵ه.ش", "1400-07-05"),
    # an offset to the west, where nothing else can be meant
    ("2021-11-30T09:30-05:00", "1400-09-09T18:00:00"),
    ("2021-11-30 09:30:00-05:00", "1400-09-09T18:00:00"),
    ("9 آذر 1400 10:00+01:00", "1400-09-09T12:30:00"),
    # a label ranks relative times too
    ("به\u200cروزرسانی: ۱ ساعت پیش | انتشار: ۲ ساعت پیش", "1401-02-28T14:20:00"),
    ("ویرایش: ۵ دقیقه پیش - انتشار: ۴۰ دقیقه پیش", "1401-02-28T15:40:00"),
    ("به روز رسانی: امروز ۱۰:۲۰ | انتشار: دیروز ۰۹:۰۰", "1401-02-27T09:00:00"),
    ("پریروز ۰۹:۰۰ | آخرین ویرایش: دیروز ۱۰:۰۰", "1401-02-26T09:00:00"),
    ("به\u200cروزرسانی: ۱ ساعت پیش", "1401-02-28T15:20:00"),
    ("۳ ساعت پیش - ۱۲ نظر", "1401-02-28T13:20:00"),
    ("دیروز ۲۷ اردیبهشت ۱۴۰۱ ساعت ۱۰:۰۰", "1401-02-27T10:00:00"),
    # zones without به وقت
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ گرینویچ", "1400-08-05T13:50:00"),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ (گرینویچ)", "1400-08-05T13:50:00"),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ به ساعت گرینویچ", "1400-08-05T13:50:00"),
    ("۹ آذر ۱۴۰۰ ۱۰:۲۰ ساعت جهانی", "1400-09-09T13:50:00"),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ وقت کابل", "1400-08-05T09:20:00"),
    ("۹ آذر ۱۴۰۰ - ۱۰:۲۰ صبح وقت کابل", "1400-09-09T09:20:00"),
    ("۹ آذر ۱۴۰۰ - ۱۰:۲۰ به وقت محلی کابل", "1400-09-09T09:20:00"),
    ("9 آذر 1400 - 10:20 Kabul time", "1400-09-09T09:20:00"),
    ("۹ آذر ۱۴۰۰ - ۱۰:۲۰ به افق تهران", "1400-09-09T10:20:00"),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ منطقه زمانی UTC", "1400-08-05T13:50:00"),
    ("۹ آذر ۱۴۰۰ - ۱۰:۲۰ (منطقه زمانی: Asia/Kabul)", "1400-09-09T09:20:00"),
    ("2022-05-18 10:25:59 Z", "1401-02-28T14:55:59"),
    ("2020-02-18 T 07:20:50 +0330", "1398-11-29T07:20:50"),
    # parts of the day in other tongues
    ("17 مايو 2022 10:00 م", "1401-02-27T22:00:00"),
    ("9 نوفمبر 2021 (12:10 ص)", "1400-08-18T00:10:00"),
    ("9 نوفمبر 2021 09:10 ليلا", "1400-08-18T21:10:00"),
    ("۵ آبان ۱۴۰۰ - ۰۸:۲۰ شام", "1400-08-05T20:20:00"),
    ("نویسنده: سحر | ۵ آبان ۱۴۰۰ - ۱۲:۳۰", "1400-08-05T12:30:00"),
    ("لیلا - ۵ آبان ۱۴۰۰ - ۰۸:۲۰", "1400-08-05T08:20:00"),
    ("عصر | ۵ آبان ۱۴۰۰ - ۱۷:۳۰", "1400-08-05T17:30:00"),
    ("شامگاه ۵ آبان ۱۴۰۰ ساعت ۸:۲۰", "1400-08-05T20:20:00"),
    ("۹ قوس ۱۴۰۰ - ۰۳:۱۰ بعد از چاشت", "1400-09-09T15:10:00"),
    # the number of a page stands apart from the date, and a broadcast before a bar is a section
    ("صفحه ۳ | ۶ آذر ۱۴۰۰ - ۱۶:۳۱", "1400-09-06T16:31:00"),
    ("ویدیو | ۶ آذر ۱۴۰۰ - ۱۲:۳۰", "1400-09-06T12:30:00"),
    ("اخبار ۶ آذر ۱۴۰۰ - ۱۲:۳۰", "1400-09-06T12:30:00"),
    ("روز اول آذر ۱۴۰۰", "1400-09-01"),
    ("۵ آبان ۱۴۰۰ ساعت ۱۰:۲۰ دقیقه", "1400-08-05T10:20:00"),
    # a calendar named before the next date is not that of the date before it
    ("۶ آذر ۱۴۰۰ میلادی: ۲۷ نوامبر ۲۰۲۱", "1400-09-06"),
    ("۶ آذر ۱۴۰۰ هجری شمسی (۲۷ نوامبر ۲۰۲۱ میلادی)", "1400-09-06"),
    ("۵ آبان ۱۴۰۰ (۲۷ اکتبر) ۱۰:۱۰", "1400-08-05T10:10:00"),
    ("۲۷ نوامبر - ۶ آذر ۱۴۰۰", "1400-09-06"),
    # written together
    ("نیم\u200cساعت پیش", "1401-02-28T15:50:00"),
    ("یک\u200cساعت پیش", "1401-02-28T15:20:00"),
    ("دوساعت\u200cپیش", "1401-02-28T14:20:00"),
    ("۲ ساعت\u200cقبل", "1401-02-28T14:20:00"),
    ("بیست\u200cدقیقه پیش", "1401-02-28T16:00:00"),
    ("سه\u200cروز پیش", "1401-02-25"),
    ("5شنبه 6 آبان 1400", "1400-08-06"),
    ("۳\u200cشنبه ۹ آذر ۱۴۰۰", "1400-09-09"),
    ("۴ شنبه ۵ آبان ۱۴۰۰", "1400-08-05"),
    ("Wed Oct 27 10:20:30 2021", "1400-08-05T10:20:30"),
    ("Tue Nov 30 08:09:10 UTC 2021", "1400-09-09T11:39:10"),
    ("د ۱۴۰۰ کال د تلې ۵", "1400-07-05"),
]


@pytest.mark.parametrize(("text", "jalali"), READ)
def test_every_part_counts(text: str, jalali: str) -> None:
    found = read(text, fetched_at=FETCHED)
    assert isinstance(found, Timestamp), found
    assert found.jalali == jalali


REFUSED = [
    ("۱۵:۱۵ق.ظ - ۵ مهر ۱۴۰۰", RefusalReason.DAYPART_CONTRADICTS),
    ("۱۴۰۰/۰۷/۰۵ه.ق", RefusalReason.LUNAR_ONLY),
    ("۵ آبان ۱۴۰۰ ساعت ۱۰:۰۰-۱۲:۰۰", RefusalReason.CLOCK_UNCLEAR),
    ("۹ آذر ۱۴۰۰ ۰۸:۰۰–۱۰:۰۰", RefusalReason.CLOCK_UNCLEAR),
    ("۹ آذر ۱۴۰۰ ۰۹:۳۰ -10:30", RefusalReason.CLOCK_UNCLEAR),
    ("۹ آذر ۱۴۰۰ ۰۹:۳۰-1100", RefusalReason.CLOCK_UNCLEAR),
    ("۹ آذر ۱۴۰۰ ۰۹:۳۰-۱۱:۴۰", RefusalReason.TWO_CLOCKS),
    ("۳ ساعت پیش | ۲ ساعت پیش", RefusalReason.TWO_DATES),
    ("انتشار: ۳ روز پیش | تاریخ درج: ۲ روز پیش", RefusalReason.TWO_DATES),
    ("۲ ساعت پیش ۱۰:۲۰", RefusalReason.TWO_DATES),
    ("۳ روز پیش ساعت ۱۰:۲۰", RefusalReason.TWO_DATES),
    ("انتشار: ۳ ساعت پیش | به\u200cروزرسانی: ۲۸ اردیبهشت ۱۴۰۱ - ۱۶:۰۰", RefusalReason.RELATIVE_AND_DATE),
    ("دیروز ۱۰:۲۰ | ویرایش: ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.RELATIVE_AND_DATE),
    ("انتشار: ۲ ساعت پیش - تاریخ خبر: ۲۸ اردیبهشت ۱۴۰۱", RefusalReason.RELATIVE_AND_DATE),
    ("دیروز ۲۶ اردیبهشت ۱۴۰۱ ساعت ۱۰:۰۰", RefusalReason.RELATIVE_AND_DATE),
    ("انتشار: لحظاتی پیش | ویرایش: ۲ ساعت پیش", RefusalReason.VAGUE),
    ("تا دیروز ۱۰:۲۰", RefusalReason.SPAN),
    ("امروز:", RefusalReason.PAGE_CLOCK),
    ("دیروز :", RefusalReason.PAGE_CLOCK),
    ("اکنون: ۵ آبان ۱۴۰۰ - ۱۰:۲۰", RefusalReason.PAGE_CLOCK),
    ("زمان جاری: ۵ آبان ۱۴۰۰ - ۱۰:۲۰", RefusalReason.PAGE_CLOCK),
    ("تاریخ رویداد: ۵ آبان ۱۴۰۰ - ۱۰:۲۰", RefusalReason.PAGE_CLOCK),
    ("تاریخ جلسه: ۹ آذر ۱۴۰۰", RefusalReason.PAGE_CLOCK),
    ("تاریخ تصویب: ۹ آذر ۱۴۰۰", RefusalReason.PAGE_CLOCK),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ وقت لندن", RefusalReason.UNKNOWN_ZONE),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ به ساعت پاریس", RefusalReason.UNKNOWN_ZONE),
    ("5 آبان 1400 - 10:20 London time", RefusalReason.UNKNOWN_ZONE),
    ("5 آبان 1400 - 10:20 New York time", RefusalReason.UNKNOWN_ZONE),
    ("5 آبان 1400 - 10:20 Foo/Bar", RefusalReason.UNKNOWN_ZONE),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ خبر تازه GMT", RefusalReason.UNKNOWN_ZONE),
    ("رصدخانه گرینویچ | ۵ آبان ۱۴۰۰ - ۱۰:۲۰", RefusalReason.UNKNOWN_ZONE),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ ب", RefusalReason.DAYPART_UNCLEAR),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ ب/ظ", RefusalReason.DAYPART_UNCLEAR),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰p", RefusalReason.DAYPART_UNCLEAR),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ م. احمدی", RefusalReason.DAYPART_UNCLEAR),
    ("۵ آبان ۱۴۰۰ - ۱۰:۲۰ چاشت", RefusalReason.DAYPART_UNCLEAR),
    ("سحر | ۵ آبان ۱۴۰۰ - ۱۲:۳۰", RefusalReason.DAYPART_UNCLEAR),
    ("۵ آبان ۱۴۰۰ - ۰۸:۳۰ | عصر", RefusalReason.DAYPART_UNCLEAR),
    ("هفته اول مهر ۱۴۰۱", RefusalReason.NO_DAY),
    ("نیمه دوم آبان ۱۴۰۰", RefusalReason.NO_DAY),
    ("دهه سوم آذر ماه ۱۴۰۰", RefusalReason.NO_DAY),
    ("ده روز اول آذر ۱۴۰۰", RefusalReason.NO_DAY),
    ("سال پنجم آبان ۱۴۰۰", RefusalReason.NO_DAY),
    ("جلسه ششم آذر ۱۴۰۰", RefusalReason.NO_DAY),
    ("صفحه ۵ آبان ۱۴۰۰", RefusalReason.NO_DAY),
    ("یادواره ششم آذر ۱۴۰۰", RefusalReason.NO_DAY),
    ("۵ آبان ۱۴۰۰ قمری", RefusalReason.CALENDARS_DISAGREE),
    ("۵ آبان ۱۴۰۰ (میلادی) - ۱۰:۲۰", RefusalReason.CALENDARS_DISAGREE),
    ("۲۶ اکتبر ۲۰۲۱ شمسی", RefusalReason.CALENDARS_DISAGREE),
    ("2021/10/27 شمسی", RefusalReason.CALENDARS_DISAGREE),
    ("۱۴۰۰/۰۸/۰۵ میلادی", RefusalReason.CALENDARS_DISAGREE),
    ("قمری: ۱۴۰۰/۰۹/۰۶", RefusalReason.LUNAR_ONLY),
    ("۵ آبان ۱۴۰۰ (۲۸ اکتبر)", RefusalReason.NO_YEAR),
    ("۵ آبان ۱۴۰۰ ساعت ربع به ده صبح", RefusalReason.STRAY_NUMBER),
    ("۵ آبان ۱۴۰۰ - بیست دقیقه به ده صبح", RefusalReason.STRAY_NUMBER),
    ("ویدیو ۰۲:۳۰ | ۵ آبان ۱۴۰۰", RefusalReason.CLOCK_UNCLEAR),
    ("اخبار ساعت ۲۰:۳۰ - ۶ آذر ۱۴۰۰", RefusalReason.CLOCK_UNCLEAR),
    ("۰۲:۳۰ دقیقه | ۶ آذر ۱۴۰۰", RefusalReason.CLOCK_UNCLEAR),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_doubtful_is_refused(text: str, reason: RefusalReason) -> None:
    assert read(text, fetched_at=FETCHED) == Refusal(reason)


@pytest.mark.parametrize(
    "line",
    [
        "28 خرداد 1401 - 08:05:09ب.ظ",
        "31 مهر 1404",
        "بیست و دوم آذر ماه 1401",
        "۳۱ مهر ۰۴",
        "۵شنبه ۶ آبان",
        "1/1/0001 12:00:00 AM",
        "ساعت ۱۸:۳۰",
    ],
)
def test_a_time_or_a_full_date_looks_like_a_timestamp(line: str) -> None:
    assert looks_like(line)


@pytest.mark.parametrize(
    "line",
    [
        "بهمن ۵۷",
        "۱۲ مهر",
        "مهر ۱۴۰۰",
        "11 سپتامبر",
        "بهمن ۵۷ و تیر ۶۰",
        "شنبه 12",
        "جلسه ۶ آذر ۱۴۰۰",
        "نیمه دوم آذر ۱۴۰۰",
    ],
)
def test_a_part_of_a_date_does_not(line: str) -> None:
    assert not looks_like(line)
