"""The traps that Persian sites are known for, each by its name: what a text or an answer alone must be read as.

Traps of whole pages (several times that disagree) are cases of tests/fixtures: ``khabaronline/scheduled-at-midnight``,
``ensafnews/parsidate-*``, ``basijnews/future-*``, ``asriran/news`` and their like.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from farscrawler.timestamps import Refusal, Timestamp, read
from tests.support.cases import cases

FETCHED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Trap(NamedTuple):
    """A text, what it says in Tehran's time (None: it is refused), and a day alone where it has no clock."""

    text: str
    moment: str | None
    day: str | None = None


TRAPS = {
    "jalali-in-meta-of-iransamaneh": Trap("۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹", "2020-05-10T18:59:00+04:30"),
    "parsidate-persian-digits-and-backslash": Trap("۱۴۰۰-۰۸-۱۵\\۰۴:۵۸:۰۰", "2021-11-06T04:58:00+03:30"),
    "parsidate-latin-digits-and-backslash": Trap("1403-03-29\\20:22:47", "2024-06-18T20:22:47+03:30"),
    "iso-shape-jalali": Trap("1404-09-10 14:34", "2025-12-01T14:34:00+03:30"),
    "iso-shape-jalali-persian-digits": Trap("۱۴۰۴-۰۹-۱۰ ۱۴:۳۴", "2025-12-01T14:34:00+03:30"),
    "two-digit-year": Trap("۵ خرداد ۰۴ - ۰۹:۳۲", "2025-05-26T09:32:00+03:30"),
    "two-digit-year-of-fars": Trap("87/07/06 - 10:05", "2008-09-27T10:05:00+03:30"),
    "relative-hours": Trap("۱ ساعت قبل", "2026-11-23T10:30:00+03:30"),
    "yesterday-with-clock": Trap("دیروز ۱۹:۰۳", "2026-11-22T19:03:00+03:30"),
    "relative-days": Trap("۱۱ روز قبل", None, "1405-08-21"),
    "title-of-a-relative-time": Trap("سه‌شنبه ۱۰ بهمن ۱۴۰۲ - ۱۶:۴۵", "2024-01-30T16:45:00+03:30"),
    "arabic-yeh-in-month": Trap("۲۱ ارديبهشت ۱۳۹۹ - ۱۸:۵۹", "2020-05-10T18:59:00+04:30"),
    "arabic-yeh-in-weekday": Trap("يکشنبه ۹ تير ۱۳۹۸ - ۰۸:۰۱", "2019-06-30T08:01:00+04:30"),
    "alef-maksura-in-month": Trap("۱۲ دى ۱۳۹۹ - ۱۰:۱۰", "2021-01-01T10:10:00+03:30"),
    "amordad-and-mah": Trap("۲۸ امرداد ماه ۱۳۹۹ - ۱۱:۰۱", "2020-08-18T11:01:00+04:30"),
    "ordinal-in-words": Trap("بیست و هشتم مرداد ۱۳۹۹ ساعت ۱۱:۰۱", "2020-08-18T11:01:00+04:30"),
    "saat-twice-and-minutes-in-words": Trap("۱۲ مهر ۱۳۸۷ ساعت ساعت 11 و 01 دقیقه", "2008-10-03T11:01:00+03:30"),
    "glued-saat": Trap("۱۲ مهر ۱۳۸۷ساعت 19:47", "2008-10-03T19:47:00+03:30"),
    "twelve-hours-after-noon": Trap("2 تير 1399 - 12:09:08 ب.ظ", "2020-06-22T12:09:08+04:30"),
    "twelve-hours-before-noon": Trap("2 تير 1399 - 12:09:08 ق.ظ", "2020-06-22T00:09:08+04:30"),
    "feed-of-ifb": Trap("05/10/1402 03:15:07 ب.ظ", "2023-12-26T15:15:07+03:30"),
    "time-before-date": Trap("20:15 1395/10/09", "2016-12-29T20:15:00+03:30"),
    "time-before-date-with-dash": Trap("13:35 - 1396/12/27", "2018-03-18T13:35:00+03:30"),
    "minute-first-page-clock": Trap("۵۹ : ۱۸", None),
    "two-dates-in-one-node": Trap("تاریخ انتشار: ۹ مهر ۱۴۰۲ - ۱۱:۲۱ 01 October 2023", "2023-10-01T11:21:00+03:30"),
    "two-dates-that-disagree": Trap("۹ مهر ۱۴۰۲ - ۱۱:۲۱ 05 October 2023", None),
    "dash": Trap("۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "arabic-comma": Trap("۲۸ اردیبهشت ۱۴۰۱، ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "spaced-comma": Trap("۱۴۰۱/۰۲/۲۸ , ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "slash": Trap("چهارشنبه / ۲۸ اردیبهشت ۱۴۰۱ / ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "bar": Trap("۲۸ اردیبهشت ۱۴۰۱ | ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "saat": Trap("۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "newline": Trap("۲۸ اردیبهشت ۱۴۰۱\n۱۴:۵۵", "2022-05-18T14:55:00+04:30"),
    "slashes-around-the-month": Trap("9 /مهر/ 1405", None, "1405-07-09"),
    "english-slashes-around-the-month": Trap("22 /Sep/ 2026", None, "1405-06-31"),
    "month-first": Trap("مهر ۱۲, ۱۴۰۵ ۱۹:۲۴ Asia/Tehran", "2026-10-04T19:24:00+03:30"),
    "future": Trap("2026-12-13T09:00:00+03:30", None),
    "sputnik-gregorian-clock-first": Trap("14:55 18.05.2022", "2022-05-18T14:55:00+04:30"),
    "label-in-the-line": Trap("تاریخ انتشار : پنجشنبه ۹ دی ۱۳۹۵ ساعت ۱۹:۵۸", "2016-12-29T19:58:00+03:30"),
    "summer-time-before-1401": Trap("2020-05-10T18:59:01+04:30", "2020-05-10T18:59:01+04:30"),
    "no-summer-time-since": Trap("۱۵ تیر ۱۴۰۲ - ۱۲:۰۰", "2023-07-06T12:00:00+03:30"),
    "impossible-day": Trap("۳۱ مهر ۱۴۰۴ - ۱۳:۳۳", None),
}


@pytest.mark.parametrize("name", TRAPS)
def test_trap(name: str) -> None:
    trap = TRAPS[name]
    found = read(trap.text, fetched_at=FETCHED)
    if trap.day is not None:
        assert isinstance(found, Timestamp)
        assert (found.published_at, found.jalali, found.precision) == (None, trap.day, "day")
    elif trap.moment is None:
        assert isinstance(found, Refusal) or found.published_at is None
    else:
        assert isinstance(found, Timestamp), found
        assert found.published_at is not None
        assert found.published_at.isoformat() == trap.moment


def test_the_traps_of_whole_pages_are_cases() -> None:
    names = {case.name for case in cases()}
    assert names >= {
        *("khabaronline/relative-title-relative-too", "hamshahrionline/relative-with-title"),
        *("khabaronline/scheduled-at-midnight", "khabaronline/midnight-printed", "nournews/us-order-2024"),
        *("basijnews/future-meta", "basijnews/future-printed", "ensafnews/off-by-offset", "ensafnews/schema-1970"),
        *("ensafnews/parsidate-persian-backslash", "ensafnews/parsidate-false-offset", "ensafnews/updated-time-right"),
        *("ensafnews/parsidate-doubled-zone", "ensafnews/parsidate-doubled-zone-alone", "ensafnews/jalali-in-json-ld"),
        *("ensafnews/jalali-in-time-datetime", "ensafnews/iso-shape-printed", "yjc/article-2020", "asriran/news"),
        *("bankdariirani/gregorian", "tarafdari/news", "wp_newspaper/two-times", "farsnews/second-era"),
    }


def test_the_traps_of_bodies_and_walls_are_cases() -> None:
    names = {case.name for case in cases()}
    assert names >= {
        *("prisons/class-body-on-body", "khamenei/news", "khabaronline/lead-class-in-teasers"),
        *("mashreghnews/lead-repeated", "mashreghnews/tails", "khabaronline/tail-codes"),
        *("khabaronline/lazy-images-noscript", "alef/category", "ensafnews/category", "kayhan/soft-404"),
        *("irna/wall-arvancloud", "mehrnews/wall-f5", "shana/wall-cloudflare", "mehrnews/charset-that-is-none"),
        *("mehrnews/text-edition-list", "mojnews/read-more-inside", "ilna/news", "sharghdaily/news", "avapress/news"),
    }
