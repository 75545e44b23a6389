"""The report on a terminal or piped into a file: the same lines, with colours only on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from farscrawler.copies.asjson import month_text
from farscrawler.copies.report import LAGS, lag_classes
from farscrawler.days import DateRange, duration
from farscrawler.printing import printable
from farscrawler.tables import bar, plain_table
from farscrawler.timestamps.months import LATIN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from farscrawler.copies.report import Flow, Report

#: The flows of a table; --json and --csv have all.
LISTED = 20
_MINUTE, _HOUR = 60, 3_600


def parts(report: Report) -> Iterator[RenderableType]:
    """Yield the parts that a console prints."""
    total = report.total()
    if total.copies:
        yield Text("Who printed first, and who after that")
        yield _flows(report)
        yield Text()
        yield Text("How soon")
        yield _lags(total)
        yield Text()
        yield Text("Month by month")
        yield _months(report)
        yield Text()
    yield _sums(report, total)


def _flows(report: Report) -> Table:
    table = plain_table(
        "first", "later", ">copies", ">quarter within", ">half within", ">three quarters", ">names the first"
    )
    found = report.by_flow()
    for (first, later), flow in found[:LISTED]:
        table.add_row(printable(first), printable(later), *_numbers(flow))
    if len(found) > LISTED:
        rest = sum(flow.copies for _, flow in found[LISTED:])
        table.add_row(f"{len(found) - LISTED:,} more", "", f"{rest:,}", "", "", "", "")
    return table


def _months(report: Report) -> Table:
    table = plain_table("month", ">copies", ">quarter within", ">half within", ">three quarters", ">names the first")
    for month, flow in report.by_month():
        name = month_text(month).replace("-", "/")
        table.add_row(f"{name} {LATIN_MONTHS[month[1] - 1]}", *_numbers(flow))
    return table


def _numbers(flow: Flow) -> tuple[str, ...]:
    quartiles = [duration(lag) for lag in flow.quartiles] if flow.quartiles else ["?"] * 3
    return f"{flow.copies:,}", *quartiles, f"{flow.named['first'] / flow.copies:.0%}"


def _lags(total: Flow) -> Table:
    table = plain_table("after", ">copies", "")
    counts = lag_classes(total.lags)
    most = max(counts)
    for at, copies in enumerate(counts):
        label = f"up to {_bound(LAGS[at + 1])}" if at + 1 < len(LAGS) else f"{_bound(LAGS[at])} and more"
        table.add_row(label, f"{copies:,}", bar(copies, most))
    return table


def _bound(seconds: int) -> str:
    return f"{seconds // _HOUR} h" if seconds >= _HOUR else f"{seconds // _MINUTE} min"


def _sums(report: Report, total: Flow) -> Table:
    table = Table.grid(padding=(0, 2))
    sizes, named = report.sizes, total.named
    where = f" in {printable(report.archive)}" + (f", {report.span}" if report.span != DateRange() else "")
    table.add_row("groups", f"{report.across:,} across publishers, {report.within:,} within one{where}")
    table.add_row("copies", f"{total.copies:,} whose first publisher is certain; {report.repeats:,} repeats within one")
    same, day = report.doubts["same time"], report.doubts["day only"]
    table.add_row(
        "first unknown", f"{same + day:,} groups: {same:,} at the same time, {day:,} where only the day is known"
    )
    table.add_row(
        "named source",
        f"the first {named['first']:,}; another {named['other']:,}; itself {named['itself']:,}; "
        f"one that is not known {named['unknown']:,}; nobody {named['nobody']:,}",
    )
    table.add_row("bulletins", f"{sizes.bulletins:,} pairs of the same words with other numbers are no copies")
    left = f"{sizes.too_short:,} too short, {sizes.undated:,} without a known day"
    table.add_row("articles", f"{sizes.compared:,} compared; not compared: {left}")
    return table
