"""The report as a page: a calendar, and lists of what is missing."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import TYPE_CHECKING

from farscrawler.coverage import calendar
from farscrawler.coverage.gaps import COMPARED, LEAST_COMPARED, months, stretches
from farscrawler.coverage.model import PENDING
from farscrawler.coverage.reasons import in_persian
from farscrawler.markup import cards, count, day, element, foreign, notes, table
from farscrawler.markup import page as whole_page
from farscrawler.persian import digits
from farscrawler.timestamps.months import PERSIAN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from farscrawler.archive import Outcome
    from farscrawler.coverage.model import Reason, Report
    from farscrawler.markup import Child

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
_ZONES = {"Asia/Tehran": "تهران"}
_NOTES = (
    "«برداشت‌نشده» روزی است که هیچ خزشی همهٔ آن را نپرسیده است: از آنچه آن روز ندارد چیزی دانسته نیست.",
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
    styles = resources.files(__package__).joinpath("calendar.css").read_text(encoding="utf-8")
    title = f"پوشش بایگانی {report.name}"
    return whole_page(title, _heading(report, title), *_sections(report), notes(_NOTES), styles=styles)


def _heading(report: Report, title: str) -> HtmlElement:
    days = report.days
    made = dt.datetime.fromisoformat(report.made_at)
    return element(
        "header",
        element("h1", title),
        element(
            "p", f"از {day(days[0].date)} تا {day(days[-1].date)}" if days else "هیچ خبر تاریخ‌داری در این بازه نیست"
        ),
        element(
            "p",
            f"{day(made.date())} ساعت {digits(f'{made:%H:%M}')} به وقت ",
            _ZONES.get(report.zone) or foreign(report.zone),
            "، بایگانی ",
            foreign(report.archive),
        ),
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
    harvested = [one for one in days if one.harvested]
    empty, flagged = sum(not one.articles for one in harvested), sum(one.flagged for one in days)
    bare = len(days) - len(harvested)
    left_out = sum(gap.count for gap in ids.left_out) if ids else 0
    dateless = f"و {count(report.undated)} خبر بی تاریخ قطعی" if report.undated else ""
    return cards(
        [
            ("خبرها", count(report.articles), dateless),
            (
                "روزهای برداشت‌شده" if bare else "روزها",
                count(len(harvested)),
                f"{count(empty)} روز بدون خبر" + (f"، {count(bare)} روز {calendar.NOT_HARVESTED}" if bare else ""),
            ),
            ("روزهای کم‌خبر", count(flagged), "زیر نیم میانهٔ همان روز هفته"),
            (
                "هرگز نپرسیده",
                count(left_out) if ids else "؟",
                "شناسه در روزهای برداشت‌شده" if ids else "شناسه‌های این پایگاه شمردنی نیست",
            ),
            (
                "بدهکار",
                count(report.pending),
                "، ".join(f"{OUTCOMES[name]} {count(outcomes[name])}" for name in PENDING),
            ),
            ("بدون خبر", count(outcomes["missing"] + outcomes["not-article"]), "شناسه‌هایی که پرسیده شد و خبری نبود"),
        ]
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
    found = sorted(report.ids.left_out if report.ids else (), key=lambda one: -one.count)
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
        (OUTCOMES[one.outcome], _reason(one.reason), count(one.count), _first_ids(one))
        for one in report.reasons[:LISTED]
    ]
    yield from _list("نشانی‌هایی که خبری ندادند", ("سرانجام", "دلیل", "شمار", "شناسه‌ها"), rows, len(report.reasons))


def _reason(reason: str) -> Child:
    """Return a reason in the page's language, or as it is recorded where it is none of ours."""
    found = in_persian(reason)
    if found is None:
        return foreign(reason)
    phrase, rest = found
    return element("span", phrase, " ", foreign(rest)) if rest else phrase


def _first_ids(reason: Reason) -> HtmlElement:
    ids = [digits(key) if key.isdigit() else foreign(key) for key in reason.first]
    between = [piece for one in ids for piece in (one, "، ")]
    return element("span", *between[:-1], "، …" if reason.count > len(ids) else "")


def _months(report: Report) -> Iterator[HtmlElement]:
    rows: list[tuple[Child, ...]] = [
        (
            f"{PERSIAN_MONTHS[one.month - 1]} {digits(str(one.year))}",
            count(one.days),
            count(one.articles),
            count(round(one.articles / one.days, 1)),
            count(one.empty),
            count(one.flagged),
            count(one.not_harvested),
        )
        for one in months(report.days)
    ]
    if rows:
        heads = ("ماه", "روز", "خبر", "خبر در روز", "روز بدون خبر", "روز کم‌خبر", "روز برداشت‌نشده")
        yield element("details", element("summary", "جدول ماه‌ها"), table("ماه‌ها", heads, rows))


def _list(title: str, heads: tuple[str, ...], rows: list[tuple[Child, ...]], found: int) -> Iterator[HtmlElement]:
    if rows:
        more = element("p", f"{count(len(rows))} فقره از بزرگ‌ترین‌ها، از {count(found)} فقره", kind="more")
        yield element("section", table(title, heads, rows), *([more] if found > len(rows) else []))


def _known(number: int | None) -> str:
    return _UNKNOWN if number is None else count(number) if number else f"{count(number)} (همه پرسیده شده)"
