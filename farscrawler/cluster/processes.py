"""Processes: hands publishers to child processes as these have room, and hears how each crawl has ended."""

from __future__ import annotations

import asyncio
import logging
import math
import pickle
import signal
import tempfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from farscrawler.cluster.children import begin, over
from farscrawler.cluster.deaths import Deaths
from farscrawler.cluster.wire import Begun, CrawlOrder, Ended, Finish, Frames, Logged, Progressed, Ready, Setup
from farscrawler.errors import Exit
from farscrawler.extensions.ending import GOES_ON, CrawlEnd
from farscrawler.forks import LOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.settings import Settings

    from farscrawler.cluster.children import Child
    from farscrawler.cluster.shares import Shares
    from farscrawler.cluster.wire import Report

logger = logging.getLogger("farscrawler")

#: A process that takes more is given no further publisher, and another one begins in its place. One with sixty sites at
#: work comes to half of it (docs/performance.md).
MOST_MEMORY = 512 * 1024 * 1024
#: Processes in a row that ended before they were ready: the next would do the same.
_MOST_FALSE_STARTS = 3
#: Seconds that a child has for its end after a second signal.
_PATIENCE = 0.8
_PART = 65_536


@dataclass(kw_only=True)
class Crawls:
    """What is to be crawled: the arguments of each publisher, shared out by ``shares``.

    ``at_once`` is the number of crawls at work at a time, in all processes together.
    """

    settings: Settings
    arguments: Mapping[str, dict[str, str]]
    shares: Shares
    at_once: int


