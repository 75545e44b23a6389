"""What many sites need, computed from figures that `machines` has measured: the last table of docs/many-machines.md."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.figures import table

#: Measured (benchmarks/machines.py): bytes of an article in the database, and of the write-ahead log.
ARTICLE_BYTES = 8_500
ARTICLE_LOG, VISIT_LOG, SEARCH_LOG = 3_400, 2_100, 29_000
#: CPU of a page (s), memory of a crawl (bytes).
PAGE_CPU, CRAWL_MEMORY = 0.006, 110e6
#: Assumed: crawls of a site in a day, requests of each that lead to no article, requests an article, the seconds of CPU
#: that a crawl takes to start and to end, and the seconds that it lasts beside its requests, one a second.
CRAWLS, LISTS, VISITS, CRAWL_CPU, CRAWL_SECONDS = 24, 4, 1.3, 0.5, 15
#: Assumed: the busiest hour has so many times the mean; a machine has 2 cores and 8 GB, of which crawls take three
#: quarters; a worker does eight crawls, and a crawl has two connections.
PEAK, MACHINE_MEMORY, MACHINE_CORES, AT_ONCE = 3, 6e9, 1.5, 8
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Step:
    """So many sites with so many articles a day in all, and so many stored; what is short first, in words."""

    sites: int
    articles: int
    stored: int
    first: str

    @property
    def pages(self) -> float:
        """Requests a day."""
        return self.sites * CRAWLS * LISTS + self.articles * VISITS

    @property
    def cores(self) -> float:
        """CPU seconds a second of all crawls."""
        return (self.pages * PAGE_CPU + self.sites * CRAWLS * CRAWL_CPU) / _DAY

    @property
    def at_once(self) -> float:
        """Crawls at work in the busiest hour."""
        return PEAK * (self.sites * CRAWLS * CRAWL_SECONDS + self.pages) / _DAY

    @property
    def machines(self) -> int:
        """Machines that crawl."""
        needed = max(self.at_once * CRAWL_MEMORY / MACHINE_MEMORY, PEAK * self.cores / MACHINE_CORES)
        return max(-(-int(needed * 1000) // 1000), 1)

    @property
    def connections(self) -> float:
        """Connections to the database in the busiest hour."""
        return 2 * self.at_once + self.at_once / AT_ONCE

    @property
    def log(self) -> float:
        """Bytes of the write-ahead log a day, with the search index."""
        return self.articles * (ARTICLE_LOG + SEARCH_LOG) + self.articles * (VISITS - 1) * VISIT_LOG


STEPS = (
    Step(300, 60_000, 20_000_000, "nothing: the largest sites give a page a second"),
    Step(1_000, 120_000, 60_000_000, "memory of the one machine, at its busiest hour"),
    Step(3_000, 210_000, 150_000_000, "`WATCH_REQUESTS_PER_DAY` (500,000), then `max_connections` (100)"),
    Step(10_000, 400_000, 500_000_000, "the disk of the database, two thirds for search; `--at-once` of the schedule"),
)  # fmt: skip


def scaled() -> str:
    """Return the table."""
    head = ["sites", "articles stored", "pages a day", "cores", "crawls at once", "machines", "connections", "database",
            "log a day", "first bottleneck"]  # fmt: skip
    return table(head, [_row(step) for step in STEPS])


def _row(step: Step) -> list[str]:
    return [
        f"{step.sites:,}", f"{step.stored / 1e6:,.0f} M", f"{step.pages:,.0f}", f"{step.cores:.2f}",
        f"{step.at_once:.0f}", str(step.machines), f"{step.connections:.0f}",
        f"{step.stored * ARTICLE_BYTES / 1e12:.2f} TB", f"{step.log / 1e9:.1f} GB", step.first,
    ]  # fmt: skip
