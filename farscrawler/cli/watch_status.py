"""What `watch --status` and `schedule --status` show: a line for each publisher, and the lag of all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from farscrawler.cli.output import columns_of, out, out_cells, out_json_lists, out_ready, prints_letters
from farscrawler.days import duration
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from farscrawler.archive.schedule import ScheduleRecord
    from farscrawler.schedule.lag import Lag, Status

#: Publishers that a sentence names.
_NAMED = 5
_BEGUN = "begun"


def alarm(overdue: list[str], who: str) -> str:
    """Return the sentence about publishers that are overdue; ``who`` is what should be running."""
    named = ", ".join(overdue[:_NAMED]) + (", …" if len(overdue) > _NAMED else "")
    are = "publisher is" if len(overdue) == 1 else "publishers are"
    return (
        f"{len(overdue)} {are} overdue ({named}): see whether {who}, and whether the requests of the day "
        "(WATCH_REQUESTS_PER_DAY) are spent."
    )


def print_status(status: Status, budget: float, queued: Collection[str]) -> None:
    """Print a line for each publisher, and one about all; the crawls of those that are ``queued`` wait for a worker."""
    heads = (("publisher", 0), ("due", 1), ("last", 2), ("median lag", 3), ("95 %", 4), ("articles", 5), ("asked", 6))
    rows = [_cells(status, place, queued) for place in range(len(status.records))]
    width = columns_of(sys.stdout)
    if width is None:
        for row in rows:
            out_cells(row)
    else:
        from farscrawler.cli.columns import Column, table_lines

        columns = [*(Column(name, rank) for name, rank in heads), Column("reason", 7, least=20)]
        for line in table_lines(columns, rows, width, letters=prints_letters()):
            out_ready(line)
    lag = status.lag
    said = (
        f"median lag {_length(lag.median)}, 95 % within {_length(lag.p95)}, of {lag.articles:,} articles of a week"
        if lag.articles
        else "no article of a week whose lag is known"
    )
    out(
        f"{len(status.records)} publishers: {said}; {status.requests:,} of {budget:,.0f} requests of this day; "
        f"{len(status.overdue)} overdue."
    )


def _cells(status: Status, place: int, queued: Collection[str]) -> tuple[str, ...]:
    record = status.records[place]
    lag: Lag = status.lags[record.publisher]
    last = f"{record.kind} ({record.failures} times)" if record.failures > 1 else record.kind or "none yet"
    due = _due(record, status.at - record.due_at, overdue=record.publisher in status.overdue)
    if due == _BEGUN and record.publisher in queued:
        due = "queued"
    asked = f"{duration(status.at - record.asked_at)} ago" if record.asked_at is not None else "never"
    cells = (record.publisher, due, last, _length(lag.median), _length(lag.p95), f"{lag.articles:,}", asked)
    return (*cells, printable(record.reason or ""))


def _due(record: ScheduleRecord, late: float, *, overdue: bool) -> str:
    if overdue:
        return f"overdue by {duration(late)}"
    if record.has_begun:
        return _BEGUN
    return "now" if late >= 0 else f"in {duration(-late)}"


def _length(seconds: float | None) -> str:
    return "?" if seconds is None else duration(seconds)


def print_json(archive: str, status: Status, budget: float) -> None:
    """Print the status as one JSON object."""
    from farscrawler.schedule.lag import as_dict

    found = as_dict(status, requests_per_day=budget)
    rows = found.pop("publishers")
    out_json_lists({"archive": archive, **found}, publishers=rows)
