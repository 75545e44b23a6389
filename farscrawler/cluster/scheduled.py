"""The crawls of `farscrawler schedule`: jobs that workers of any machine take from the queue.

The queue and the table of the schedule are all of its state. A publisher's record says when a job was added for it,
before it is added, and when the attempt began whose end was learned. So a schedule that is started anew knows for whom
it has to look, and learns no end twice.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from farscrawler.archive.jobs import Job
from farscrawler.days import duration
from farscrawler.errors import Exit
from farscrawler.schedule.plan import CrawlResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.archive import Archive
    from farscrawler.archive.jobs import JobAttempt
    from farscrawler.archive.postgres.queue import JobQueue
    from farscrawler.archive.schedule import ScheduleRecord
    from farscrawler.schedule.contract import Crawl

logger = logging.getLogger("farscrawler.watch")

#: Jobs of the schedule are taken before those of harvests, which have 0 and can wait: what is new is wanted now.
PRIORITY = 10
#: Seconds between two looks at the ends of jobs, at the least: 100,000 leases end beside them, and each wakes us.
_LOOK_EVERY = 1.0
#: Seconds between two looks for jobs that somebody has taken out of the queue, of which nothing tells else.
_MISSED_EVERY = 60.0
#: So often a job may be missed whose attempt has not ended: a crawl that is cancelled finishes what is in flight.
_MOST_MISSED = 15
#: Seconds after which it is said that no worker takes the jobs, and between two such sentences.
_IDLE_AFTER, _IDLE_EVERY = 600.0, 3_600.0
#: Clocks of machines may differ by so many seconds.
_CLOCK_ERROR = 60.0
#: Attempts of a publisher that are looked at after a start, the newest first: leases of it may have run meanwhile.
_LOOKED_AT = 200


def job_of(publisher: str) -> Job:
    """Return the job of an incremental crawl. Failures are the schedule's to weigh: the job is not tried again."""
    return Job("crawl", publisher, {}, attempts=0)


