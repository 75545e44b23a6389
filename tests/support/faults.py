"""Three machines that share the jobs of a queue, and all that may befall them: kills, restarts, cuts, standstills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.audit.checks import check
from farscrawler.archive.postgres.connection import open_connection
from farscrawler.archive.postgres.queue import JobQueue
from farscrawler.testing.newsroom import Newsroom, answers
from tests.support.commands import wait_until
from tests.support.jobbed import Machines
from tests.support.postgres import running
from tests.support.proxies import Proxy
from tests.support.wirelog import LoggedSite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from farscrawler.locations import Server
    from tests.support.commands import Command
    from tests.support.postgres import Postgres

NAMES = ("one", "two", "three")
#: A lock lapses 4.5 seconds after its last renewal, and a worker has lost its jobs after five.
SETTINGS = {
    "LEASE_SECONDS": 2,
    "DOWNLOAD_TIMEOUT": 2,
    "JOB_HEARTBEAT_TIMEOUT": 5.0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_BACKOFF": 0.2,
}
#: How long a cut or a standstill lasts (seconds): within a lease, and beyond the time at which others take over.
_LASTS = (0.5, 8.0)
#: Requests of all sites between two faults, and the longest wait for them (seconds): a fault may stop them all.
_REQUESTS, _LONGEST = 12, 6.0
#: After so many seconds the jobs are not done: something hangs.
_PATIENCE = 1_800.0
#: Seconds between two looks of a program that follows the changes, and at the queue.
_FOLLOW_EVERY = 0.5


@dataclass
class Report:
    """What a run under faults came to; ``problems`` are sentences, and none where all went well.

    ``repeated`` pages of ``requests`` were asked for again; ``worst_pause`` is the shortest time (seconds) from an
    answer to the next request of the same host, of which the sites have asked for ``pause``.
    """

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    requests: int = 0
    repeated: int = 0
    overlaps: int = 0
    worst_pause: float = float("inf")
    pause: float = 0.0
    attempts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Trial:
    """The machines, their sites and the faults; everything is stopped on leaving."""

    def __init__(self, folder: Path, *, sites: int, articles: int, lease: int, pause: float, seed: int) -> None:
        self._folder, self._count, self._articles, self._lease = folder, sites, articles, lease
        self._dice = random.Random(seed)
        self.report = Report(seed, pause=pause)
        self._workers: dict[str, Command] = {}
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._crawls: set[int] = set()
        self._followed: list[tuple[int, str, str]] = []
        self._follow_at = 0.0
        self._is_done = False
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _begin(self) -> None:
        enter = self._stack.enter_context
        pause = self.report.pause
        self._postgres: Postgres = enter(running(durable=True))
        self._sites = {
            f"site{at}": enter(
                LoggedSite(Newsroom(count=self._articles, seed=1400 + at), f"127.0.{at + 1}.1", pause=pause, seed=at)
            )
            for at in range(self._count)
        }
        self._proxies = {name: enter(Proxy(self._postgres.folder)) for name in NAMES}
        database = self._postgres.archive()
        settings = {**SETTINGS, "DOWNLOAD_DELAY": pause, "DOWNLOAD_DELAY_JITTER": 0}
        self._machines = Machines(self._folder, database, self._sites, *NAMES, **settings)
        Archive(database, readonly=False).close()
        for key in self._sites:
            self._machines.add_ids(key, self._lease)
        for name, folder in self._machines.folders.items():  # each by its own way to the database
            file = folder / "farscrawler.toml"
            text = file.read_text("utf-8")
            file.write_text(text.replace(database.address, self._proxies[name].address(database).address), "utf-8")
        self._stack.callback(self._end)

    # -- the run ----------------------------------------------------------------------------------------

    def run(
        self, faults: Sequence[str], tell: Callable[[str], None] = lambda _: None, *, longest: float = _LONGEST
    ) -> Report:
        """Do the jobs under these faults, at most ``longest`` seconds apart, and judge what came of it."""
        began = time.monotonic()
        self._go_on(1, _PATIENCE)
        for fault in faults:
            self._go_on(self._asked() + _REQUESTS, longest)
            self._befall(fault)
            self.report.faults[fault] += 1
            tell(f"{time.monotonic() - began:.1f} s, {self._asked()} requests: {fault}")
        while self._later:
            self._go_on(self._asked() + 1, 1.0)
        while not self._is_done:
            assert time.monotonic() - began < _PATIENCE, self._state()
            self._go_on(self._asked() + 20, 1.0)
        self.report.seconds = time.monotonic() - began
        self._end()
        self._judge()
        return self.report

    def _state(self) -> str:
        """Return what is left of the jobs, the attempts at them, and the last lines of each worker."""
        found = [*map(str, self._machines.jobs()), *map(str, self._machines.attempts())]
        for name in NAMES:
            found += [f"{name}:", *(self._folder / f"{name}.log").read_text("utf-8").splitlines()[-20:]]
        return "\n".join(found)

    def _asked(self) -> int:
        return sum(len(site.wire.requests) for site in self._sites.values())

    def _go_on(self, asked: int, seconds: float) -> None:
        """Keep three workers alive until so many requests have been sent, for at most so many seconds."""
        until = time.monotonic() + seconds
        while self._asked() < asked and time.monotonic() < until:
            self._turn()
            time.sleep(0.02)

    def _turn(self) -> None:
        now = time.monotonic()
        if now >= self._follow_at:
            self._followed += _changes_behind(self._machines.database, self._followed)
            self._do_at_once()
            self._follow_at = now + _FOLLOW_EVERY
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for _, act in due:
            act()
        for name in NAMES:
            worker = self._workers.get(name)
            if worker is None or worker.poll() is not None:
                log = self._stack.enter_context((self._folder / f"{name}.log").open("a"))
                self._workers[name] = self._machines.worker("--at-once", "2", on=name, stderr=log)

    def _do_at_once(self) -> None:
        """Let jobs that are put off, or held as failed, be done now, and note whether any is left.

        A worker that stands still in the middle of a transaction is waited for, until the server ends it.
        """
        with suppress(ArchiveError), JobQueue(self._machines.database) as queue:
            jobs = queue.jobs()
            self._is_done = not jobs
            queue.retry([one.id for one in jobs if one.state != "running"])

    def _end(self) -> None:
        """End the workers and their crawls."""
        for _, act in self._later:
            act()
        self._later = []
        for worker in self._workers.values():
            self._crawls.update(_crawls(worker.pid))
            worker.terminate()
            with suppress(subprocess.TimeoutExpired):
                worker.wait(30)
            worker.kill()
            worker.wait()
        self._workers = {}
        for crawl in self._crawls:
            wait_until(lambda crawl=crawl: not _is_crawl(crawl))  # type: ignore[misc]

    # -- faults -----------------------------------------------------------------------------------------

    def _befall(self, fault: str) -> None:
        getattr(self, "_" + fault.replace(" ", "_"))()

    def _worker(self) -> Command:
        return self._workers[self._dice.choice(NAMES)]

    def _crawl(self) -> int | None:
        """Return a crawl of any worker, once there is one."""
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            found = sorted(pid for worker in self._workers.values() for pid in _crawls(worker.pid))
            self._crawls.update(found)
            if found:
                return self._dice.choice(found)
            self._turn()
            time.sleep(0.02)
        return None

    def _kill_worker(self) -> None:
        worker = self._worker()
        self._crawls.update(_crawls(worker.pid))
        worker.kill()
        worker.wait()

    def _kill_crawl(self) -> None:
        _signal(self._crawl(), signal.SIGKILL)

    def _kill_fork_server(self) -> None:
        """Kill what starts the crawls of a worker, which end in order then."""
        found = _children(self._worker().pid)
        for pid in found:
            self._crawls.update(_children(pid))
            _signal(pid, signal.SIGKILL)

    def _end_worker(self) -> None:
        self._worker().terminate()

    def _restart_database(self) -> None:
        self._postgres.restart()

    def _crash_database(self) -> None:
        self._postgres.stop()
        self._postgres.start()

    def _cut_network(self) -> None:
        proxy = self._proxies[self._dice.choice(NAMES)]
        proxy.cut()
        self._after(proxy.mend)

    def _freeze_worker(self) -> None:
        self._freeze(self._worker().pid)

    def _freeze_crawl(self) -> None:
        self._freeze(self._crawl())

    def _freeze(self, pid: int | None) -> None:
        _signal(pid, signal.SIGSTOP)
        self._after(lambda: _signal(pid, signal.SIGCONT))

    def _after(self, act: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + self._dice.uniform(*_LASTS), act))

    # -- what came of it --------------------------------------------------------------------------------

    def _judge(self) -> None:
        report = self.report
        for key, site in self._sites.items():
            wire = site.wire
            report.requests += len(wire.requests)
            report.repeated += wire.repeated()
            report.worst_pause = min([report.worst_pause, *wire.pauses()])
            for earlier, later in wire.overlaps():
                report.overlaps += 1
                report.problems.append(f"{key}: two requests in flight: {earlier}, {later}")
        if report.worst_pause < report.pause:
            report.problems.append(f"a pause of {report.worst_pause:.3f} s")
        with Archive(self._machines.database) as archive:
            report.problems += [str(one) for one in check(archive)]
            for key, site in self._sites.items():
                self._compare(archive, key, site)
        changes = _changes_behind(self._machines.database, [])
        if len({row[1:] for row in changes}) != len(changes) or len(changes) != report.articles:
            report.problems.append(f"{len(changes)} changes for {report.articles} articles")
        self._followed += _changes_behind(self._machines.database, self._followed)
        if self._followed != changes:
            report.problems.append(f"who follows the changes has read {len(self._followed)} of {len(changes)}")
        report.attempts = Counter(one.state for one in self._machines.attempts())

    def _compare(self, archive: Archive, key: str, site: LoggedSite) -> None:
        newsroom = site.newsroom
        stored = {int(one.article_id): one for one in archive.articles(key)}
        self.report.articles += len(stored)
        if sorted(stored) != newsroom.ids():
            self.report.problems.append(f"{key}: {len(stored)} articles of {len(newsroom.ids())}")
        for number, article in stored.items():
            story = newsroom.story(number)
            truth = {**answers(story, "print"), "publisher": key, "revision": 1} if story is not None else {}
            if not truth or {name: getattr(article, name) for name in truth} != truth:
                self.report.problems.append(f"{key}: article {number} differs")


KINDS = (
    "kill worker", "kill crawl", "kill fork server", "end worker", "restart database", "crash database", "cut network",
    "freeze worker", "freeze crawl",
)  # fmt: skip


def drawn(count: int, seed: int) -> list[str]:
    """Return so many faults at random, each kind once at least."""
    dice = random.Random(seed)
    faults = [*KINDS, *(dice.choice(KINDS) for _ in range(count - len(KINDS)))]
    dice.shuffle(faults)
    return faults


def _changes_behind(server: Server, read: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Return what a program reads next that follows the changes by the last number that it has read."""
    last = read[-1][0] if read else 0
    with closing(open_connection(server)) as db:
        rows = db.execute("SELECT seq, publisher, article_id FROM changes WHERE seq > $1 ORDER BY seq", (last,))
        return [(seq, publisher, article_id) for seq, publisher, article_id in rows]


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _crawls(worker: int) -> list[int]:
    """Return the crawls of a worker, which are forked by a child of it."""
    return [crawl for child in _children(worker) for crawl in _children(child)]


def _is_crawl(pid: int) -> bool:
    """Whether a process is a crawl that has not ended."""
    try:
        return b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _signal(pid: int | None, number: int) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
