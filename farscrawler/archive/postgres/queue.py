"""The queue of jobs in an archive's database: PgQueuer's tables, and what each attempt at a job came to beside them.

A publisher is an entrypoint of PgQueuer's with room for one job, so that one job of a publisher is at work at a time,
on any machine: those that wait behind it are not picked in turn only to find the site taken.
"""

from __future__ import annotations

import json
from multiprocessing.connection import wait  # select() knows no descriptor above 1,023
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import sql

from farscrawler.archive.jobs import (
    MIGRATIONS,
    Added,
    Job,
    JobAttempt,
    MalformedJobError,
    QueuedJob,
    job_of,
    payload_of,
)
from farscrawler.archive.postgres.connection import connect, has, open_connection
from farscrawler.archive.postgres.driver import ConnectionDriver, answer, make, queries_on
from farscrawler.archive.postgres.errors import explained_of
from farscrawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from pgqueuer.domain.models import Job as PickedJob
    from pgqueuer.domain.types import JobId

    from farscrawler.archive.jobs import AttemptState, JobState
    from farscrawler.locations import Server

T = TypeVar("T")

_KIND = "jobs"
#: Jobs of one statement: a notification of so many numbers has less than the 8,000 bytes that it may have.
_PART = 500
_LAST_ID = 2**63 - 1
#: Statements of the queue take milliseconds; a worker that waits longer for an answer makes its connection again.
ANSWER_SECONDS = 10.0

#: PgQueuer's names of states, and ours.
_STATES: dict[JobState, str] = {"queued": "queued", "running": "picked", "failed": "failed"}

_JOBS = """
    SELECT q.id, q.entrypoint, q.payload, q.status::text, q.priority, extract(epoch FROM q.created)::float8,
        extract(epoch FROM q.execute_after)::float8,
        (SELECT count(*) FROM job_attempts a WHERE a.job = q.id),
        (SELECT a.host FROM job_attempts a WHERE a.job = q.id AND a.state = 'running' ORDER BY a.attempt DESC LIMIT 1),
        (SELECT a.sentence FROM job_attempts a WHERE a.job = q.id AND a.ended_at IS NOT NULL
         ORDER BY a.attempt DESC LIMIT 1)
    FROM pgqueuer q
    WHERE ($1::text IS NULL OR q.status::text = $1) AND ($2::text IS NULL OR q.entrypoint = $2)
    ORDER BY q.status DESC, q.priority DESC, q.id LIMIT $3"""
_ATTEMPTS = """
    SELECT attempt, job, publisher, command, arguments, host, began_at, ended_at, state, exit_code, end_reason,
        sentence, requests, articles, new
    FROM job_attempts
    WHERE ($1::bigint[] IS NULL OR job = ANY($1)) AND ($2::text IS NULL OR publisher = $2)
        AND ($3::text IS NULL OR state = $3)
    ORDER BY attempt DESC LIMIT $4"""