class Processes:
    """The children of a command, from the first to the last.

    ``ended`` is called with the end of each crawl; publishers that nobody has begun when all is over have none.
    """

    def __init__(
        self,
        crawls: Crawls,
        *,
        count: int,
        ended: Callable[[str, CrawlEnd], None],
        shows_progress: bool = False,
        most_memory: int = MOST_MEMORY,
    ) -> None:
        self.crawls = crawls
        self.count = count
        self.stopping = False
        self.children: list[Child] = []
        self._ended = ended
        self._most_memory = most_memory
        self._setup = Setup(pickle.dumps(crawls.settings), shows_progress)
        self.deaths = Deaths()
        #: The process ids of all children that there were.
        self.pids: set[int] = set()
        self._false_starts = self._numbers = 0
        self._tasks: set[asyncio.Task[None]] = set()
        #: The tasks of the children that are about to begin.
        self._loading: set[asyncio.Task[Any]] = set()
        self._is_server_lost = False
        self._problem: Exception | None = None

    @property
    def at_work(self) -> int:
        """How many crawls are at work."""
        return sum(len(child.at_work) for child in self.children)

    @property
    def _living(self) -> int:
        """How many children take publishers, those among them that are beginning."""
        return len(self._loading) + sum(not child.is_last for child in self.children)

    def lines(self) -> list[str]:
        """Return how far the crawls at work are, a line each."""
        return [line for child in self.children for line in child.lines]

    async def run(self) -> None:
        """Crawl all; return when the last child has ended. Raise what ``ended`` has raised, after an end in order."""
        with tempfile.TemporaryFile() as turns:
            self._turns = turns.fileno()
            self._fill_up()
            while self._tasks:
                done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                self._tasks -= done
                for task in done:
                    task.result()
            if not self.stopping:  # it may be loading then, and nobody waits for that
                await over()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """End all crawls in order, and begin no other; called again, at once."""
        again, self.stopping = self.stopping, True
        self.crawls.shares.clear()
        for task in self._loading:
            task.cancel()
        for child in self.children:
            child.end_in_order()
            if again:  # one that is frozen hears no signal but this
                asyncio.get_running_loop().call_later(_PATIENCE, child.signal, signal.SIGKILL)

    # -- the life of a child ----------------------------------------------------------------------------

    def _fill_up(self) -> None:
        """Begin as many children as there is work for."""
        if self.stopping or self._false_starts >= _MOST_FALSE_STARTS:
            return
        for _ in range(min(self.count - self._living, self.crawls.shares.waiting)):
            self._numbers += 1
            loading = asyncio.create_task(begin(self._numbers, self._turns))
            self._loading.add(loading)
            self._tasks.add(asyncio.create_task(self._live(loading)))

    async def _live(self, loading: asyncio.Task[tuple[Child, asyncio.StreamReader]]) -> None:
        """Hear a child, from its beginning to its end."""
        try:
            await asyncio.wait([loading])
        finally:
            self._loading.discard(loading)
        if loading.cancelled():
            return
        try:
            child, reports = loading.result()
        except OSError as error:
            self._count_false_start(error.strerror or str(error))
            self._hand_out()
            return
        self.children.append(child)
        self.pids.add(child.pid)
        self._is_server_lost = False
        child.code.add_done_callback(self._note_lost_server)
        if self.stopping:
            child.end_in_order()
        child.order(self._setup)
        frames = Frames()
        while data := await reports.read(_PART):
            for report in frames.feed(data):
                try:
                    self._hear(child, report)
                except Exception as error:  # noqa: BLE001  # a child that nobody hears could not end
                    if self._problem is None:
                        self._problem = error
                        self.stop()
            self._hand_out()
        code = await child.code
        child.has_ended = True
        child.orders.close()
        self.children.remove(child)
        self._account(child, _how(code))
        self._fill_up()
        self._hand_out()

    def _note_lost_server(self, code: asyncio.Task[int]) -> None:
        """Say that the process has been killed by which children begin, once for all of its children."""
        if not code.cancelled() and code.result() == LOST and not self._is_server_lost:
            self._is_server_lost = True
            logger.warning("The process that starts crawls has died; those at work go on.")

    def _hear(self, child: Child, report: Report) -> None:
        match report:
            case Ready():
                child.is_ready, self._false_starts = True, 0
            case Begun(publisher):
                self._has_begun(child, publisher)
            case Logged(record):
                logging.getLogger(record["name"]).handle(_as_record(record))
            case Progressed(lines):
                child.lines = lines
            case Ended(publisher, end, memory):
                self._has_begun(child, publisher)
                child.at_work.discard(publisher)
                self.crawls.shares.leave(publisher)
                self._ended(publisher, end)
                if memory > self._most_memory and not child.is_last and self.crawls.shares.waiting:
                    logger.info("process %s takes %d MB; another one takes its place.", child.number, memory >> 20)
                    child.is_last = True
                    child.order(Finish())
                    self._fill_up()

    @staticmethod
    def _has_begun(child: Child, publisher: str) -> None:
        if child.beginning == publisher:
            child.beginning = None

    # -- who gets what ----------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Give publishers to the children that have room, those with the fewest crawls at work first."""
        shares = self.crawls.shares
        while self.at_work < self.crawls.at_once:
            with_room = (one for one in self.children if one.has_room and len(one.at_work) < self._most_for_one())
            for child in sorted(with_room, key=lambda one: len(one.at_work)):
                if (publisher := shares.take(child, partial(self.deaths.may_join, at_work=child.at_work))) is not None:
                    child.at_work.add(publisher)
                    child.beginning = publisher
                    child.order(CrawlOrder(publisher, dict(self.crawls.arguments[publisher])))
                    break
            else:
                break
        if not shares.waiting:
            for child in self.children:
                # Those at work may die, and what they crawl is given to the others: the last to end waits for nobody.
                if child.is_ready and not child.is_last and not child.at_work and not self._others_at_work(child):
                    child.is_last = True
                    child.order(Finish())

    def _most_for_one(self) -> int:
        """Return how many crawls one child may have at work: its share, while others that are to have theirs begin.

        The first to be ready would take all, and what kills one process would end crawls that another had room for.
        """
        if not self._loading and all(child.is_ready or child.is_last for child in self.children):
            return self.crawls.at_once
        return math.ceil((self.at_work + self.crawls.shares.waiting) / self._living)

    def _others_at_work(self, child: Child) -> bool:
        return any(one.at_work for one in self.children if one is not child)

    def _account(self, child: Child, how: str) -> None:
        """Say what became of the crawls that a child left behind, and give them to another where that may help."""
        guilty = self.deaths.note(child.at_work)
        for publisher in sorted(child.at_work):
            self.crawls.shares.leave(publisher)
            if self.stopping:
                self._ended(publisher, CrawlEnd(Exit.INTERRUPTED))
            elif publisher != guilty:
                logger.warning("%s: the process that crawled it has died (%s); another one goes on.", publisher, how)
                self.crawls.shares.again(publisher)
            else:
                times = self.deaths.times(publisher)
                said = f"{publisher}: the process that crawled it has died for the {times} time ({how}). "
                self._ended(publisher, CrawlEnd(Exit.BROKE, f"{said}{GOES_ON}"))
        child.at_work.clear()
        if not child.is_ready:
            self._count_false_start(how)

    def _count_false_start(self, how: str) -> None:
        """Begin another child, unless several in a row have failed; say then of all publishers that nobody is left."""
        self._false_starts += 1
        if self._false_starts < _MOST_FALSE_STARTS:
            self._fill_up()
        elif not self.children and not self.stopping:
            while (publisher := self.crawls.shares.take(self)) is not None:
                said = f"{publisher}: no process can be begun ({how}). {GOES_ON}"
                self._ended(publisher, CrawlEnd(Exit.BROKE, said))


def _how(code: int) -> str:
    if code == LOST:
        return "how is unknown: the process that starts crawls has died too"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _as_record(plain: Mapping[str, object]) -> logging.LogRecord:
    """Return the record of the log that a child has sent."""
    record = logging.getLogRecordFactory()("", 0, "", 0, "", None, None)
    vars(record).update(plain)
    return record
