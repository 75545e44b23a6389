"""The report as a page: flows between publishers, how soon they come, months, and tables."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import TYPE_CHECKING

from farscrawler.archive.copies.tables import DAYS
from farscrawler.copies.compare import AGREEING, CONTAINMENT
from farscrawler.copies.figures import OTHERS, bars, merged, ribbons
from farscrawler.copies.report import LAGS, lag_classes
from farscrawler.markup import cards, count, day, element, foreign, notes, page, table
from farscrawler.persian import digits
from farscrawler.timestamps.months import PERSIAN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

    from farscrawler.copies.report import Flow, Month, Report
    from farscrawler.markup import Child

#: The rows of the table of flows, the largest ones; --json and --csv have all.
LISTED = 100
#: The months of the figure, the newest ones; the table has all.
_MONTHS = 24
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TITLE = "خبرهای هم‌متن: نخست که نوشت و سپس که"
_SAME = f"دست‌کم {count(100 * CONTAINMENT)} درصد جفت‌واژه‌های پیاپی متن کوتاه‌تر در دیگری است"
_BULLETIN = f"کمتر از {count(100 * AGREEING)} درصد عددهای هم‌جایشان یکی است"
_NOTES = (
    f"دو خبر هم‌متن‌اند اگر {_SAME} و تاریخشان بیش از {count(DAYS)} روز از هم دور نباشد. تیتر سنجیده نمی‌شود.",
    f"خبرهای قالبی (نرخ ارز، هواشناسی، اوقات شرعی) که {_BULLETIN}، هم‌متن شمرده نمی‌شوند.",
    "«نخستین» تنها در میان خبرهای این بایگانی و به ساعت خود سایت‌هاست؛ شاید هر دو از منبع سومی گرفته باشند.",
    "جایی که دو خبر در یک دقیقه آمده یا از یکی تنها روزش دانسته است، نخستین نامعلوم می‌ماند.",
    "از هر ناشر در هر گروه یک خبر شمرده می‌شود؛ ماه، ماه انتشار خبر پسین است.",
)


def report_page(report: Report, names: Mapping[str, str], *, made_at: dt.datetime) -> str:
    """Return the whole page; ``names`` are the Persian names of publishers, by key."""
    styles = resources.files(__package__).joinpath("figures.css").read_text(encoding="utf-8")
    return page(_TITLE, _heading(report, made_at), *_sections(report, names), notes(_NOTES), styles=styles)


def _heading(report: Report, made_at: dt.datetime) -> HtmlElement:
    span, between = report.span, "همهٔ روزهای بایگانی"
    if span.first != dt.date.min or span.last != dt.date.max:
        ends = (day(one) if one not in (dt.date.min, dt.date.max) else "…" for one in (span.first, span.last))
        between = "از {} تا {}".format(*ends)
    only: list[Child] = []
    if report.publishers:
        only = ["، تنها ", *_joined(report.publishers)]
    return element(
        "header",
        element("h1", _TITLE),
        element("p", between, *only),
        element(
            "p",
            f"{day(made_at.date())} ساعت {digits(f'{made_at:%H:%M}')} به وقت تهران، بایگانی ",
            foreign(report.archive),
        ),
    )


def _joined(names: tuple[str, ...]) -> Iterator[Child]:
    for at, name in enumerate(names):
        if at:
            yield "، "
        yield foreign(name)


def _sections(report: Report, names: Mapping[str, str]) -> Iterator[HtmlElement]:
    total = report.total()
    yield _cards(report, total)
    if not total.copies:
        return
    shown = {key: _name(names, key) for pair in report.flows for key in pair[1:]} | {OTHERS: "دیگران"}
    flows = [(key, flow.copies) for key, flow in report.by_flow()]
    yield _figure("جریان خبرها", "نخستین ناشر در راست، بازنشردهنده در چپ", ribbons(merged(flows), shown))
    if total.lags:
        counts = lag_classes(total.lags)
        items = [(_between(at), copies) for at, copies in enumerate(counts)]
        yield _figure("چه زود", "فاصلهٔ خبر پسین از نخستین", bars("فاصلهٔ خبر پسین از نخستین", items))
    months = report.by_month()
    items = [(_month(month), flow.copies) for month, flow in months[-_MONTHS:]]
    yield _figure("ماه‌به‌ماه", f"تا {count(_MONTHS)} ماه تازه‌تر", bars("خبرهای پسین هر ماه", items))
    yield _flow_table(report, shown)
    rows: list[tuple[Child, ...]] = [(_month(month), *_numbers(flow)) for month, flow in months]
    yield element("section", table("ماه‌ها", ("ماه", *_HEADS), rows))


def _name(names: Mapping[str, str], key: str) -> str:
    return names.get(key, key)


def _figure(title: str, remark: str, svg: HtmlElement) -> HtmlElement:
    caption = element("figcaption", title, element("small", remark))
    return element("section", element("figure", caption, svg))


def _cards(report: Report, total: Flow) -> HtmlElement:
    named, sizes, unsure = total.named, report.sizes, sum(report.doubts.values())
    middle = length(total.quartiles[1]) if total.quartiles else "؟"
    return cards(
        [
            (
                "خبرهای سنجیده",
                count(sizes.compared),
                f"{count(sizes.too_short + sizes.undated)} کوتاه یا بی تاریخ کنار ماند",
            ),
            ("گروه‌های هم‌متن", count(report.across + report.within), f"{count(report.within)} گروه در یک ناشر"),
            ("خبرهای پسین", count(total.copies), "نخستین ناشرشان قطعی است"),
            ("نخستین نامعلوم", count(unsure), "گروه، با زمان یکسان یا تنها با روز"),
            ("میانهٔ فاصله", middle, f"از {count(len(total.lags))} خبر پسین"),
            ("نام نخستین را برده", count(named["first"]), f"{count(named['other'])} خبر نام دیگری را برده است"),
        ]
    )


_HEADS = ("خبر پسین", "یک‌چهارم تا", "نیمی تا", "سه‌چهارم تا", "نام نخستین", "نام دیگری", "بی‌نام")


def _flow_table(report: Report, shown: Mapping[str, str]) -> HtmlElement:
    found = report.by_flow()
    rows: list[tuple[Child, ...]] = [
        (foreign(shown[first]), foreign(shown[later]), *_numbers(flow)) for (first, later), flow in found[:LISTED]
    ]
    more = element("p", f"{count(len(rows))} جریان از {count(len(found))}؛ بزرگ‌ترین‌ها", kind="more")
    heads = ("نخستین", "پسین", *_HEADS)
    return element("section", table("از که به که", heads, rows), *([more] if len(found) > LISTED else []))


def _numbers(flow: Flow) -> tuple[str, ...]:
    lags = tuple(map(length, flow.quartiles)) if flow.quartiles else ("؟",) * 3
    unnamed = flow.named["nobody"] + flow.named["itself"] + flow.named["unknown"]
    return count(flow.copies), *lags, count(flow.named["first"]), count(flow.named["other"]), count(unnamed)


def _month(month: Month) -> str:
    return f"{PERSIAN_MONTHS[month[1] - 1]} {digits(str(month[0]))}"


def _between(at: int) -> str:
    if at + 1 == len(LAGS):
        return f"{length(LAGS[at])} و بیشتر"
    return f"تا {length(LAGS[at + 1])}"


def length(seconds: float) -> str:
    """Return a length of time in Persian, in its largest unit."""
    if seconds < _MINUTE:
        return f"{count(round(seconds))} ثانیه"
    if seconds < _HOUR:
        return f"{count(round(seconds / _MINUTE))} دقیقه"
    if seconds < _DAY:
        return f"{count(round(seconds / _HOUR, 1))} ساعت"
    return f"{count(round(seconds / _DAY, 1))} روز"
