"""Progress: how far a run is, in one line; shown while it lasts."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from farscrawler.discovery.context import crawls_news
from farscrawler.extensions.display import Display, mode
from farscrawler.extensions.run import Run
from farscrawler.extensions.summary import duration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from scrapy.crawler import Crawler


def progress_line(counts: Mapping[str, int], *, owed: int | None, seconds: float) -> str:
    """Say how far a run is: `120 done, 2,880 owed, 1.0/s, 48 min 0 s left (110 article, 10 missing)`."""
    done = sum(counts.values())
    rate = done / seconds if seconds > 0 else 0.0
    parts = [f"{done:,} done"]
    if owed is not None:
        parts.append(f"{owed:,} owed")
    parts.append(f"{rate:.1f}/s")
    if owed and rate:
        parts.append(f"{duration(owed / rate)} left")
    detail = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda c: -c[1]))
    return ", ".join(parts) + (f" ({detail})" if detail else "")


def run_line(run: Run, *, seconds: float) -> str:
    """Say how far a run is, with its publisher's name before it."""
    owed = run.plan.owed if run.plan is not None else None
    line = progress_line(run.counts, owed=owed, seconds=seconds)
    return f"{run.publisher.key}: {line}" + (f"; {run.captures}" if run.captures is not None else "")


class Progress:
    """Shows how far the run is; switched off with PROGRESS=False."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        found = mode(sys.stderr, log_file=bool(settings["LOG_FILE"]))
        if not settings.getbool("PROGRESS") or found is None or not crawls_news(crawler):
            raise NotConfigured
        self.crawler = crawler
        self.display = Display(found, lambda: [self._text()])
        self._begun = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress._opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.display.stop, signal=signals.spider_closed)
        return progress

    def _text(self) -> str:
        return run_line(Run.of(self.crawler), seconds=time.monotonic() - self._begun)

    def _opened(self) -> None:
        self._begun = time.monotonic()
        self.display.start()
