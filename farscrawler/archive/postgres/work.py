"""The queue as a worker sees it: jobs that are taken, kept by heartbeats, and settled by what came of an attempt."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgqueuer.ports.repository import EntrypointExecutionParameter

from farscrawler.archive.postgres.driver import answer
from farscrawler.archive.postgres.errors import explained_of
from farscrawler.archive.postgres.queue import JobQueue, as_job, understood

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from pgqueuer.domain.models import Job as PickedJob

    from farscrawler.archive.jobs import AttemptState, Job

#: PgQueuer's log of what became of each job, which nothing but a person reads, and our attempts, after so many days.
_LOG_DAYS, ATTEMPT_DAYS = 7, 90
#: Lines that are removed at a time: a worker that waited longer for an answer would take its connection for a dead one.
_PRUNED = 50_000
_PRUNE_LOG = f"""DELETE FROM pgqueuer_log WHERE id IN (
    SELECT id FROM pgqueuer_log WHERE created < now() - make_interval(days => $1) LIMIT {_PRUNED})"""
#: Attempts are numbered in the order of their beginnings, so that millions of younger ones are not looked at.
_PRUNE_ATTEMPTS = f"""
    WITH young AS (
        SELECT attempt FROM job_attempts WHERE began_at >= extract(epoch FROM now()) - $1 * 86400.0
        ORDER BY attempt LIMIT 1)
    DELETE FROM job_attempts WHERE attempt IN (
        SELECT a.attempt FROM job_attempts a
        WHERE a.attempt < coalesce((SELECT attempt FROM young), 9223372036854775807)
            AND NOT EXISTS (SELECT FROM pgqueuer q WHERE q.id = a.job)
        ORDER BY a.attempt LIMIT {_PRUNED})"""
#: Tries to take a job where other workers are faster; the next round comes anyway.
_RACES = 3

#: The end of both of the next: publishers at work are left out, those whose worker is silent are taken in.
_HEADS = """
        WHERE NOT EXISTS (
            SELECT FROM pgqueuer p WHERE p.entrypoint = first.entrypoint AND p.queue_manager_id IS NOT NULL)
        UNION ALL
        SELECT entrypoint, priority, id FROM pgqueuer
        WHERE status = 'picked' AND heartbeat < now() - $2::interval AND execute_after < now()
    )
    SELECT entrypoint FROM heads GROUP BY entrypoint ORDER BY max(priority) DESC, min(id) LIMIT $1"""
#: The publishers of the first jobs that may be taken now, in the order of these. So many jobs hold enough publishers
#: unless all are leases of a few, and to read them does not depend on the number of jobs and publishers.
_FIRST = f"""
    WITH first AS MATERIALIZED (
        SELECT entrypoint, priority, id FROM pgqueuer WHERE status = 'queued' AND execute_after < now()
        ORDER BY priority DESC, id LIMIT 1000
    ), heads AS (
        SELECT first.entrypoint, first.priority, first.id FROM first {_HEADS}"""
#: The same of all jobs: the names are found one by one in the index, whatever the number of jobs.
_READY = f"""
    WITH RECURSIVE names AS (
        (SELECT entrypoint FROM pgqueuer WHERE status = 'queued' ORDER BY entrypoint LIMIT 1)
        UNION ALL
        SELECT (SELECT q.entrypoint FROM pgqueuer q WHERE q.status = 'queued' AND q.entrypoint > names.entrypoint
                ORDER BY q.entrypoint LIMIT 1)
        FROM names WHERE names.entrypoint IS NOT NULL
    ), heads AS (
        SELECT first.entrypoint, head.priority, head.id FROM names first CROSS JOIN LATERAL (
            SELECT q.priority, q.id FROM pgqueuer q
            WHERE q.entrypoint = first.entrypoint AND q.status = 'queued' AND q.execute_after < now()
            ORDER BY q.priority DESC, q.id LIMIT 1) head {_HEADS}"""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A job that a worker has taken; ``job`` is None for one that nobody understands, and ``wrong`` says why."""

    picked: PickedJob
    job: Job | None
    wrong: str | None = None

    @property
    def id(self) -> int:
        """The number of the job."""
        return self.picked.id

    @property
    def is_held(self) -> bool:
        """Whether the job stays in the queue as failed where it fails; else whoever has added it asks again."""
        return self.job is None or self.job.attempts > 0

    @property
    def publisher(self) -> str:
        """The publisher, which the queue knows without understanding the job."""
        return self.picked.entrypoint


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnd:
    """How an attempt has ended: what becomes of the job, after how many seconds if it is queued again, and figures.

    ``kind`` says what the end tells of asking again, in the words of the schedule. ``held``: a job that has failed
    stays in the queue as failed.
    """

    state: AttemptState
    ended_at: float
    kind: str
    pause: float = 0.0
    held: bool = True
    exit_code: int | None = None
    end_reason: str | None = None
    sentence: str | None = None
    requests: int = 0
    articles: int = 0
    new: int = 0


class WorkQueue(JobQueue):
    """An open queue whose jobs are done."""

    def take(self, count: int, worker: uuid.UUID, *, silent: float) -> list[PickedUp]:
        """Take up to so many jobs, of one publisher one at most; those of a worker that was silent so long too."""
        patience = dt.timedelta(seconds=silent)
        with explained_of(self.server):
            for _ in range(_RACES):
                ready = self._ready(2 * count, patience)
                if not ready:
                    break
                limits = {name: EntrypointExecutionParameter(concurrency_limit=1) for name in ready}
                jobs = answer(self.queries.dequeue(count, limits, _worker(worker), None, patience))
                if jobs:
                    return [_picked_up(job) for job in jobs]
        return []

    def _ready(self, count: int, patience: dt.timedelta) -> list[Any]:
        """Return up to so many publishers with a job that may be taken, the first ones first."""
        found: list[Any] = []
        for query in (_FIRST, _READY):
            if len(found) < count:
                found = [row[0] for row in self.connection.execute(query.encode(), (count, patience))]
        return found

    def beat(self, worker: uuid.UUID) -> list[PickedUp]:
        """Say that a worker lives, and return the jobs that are its own: those it does not know of, too."""
        with explained_of(self.server), self.connection.transaction():
            rows = answer(
                self.driver.fetch(
                    "SELECT * FROM pgqueuer WHERE queue_manager_id = $1 AND status = 'picked' FOR UPDATE", worker
                )
            )
            jobs = [as_job(row) for row in rows]
            if jobs:
                answer(self.queries.update_heartbeat([job.id for job in jobs]))
        return [_picked_up(job) for job in jobs]

    def begin(self, picked: PickedUp, worker: uuid.UUID, host: str) -> int:
        """Note that an attempt begins, and return its number. An earlier one that has not ended was lost."""
        job = picked.job
        with explained_of(self.server), self.connection.transaction():
            self.connection.execute(
                "UPDATE job_attempts SET state = 'lost' WHERE job = $1 AND state = 'running'", (picked.id,)
            )
            row = self.connection.execute(
                """INSERT INTO job_attempts (job, command, publisher, arguments, host, worker, began_at, state)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 'running') RETURNING attempt""",
                (
                    picked.id, job and job.command, picked.publisher,
                    job and json.dumps(dict(job.arguments), ensure_ascii=False), host, str(worker), time.time(),
                ),
            ).fetchone()  # fmt: skip
        assert row is not None  # noqa: S101  # an INSERT that did not raise
        return int(row[0])

    def failures(self, picked: PickedUp, kinds: Iterable[str]) -> int:
        """Count the attempts that have ended in one of these ways since the job was queued, or was held as failed."""
        with explained_of(self.server):
            row = self.connection.execute(
                """SELECT count(*) FROM job_attempts WHERE job = $1 AND kind = ANY($2) AND attempt >
                   coalesce((SELECT max(attempt) FROM job_attempts WHERE job = $1 AND state = 'failed'), 0)""",
                (picked.id, [*kinds]),
            ).fetchone()
        return int(row[0]) if row is not None else 0

    def deaths(self, picked: PickedUp) -> int:
        """Count the attempts in a row, the last ones at a job, whose workers were never heard of again."""
        with explained_of(self.server):
            row = self.connection.execute(
                """SELECT count(*) FROM job_attempts WHERE job = $1 AND state = 'lost' AND ended_at IS NULL
                   AND attempt > coalesce((SELECT max(attempt) FROM job_attempts
                                           WHERE job = $1 AND ended_at IS NOT NULL), 0)""",
                (picked.id,),
            ).fetchone()
        return int(row[0]) if row is not None else 0

    def settle(self, picked: PickedUp, attempt: int, worker: uuid.UUID, end: AttemptEnd) -> AttemptState:
        """Store how an attempt has ended, and what becomes of its job, together; return the state that is stored.

        A job that another worker has taken meanwhile, or somebody has cancelled, is left alone. Called again after
        a lost answer, it changes nothing.
        """
        with explained_of(self.server), self.connection.transaction():
            row = self.connection.execute(
                "SELECT queue_manager_id FROM pgqueuer WHERE id = $1 FOR UPDATE", (picked.id,)
            ).fetchone()
            ours = row is not None and row[0] == worker
            state: AttemptState = end.state if ours else "canceled" if row is None else "lost"
            changed = self.connection.execute(
                """UPDATE job_attempts SET state = CASE WHEN state = 'lost' THEN state ELSE $2 END, ended_at = $3,
                       kind = $4, exit_code = $5, end_reason = $6, sentence = $7, requests = $8, articles = $9,
                       new = $10
                   WHERE attempt = $1 AND ended_at IS NULL RETURNING state""",
                (
                    attempt, state, end.ended_at, end.kind, end.exit_code, end.end_reason, end.sentence, end.requests,
                    end.articles, end.new,
                ),
            ).fetchone()  # fmt: skip
            if changed is None:  # by us, before the answer was lost
                stored = self.connection.execute(
                    "SELECT state FROM job_attempts WHERE attempt = $1", (attempt,)
                ).fetchone()
                return stored[0] if stored is not None else state
            if ours and end.state == "queued":
                answer(self.queries.retry_job(picked.picked, dt.timedelta(seconds=end.pause), None))
                self.wake()
            elif ours:
                said: Any = "successful" if end.state == "done" else "failed" if end.held else "exception"
                answer(self.queries.log_jobs([(picked.picked, said, None)]))
        return changed[0]  # type: ignore[no-any-return]  # of the states that are stored

    def is_drained(self) -> bool:
        """Whether no job waits that is due."""
        with explained_of(self.server):
            row = self.connection.execute(
                "SELECT EXISTS (SELECT FROM pgqueuer WHERE status = 'queued' AND execute_after < now())"
            ).fetchone()
        return row is not None and not row[0]

    def prune(self) -> None:
        """Delete the lines of PgQueuer's log, and attempts at jobs that are no more, when they are old."""
        with explained_of(self.server):
            self.connection.execute(_PRUNE_LOG.encode(), (_LOG_DAYS,))
            self.connection.execute(_PRUNE_ATTEMPTS.encode(), (ATTEMPT_DAYS,))


def _picked_up(job: PickedJob) -> PickedUp:
    return PickedUp(job, *understood(job.payload))


def _worker(number: uuid.UUID) -> Any:
    return number
