"""The process that crawls what its parent orders: a fork of an interpreter that has loaded all it needs.

Signals mean what they mean to a single crawl: the first ends all crawls in order, the second at once. The end of the
pipe of orders, which is that of the parent by whatever way, counts as the first one. (Linux would send a signal too,
PR_SET_PDEATHSIG, but once for each thread of the parent that is killed, and two signals end a child at once.)
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import resource
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.utils.asyncio import create_looping_call

from farscrawler.cluster.fleet import Fleet, spare_the_collector
from farscrawler.cluster.wire import Begun, CrawlOrder, Ended, Finish, Frames, Logged, Progressed, Ready, Setup, frame
from farscrawler.exporters.streams import share_streams
from farscrawler.extensions.progress import fleet_lines
from farscrawler.interrupts import watched
from farscrawler.printing import guard_logs

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from farscrawler.cluster.wire import Order, Report
    from farscrawler.extensions.ending import CrawlEnd
    from farscrawler.forks import Descriptor

_PART = 65_536
_PROGRESS_SECONDS = 0.5
#: The parent says how many may be at work, in all processes together.
_ANY_NUMBER = 1_000_000


class Child:
    """The fleet of a child, and its ways to the parent."""

    def __init__(self, orders: int, reports: int) -> None:
        self._orders, self._reports = orders, reports
        self._frames = Frames()
        self._early: list[Order] = []
        self._is_last = False
        self._fleet: Fleet

    def main(self) -> None:
        """Crawl until the parent orders no more, or a signal ends it."""
        setup = self._first_order()
        if setup is None:
            return
        settings: Settings = pickle.loads(setup.settings)  # noqa: S301  # of the process that has started us
        settings.set("LOG_INSTALL_ROOT_HANDLER", value=False, priority="cmdline")
        settings.set("LOG_FILE", None, priority="cmdline")  # the parent writes it
        self._fleet = Fleet(settings, at_once=_ANY_NUMBER, ended=self._ended, opened=self._opened)
        logging.root.setLevel(logging.NOTSET)  # the handlers have levels, as Scrapy's own has
        logging.root.addHandler(_LogPipe(self, settings["LOG_LEVEL"]))
        loop = asyncio.get_event_loop()
        loop.add_reader(self._orders, self._hear)
        loop.call_soon(self._begin_to_serve, setup)
        spare_the_collector()
        with watched(self._fleet):
            self._fleet.start(stop_after_crawl=False)

    def _first_order(self) -> Setup | None:
        while not self._early:
            data = os.read(self._orders, _PART)
            if not data:
                return None
            self._early += self._frames.feed(data)
        first = self._early.pop(0)
        return first if isinstance(first, Setup) else None

    def _begin_to_serve(self, setup: Setup) -> None:
        self.report(Ready())
        if setup.shows_progress:
            create_looping_call(self._tell_progress).start(_PROGRESS_SECONDS, now=False)
        self._obey(self._early)

    def _hear(self) -> None:
        data = os.read(self._orders, _PART)
        if data:
            self._obey(self._frames.feed(data))
            return
        asyncio.get_event_loop().remove_reader(self._orders)  # the parent has gone
        self._is_last = True
        self._fleet._graceful_stop_reactor()  # noqa: SLF001  # what Scrapy does at a first signal

    def _obey(self, orders: list[Order]) -> None:
        for order in orders:
            if isinstance(order, CrawlOrder):
                self._crawl(order)
            elif isinstance(order, Finish):
                self._is_last = True
        self._leave_if_done()

    def _crawl(self, order: CrawlOrder) -> None:
        self._fleet.waiting.append((order.publisher, order.arguments))
        self._fleet.begin()

    def _opened(self, publisher: str) -> None:
        self.report(Begun(publisher))

    def _ended(self, publisher: str, end: CrawlEnd) -> None:
        self.report(Ended(publisher, end, _memory()))
        self._leave_if_done()

    def _leave_if_done(self) -> None:
        if self._is_last and not self._fleet.at_work:
            self._fleet._stop_reactor()  # noqa: SLF001  # as Scrapy does after its last crawl

    def _tell_progress(self) -> None:
        self.report(Progressed(tuple(fleet_lines(crawl.crawler for crawl in self._fleet.at_work))))

    def report(self, report: Report) -> None:
        """Send a report; a parent that has gone needs none."""
        data = frame(report)
        with suppress(OSError):
            while data:
                data = data[os.write(self._reports, data) :]


class _LogPipe(logging.Handler):
    """Sends the records of the log to the parent, which writes the one log of all."""

    def __init__(self, child: Child, level: str) -> None:
        super().__init__(level)
        self._child = child

    def emit(self, record: logging.LogRecord) -> None:
        found = {**vars(record), "msg": record.getMessage(), "args": None, "exc_info": None}
        if record.exc_info and not record.exc_text:
            found["exc_text"] = logging.Formatter().formatException(record.exc_info)
        plain = {name: value for name, value in found.items() if isinstance(value, (str, int, float, type(None)))}
        self._child.report(Logged(plain))


def _memory() -> int:
    """Return what this process takes, in bytes; its peak where the system tells no more."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve(orders: Descriptor, reports: Descriptor, turns: Descriptor) -> None:
    """Be a child, with the pipes of orders and reports, and the file by which processes write streams in turns."""
    guard_logs()
    share_streams(turns.number)
    os.set_blocking(orders.number, True)
    Child(orders.number, reports.number).main()