class JobQueue:
    """An open queue. Every method raises ArchiveError where the database does not answer; `recover` tries it again."""

    def __init__(self, server: Server, *, make_tables: bool = True) -> None:
        self.server = server
        if not make_tables and not has(server, _KIND, MIGRATIONS):
            raise ArchiveError(f"{server} has no jobs yet; `farscrawler jobs add` adds some.")
        database = connect(server, readonly=False, name=_KIND, migrations=MIGRATIONS)
        database.connection.answer_seconds = ANSWER_SECONDS
        self.driver = ConnectionDriver(database.connection)
        self._listening = self._woken = False
        self._canceled: set[int] = set()
        try:
            with explained_of(server):
                self.queries = queries_on(self.driver)
                if make_tables:
                    make(self.queries, self.connection)
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The connection, another one after `recover`."""
        return self.driver.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def recover(self) -> bool:
        """Make a lost connection again, by one try, and return whether that has worked."""
        self.connection.close()
        try:
            self.driver.connection = open_connection(self.server, answer_seconds=ANSWER_SECONDS)
            if self._listening:
                self._listen()
        except psycopg.OperationalError:
            return False
        return True

    # -- for whoever adds jobs and looks at them --------------------------------------------------------

    def add(self, jobs: Sequence[Job], *, priority: int = 0) -> Added:
        """Queue jobs, each of which waits or runs once; those of a higher priority are taken first.

        Many are added in parts. Where the database goes away between two, the same call adds the rest.
        """
        ids: list[int | None] = []
        again = 0
        for part in _parts(jobs):
            with explained_of(self.server):
                added = self._add(part, priority)
            ids += added.ids
            again += added.again
        return Added(tuple(ids), again)

    def _add(self, jobs: Sequence[Job], priority: int) -> Added:
        keys = [job.key for job in jobs]
        rows = self.connection.execute(
            "SELECT dedupe_key, max(id) FROM pgqueuer WHERE status = 'failed' AND dedupe_key = ANY($1) "
            "GROUP BY dedupe_key",
            (keys,),
        )
        failed = dict(rows.fetchall())
        again = self._requeue(failed.values())
        found = answer(
            self.queries.enqueue(
                [job.publisher for job in jobs],
                [payload_of(job) for job in jobs],
                [priority] * len(jobs),
                dedupe_key=[*keys],
                on_conflict="skip",
            )
        )
        if again:
            self.wake()
        ids = [
            failed[key] if one is None and failed.get(key) in again else one
            for one, key in zip(found, keys, strict=True)
        ]
        return Added(tuple(ids), len(again))

    def jobs(
        self, *, state: JobState | None = None, publisher: str | None = None, limit: int | None = None
    ) -> list[QueuedJob]:
        """Return the jobs that wait, run or have failed, those at work first, else in the order of their turns."""
        with explained_of(self.server):
            rows = self.connection.execute(_JOBS, (_STATES[state] if state else None, publisher, limit)).fetchall()
        ours = {theirs: own for own, theirs in _STATES.items()}
        found = []
        for number, name, payload, status, priority, added, due, attempts, host, sentence in rows:
            picked = understood(payload)
            found.append(
                QueuedJob(
                    id=number, publisher=name, job=picked[0], state=ours[status], priority=priority, added_at=added,
                    due_at=due, attempts=attempts, host=host, sentence=sentence or picked[1],
                )
            )  # fmt: skip
        return found

    def numbers(self, *, state: JobState | None = None, publisher: str | None = None) -> list[int]:
        """Return the numbers of such jobs: of a hundred thousand in a moment, which `jobs` takes many seconds for."""
        with explained_of(self.server):
            rows = self.connection.execute(
                """SELECT id FROM pgqueuer WHERE ($1::text IS NULL OR status::text = $1)
                   AND ($2::text IS NULL OR entrypoint = $2) ORDER BY id""",
                (_STATES[state] if state else None, publisher),
            ).fetchall()
        return [row[0] for row in rows]

    def there(self, ids: Iterable[int]) -> set[int]:
        """Return which of these jobs are in the queue."""
        with explained_of(self.server):
            rows = self.connection.execute("SELECT id FROM pgqueuer WHERE id = ANY($1::bigint[])", ([*ids],)).fetchall()
        return {row[0] for row in rows}

    def waiting_publishers(self) -> frozenset[str]:
        """Return the publishers with a job that no worker has taken."""
        with explained_of(self.server):
            rows = self.connection.execute("SELECT DISTINCT entrypoint FROM pgqueuer WHERE status = 'queued'")
            return frozenset(row[0] for row in rows)

    def counts(self, publisher: str | None = None) -> dict[JobState, int]:
        """Return how many jobs there are of each state, of a publisher or of all."""
        with explained_of(self.server):
            rows = dict(
                self.connection.execute(
                    """SELECT status::text, count(*) FROM pgqueuer WHERE $1::text IS NULL OR entrypoint = $1
                       GROUP BY status""",
                    (publisher,),
                ).fetchall()
            )
        return {own: rows.get(theirs, 0) for own, theirs in _STATES.items()}

    def attempts(
        self,
        *,
        ids: Sequence[int] | None = None,
        publisher: str | None = None,
        state: AttemptState | None = None,
        limit: int | None = None,
    ) -> list[JobAttempt]:
        """Return attempts at jobs, the newest first."""
        with explained_of(self.server):
            rows = self.connection.execute(
                _ATTEMPTS, (None if ids is None else [*ids], publisher, state, limit)
            ).fetchall()
        names = (
            "host",
            "began_at",
            "ended_at",
            "state",
            "exit_code",
            "end_reason",
            "sentence",
            "requests",
            "articles",
            "new",
        )
        return [
            JobAttempt(
                attempt=row[0], id=row[1], publisher=row[2],
                job=None if row[3] is None else Job(row[3], row[2], json.loads(row[4])),
                **dict(zip(names, row[5:], strict=True)),
            )
            for row in rows
        ]  # fmt: skip

    def cancel(self, ids: Iterable[int]) -> set[int]:
        """Take jobs out of the queue, and let the crawls of those at work be ended. Return those that there were."""
        done: set[int] = set()
        for part in _parts([*ids]):
            with explained_of(self.server), self.connection.transaction():
                rows = answer(self.driver.fetch("SELECT * FROM pgqueuer WHERE id = ANY($1) FOR UPDATE", [*part]))
                found = [as_job(row) for row in rows]
                if found:
                    answer(self.queries.log_jobs([(job, "canceled", None) for job in found]))
                    answer(self.queries.notify_job_cancellation([job.id for job in found]))
            done |= {job.id for job in found}
        return done

    def retry(self, ids: Iterable[int]) -> set[int]:
        """Let jobs that have failed, or are put off, be taken now. Return those that there were."""
        wanted = [*ids]
        with explained_of(self.server):
            failed = self.connection.execute(
                "SELECT id FROM pgqueuer WHERE id = ANY($1) AND status = 'failed'", (wanted,)
            ).fetchall()
            done = self._requeue(row[0] for row in failed)
            put_off = self.connection.execute(
                "UPDATE pgqueuer SET execute_after = now() WHERE id = ANY($1) AND status = 'queued' RETURNING id",
                (wanted,),
            ).fetchall()
            self.wake()
        return done | {row[0] for row in put_off}

    def _requeue(self, ids: Iterable[int]) -> set[int]:
        """Queue jobs again that have failed; one whose like waits meanwhile is taken out in its favour."""
        done = set()
        for number in ids:
            try:
                answer(self.queries.requeue_jobs([_id(number)]))
            except psycopg.errors.UniqueViolation:
                job = answer(self.queries.queue_job_by_id(_id(number)))
                if job is not None:
                    answer(self.queries.log_jobs([(job, "deleted", None)]))
            done.add(number)
        return done

    # -- waiting ----------------------------------------------------------------------------------------

    def wait(self, seconds: float, *descriptors: int) -> bool:
        """Wait until a job was added, cancelled or has ended, a descriptor can be read, or the time is over.

        Return whether it was a job. A queue whose connection is lost waits for the others.
        """
        with explained_of(self.server):
            if not self._listening and not self.connection.closed:
                self._listening = True
                self._listen()
            if not self._woken:
                own = [] if self.connection.closed else [self.connection.fileno()]
                if own and own[0] in wait([*descriptors, *own], max(seconds, 0.0)):
                    # Whatever came is given to the handler with an answer; a connection that has ended raises.
                    self.connection.execute("SELECT 1")
                elif not own:
                    wait([*descriptors], max(seconds, 0.0))
            woken, self._woken = self._woken, False
        return woken

    def _listen(self) -> None:
        self.connection.add_notify_handler(self._hear)
        channel = sql.Identifier(self.queries.qbq.settings.channel)
        self.connection.execute(sql.SQL("LISTEN {}").format(channel))
        self._woken = True  # what was said before is not heard

    def _hear(self, note: psycopg.Notify) -> None:
        # Whoever may log in may say anything here, without a right to a table.
        try:
            said = json.loads(note.payload)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict):
            return
        # A changed row, as by each heartbeat of each worker, says nothing to the others. PgQueuer 1.6 has a word for
        # it, which its trigger, one for each statement, never says.
        self._woken = self._woken or said.get("operation") != "update"
        ids = said.get("ids")
        if isinstance(ids, list):
            self._canceled.update(one for one in ids if isinstance(one, int) and 0 < one <= _LAST_ID)

    def canceled(self) -> set[int]:
        """Return the jobs of which was heard, since the last call, that they were cancelled."""
        found, self._canceled = self._canceled, set()
        return found - self.there(found) if found else found  # anybody may have said it

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self.connection.closed)

    def wake(self) -> None:
        """Let those that wait look at jobs that are no new ones."""
        answer(self.driver.notify(self.queries.qbq.settings.channel, "{}"))


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield values in parts of _PART."""
    for at in range(0, len(values), _PART):
        yield values[at : at + _PART]


def understood(payload: bytes | None) -> tuple[Job | None, str | None]:
    """Return the job that a row holds, or None and what is wrong with it."""
    try:
        return job_of(payload), None
    except MalformedJobError as error:
        return None, str(error)


def as_job(row: dict[str, object]) -> PickedJob:
    """Return a row of the queue as PgQueuer has it."""
    from pgqueuer.domain.models import Job as Model  # noqa: PLC0415  # beside a class of that name of ours

    return Model.model_validate(row)


def _id(number: int) -> JobId:
    from pgqueuer.domain.types import JobId  # noqa: PLC0415  # for types alone above

    return JobId(number)
