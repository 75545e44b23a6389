"""A hundred faults at random on three machines that share one queue: what is lost, doubled, asked too soon or again."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import table
from tests.support.faults import KINDS, Trial, drawn

if TYPE_CHECKING:
    from tests.support.faults import Report

#: Seconds between an answer and the next request that the sites ask for (Crawl-delay).
_PAUSE = 0.2


def measure(count: int, seed: int, sites: int = 6, articles: int = 200) -> str:
    """Run crawls of so many sites under so many faults, and return the table of what came of it.

    Raise RuntimeError where anything was lost, doubled, or asked too soon.
    """
    with tempfile.TemporaryDirectory(prefix="farscrawler-faults-") as folder:
        lease = articles // 4
        with Trial(Path(folder), sites=sites, articles=articles, lease=lease, pause=_PAUSE, seed=seed) as trial:
            report = trial.run(drawn(count, seed), lambda said: print(said, file=sys.stderr, flush=True))
    if report.problems:
        raise RuntimeError(f"seed {seed}: " + "; ".join(report.problems))
    return f"Seed {seed}, {sites} sites, three machines, {report.seconds:.0f} s.\n\n{shown(report)}"


def shown(report: Report) -> str:
    """Return a report as a table."""
    faults = ", ".join(f"{report.faults[kind]} {kind}" for kind in KINDS)
    attempts = ", ".join(f"{number} {state}" for state, number in Counter(report.attempts).most_common())
    rows = [
        ("faults", f"{sum(report.faults.values())} ({faults})"),
        ("articles stored, each once and exactly", f"{report.articles:,}"),
        ("articles lost, doubled or changed", "0"),
        ("requests", f"{report.requests:,}"),
        ("pages asked for again", f"{report.repeated:,}"),
        ("two requests in flight to a host", f"{report.overlaps}"),
        ("shortest pause before a request", f"{report.worst_pause:.3f} s of {report.pause:g} s asked for"),
        ("attempts at jobs", attempts),
    ]
    return table(("what", "figure"), rows)
