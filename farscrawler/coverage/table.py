"""The report in a terminal, or piped into a file or a mail: the same lines, with colours only on a terminal.

Names of months and weekdays are in Latin letters: few terminals order Persian ones rightly beside numbers.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from rich.table import Table
from rich.text import Text

from farscrawler.coverage.gaps import months, stretches
from farscrawler.coverage.model import PENDING
from farscrawler.days import slashed
from farscrawler.printing import printable
from farscrawler.tables import Either, bar, plain_table
from farscrawler.timestamps.months import LATIN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import RenderableType

    from farscrawler.coverage.model import Gap, Month, Reason, Report, Stretch

T = TypeVar("T")

#: The lines of each list; --html has more of them, --json all.
LISTED = 20
_MARK = Text("!", style="bold yellow")
_NOT_HARVESTED = Text("not harvested", style="dim")


def parts(report: Report, *, every_day: bool = False, advised: bool = False) -> Iterator[RenderableType]:
    """Yield the parts that a console prints; ``advised``: commands follow that ask for what is missing."""
    days = report.days
    if days:
        yield Text(
            f"{report.publisher}, {slashed(days[0].date)} to {slashed(days[-1].date)}, in {printable(report.archive)}"
        )
    else:
        yield Text(f"{report.publisher} in {printable(report.archive)}: no article of the range has a certain day")
    if days:
        yield Text()
        yield _days(report) if every_day else _months(report)
    yield Text()
    yield _sums(report)
    flagged = sorted(stretches(days), key=lambda one: -one.shortfall)
    yield from _listed("Days below half of their weekday's median (a question, no verdict)", flagged, _stretches)
    gaps = sorted(report.ids.left_out if report.ids else (), key=lambda one: -one.count)
    yield from _listed("Ids of harvested days that were never requested, and the articles around them", gaps, _gaps)
    yield from _listed("Addresses without an article", report.reasons, _reasons)
    if advised:
        what = "the pending addresses" if report.pending else ""
        if report.ids and report.ids.left_out:
            what += (" and " if what else "") + "what was left out"
        yield Text(f"\nThis requests {what or 'these days again'}, and nothing that is settled:")


def _months(report: Report) -> Table:
    found = list(months(report.days))
    most = max(month.articles for month in found)
    some_are_not = any(month.not_harvested for month in found)
    more = [">not harvested"] if some_are_not else []
    table = plain_table("month", ">days", ">articles", ">a day", ">empty", ">flagged", *more, "")
    for is_bare, part in groupby(found, key=lambda month: month.days == month.not_harvested):
        held = list(part)
        rows = [held] if is_bare and len(held) > 1 else [[month] for month in held]
        for row in rows:
            table.add_row(*_month_cells(row, some_are_not=some_are_not), "" if is_bare else bar(row[0].articles, most))
    return table


def _month_cells(row: Sequence[Month], *, some_are_not: bool) -> Iterator[RenderableType]:
    """Yield the cells of a month, or of several that no run has harvested."""
    days, articles = sum(month.days for month in row), sum(month.articles for month in row)
    missing, flagged = sum(month.not_harvested for month in row), sum(month.flagged for month in row)
    ends = dict.fromkeys((row[0], row[-1]))
    numbers = [f"{month.year}/{month.month:02}" for month in ends]
    names = [f"{number} {LATIN_MONTHS[month.month - 1]}" for number, month in zip(numbers, ends, strict=True)]
    yield Either(" – ".join(names), " – ".join(numbers))
    yield f"{days:,}"
    yield f"{articles:,}"
    yield "" if missing == days else f"{articles / days:,.1f}"
    yield f"{sum(month.empty for month in row) or ''}"
    yield Text(f"{flagged}", style="bold yellow") if flagged else ""
    if some_are_not:
        yield Text(f"{missing:,}" if missing else "", style="dim")


def _days(report: Report) -> Table:
    most = max(day.articles for day in report.days)
    table = plain_table("day", "weekday", ">articles", ">median", ">open ids", "", "")
    for day in report.days:
        table.add_row(
            slashed(day.date),
            Either(f"{day.date:%A}", f"{day.date:%a}"),
            f"{day.articles:,}",
            "?" if day.median is None else f"{day.median:,g}",
            _known(day.open_ids),
            _MARK if day.flagged else "" if day.harvested else _NOT_HARVESTED,
            bar(day.articles, most),
        )
    return table


def _sums(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    days, ids = report.days, report.ids
    harvested = [day for day in days if day.harvested]
    empty, flagged = sum(not day.articles for day in harvested), sum(day.flagged for day in days)
    not_all = f"{len(harvested):,} of {len(days):,} harvested" if len(harvested) < len(days) else f"{len(days):,}"
    table.add_row("days", f"{not_all}: {empty:,} without an article, {flagged:,} flagged")
    dateless = f"; {report.undated:,} more without a certain day" if report.undated else ""
    table.add_row("articles", f"{report.articles:,}{dateless}")
    if ids:
        left_out = sum(gap.count for gap in ids.left_out)
        known = f"{ids.asked:,} known, {ids.never_asked:,} never requested"
        known += f" ({left_out:,} of them in harvested days)" if left_out < ids.never_asked else ""
        table.add_row("ids", f"{ids.count:,} from {ids.lowest} to {ids.highest}: {known}")
    if report.uncountable:
        table.add_row(
            "other ids", f"{report.uncountable:,} texts or timestamps: the ids between them cannot be counted"
        )
    outcomes = report.outcomes
    table.add_row("pending", f"{report.pending:,}: " + ", ".join(f"{outcomes[name]:,} {name}" for name in PENDING))
    again = f" ({report.provisional:,} near the newest id, visited again)" if report.provisional else ""
    table.add_row("no article", f"{outcomes['missing']:,} missing, {outcomes['not-article']:,} not-article{again}")
    return table


def _stretches(found: Sequence[Stretch]) -> Table:
    table = plain_table("from", "to", ">days", ">articles", ">medians", ">open ids")
    for one in found:
        until = "" if one.days == 1 else slashed(one.last)
        table.add_row(
            slashed(one.first), until, f"{one.days}", f"{one.articles:,}", f"{one.medians:,g}", _known(one.open_ids)
        )
    return table


def _gaps(found: Sequence[Gap]) -> Table:
    table = plain_table("ids", ">count", "after", "before")
    for gap in found:
        ids = f"{gap.first}" if gap.count == 1 else f"{gap.first}-{gap.last}"
        table.add_row(ids, f"{gap.count:,}", slashed(gap.after), slashed(gap.before))
    return table


def _reasons(found: Sequence[Reason]) -> Table:
    table = plain_table("outcome", "reason", ">count", "ids")
    for one in found:
        more = ", …" if one.count > len(one.first) else ""
        table.add_row(
            one.outcome, Text(printable(one.reason)), f"{one.count:,}", Text(printable(", ".join(one.first)) + more)
        )
    return table


def _listed(title: str, found: Sequence[T], table: Callable[[Sequence[T]], Table]) -> Iterator[RenderableType]:
    if found:
        more = f"; the {LISTED} largest of {len(found):,}" if len(found) > LISTED else ""
        yield Text(f"\n{title}{more}:")
        yield table(found[:LISTED])


def _known(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
