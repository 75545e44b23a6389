"""The report in a terminal, or piped into a file or a mail: the same lines, with colours only on a terminal.

Names of months and weekdays are in Latin letters: few terminals order Persian ones rightly beside numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.table import Table
from rich.text import Text

from farscrawler.coverage.gaps import months, slashed, stretches
from farscrawler.coverage.model import PENDING
from farscrawler.printing import printable
from farscrawler.timestamps.months import LATIN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import RenderableType

    from farscrawler.coverage.model import Gap, Reason, Report, Stretch

T = TypeVar("T")

#: The lines of each list; --html has more of them, --json all.
LISTED = 20
_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"
_MARK = Text("!", style="bold yellow")


def parts(report: Report, *, every_day: bool = False) -> Iterator[RenderableType]:
    """Yield the parts that a console prints."""
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
    gaps = sorted(report.ids.gaps if report.ids else (), key=lambda one: -one.count)
    yield from _listed("Ids never requested, and the days of the articles around them", gaps, _gaps)
    yield from _listed("Addresses without an article", report.reasons, _reasons)
    if (ids := report.ids) and (ids.gaps or report.pending):
        yield Text(f"\nThis requests the {ids.never_asked:,} ids that were never requested, and the pending ones:")
        yield Text(f"  farscrawler crawl {report.publisher} -a ids={ids.lowest}-{ids.highest}")


def _months(report: Report) -> Table:
    found = list(months(report.days))
    most = max(month.articles for month in found)
    table = _table("month", ">days", ">articles", ">a day", ">empty", ">flagged", "")
    for month in found:
        table.add_row(
            f"{month.year}/{month.month:02} {LATIN_MONTHS[month.month - 1]}",
            f"{month.days}",
            f"{month.articles:,}",
            f"{month.articles / month.days:,.1f}",
            f"{month.empty or ''}",
            Text(f"{month.flagged}", style="bold yellow") if month.flagged else "",
            bar(month.articles, most),
        )
    return table


def _days(report: Report) -> Table:
    most = max(day.articles for day in report.days)
    table = _table("day", "weekday", ">articles", ">median", ">open ids", "", "")
    for day in report.days:
        table.add_row(
            slashed(day.date),
            f"{day.date:%A}",
            f"{day.articles:,}",
            "?" if day.median is None else f"{day.median:,g}",
            _known(day.open_ids),
            _MARK if day.flagged else "",
            bar(day.articles, most),
        )
    return table


def _sums(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    days, ids = report.days, report.ids
    empty, flagged = sum(not day.articles for day in days), sum(day.flagged for day in days)
    table.add_row("days", f"{len(days):,}: {empty:,} without an article, {flagged:,} flagged")
    dateless = f"; {report.undated:,} more without a certain day" if report.undated else ""
    table.add_row("articles", f"{report.articles:,}{dateless}")
    if ids:
        known = f"{ids.asked:,} known, {ids.never_asked:,} never requested"
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
    table = _table("from", "to", ">days", ">articles", ">medians", ">open ids")
    for one in found:
        until = "" if one.days == 1 else slashed(one.last)
        table.add_row(
            slashed(one.first), until, f"{one.days}", f"{one.articles:,}", f"{one.medians:,g}", _known(one.open_ids)
        )
    return table


def _gaps(found: Sequence[Gap]) -> Table:
    table = _table("ids", ">count", "after", "before")
    for gap in found:
        ids = f"{gap.first}" if gap.count == 1 else f"{gap.first}-{gap.last}"
        table.add_row(ids, f"{gap.count:,}", slashed(gap.after), slashed(gap.before))
    return table


def _reasons(found: Sequence[Reason]) -> Table:
    table = _table("outcome", "reason", ">count", "ids")
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


def _table(*heads: str) -> Table:
    """Return a table without lines; a head that begins with > is that of a column of numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        table.add_column(head.lstrip(">"), justify="right" if head.startswith(">") else "left", overflow="fold")
    return table


def _known(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def bar(count: float, most: float) -> str:
    """Return a bar in eighths of a character, as long as the share of the count in the highest one."""
    eighths = round(8 * _BAR * count / most) if most else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
