"""The report as a page for any browser: one file, right to left, that asks nothing of the network."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from lxml import html

from farscrawler.coverage import calendar
from farscrawler.coverage.gaps import COMPARED, LEAST_COMPARED, months, stretches
from farscrawler.coverage.markup import count, day, element, foreign, table
from farscrawler.coverage.model import PENDING
from farscrawler.persian import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from farscrawler.archive import Outcome
    from farscrawler.coverage.markup import Child
    from farscrawler.coverage.model import Reason, Report

#: The rows of a list, the largest ones; --json has all.
LISTED = 100
#: The outcomes in the page's language.
OUTCOMES: dict[Outcome, str] = {
    "article": "خبر ذخیره‌شده",
    "missing": "خبری با این شناسه نیست",
    "not-article": "صفحه‌ای که خبر نیست",
    "failed": "ناکام",
    "blocked": "راه بسته",
    "skipped": "ممنوع در robots.txt",
}
_UNKNOWN = "نامعلوم"
_NOTES = (
    "«کم‌خبر» روزی است که شمار خبرهایش از نیم میانهٔ همان روز هفته کمتر است. این پرسش است، نه حکم: نوروز هم کم‌خبر است.",
    f"میانه از {count(COMPARED)} روز هم‌نام گرفته می‌شود، نزدیک‌ترین‌هایی که خبری دارند.",
    f"جایی که کمتر از {count(LEAST_COMPARED)} روز هم‌نام خبر دارند داوری نمی‌شود، و امروز هم که هنوز تمام نشده است.",
    "«شناسهٔ باز» هرگز پرسیده نشده یا بدهکار مانده است و، به گواهی خبرهای دو سویش، شاید از آن روز باشد.",
    "شمار شناسه‌های باز کران بالاست، نه برآورد؛ صفر یعنی برای آن روز چیزی برای پرسیدن نمانده است.",
    "از شناسه‌های پایین‌تر از کمترین و بالاتر از بیشترین شناسهٔ شناخته چیزی دانسته نیست.",
    "«بدهکار» نشانی‌ای است که پاسخ درستی نداد؛ همان خزش، اگر دوباره اجرا شود، باز سراغش می‌رود.",
)


def page(report: Report) -> str:
    """Return the whole page."""
    style = resources.files(__package__).joinpath("html.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    title = f"پوشش بایگانی {report.name}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta", http_equiv="Content-Security-Policy", content=f"default-src 'none'; style-src 'sha256-{digest}'"
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    body = element("body", element("main", _heading(report, title), *_sections(report), _notes()))
    document = element("html", head, body, lang="fa", dir="rtl")
    written: str = html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")
    return f"{written}\n"


def _heading(report: Report, title: str) -> HtmlElement:
    days = report.days
    made = dt.datetime.fromisoformat(report.made_at)
    return element(
        "header",
        element("h1", title),
        element(
            "p", f"از {day(days[0].date)} تا {day(days[-1].date)}" if days else "هیچ خبر تاریخ‌داری در این بازه نیست"
        ),
        element("p", f"{day(made.date())} ساعت {digits(f'{made:%H:%M}')} (UTC)، بایگانی ", foreign(report.archive)),
    )


def _sections(report: Report) -> Iterator[HtmlElement]:
    yield _cards(report)
    if report.days:
        yield calendar.legend(report.days)
    yield from calendar.years(report.days)
    yield from _stretches(report)
    yield from _gaps(report)
    yield from _reasons(report)
    yield from _months(report)


def _cards(report: Report) -> HtmlElement:
    days, ids, outcomes = report.days, report.ids, report.outcomes
    empty, flagged = sum(not one.articles for one in days), sum(one.flagged for one in days)
    dateless = f"و {count(report.undated)} خبر بی تاریخ قطعی" if report.undated else ""
    cards = [
        ("خبرها", count(report.articles), dateless),
        ("روزها", count(len(days)), f"{count(empty)} روز بدون خبر"),
        ("روزهای کم‌خبر", count(flagged), "زیر نیم میانهٔ همان روز هفته"),
        (
            "هرگز نپرسیده",
            count(ids.never_asked) if ids else "؟",
            f"از {count(ids.count)} شناسه" if ids else "شناسه‌های این پایگاه شمردنی نیست",
        ),
        ("بدهکار", count(report.pending), "، ".join(f"{OUTCOMES[name]} {count(outcomes[name])}" for name in PENDING)),
        ("بدون خبر", count(outcomes["missing"] + outcomes["not-article"]), "شناسه‌هایی که پرسیده شد و خبری نبود"),
    ]
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value, element("small", more)))
            for name, value, more in cards
        ),
        kind="cards",
    )


def _stretches(report: Report) -> Iterator[HtmlElement]:
    found = sorted(stretches(report.days), key=lambda one: -one.shortfall)
    rows: list[tuple[Child, ...]] = [
        (
            day(one.first),
            day(one.last),
            count(one.days),
            count(one.articles),
            count(one.medians),
            _known(one.open_ids),
        )
        for one in sorted(found[:LISTED], key=lambda one: one.first)
    ]
    heads = ("از", "تا", "روز", "خبر", "جمع میانه‌ها", "شناسهٔ باز")
    yield from _list("روزهای کم‌خبر", heads, rows, len(found))


def _gaps(report: Report) -> Iterator[HtmlElement]:
    found = sorted(report.ids.gaps if report.ids else (), key=lambda one: -one.count)
    rows: list[tuple[Child, ...]] = [
        (
            digits(str(one.first)),
            digits(str(one.last)),
            count(one.count),
            day(one.after) if one.after else _UNKNOWN,
            day(one.before) if one.before else _UNKNOWN,
        )
        for one in sorted(found[:LISTED], key=lambda one: one.first)
    ]
    heads = ("از شناسهٔ", "تا شناسهٔ", "شمار", "پس از خبری از", "پیش از خبری از")
    yield from _list("شناسه‌های هرگز نپرسیده", heads, rows, len(found))


def _reasons(report: Report) -> Iterator[HtmlElement]:
    rows: list[tuple[Child, ...]] = [
        (OUTCOMES[one.outcome], foreign(one.reason), count(one.count), _first_ids(one))
        for one in report.reasons[:LISTED]
    ]
    yield from _list("نشانی‌هایی که خبری ندادند", ("سرانجام", "دلیل", "شمار", "شناسه‌ها"), rows, len(report.reasons))


def _first_ids(reason: Reason) -> HtmlElement:
    ids = [digits(key) if key.isdigit() else foreign(key) for key in reason.first]
    between = [piece for one in ids for piece in (one, "، ")]
    return element("span", *between[:-1], "، …" if reason.count > len(ids) else "")


def _months(report: Report) -> Iterator[HtmlElement]:
    rows: list[tuple[Child, ...]] = [
        (
            f"{calendar.MONTH_NAMES[one.month - 1]} {digits(str(one.year))}",
            count(one.days),
            count(one.articles),
            count(round(one.articles / one.days, 1)),
            count(one.empty),
            count(one.flagged),
        )
        for one in months(report.days)
    ]
    if rows:
        heads = ("ماه", "روز", "خبر", "خبر در روز", "روز بدون خبر", "روز کم‌خبر")
        yield element("details", element("summary", "جدول ماه‌ها"), table("ماه‌ها", heads, rows))


def _list(title: str, heads: tuple[str, ...], rows: list[tuple[Child, ...]], found: int) -> Iterator[HtmlElement]:
    if rows:
        more = element("p", f"{count(len(rows))} فقره از بزرگ‌ترین‌ها، از {count(found)} فقره", kind="more")
        yield element("section", table(title, heads, rows), *([more] if found > len(rows) else []))


def _notes() -> HtmlElement:
    notes = element("ul", *(element("li", note) for note in _NOTES), kind="notes")
    return element("section", element("h2", "این صفحه را چگونه بخوانیم"), notes)


def _known(number: int | None) -> str:
    return _UNKNOWN if number is None else count(number) if number else f"{count(number)} (همه پرسیده شده)"
