"""A Scrapy add-on that times a crawl from within: the same for every spider, at no cost a page."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

_KIB = 1024


class Stopwatch:
    """Writes what the crawl cost as JSON into the file of the setting STOPWATCH, when the engine has stopped.

    Add-ons are made before anything else, so its handler of spider_opened is called first; engine_stopped comes
    after every handler of spider_closed, the last commits included.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.wall = self.cpu = 0.0
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it."""
        return cls(crawler)

    def opened(self) -> None:
        """Begin."""
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def stopped(self) -> None:
        """End, and write the record."""
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        assert self.crawler.stats is not None
        count = self.crawler.stats.get_value
        pages = count("response_received_count", 0) - count("robotstxt/response_count", 0)
        record = {"pages": pages, "wall": wall, "cpu": cpu, "peak_mib": peak_mib()}
        Path(self.crawler.settings["STOPWATCH"]).write_text(json.dumps(record), encoding="ascii")


def peak_mib() -> float | None:
    """Return the largest resident size of this process in MiB, or None where the system does not tell.

    Not ru_maxrss: on Linux it starts with the size of the process that forked this one, however small this one is.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    found = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / _KIB if found else None
