"""The loop of `farscrawler worker`: takes jobs, does each in a process of its own, and says what became of it.

The crawls need nothing of the worker while they run: they go on while the database restarts, end in order when
the worker dies, and hold their sites' hosts themselves. What a worker forgets, by whatever death, another one takes
when this one has been silent for long enough.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from socket import gethostname
from typing import TYPE_CHECKING

from farscrawler import forks
from farscrawler.archive.jobs import MOST_ATTEMPTS
from farscrawler.archive.postgres.errors import is_lasting, without_advice
from farscrawler.archive.postgres.work import AttemptEnd
from farscrawler.cluster.settling import FAILURES, Verdict, is_of_the_machine, judge
from farscrawler.days import duration
from farscrawler.errors import ArchiveError, BadArgumentError, Exit, FarscrawlerError, worst
from farscrawler.interrupts import heard
from farscrawler.schedule.backoff import Kind
from farscrawler.schedule.contract import PATIENCE
from farscrawler.schedule.crawls import CrawlProcess
from farscrawler.schedule.plan import CrawlResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.archive.jobs import AttemptState, Job
    from farscrawler.archive.postgres.work import PickedUp, WorkQueue

logger = logging.getLogger("farscrawler.worker")

#: Heartbeats in the time after which a silent worker has lost its jobs: three may be late.
_BEATS = 4
#: Seconds between two tries to reach a database that is away.
_RECONNECT_EVERY = 1.0
#: Errors of the database in a row, the connection being there, after which a worker ends: a right or table is lacking.
_MOST_ERRORS = 5
#: Seconds in which a worker that ends says what became of its jobs, while the database is away; others take them later.
_LAST_WORDS = 30.0
#: A job that takes longer is ended in order and queued again: a month of the busiest agency takes half of it.
_LONGEST_JOB = 86_400.0
#: Seconds between two removals of old lines.
_PRUNE_EVERY = 3_600.0
#: Seconds until a job is tried again for which no process could be had.
_NO_PROCESS_PAUSE = 60.0
#: At the first signal a crawl finishes what is in flight, at the second it does not.
_ASKED = 2
#: Crawls in a row that this machine refuses, after which its worker ends: it would put off all that there is.
_MOST_REFUSED = 3
_EXITS: dict[AttemptState, Exit] = {"done": Exit.DONE, "failed": Exit.BROKE, "queued": Exit.OWED}


@dataclass(eq=False)
class _AtWork:
    """A job at work; ``end`` is there when its process has ended, until that is stored."""

    picked: PickedUp
    attempt: int
    crawl: CrawlProcess
    ended_by: float | None = None
    end: CrawlResult | None = None


@dataclass
class Worker:
    """Does the jobs of an open queue.

    ``words`` returns the command line of a job, and raises a sentence of ours for one that this machine cannot do;
    ``silent`` is the time (seconds) after which a silent worker has lost its jobs, the same for all workers.
    """

    queue: WorkQueue
    words: Callable[[Job], Sequence[str]]
    at_once: int
    silent: float
    clock: Callable[[], float] = time.time
    number: uuid.UUID = field(default_factory=uuid.uuid4)
    _at_work: dict[int, _AtWork] = field(default_factory=dict)
    _ends: list[Exit] = field(default_factory=list)
    _signals: int = 0
    _told: int = 0
    _refused: int = 0
    _errors: int = 0
    _lost_at: float | None = None
    _beat_at: float = float("-inf")
    _take_at: float = float("-inf")
    _pruned_at: float = float("-inf")

    def run(self, *, once: bool) -> Exit:
        """Do jobs until a signal comes; ``once``: until none waits that is due.

        Return the worst of the ends (BROKE for a job that has failed, OWED for one that is put off), or INTERRUPTED.
        Raise ArchiveError where the queue cannot be written for another reason than a lost connection; the crawls have
        ended then.
        """
        try:
            with heard(self._hear) as bell:
                with suppress(OSError):  # which the first job tells
                    forks.warm_up()  # before a job is ours: nobody beats meanwhile
                while True:
                    drained = self._turn(once=once)
                    self._tell_signals()
                    self._pass_on()
                    if not self._at_work and (self._signals or (once and drained)):
                        break
                    if self._signals and self._says_no_more():
                        break
                    self._wait(bell)
        finally:
            self._end_all()
        logger.info(
            "%s %s jobs done, %s put off, %s failed.", "Ended by a signal." if self._signals else "No job is due.",
            *(self._ends.count(_EXITS[state]) for state in ("done", "queued", "failed")),
        )  # fmt: skip
        return Exit.INTERRUPTED if self._signals else worst(self._ends)

    # -- a turn of the loop -----------------------------------------------------------------------------

    def _turn(self, *, once: bool) -> bool:
        """Settle, beat and take; return whether no job waits that is due. A database that is away is no error."""
        for work in self._at_work.values():
            if work.end is None and work.crawl.has_ended:
                work.end = work.crawl.end(self.clock())
        try:
            if self._lost_at is not None and not self._recovered():
                return False
            self._settle_ended()
            if self._refused >= _MOST_REFUSED:
                raise BadArgumentError(
                    f"{self._refused} crawls in a row were refused on this machine; the last line of the log says why. "
                    "Their jobs are put off for five minutes, for other machines. Mend this one's project file, "
                    "publishers or settings, and start the worker again."
                )
            self._heed_cancellations()
            if time.monotonic() >= self._beat_at:
                self._beat()
            if not self._signals and time.monotonic() >= self._take_at:
                self._take()
            self._errors = 0
            return once and time.monotonic() >= self._take_at and self.queue.is_drained()
        except ArchiveError as error:
            self._judge(error)
            return False

    def _judge(self, error: ArchiveError) -> None:
        """Note that the database is away. Raise an error that comes again and again though it is there."""
        if not self.queue.is_lost:
            self._errors += 1
            if self._errors >= _MOST_ERRORS or is_lasting(error):
                raise error
        if self._lost_at is None:
            self._lost_at = time.monotonic()
            logger.warning(
                "%s The crawls go on; the worker tries again every second.",
                without_advice(self.queue.server, error),
            )

    def _recovered(self) -> bool:
        """Whether the database answers again; others may come back later, and say first which jobs are theirs."""
        if self.queue.is_lost and not self.queue.recover():
            return False
        if self._lost_at is not None:
            logger.info(
                "The database answers again, after %s. Jobs are taken again in %s, when other workers have said which "
                "are theirs.", duration(time.monotonic() - self._lost_at), duration(self.silent / 2),
            )  # fmt: skip
        self._lost_at, self._beat_at = None, float("-inf")
        self._take_at = time.monotonic() + self.silent / 2
        return True

    def _settle_ended(self) -> None:
        for number, work in list(self._at_work.items()):
            if work.end is not None:
                state = self._settle(work.picked, work.attempt, work.end, ran=True)
                del self._at_work[number]
                self._refused = self._refused + 1 if is_of_the_machine(work.end) else 0
                if state in _EXITS and not work.end.stopped:
                    self._ends.append(_EXITS[state] if work.picked.is_held or state == "done" else Exit.OWED)

    def _settle(self, picked: PickedUp, attempt: int, end: CrawlResult, *, ran: bool = False) -> AttemptState:
        """Store what became of an attempt, and say it in a line; ``ran``: a crawl was begun for it."""
        job = picked.job
        verdict = Verdict("failed")
        if job is not None:
            # Failures of the machine have the kind of a refusal, which is held at once otherwise.
            kinds = (Kind.HARD,) if ran and is_of_the_machine(end) else FAILURES
            verdict = judge(job, end, self.queue.failures(picked, kinds), ran=ran)
        state, pause = verdict
        stored = self.queue.settle(
            picked,
            attempt,
            self.number,
            AttemptEnd(
                state=state, pause=pause, held=picked.is_held, ended_at=end.ended, kind=end.kind.value,
                exit_code=end.exit_code, end_reason=end.end_reason, sentence=end.sentence, requests=end.requests,
                articles=end.articles, new=end.new,
            ),
        )  # fmt: skip
        self._tell(picked, end, stored, pause)
        return stored

    @staticmethod
    def _tell(picked: PickedUp, end: CrawlResult, state: AttemptState, pause: float) -> None:
        said = {
            "failed": "failed" if picked.is_held else "not done, the schedule asks again",
            "queued": f"again in {duration(pause)}" if pause else "again at once",
            "canceled": "it was cancelled",
            "lost": "another worker has it",
        }.get(state, state)
        logger.log(
            logging.WARNING if (state == "failed" and picked.is_held) or end.kind in FAILURES else logging.INFO,
            "job %s (%s): %s; %s new articles, %s requests, %s, exit code %s.%s",
            picked.id, picked.job or picked.publisher, said, f"{end.new:,}", f"{end.requests:,}",
            duration(end.ended - end.begun), end.exit_code, f" {end.sentence}" if end.sentence else "",
        )  # fmt: skip

    def _beat(self) -> None:
        """Say that this worker lives; leave jobs that are another's now, and begin those whose taking was not heard."""
        own = {picked.id: picked for picked in self.queue.beat(self.number)}
        self._beat_at = time.monotonic() + self.silent / _BEATS
        for number, work in self._at_work.items():
            if number not in own:
                self._give_up(work, "is not this worker's any more")
        for number, picked in own.items():
            if number not in self._at_work:
                self._begin(picked)
        if time.monotonic() - self._pruned_at >= _PRUNE_EVERY:
            self.queue.prune()
            self._pruned_at = time.monotonic()

    def _heed_cancellations(self) -> None:
        for number in self.queue.canceled() & self._at_work.keys():
            self._give_up(self._at_work[number], "is cancelled")

    def _give_up(self, work: _AtWork, why: str) -> None:
        if work.ended_by is None and work.end is None:
            logger.info("job %s (%s) %s; its crawl is ended.", work.picked.id, work.picked.job, why)
            self._end(work)

    def _end(self, work: _AtWork) -> None:
        work.crawl.end_in_order()
        if work.ended_by is None:
            work.ended_by = time.monotonic() + PATIENCE

    def _take(self) -> None:
        free = self.at_once - len(self._at_work)
        if free > 0:
            for picked in self.queue.take(free, self.number, silent=self.silent):
                self._begin(picked)

    def _begin(self, picked: PickedUp) -> None:
        """Begin an attempt at a job, or settle it at once where there can be none."""
        attempt = self.queue.begin(picked, self.number, gethostname())
        now = self.clock()
        if self._signals:
            self._settle(picked, attempt, CrawlResult(begun=now, ended=now, exit_code=Exit.INTERRUPTED, stopped=True))
            return
        try:
            if picked.job is None:
                raise FarscrawlerError(picked.wrong or "")  # noqa: TRY301  # one way for all that cannot be done
            if (deaths := self.queue.deaths(picked)) >= MOST_ATTEMPTS:  # it may be what they have died of
                raise FarscrawlerError(  # noqa: TRY301  # as above
                    f"{deaths} workers in a row have died, or were cut off, while they did this job. See what it takes "
                    "on their machines, such as memory, and retry it."
                )
            crawl = CrawlProcess.start_command(picked.publisher, self.words(picked.job), now)
        except FarscrawlerError as error:
            end = CrawlResult(begun=now, ended=now, exit_code=Exit.BAD_ARGUMENTS, sentence=str(error))
        except OSError as error:
            end = CrawlResult(
                begun=now, ended=now, exit_code=Exit.BROKE,
                sentence=f"no process could be begun ({error.strerror or error}).",
            )  # fmt: skip
        else:
            logger.info("job %s (%s) begins.", picked.id, picked.job)
            self._at_work[picked.id] = _AtWork(picked, attempt, crawl)
            return
        self._ends.append(_EXITS.get(self._settle(picked, attempt, end), Exit.DONE))

    # -- signals and the end ----------------------------------------------------------------------------

    def _hear(self) -> None:
        # Nothing more: the state of a process may be read in one place at a time.
        self._signals += 1

    def _tell_signals(self) -> None:
        """Say once for each of the first two signals what is waited for."""
        while self._told < min(self._signals, _ASKED):
            self._told += 1
            logger.info(
                "Received a signal: the crawls of %s jobs finish what is in flight; their jobs are queued again. A "
                "second signal ends them at once." if self._told < _ASKED else
                "Received a second signal: the crawls of %s jobs end at once.",
                len(self._at_work),
            )  # fmt: skip

    def _pass_signals_on(self) -> None:
        """Ask the crawls to end as often as we were asked; at the third time kill."""
        for work in list(self._at_work.values()):
            if work.end is not None:
                continue
            while work.crawl.asked_to_end < min(self._signals, _ASKED):
                self._end(work)
            if self._signals > _ASKED:
                work.crawl.kill()

    def _pass_on(self) -> None:
        """Ask those to end that were begun since the signal, and those that take too long."""
        self._pass_signals_on()
        for work in self._at_work.values():
            if work.end is not None:
                continue
            if work.ended_by is not None and time.monotonic() > work.ended_by:
                work.crawl.kill()
            elif work.ended_by is None and self.clock() - work.crawl.begun > _LONGEST_JOB:
                self._give_up(work, f"takes longer than {duration(_LONGEST_JOB)}")

    def _says_no_more(self) -> bool:
        """Whether all crawls have ended, and the database has been away for too long to say so."""
        if self._lost_at is None or time.monotonic() - self._lost_at < _LAST_WORDS:
            return False
        if any(work.end is None for work in self._at_work.values()):
            return False
        logger.warning(
            "The database is away: what became of %s jobs cannot be stored. What their crawls committed is whole; "
            "others take the jobs when this worker has been silent for %s.",
            len(self._at_work),
            duration(self.silent),
        )
        return True

    def _wait(self, bell: int) -> None:
        """Wait for a signal, the end of a crawl, news of the queue, or the next heartbeat."""
        now = time.monotonic()
        until = now + _RECONNECT_EVERY if self._lost_at is not None else self._beat_at
        if now < self._take_at:
            until = min(until, self._take_at)
        ended = [work.crawl.sentinel for work in self._at_work.values() if work.end is None]
        try:
            self.queue.wait(until - now, bell, *ended)
        except ArchiveError as error:
            self._judge(error)
        while _read(bell):
            pass

    def _end_all(self) -> None:
        """End what is still at work, after an error of ours; what the crawls have committed is whole."""
        at_work = [work for work in self._at_work.values() if work.end is None]
        for work in at_work:
            work.crawl.end_in_order()
        for work in at_work:
            work.crawl.wait_or_kill(PATIENCE)


def _read(bell: int) -> bytes:
    try:
        return os.read(bell, 4096)
    except BlockingIOError:
        return b""
