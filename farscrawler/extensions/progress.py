"""Progress: how far runs are, a line each: live on a terminal, a line a minute in a log, nothing into a pipe."""

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

from farscrawler.days import duration
from farscrawler.extensions.run import Run
from farscrawler.printing import printable
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

logger = logging.getLogger("farscrawler")

Mode = Literal["live", "log"]
_LIVE_SECONDS = 0.5
_LOG_SECONDS = 60.0


def mode(stream: TextIO, *, log_file: bool) -> Mode | None:
    """Return how progress can be shown on a stream; None where it cannot."""
    if log_file:
        return "log"
    try:
        if stream.isatty():
            return "live"
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # a stream without a file behind it, or closed
        return None
    return None if stat.S_ISFIFO(kind) else "log"


class Display:
    """A display of lines, refreshed between start() and stop(). A terminal has room for one live display at a time."""

    def __init__(self, how: Mode, lines: Callable[[], Sequence[str]]) -> None:
        self.mode = how
        self.lines = lines
        self._live: Live | None = None
        self._handlers: list[tuple[logging.StreamHandler[TextIO], TextIO]] = []
        self._tick: AsyncioLoopingCall | LoopingCall | None = None

    def start(self) -> None:
        """Begin to show the lines, unless that has begun; the event loop has to be running."""
        if self._tick is not None:
            return
        if self.mode == "live":
            self._live = Live(
                Text(""), console=Console(stderr=True, markup=False, emoji=False), auto_refresh=False, transient=True
            )
            self._live.start()
            self._lead_logs_above()
            self._tick = create_looping_call(self._redraw)
            self._tick.start(_LIVE_SECONDS)
        else:
            self._tick = create_looping_call(self._log)
            self._tick.start(_LOG_SECONDS, now=False)

    def stop(self) -> None:
        """End the display, and let logs go where they went before."""
        if self._tick is not None and self._tick.running:
            self._tick.stop()
        for handler, stream in self._handlers:
            handler.setStream(stream)
        if self._live is not None:
            self._live.stop()

    def _log(self) -> None:
        for line in self.lines():
            logger.info("%s", line)

    def _redraw(self) -> None:
        if self._live is not None:
            text = Text("\n".join(map(printable, self.lines())), no_wrap=True, overflow="ellipsis")
            self._live.update(text, refresh=True)

    def _lead_logs_above(self) -> None:
        """Let log lines on the same terminal scroll above the live lines instead of through them."""
        for handler in logging.root.handlers:
            if type(handler) is logging.StreamHandler and sys.__stderr__ and handler.stream is sys.__stderr__:
                self._handlers.append((handler, sys.__stderr__))
                handler.setStream(sys.stderr)


def progress_line(counts: Mapping[str, int], *, pending: int | None, seconds: float) -> str:
    """Return how far a run is: `120 done, 2,880 pending, 1.0/s, 48 min 0 s left (110 article, 10 missing)`."""
    done = sum(counts.values())
    rate = done / seconds if seconds > 0 else 0.0
    parts = [f"{done:,} done"]
    if pending is not None:
        parts.append(f"{pending:,} pending")
    parts.append(f"{rate:.1f}/s")
    if pending and rate:
        parts.append(f"{duration(pending / rate)} left")
    detail = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda c: -c[1]))
    return ", ".join(parts) + (f" ({detail})" if detail else "")


def run_line(run: Run, *, seconds: float) -> str:
    """Return how far a run is, with its publisher's name before it."""
    line = progress_line(run.counts, pending=run.pending, seconds=seconds)
    if run.estimate is not None:
        line += f"; {run.estimate.short()}"
    return f"{run.publisher.key}: {line}" + (f"; {run.captures}" if run.captures is not None else "")


def fleet_lines(crawlers: Iterable[Crawler]) -> list[str]:
    """Return how far the runs of some crawlers are, a line each; one that has not begun has none."""
    runs = [crawler.get_extension(Run) for crawler in crawlers if crawler.crawling]
    now = time.monotonic()
    return [run_line(run, seconds=now - run.started) for run in runs if run is not None]


class Progress:
    """The display of one run; switched off with PROGRESS=False."""

    def __init__(self, crawler: Crawler) -> None:
        NewsSpider.of(crawler)
        settings = crawler.settings
        found = mode(sys.stderr, log_file=bool(settings["LOG_FILE"]))
        if not settings.getbool("PROGRESS") or found is None:
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