@dataclass(eq=False)
class QueuedCrawl:
    """A job in the queue; ``after`` is the last attempt at it that is none of this time."""

    queue: JobQueue
    publisher: str
    job: int
    after: int
    begun: float = float("inf")
    asked_to_end: int = 0
    attempt: JobAttempt | None = None
    missed: int = 0
    is_gone: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether its end is known."""
        return self.is_gone or (self.attempt is not None and self.attempt.ended_at is not None)

    def see(self, attempt: JobAttempt) -> None:
        """Take note of an attempt; one that is put off or lost is followed by another."""
        if attempt.state in ("queued", "lost"):
            self.attempt, self.begun = None, float("inf")
        else:
            self.attempt, self.begun = attempt, attempt.began_at

    def end_in_order(self) -> None:
        """Cancel the job; its worker ends the crawl in order."""
        self.asked_to_end += 1
        self.queue.cancel([self.job])

    def kill(self) -> None:
        """Do nothing: a worker kills what does not end, and one that is frozen has lost the job."""

    def end(self, ended: float) -> CrawlResult:
        """Return how the job has ended. One that somebody has cancelled is put off as if another run were at work."""
        found = self.attempt
        if found is None or found.state == "canceled":
            began = found.began_at if found is not None else ended
            return CrawlResult(
                begun=began,
                ended=ended,
                exit_code=Exit.INTERRUPTED if self.asked_to_end else Exit.HELD,
                sentence=f"job {self.job} was cancelled.",
                requests=found.requests if found is not None else 0,
                articles=found.articles if found is not None else 0,
                new=found.new if found is not None else 0,
                stopped=bool(self.asked_to_end),
            )
        return CrawlResult(
            begun=found.began_at,
            ended=found.ended_at if found.ended_at is not None else ended,
            exit_code=Exit.BROKE if found.exit_code is None else found.exit_code,
            end_reason=found.end_reason,
            sentence=found.sentence,
            requests=found.requests,
            articles=found.articles,
            new=found.new,
        )


@dataclass
class QueuedCrawls:
    """Crawls as jobs of an open queue."""

    archive: Archive
    queue: JobQueue
    first_word: str = "Scheduling"
    last_word: str = "Jobs that were added stay in the queue."
    longest_wait: float = 60.0
    go_with_us: bool = False
    _at_work: dict[int, QueuedCrawl] = field(default_factory=dict)
    _woken: bool = False
    _looked_at: float = float("-inf")
    _missed_at: float = field(default_factory=time.monotonic)
    _taken_at: float = field(default_factory=time.monotonic)
    _idle_said_at: float = float("-inf")

    def at_work(self, records: Iterable[ScheduleRecord]) -> list[Crawl]:
        """Return the jobs of publishers whose last one an earlier schedule has added and not learned the end of."""
        found: list[Crawl] = []
        for record in records:
            if record.has_begun and (crawl := self._left_by_another(record)) is not None:
                self._at_work[crawl.job] = crawl
                found.append(crawl)
        return found

    def _left_by_another(self, record: ScheduleRecord) -> QueuedCrawl | None:
        wanted, name = job_of(record.publisher), record.publisher
        asked = record.asked_at or 0.0
        waiting = {one.id for one in self.queue.jobs(publisher=name) if _is(one.job, wanted) and one.state != "failed"}
        ours = [one for one in self.queue.attempts(publisher=name, limit=_LOOKED_AT) if _is(one.job, wanted)]
        if waiting:
            job = max(waiting)
            ended = [one.attempt for one in ours if one.id == job and one.ended_at is not None]
            return QueuedCrawl(self.queue, name, job, max(ended, default=0))
        for one in ours:
            if one.ended_at is not None and one.began_at > asked - _CLOCK_ERROR and one.began_at != asked:
                crawl = QueuedCrawl(self.queue, name, one.id, one.attempt - 1)
                crawl.see(one)
                return crawl
        return None

    def start(self, publishers: Sequence[str], now: float) -> list[Crawl]:  # the contract's
        """Add a job for each publisher; one that is in the queue already, by another hand, is that of the schedule."""
        newest = next((one.attempt for one in self.queue.attempts(limit=1)), 0)
        added = self.queue.add([job_of(name) for name in publishers], priority=PRIORITY)
        crawls: list[Crawl] = []
        for name, number in zip(publishers, added.ids, strict=True):
            job = number if number is not None else self._waiting(name)
            crawl = QueuedCrawl(self.queue, name, job or 0, newest if number is not None else 0)
            crawl.is_gone = job is None  # it has ended between the two looks, and is added again later
            if job is not None:
                self._at_work[job] = crawl
            crawls.append(crawl)
        return crawls

    def _waiting(self, publisher: str) -> int | None:
        wanted = job_of(publisher)
        found = [one.id for one in self.queue.jobs(publisher=publisher) if _is(one.job, wanted)]
        return max(found, default=None)

    def look(self) -> None:
        """See which jobs have begun, and which have ended."""
        now = time.monotonic()
        self._at_work = {job: crawl for job, crawl in self._at_work.items() if not crawl.has_ended}
        if not self._at_work or now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at, self._woken = now, False
        gone = [crawl for job in self.queue.canceled() if (crawl := self._at_work.get(job)) is not None]
        if now - self._missed_at >= _MISSED_EVERY:
            there = self.queue.there(self._at_work)
            gone = [crawl for job, crawl in self._at_work.items() if job not in there]
            self._missed_at = now
            self._say_idle(now)
        for attempt in reversed(self.queue.attempts(ids=[*self._at_work])):
            crawl = self._at_work[attempt.id]
            if attempt.attempt > crawl.after:
                crawl.see(attempt)
        for crawl in gone:  # looked for before the attempts: an end is stored before its job is gone
            crawl.missed += 1
            crawl.is_gone = crawl.attempt is None or crawl.missed > _MOST_MISSED

    def _say_idle(self, now: float) -> None:
        """Say it where jobs wait and no worker takes any."""
        if any(crawl.attempt is not None for crawl in self._at_work.values()) or self.queue.counts()["running"]:
            self._taken_at = now
        elif now - self._taken_at > _IDLE_AFTER and now - self._idle_said_at > _IDLE_EVERY:
            self._idle_said_at = now
            logger.warning(
                "%s jobs wait, and no worker has taken one for %s. Start `farscrawler worker` on a machine.",
                f"{len(self._at_work):,}", duration(now - self._taken_at),
            )  # fmt: skip

    def wait(self, seconds: float, descriptor: int, at_work: Iterable[Crawl]) -> None:
        """Wait until a job was added, cancelled or has ended, the descriptor is readable, or the time is over."""
        until_look = self._looked_at + _LOOK_EVERY - time.monotonic()
        if self._woken and until_look > 0:
            wait([descriptor], min(seconds, until_look))
        else:
            self._woken = self.queue.wait(seconds, descriptor)

    def end_all(self, at_work: Iterable[Crawl]) -> None:
        """Do nothing: the jobs stay in the queue."""


def _is(job: Job | None, wanted: Job) -> bool:
    return job is not None and job.key == wanted.key
