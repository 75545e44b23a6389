"""The report as JSON and as rows of CSV. Its keys are part of the public contract; docs/copies.md says what each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.copies.report import LAGS, NAMINGS, lag_classes
from farscrawler.days import jalali

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.copies.report import Flow, Month, Report

#: The columns of CSV: a row for each month and pair of publishers.
COLUMNS = ("month", "first", "later", "copies", "lag_quartile", "lag_median", "lag_third_quartile", "lags_known")
_NAMED = tuple(f"names_{one}" for one in NAMINGS)


def as_dict(report: Report) -> dict[str, Any]:
    """Return the report without its longest lists as JSON values; lags are seconds."""
    total = report.total()
    return {
        "archive": report.archive,
        "publishers": list(report.publishers),
        "since": jalali(report.span.first),
        "until": jalali(report.span.last),
        "articles": {
            "compared": report.sizes.compared,
            "too_short": report.sizes.too_short,
            "undated": report.sizes.undated,
            "unread": report.sizes.unread,
        },
        "groups": {
            "across_publishers": report.across,
            "within_a_publisher": report.within,
            "first_unknown": {"same_time": report.doubts["same time"], "day_only": report.doubts["day only"]},
        },
        "repeats": report.repeats,
        "bulletin_pairs": report.sizes.bulletins,
        **_flow(total),
        "lags": [
            {"from": least, "to": LAGS[at + 1] if at + 1 < len(LAGS) else None, "copies": copies}
            for at, (least, copies) in enumerate(zip(LAGS, lag_classes(total.lags), strict=True))
        ],
        "months": [{"month": month_text(month), **_flow(flow)} for month, flow in report.by_month()],
    }


def flows(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the flows over all months as JSON values, the largest first."""
    for (first, later), flow in report.by_flow():
        yield {"first": first, "later": later, **_flow(flow)}


def flows_by_month(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the flows of each month as JSON values."""
    for (month, first, later), flow in sorted(report.flows.items(), key=lambda one: one[0]):
        yield {"month": month_text(month), "first": first, "later": later, **_flow(flow)}


def _flow(flow: Flow) -> dict[str, Any]:
    low, middle, high = flow.quartiles or (None, None, None)
    return {
        "copies": flow.copies,
        "lag": {"quartile": low, "median": middle, "third_quartile": high, "known": len(flow.lags)},
        "names": {one: flow.named[one] for one in NAMINGS},
    }


def month_text(month: Month) -> str:
    """Return a month as the archive writes it, `1401-02`."""
    return f"{month[0]:04}-{month[1]:02}"


def csv_rows(report: Report) -> Iterator[list[str | int | float]]:
    """Yield the head and a row for each month and pair of publishers."""
    yield [*COLUMNS, *_NAMED]
    for row in flows_by_month(report):
        lag = ["" if value is None else value for value in row["lag"].values()]
        yield [row["month"], row["first"], row["later"], row["copies"], *lag, *row["names"].values()]
