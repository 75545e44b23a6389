"""Advice: the commands that ask for what is pending or was left out of harvested days."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from farscrawler.days import DateRange, jalali

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.coverage.model import Report
    from farscrawler.publishers import Publisher

#: Ranges of ids that one command names, and ranges of days that get a command each: more is no line to copy.
MOST_RANGES = 40
MOST_COMMANDS = 5


def commands(report: Report, publisher: Publisher, options: Sequence[str] = ()) -> list[str]:
    """Return the commands, the first one first; ``options`` are those without which they would do something else.

    Ids are named where they make addresses, days everywhere else; a run asks for nothing that is settled.
    """
    if report.to_ask:
        parts = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in report.to_ask]
        named = [",".join(parts[at : at + MOST_RANGES]) for at in range(0, len(parts), MOST_RANGES)]
        return [_crawl(publisher, ["--ids", text], options) for text in named[:MOST_COMMANDS]]
    if publisher.made_of_ids(publisher.default_form) or publisher.anywhere:
        return []
    flagged = [day.date for day in report.days if day.flagged]
    ranges = [
        part if report.pending else DateRange(min(held), max(held))
        for part in report.harvested
        if (held := [day for day in flagged if day in part]) or report.pending
    ]
    words = (["--since", jalali(part.first) or "", "--until", jalali(part.last) or ""] for part in ranges)
    return [_crawl(publisher, days, options) for days in words][:MOST_COMMANDS]


def _crawl(publisher: Publisher, words: Sequence[str], options: Sequence[str]) -> str:
    return shlex.join(["farscrawler", "crawl", publisher.key, *words, *options])
