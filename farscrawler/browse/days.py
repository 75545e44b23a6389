"""The calendar of coverage, the page of a day with the ledger behind it, and the ledger by outcome."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from lxml import html
from markupsafe import Markup

from farscrawler.archive import OUTCOMES
from farscrawler.archive.browsing import (
    Conditions,
    dated_ids_around,
    ledger_page,
    list_page,
    visits_of,
    without_article_between,
)
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.reading.lookup import is_archived
from farscrawler.archive.reading.selection import day_bounds
from farscrawler.archive.runs import runs_of
from farscrawler.browse.addresses import address, read_place, written_place
from farscrawler.browse.labels import dashed, in_tehran, long_day, short_time
from farscrawler.browse.site import NotThereError
from farscrawler.coverage import calendar
from farscrawler.coverage.html import OUTCOMES as OUTCOME_NAMES
from farscrawler.coverage.reasons import in_persian
from farscrawler.days import DateRange, jalali_parts, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.markup import count, day
from farscrawler.persian import digits
from farscrawler.publishers.form import normal_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive, Outcome
    from farscrawler.archive.browsing import VisitRecord
    from farscrawler.browse.site import Asked, Site
    from farscrawler.coverage.model import Day, Report
    from farscrawler.items import Article

#: Articles of a page of a day, and rows of the ledger on a page.
_ARTICLES, _ROWS = 100, 100
#: Runs that are listed, the newest ones.
_RUNS = 20
_WITHOUT: tuple[Outcome, ...] = tuple(one for one in OUTCOMES if one != "article")


def coverage(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the calendar of a publisher, a year at a time; a cell leads to its day."""
    key = asked.parts["publisher"]
    with site.archive() as archive:
        _require_archived(site, archive, key)
        stanza = site.stanza(key)
        report = site.report(archive, stanza) if stanza is not None else None
        counts = Ledger(archive, key).counts()
        runs = [_run(one) for one in runs_of(archive, key)][-_RUNS:][::-1]
    context: dict[str, Any] = {
        "title": f"پوشش {site.name(key)}",
        "publisher": site.name(key),
        "key": key,
        "of_publisher": address("articles", publisher=key),
        "outcomes": [
            {"label": OUTCOME_NAMES[one], "count": count(counts[one]), "href": address("ledger", key, outcome=one)}
            for one in OUTCOMES
            if counts.get(one)
        ],
        "runs": runs,
    }
    if report is None or not report.days:
        return context | {"no_days": "no_stanza" if stanza is None else "no_articles"}
    years = _years(report)
    year = _year(asked.value("year"), years)
    days = [one for one in report.days if jalali_parts(one.date)[0] == year]
    return context | {
        "year": digits(str(year)),
        "years": [
            {
                "label": digits(str(one)),
                "articles": count(sum(found.articles for found in report.days if jalali_parts(found.date)[0] == one)),
                "href": address("coverage", key, year=one),
                "chosen": one == year,
            }
            for one in years
        ],
        "calendar": _calendar(key, days),
        "flagged": [
            {
                "label": long_day(one.date),
                "articles": count(one.articles),
                "href": address("day", key, dashed(one.date)),
            }
            for one in days
            if one.flagged
        ],
        "pending": count(report.pending),
        "undated": count(report.undated) if report.undated else None,
        "undated_href": address("articles", publisher=key, year="none"),
    }


def _years(report: Report) -> list[int]:
    found = {jalali_parts(one.date)[0] for one in report.days}
    return sorted(found, reverse=True)


def _year(text: str | None, years: Sequence[int]) -> int:
    if text is None:
        return years[0]
    if not text.isdecimal() or int(text) not in years:
        raise NotThereError(f"از سال «{text}» روزی در این تقویم نیست.")
    return int(text)


def _calendar(key: str, days: Sequence[Day]) -> Markup:
    """Return legend and figure of a year; `element` has written them, so that no text in them is markup."""

    def link(first: dt.date, _: dt.date) -> str:
        return address("day", key, dashed(first))

    parts = [calendar.legend(days), *calendar.years(days, link)]
    return Markup("".join(html.tostring(one, encoding="unicode") for one in parts))  # noqa: S704  # see above


def _run(run: Any) -> dict[str, Any]:
    how = (
        "، ".join(f"{OUTCOME_NAMES[name]} {count(run.counts[name])}" for name in OUTCOMES if run.counts.get(name))
        if run.counts
        else ""
    )
    return {
        "number": count(run.run),
        "started": in_tehran(run.started_at),
        "ended": in_tehran(run.ended_at) or "ناتمام",
        "arguments": " ".join(f"{name}={value}" for name, value in run.arguments.items()),
        "counts": how,
        "reason": run.end_reason or "",
    }


def _require_archived(site: Site, archive: Archive, key: str) -> None:
    if not is_archived(archive.db, site.path, key):
        raise NotThereError(f"در این بایگانی چیزی از ناشر {key} نیست.")


# A day.


