"""Peak memory of a crawl against the number of requested ids: addresses are scheduled as slots become free."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.crawls import COMMON, replica_of, settings
from benchmarks.figures import Spread, ratio, table

if TYPE_CHECKING:
    from benchmarks.processes import Cost

_LARGE = 1_000_000
_ENDED_EARLY = 3  # the exit code of a run that was stopped with addresses still owed


def measure(pages: int, rounds: int) -> str:
    """Return the table for a number of pages out of as many requested ids, and out of a million."""
    small, large = f"{pages:,} ids", f"{_LARGE:,} ids, stopped after {pages:,} pages"
    costs: dict[str, list[Cost]] = {small: [], large: []}
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
        newsroom = replica_of(pages)
        first = newsroom.first_id
        with processes.replica(Path(folder), newsroom.count) as base_url:
            for number in range(rounds):
                costs[small].append(
                    _crawl(base_url, f"{first}-{first + pages - 1}", pages, Path(folder) / f"{number}-a")
                )
                costs[large].append(
                    _crawl(base_url, f"{first}-{first + _LARGE - 1}", pages, Path(folder) / f"{number}-b")
                )
    peaks = {name: [cost.peak_mib for cost in runs if cost.peak_mib is not None] for name, runs in costs.items()}
    if not all(peaks.values()):
        return "Not measured: this system does not tell a process' peak memory."
    rows = [[name, Spread.of(values), ratio(values, peaks[small])] for name, values in peaks.items()]
    return table(["request", "peak MiB", "÷ the small request"], rows)


def _crawl(base_url: str, ids: str, pages: int, folder: Path) -> Cost:
    folder.mkdir()
    words = ["farscrawler", "crawl", "farsonline", "-a", f"base_url={base_url}", "-a", f"ids={ids}"]
    limits = settings({**COMMON, "CLOSESPIDER_PAGECOUNT": pages})
    cost = processes.crawl([*words, *limits], folder, codes=(0, _ENDED_EARLY))
    if cost.pages < pages:
        raise RuntimeError(f"{cost.pages} pages fetched of {pages}")
    return cost
