"""Jobs: crawls and reparses that wait in an archive's database for a worker, and what became of each attempt.

The queue itself is PgQueuer's (postgres/queue.py); here is what a job is, and the table of attempts beside it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

#: With the pauses of the schedule (5 minutes, doubled to 6 hours at most) a site may be down for ten hours.
MOST_ATTEMPTS = 8

#: JSON may name them, and PostgreSQL stores none: a worker that notes its attempt would end of it, and the next one.
_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")

#: What a job waits for. One that has ended is no job any more; its attempts remain.
JobState = Literal["queued", "running", "failed"]
#: What became of an attempt: `queued` was put off and queued again; `lost` had a worker that died or froze, so that
#: another one has taken the job.
AttemptState = Literal["running", "done", "queued", "failed", "canceled", "lost"]


@dataclass(frozen=True, slots=True)
class Job:
    """A command with the arguments of its spider, and after how many failures in a row it is held as failed.

    With 0 attempts it is tried once and never held: whoever adds it asks again.
    It names no settings, files or addresses: whoever may write into the queue decides what is crawled, and nothing of
    the machines that crawl it.
    """

    command: str
    publisher: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    attempts: int = MOST_ATTEMPTS

    @property
    def key(self) -> str:
        """What the same job has too, so that it is queued once."""
        return json.dumps([self.command, self.publisher, dict(self.arguments)], ensure_ascii=False, sort_keys=True)

    def __str__(self) -> str:
        return " ".join(
            [self.command, self.publisher, *(f"--{name} {value}" for name, value in self.arguments.items())]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """A job of the queue; times are seconds since 1970.

    ``job`` is None where no version of this program wrote it: ``sentence`` says then what is wrong with it.
    ``attempts`` counts those that were begun; ``host`` is the machine of the one that runs, ``sentence`` what the last
    one that has ended said.
    """

    id: int
    publisher: str
    job: Job | None
    state: JobState
    priority: int
    added_at: float
    due_at: float
    attempts: int = 0
    host: str | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAttempt:
    """One crawl or reparse of a job; times are seconds since 1970, ``ended_at`` is None until it has ended."""

    attempt: int
    id: int
    publisher: str
    job: Job | None
    host: str
    began_at: float
    ended_at: float | None
    state: AttemptState
    exit_code: int | None
    end_reason: str | None
    sentence: str | None
    requests: int
    articles: int
    new: int


@dataclass(frozen=True, slots=True)
class Added:
    """What became of jobs that were added, in their order: their numbers, None where the same job waits or runs.

    ``again``: how many had been held as failed, and are queued again.
    """

    ids: tuple[int | None, ...]
    again: int = 0


class MalformedJobError(ValueError):
    """A job that this version does not understand; the message says what is wrong."""


def payload_of(job: Job) -> bytes:
    """Return a job as the queue keeps it."""
    parts = {
        "command": job.command,
        "publisher": job.publisher,
        "arguments": dict(job.arguments),
        "attempts": job.attempts,
    }
    return json.dumps(parts, ensure_ascii=False).encode()


def job_of(payload: bytes | None) -> Job:
    """Return the job that the queue keeps. Raise MalformedJobError for anything else."""
    try:
        parts = json.loads(payload or b"")
    except (ValueError, RecursionError) as error:
        raise MalformedJobError("what the queue keeps of this job is no JSON; cancel it.") from error
    known = {"command": str, "publisher": str, "arguments": dict, "attempts": int}
    if not isinstance(parts, dict) or set(parts) != set(known):
        raise MalformedJobError(
            f"a job has {', '.join(known)} and nothing else; another version wrote this one. Upgrade farscrawler on "
            "this machine, or cancel it."
        )
    for name, kind in known.items():
        if not isinstance(parts[name], kind):
            raise MalformedJobError(f"{name} of this job is of another kind; cancel it.")
    texts = (parts["command"], parts["publisher"], *parts["arguments"], *parts["arguments"].values())
    if any(_NO_TEXT.search(text) for text in texts if isinstance(text, str)):
        raise MalformedJobError("a part of this job is no text that a database could store; cancel it.")
    for name, value in parts["arguments"].items():
        if not isinstance(value, str):
            raise MalformedJobError(f"the argument {name} of this job is no text; cancel it.")
    return Job(**parts)


_VERSION_1 = (
    # Times are seconds since 1970, as in the table schedule. A row is written when an attempt begins, so that one whose
    # machine dies is seen too.
    """CREATE TABLE job_attempts (
        attempt INTEGER PRIMARY KEY,
        job INTEGER NOT NULL,
        command TEXT,
        publisher TEXT NOT NULL,
        arguments TEXT,
        host TEXT NOT NULL,
        worker TEXT NOT NULL,
        began_at REAL NOT NULL,
        ended_at REAL,
        state TEXT NOT NULL,
        kind TEXT,
        exit_code INTEGER,
        end_reason TEXT,
        sentence TEXT,
        requests INTEGER NOT NULL DEFAULT 0,
        articles INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX job_attempts_by_job ON job_attempts (job, attempt)",
    "CREATE INDEX job_attempts_by_publisher ON job_attempts (publisher, attempt)",
)


def _version_1(db: sqlite3.Connection) -> None:
    for statement in _VERSION_1:
        db.execute(statement)


#: The steps of the tables that the queue has beside PgQueuer's, as schema.py has them for the archive.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1,)