def one_day(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the page of a day: its articles, where each is from, and what was asked around them in vain."""
    key, date = asked.parts["publisher"], _date(asked.parts["day"])
    bounds = day_bounds(DateRange(date, date))
    with site.archive() as archive:
        _require_archived(site, archive, key)
        page = list_page(
            archive,
            Conditions(publishers=(key,), bounds=bounds),
            limit=_ARTICLES,
            after=read_place(asked.value("after")),
            oldest=True,
        )
        visits = visits_of(archive, key, [one.article_id for one in page.articles])
        ids = _ids_of(archive, key, page.articles, bounds)
        around = without_article_between(archive, key, *ids, _WITHOUT, limit=_ROWS) if ids else None
    after = written_place(page.after)
    here = dashed(date)
    return {
        "title": f"{site.name(key)}، {long_day(date)}",
        "publisher": site.name(key),
        "date": long_day(date),
        "gregorian": date.isoformat(),
        "coverage": address("coverage", key, year=jalali_parts(date)[0]),
        "before": {"label": day(date - dt.timedelta(days=1)), "href": _day_address(key, date, -1)},
        "after_day": {"label": day(date + dt.timedelta(days=1)), "href": _day_address(key, date, 1)},
        "rows": [_row(one, visits.get(one.article_id)) for one in page.articles],
        "next": address("day", key, here, after=after) if after else None,
        "begun": asked.value("after") is not None,
        "around": None
        if around is None
        else {
            "first": digits(str(around.first)),
            "last": digits(str(around.last)),
            "visits": [visit_line(one) for one in around.visits],
            "more": around.more,
        },
    }


def _day_address(key: str, date: dt.date, step: int) -> str:
    return address("day", key, dashed(date + dt.timedelta(days=step)))


def _date(text: str) -> dt.date:
    try:
        span = parse_date_range(text, text)
    except BadArgumentError:
        span = None
    if span is None or span.first != span.last:
        raise NotThereError(f"«{text}» روز نیست؛ چیزی مانند 1401-02-28 بنویسید.")
    return span.first


def _ids_of(archive: Archive, key: str, articles: Sequence[Article], bounds: tuple[str, str]) -> tuple[int, int] | None:
    """Return the lowest and the highest number of some articles, or of those around the day where it has none.

    None where ids are texts, which lie between no others.
    """
    if articles:
        numbers = [int(one.article_id) for one in articles if normal_id(one.article_id) is not None]
        return (min(numbers), max(numbers)) if numbers else None
    ends = [
        int(one) for one in dated_ids_around(archive, key, *bounds) if one is not None and normal_id(one) is not None
    ]
    return (min(ends), max(ends)) if len(ends) > 1 else None


def _row(one: Article, visit: VisitRecord | None) -> dict[str, Any]:
    return {
        "href": address("article", one.publisher, one.article_id),
        "headline": one.headline,
        "time": short_time(one.published_jalali).partition("، ")[2],
        "id": one.article_id,
        "section": one.section,
        "visit": None if visit is None else visit_line(visit),
    }


def visit_line(one: VisitRecord) -> dict[str, Any]:
    """Return a row of the ledger as the pages show it."""
    return {
        "key": one.key,
        "outcome": OUTCOME_NAMES.get(one.outcome, one.outcome),
        "reason": _reason(one.reason),
        "status": None if one.status is None else digits(str(one.status)),
        "tries": count(one.tries),
        "form": one.form,
        "first": in_tehran(one.first_at),
        "last": in_tehran(one.last_at),
        "source": one.source,
        "source_time": in_tehran(one.source_at),
        "run": None if one.run is None else count(one.run),
        "url": one.url,
    }


def _reason(reason: str | None) -> tuple[str, str]:
    """Return a reason in Persian, and what of it is in other words."""
    if reason is None:
        return "", ""
    return in_persian(reason) or ("", reason)


# The ledger.


def ledger(site: Site, asked: Asked) -> dict[str, Any]:
    """Return a page of the addresses of an outcome, in the order of their keys."""
    key, outcome = asked.parts["publisher"], asked.value("outcome") or "failed"
    if outcome not in OUTCOMES:
        raise NotThereError(f"سرانجامی به نام «{outcome}» نیست؛ یکی از این‌ها: {', '.join(OUTCOMES)}.")
    with site.archive() as archive:
        _require_archived(site, archive, key)
        counts = Ledger(archive, key).counts()
        found = ledger_page(archive, key, outcome, limit=_ROWS + 1, after=asked.value("after") or "")
    return {
        "title": f"دفتر نشانی‌های {site.name(key)}: {OUTCOME_NAMES[outcome]}",
        "publisher": site.name(key),
        "coverage": address("coverage", key),
        "outcomes": list(_tabs(key, counts, outcome)),
        "visits": [visit_line(one) for one in found[:_ROWS]],
        "article": {one.key: address("article", key, one.key) for one in found[:_ROWS] if one.outcome == "article"},
        "next": address("ledger", key, outcome=outcome, after=found[_ROWS - 1].key) if len(found) > _ROWS else None,
        "begun": asked.value("after") is not None,
        "first": address("ledger", key, outcome=outcome),
    }


def _tabs(key: str, counts: dict[str, int], outcome: str) -> Iterator[dict[str, Any]]:
    for one in OUTCOMES:
        if counts.get(one) or one == outcome:
            yield {
                "label": OUTCOME_NAMES[one],
                "count": count(counts.get(one, 0)),
                "href": address("ledger", key, outcome=one),
                "chosen": one == outcome,
            }
