"""Progress: a live line on a terminal, a plain line a minute in a log, nothing into a pipe; never two of them."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from typing import TYPE_CHECKING, Literal, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from farscrawler.discovery.context import crawls_news
from farscrawler.extensions.run import Run
from farscrawler.extensions.summary import duration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

logger = logging.getLogger("farscrawler")

_LIVE_SECONDS = 0.5
_LOG_SECONDS = 60.0


def mode(stream: TextIO, *, log_file: bool) -> Literal["live", "log"] | None:
    """Tell how progress can be shown: on a terminal live, in a log by lines, in a pipe not at all."""
    if log_file:
        return "log"
    try:
        if stream.isatty():
            return "live"
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # a stream without a file behind it, or closed
        return None
    return None if stat.S_ISFIFO(kind) else "log"


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


class Progress:
    """Shows how far the run is; switched off with PROGRESS=False."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        found = mode(sys.stderr, log_file=bool(settings["LOG_FILE"]))
        if not settings.getbool("PROGRESS") or found is None or not crawls_news(crawler):
            raise NotConfigured
        self.crawler = crawler
        self.mode = found
        self._begun = time.monotonic()
        self._live: Live | None = None
        self._handlers: list[tuple[logging.StreamHandler[TextIO], TextIO]] = []
        self._tick: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress._opened, signal=signals.spider_opened)
        crawler.signals.connect(progress._closed, signal=signals.spider_closed)
        return progress

    def _text(self) -> str:
        run = Run.of(self.crawler)
        owed = run.plan.owed if run.plan is not None else None
        line = progress_line(run.counts, owed=owed, seconds=time.monotonic() - self._begun)
        return f"{run.publisher.key}: {line}" + (f"; {run.captures}" if run.captures is not None else "")

    def _opened(self) -> None:
        self._begun = time.monotonic()
        if self.mode == "live":
            self._live = Live(Text(""), console=Console(stderr=True), auto_refresh=False, transient=True)
            self._live.start()
            self._lead_logs_above()
            self._tick = create_looping_call(self._redraw)
            self._tick.start(_LIVE_SECONDS)
        else:
            self._tick = create_looping_call(lambda: logger.info("%s", self._text()))
            self._tick.start(_LOG_SECONDS, now=False)

    def _lead_logs_above(self) -> None:
        """Let log lines on the same terminal scroll above the live line instead of through it."""
        for handler in logging.root.handlers:
            if type(handler) is logging.StreamHandler and sys.__stderr__ and handler.stream is sys.__stderr__:
                self._handlers.append((handler, sys.__stderr__))
                handler.setStream(sys.stderr)

    def _redraw(self) -> None:
        if self._live is not None:
            self._live.update(Text(self._text(), no_wrap=True, overflow="ellipsis"), refresh=True)

    def _closed(self) -> None:
        if self._tick is not None and self._tick.running:
            self._tick.stop()
        for handler, stream in self._handlers:
            handler.setStream(stream)
        if self._live is not None:
            self._live.stop()
