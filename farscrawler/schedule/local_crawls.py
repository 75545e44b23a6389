"""The crawls of a watch as processes of this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from multiprocessing.connection import wait  # select() knows no descriptor above 1,023
from typing import TYPE_CHECKING

from farscrawler.errors import Exit
from farscrawler.schedule.contract import PATIENCE
from farscrawler.schedule.crawls import CrawlProcess
from farscrawler.schedule.plan import CrawlResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.archive.schedule import ScheduleRecord
    from farscrawler.schedule.contract import Crawl


@dataclass(eq=False)
class NoProcess:
    """A crawl for which no process was to be had: the machine is full for a while."""

    publisher: str
    begun: float
    sentence: str
    asked_to_end: int = 0
    has_ended: bool = True

    def end_in_order(self) -> None:
        """Do nothing."""

    kill = end_in_order

    def end(self, ended: float) -> CrawlResult:
        """Return that it broke."""
        return CrawlResult(begun=self.begun, ended=ended, exit_code=Exit.BROKE, sentence=self.sentence)


@dataclass
class LocalCrawls:
    """Crawls as processes of this machine; ``words`` are those that every one of them gets."""

    words: Sequence[str] = ()
    first_word: str = "Watching"
    last_word: str = "All crawls have ended."
    #: A clock that was set is noticed within it.
    longest_wait: float = 60.0
    go_with_us: bool = True

    def at_work(self, records: Iterable[ScheduleRecord]) -> list[Crawl]:  # noqa: ARG002  # the queue's looks at them
        """Return none: they have ended with the watch that has started them."""
        return []

    def start(self, publishers: Sequence[str], now: float) -> list[Crawl]:
        """Start a process for each publisher."""
        return [self._started(name, now) for name in publishers]

    def _started(self, publisher: str, now: float) -> Crawl:
        try:
            return CrawlProcess.start(publisher, self.words, now)
        except OSError as error:
            return NoProcess(publisher, now, f"no process ({error}).")

    def look(self) -> None:
        """Do nothing: a process is asked itself."""

    def wait(self, seconds: float, descriptor: int, at_work: Iterable[Crawl]) -> None:
        """Wait for the descriptor, or the end of a process."""
        ended = [one.sentinel for one in at_work if isinstance(one, CrawlProcess)]
        wait([descriptor, *ended], seconds)

    def end_all(self, at_work: Iterable[Crawl]) -> None:
        """End what is still at work, after an error of ours; killed children lose nothing that was committed."""
        left = [one for one in at_work if isinstance(one, CrawlProcess)]
        for one in left:
            one.end_in_order()
        end = time.monotonic() + PATIENCE
        for one in left:
            one.wait_or_kill(max(end - time.monotonic(), 0.0))
