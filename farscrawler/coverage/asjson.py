"""The report as JSON. Its keys are part of the public contract; docs/coverage.md says what each is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from farscrawler.coverage.gaps import months
from farscrawler.days import jalali

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from farscrawler.coverage.model import Day, Gap, Ids, Report


def as_dict(report: Report, advice: Sequence[str] = ()) -> dict[str, Any]:
    """Return the report as JSON values, with the commands of the advice; days as the archive writes them."""
    days = report.days
    return {
        "publisher": report.publisher,
        "archive": report.archive,
        "made_at": report.made_at,
        "since": jalali(days[0].date) if days else None,
        "until": jalali(days[-1].date) if days else None,
        "harvested": [{"since": jalali(part.first), "until": jalali(part.last)} for part in report.harvested],
        "articles": report.articles,
        "undated": report.undated,
        "outcomes": report.outcomes,
        "owed": report.pending,
        "provisional": report.provisional,
        "uncountable": report.uncountable,
        "ids": _ids(report.ids) if report.ids else None,
        "reasons": [asdict(reason) for reason in report.reasons],
        "months": [
            {
                "month": f"{month.year}-{month.month:02}",
                "days": month.days,
                "articles": month.articles,
                "empty": month.empty,
                "flagged": month.flagged,
                "not_harvested": month.not_harvested,
            }
            for month in months(days)
        ],
        "days": [_day(day) for day in days],
        "advice": list(advice),
    }


def _ids(ids: Ids) -> dict[str, Any]:
    return {
        "lowest": ids.lowest,
        "highest": ids.highest,
        "asked": ids.asked,
        "never_asked": ids.never_asked,
        "gaps": [_gap(gap) for gap in ids.gaps],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "first": gap.first,
        "last": gap.last,
        "count": gap.count,
        "after": _jalali(gap.after),
        "before": _jalali(gap.before),
        "harvested": gap.harvested,
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": jalali(day.date),
        "weekday": f"{day.date:%A}",
        "harvested": day.harvested,
        "articles": day.articles,
        "median": day.median,
        "flagged": day.flagged,
        "open_ids": day.open_ids,
    }


def _jalali(day: dt.date | None) -> str | None:
    return jalali(day) if day else None
