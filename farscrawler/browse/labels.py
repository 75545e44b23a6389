"""The words of the pages: Persian names of fields and warnings, and times as a reader in Tehran writes them."""

from __future__ import annotations

import datetime as dt

from farscrawler.days import MARK, jalali_parts, slashed, stored_moment
from farscrawler.markup import day as written_day
from farscrawler.persian import digits
from farscrawler.timestamps.months import PERSIAN_MONTHS, WEEKDAYS
from farscrawler.zones import time_zone

TEHRAN = "Asia/Tehran"
#: The name of each field of an article.
FIELDS: dict[str, str] = {
    "publisher": "ناشر",
    "article_id": "شناسه",
    "url": "نشانی",
    "permalink": "نشانی چاپ‌شده",
    "kicker": "روتیتر",
    "headline": "تیتر",
    "subtitle": "زیرتیتر",
    "dateline": "سرآغاز خبر",
    "lead": "لید",
    "body": "متن",
    "section": "بخش",
    "agency": "خبرگزاری",
    "authors": "نویسندگان",
    "tags": "برچسب‌ها",
    "images": "تصویرها",
    "published_text": "زمان چنان‌که چاپ شده",
    "published_at": "زمان انتشار (میلادی)",
    "published_date": "روز انتشار (میلادی)",
    "published_jalali": "زمان انتشار",
    "published_jalali_date": "روز انتشار",
    "published_precision": "دقت زمان",
    "modified_at": "آخرین تغییر",
    "fetched_at": "برداشت",
    "content_hash": "چکیدهٔ محتوا",
    "revision": "نسخه",
    "warnings": "هشدارها",
    "schema_version": "نسخهٔ فیلدها",
}
PRECISIONS = {"second": "ثانیه", "minute": "دقیقه", "hour": "ساعت", "day": "روز"}
#: The meaning of each warning of extract/warnings.py.
WARNINGS: dict[str, str] = {
    "no-lead": "هیچ بخشی از متن لید نشان نشده است؛ همهٔ متن در بدنه است",
    "no-body": "صفحه متنی ندارد، مانند گزارش تصویری و فیلم",
    "timestamp-refused": "زمان انتشار قطعی نیست",
    "timestamps-disagree": "جاهای صفحه زمان‌های گوناگون می‌گویند",
    "no-timestamp": "صفحه هیچ زمانی ندارد",
    "family-changed": "صفحه از سامانهٔ محتوای دیگری است و با همان خوانده شد",
    "stanza-passed-over": "گزینش‌گرهای خود ناشر خبر را نیافتند و خانواده‌اش یافت",
    "general-rules": "قواعد عمومی خبر را یافتند",
    "modified-refused": "زمان تغییر قطعی نیست یا پیش از انتشار است",
    "unplaced-lines": "سطرهایی بالای زمان که نه روتیترند، نه تیتر و نه زیرتیتر",
    "lines-after-end-mark": "سطرهایی پس از نشان پایان خبر که در متن نیامده‌اند",
    "no-permalink": "صفحهٔ چاپ نشانی خود را چاپ نکرده است",
    "undecodable-bytes": "بایت‌هایی که در رمزگذاری صفحه متن نیستند",
}


def warning(text: str) -> tuple[str, str]:
    """Return what a warning means, an empty text where it is of a later version, and the warning as it is stored."""
    return WARNINGS.get(text.partition(":")[0], ""), text


def short_time(stored: str | None) -> str:
    """Return a stored Jalali moment as ۱۴۰۱/۰۲/۲۸، ۱۴:۵۵; a damaged one as it is."""
    if stored is None:
        return "بی‌تاریخ"
    day, _, clock = stored.removeprefix(MARK).partition(" ")
    return digits(f"{day}، {clock[:5]}" if clock else day)


def long_time(stored: str | None) -> str:
    """Return a stored Jalali moment with its weekday and month; a damaged one as it is."""
    if stored is None:
        return "تاریخ انتشار دانسته نیست"
    try:
        date, clock = stored_moment(stored)
    except ValueError:
        return stored
    return f"{long_day(date)}، ساعت {digits(clock.removesuffix(':00'))}" if clock else long_day(date)


def long_day(date: dt.date) -> str:
    """Return a day as چهارشنبه ۲۸ اردیبهشت ۱۴۰۱."""
    year, month, number = jalali_parts(date)
    weekday = WEEKDAYS[date.weekday()].partition("|")[0].replace(" ", "\u200c")
    return f"{weekday} {digits(str(number))} {PERSIAN_MONTHS[month - 1]} {digits(str(year))}"


def in_tehran(moment: str | None) -> str:
    """Return a moment, ISO 8601 with its offset, as Tehran's calendar and clock have it; a damaged one as it is."""
    if moment is None:
        return ""
    try:
        here = dt.datetime.fromisoformat(moment).astimezone(time_zone(TEHRAN))
        return f"{written_day(here.date())}، {digits(f'{here:%H:%M}')}"
    except (ValueError, OverflowError):
        return moment


def month_name(year: int, month: int) -> str:
    """Return a month as اردیبهشت ۱۴۰۱."""
    return f"{PERSIAN_MONTHS[month - 1]} {digits(str(year))}"


def dashed(date: dt.date) -> str:
    """Return a day as addresses have it, 1401-02-28."""
    return slashed(date).replace("/", "-")
