"""The queue of jobs: each job once, one of a publisher at a time, and what becomes of each attempt."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.jobs import Added, Job, MalformedJobError, job_of, payload_of
from farscrawler.archive.postgres.work import AttemptEnd, WorkQueue
from farscrawler.errors import ArchiveError
from farscrawler.schedule.local_crawls import LocalCrawls
from tests.support.postgres import Postgres, needs_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.jobs import AttemptState

pytestmark = needs_postgres
ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
LONG = 3_600.0


@pytest.fixture
def queue(postgres: Postgres) -> Iterator[WorkQueue]:
    with WorkQueue(postgres.archive()) as queue:
        yield queue


def end(state: AttemptState, **more: float | str | bool) -> AttemptEnd:
    return AttemptEnd(**{"state": state, "ended_at": time.time(), "kind": "done", **more})  # type: ignore[arg-type]


def take(queue: WorkQueue, worker: uuid.UUID = ME, count: int = 9, silent: float = LONG) -> list[int]:
    return [picked.id for picked in queue.take(count, worker, silent=silent)]


def test_the_same_job_is_queued_once(queue: WorkQueue) -> None:
    first = queue.add([Job("crawl", "irna", {"ids": "1-5"}), Job("crawl", "irna", {"ids": "6-9"})])
    again = queue.add([Job("crawl", "irna", {"ids": "1-5"}, attempts=3), Job("crawl", "isna", {"ids": "1-5"})])
    assert first.ids == (1, 2)
    assert again.ids[0] is None
    assert again.ids[1] is not None
    assert queue.counts() == {"queued": 3, "running": 0, "failed": 0}


def test_one_job_of_a_publisher_is_at_work_at_a_time(queue: WorkQueue) -> None:
    """However many workers ask: PgQueuer keeps it with an index, so that no race gets by."""
    queue.add([Job("crawl", key, {"ids": str(number)}) for key in ("irna", "isna") for number in (1, 2, 3)])
    assert take(queue) == [1, 4]
    assert take(queue, OTHER) == []
    picked = queue.beat(ME)[0]
    queue.settle(picked, queue.begin(picked, ME, "here"), ME, end("done"))
    assert take(queue, OTHER) == [2]


def test_a_higher_priority_is_taken_first(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna", {"ids": "1"}), Job("crawl", "isna", {"ids": "1"})])
    queue.add([Job("crawl", "isna", {"ids": "2"})], priority=10)
    assert take(queue, count=1) == [3]


def test_the_job_of_a_silent_worker_is_taken_and_its_end_changes_nothing(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna")])
    (picked,) = queue.take(1, ME, silent=LONG)
    attempt = queue.begin(picked, ME, "one")
    (again,) = queue.take(1, OTHER, silent=0.0)
    queue.begin(again, OTHER, "two")
    assert queue.beat(ME) == []
    assert queue.settle(picked, attempt, ME, end("done", new=7)) == "lost"
    assert [one.state for one in queue.jobs()] == ["running"]
    assert [(one.host, one.state, one.new) for one in queue.attempts()] == [("two", "running", 0), ("one", "lost", 7)]


def test_an_end_that_is_stored_again_after_a_lost_answer_is_stored_once(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna")])
    (picked,) = queue.take(1, ME, silent=LONG)
    attempt = queue.begin(picked, ME, "here")
    assert queue.settle(picked, attempt, ME, end("queued", pause=0.0, kind="temporary")) == "queued"
    assert take(queue, OTHER) == [picked.id]
    assert queue.settle(picked, attempt, ME, end("queued", pause=0.0, kind="temporary")) == "queued"
    assert [one.state for one in queue.jobs()] == ["running"]  # the other worker's
    assert queue.failures(picked, ["temporary"]) == 1


def test_a_job_that_has_failed_is_held_and_added_or_retried_again(queue: WorkQueue) -> None:
    job = Job("crawl", "irna")
    queue.add([job])
    for how in ("add", "retry"):
        (picked,) = queue.take(1, ME, silent=LONG)
        attempt = queue.begin(picked, ME, "here")
        queue.settle(picked, attempt, ME, end("failed", kind="temporary", sentence="it is blocked."))
        (held,) = queue.jobs(state="failed")
        assert (held.id, held.sentence) == (picked.id, "it is blocked.")
        assert take(queue) == []
        if how == "add":
            assert queue.add([job]) == Added((picked.id,), again=1)
        else:
            assert queue.retry([picked.id, 99]) == {picked.id}
        assert queue.failures(picked, ["temporary"]) == 0  # it begins anew
    assert queue.counts() == {"queued": 1, "running": 0, "failed": 0}


def test_a_failed_job_gives_way_to_the_same_one_that_waits(queue: WorkQueue) -> None:
    """Two processes may add at once: one has seen no failed job, and the other has queued it."""
    queue.add([Job("crawl", "irna")])
    (picked,) = queue.take(1, ME, silent=LONG)
    queue.settle(picked, queue.begin(picked, ME, "here"), ME, end("failed"))
    queue.connection.execute(
        "INSERT INTO pgqueuer (priority, status, entrypoint, dedupe_key, payload) VALUES (0, 'queued', 'irna', $1, $2)",
        (Job("crawl", "irna").key, payload_of(Job("crawl", "irna"))),
    )
    assert queue.retry([picked.id]) == {picked.id}
    assert queue.counts() == {"queued": 1, "running": 0, "failed": 0}


def test_a_job_that_is_put_off_waits_and_may_be_called(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna")])
    (picked,) = queue.take(1, ME, silent=LONG)
    queue.settle(picked, queue.begin(picked, ME, "here"), ME, end("queued", pause=LONG))
    assert take(queue) == []
    assert queue.is_drained()
    assert queue.retry([picked.id]) == {picked.id}
    assert take(queue) == [picked.id]


def test_a_job_of_no_attempts_is_not_held(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna", attempts=0)])
    (picked,) = queue.take(1, ME, silent=LONG)
    assert queue.settle(picked, queue.begin(picked, ME, "here"), ME, end("failed", held=False)) == "failed"
    assert queue.jobs() == []
    assert queue.attempts()[0].state == "failed"


def test_cancelling_tells_those_that_listen(postgres: Postgres) -> None:
    server = postgres.archive()
    with WorkQueue(server) as queue, WorkQueue(server) as other:
        queue.add([Job("crawl", "irna"), Job("crawl", "isna")])
        assert queue.wait(0)  # what was said before anyone listened
        assert take(queue) == [1, 2]
        assert other.cancel([1, 7]) == {1}
        while 1 not in queue.canceled():
            queue.wait(60)
        assert [picked.id for picked in queue.beat(ME)] == [2]


def test_thousands_of_jobs_are_added_and_cancelled(queue: WorkQueue) -> None:
    """In parts: a statement has ten seconds, and a notification 8,000 bytes."""
    queue.connection.execute("SELECT setval('pgqueuer_id_seq', 9999999999)")  # numbers as long as they may become
    added = queue.add([Job("crawl", "irna", {"ids": str(number)}) for number in range(1_300)])
    numbers = [number for number in added.ids if number is not None]
    assert len(set(numbers)) == queue.counts()["queued"] == 1_300
    assert queue.cancel(numbers) == set(numbers)
    assert queue.counts()["queued"] == 0


def test_heartbeats_of_others_wake_nobody(postgres: Postgres) -> None:
    """PgQueuer's trigger, one for each statement, tells nothing of a changed row; nor would that wake anyone."""
    server = postgres.archive()
    with WorkQueue(server) as queue, WorkQueue(server) as other:
        queue.add([Job("crawl", "irna")])
        assert queue.wait(0)  # it listens from here on
        notes: list[str] = []
        queue.connection.add_notify_handler(lambda note: notes.append(note.payload))
        take(other, OTHER)
        other.beat(OTHER)
        channel = other.queries.qbq.settings.channel
        other.connection.execute("SELECT pg_notify($1, $2)", (channel, '{"operation": "update"}'))
        while not notes:  # notes of one session come in their order
            assert not queue.wait(60)
        assert notes == ['{"operation": "update"}']
        other.cancel([1])
        assert queue.wait(60)


def test_a_namespace_has_a_queue_of_its_own(postgres: Postgres) -> None:
    with WorkQueue(postgres.archive()) as one, WorkQueue(postgres.archive()) as two:
        one.add([Job("crawl", "irna")])
        assert two.counts()["queued"] == 0
        assert one.queries.qbq.settings.channel != two.queries.qbq.settings.channel


def test_who_has_more_than_a_thousand_files_open_waits_too(queue: WorkQueue) -> None:
    """A worker of three hundred jobs has; select() raises for a descriptor above 1,023."""
    ours, theirs = os.pipe()
    try:
        high = fcntl.fcntl(ours, fcntl.F_DUPFD, 1_100)
    except OSError:
        pytest.skip("this machine lets no process have so many files")
    try:
        queue.wait(0, high)
        os.write(theirs, b"x")
        began = time.monotonic()
        assert not queue.wait(60, high)
        LocalCrawls().wait(60, high, [])
        assert time.monotonic() - began < 60
    finally:
        for one in (ours, theirs, high):
            os.close(one)


def test_nothing_is_made_by_looking(postgres: Postgres) -> None:
    with pytest.raises(ArchiveError, match="has no jobs yet; `farscrawler jobs add` adds some"):
        WorkQueue(postgres.archive(), make_tables=False)


def test_the_numbers_of_jobs_are_told_by_state_and_publisher(queue: WorkQueue) -> None:
    queue.add([Job("crawl", key, {"ids": str(number)}) for key in ("irna", "isna") for number in (1, 2)])
    assert take(queue, count=1) == [1]
    assert queue.numbers() == [1, 2, 3, 4]
    assert queue.numbers(state="running") == [1]
    assert queue.numbers(state="queued", publisher="irna") == [2]
    assert queue.there([0, 2, 5]) == {2}
    assert queue.waiting_publishers() == {"irna", "isna"}
    queue.cancel(queue.numbers(publisher="isna"))
    assert queue.waiting_publishers() == {"irna"}


def test_names_of_tables_are_not_taken_from_the_environment(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgQueuer reads QUEUE_TABLE and the like, which some other program may have set."""
    for name in ("QUEUE_TABLE", "PGQUEUER_QUEUE_TABLE", "PGQUEUER_PREFIX", "CHANNEL", "PGQUEUER_SCHEMA"):
        monkeypatch.setenv(name, "strange")
    with WorkQueue(postgres.archive()) as queue:
        assert queue.add([Job("crawl", "irna")]).ids == (1,)


def test_old_lines_are_removed_and_those_of_waiting_jobs_are_not(queue: WorkQueue) -> None:
    queue.add([Job("crawl", "irna"), Job("crawl", "isna")])
    for picked in queue.take(2, ME, silent=LONG):
        state: AttemptState = "done" if picked.publisher == "irna" else "failed"
        queue.settle(picked, queue.begin(picked, ME, "here"), ME, end(state))
    queue.connection.execute("UPDATE job_attempts SET began_at = 0")
    queue.connection.execute("UPDATE pgqueuer_log SET created = now() - interval '8 days'")
    queue.prune()
    assert [one.publisher for one in queue.attempts()] == ["isna"]
    row = queue.connection.execute("SELECT count(*) FROM pgqueuer_log").fetchone()
    assert row == (0,)


@pytest.mark.parametrize(
    "said",
    [
        "5",
        "null",
        "[]",
        '"x"',
        '{"ids": 5}',
        '{"ids": [[1], "a", -1, 99999999999999999999]}',
        '{"ids": [1]}',
        "[" * 7_000,
    ],
)
def test_what_anybody_says_on_the_channel_ends_nothing(queue: WorkQueue, said: str) -> None:
    """Who may log in may send a notification, without a right to any table: a worker may neither end nor believe it."""
    queue.add([Job("crawl", "irna")])
    (picked,) = queue.take(1, ME, silent=LONG)
    queue.wait(0)
    channel = queue.queries.qbq.settings.channel
    queue.connection.execute("SELECT pg_notify($1, $2)", (channel, said))
    queue.wait(0)
    assert queue.canceled() == set()
    queue.cancel([picked.id])
    queue.wait(0)
    assert queue.canceled() == {picked.id}


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "is no JSON"),
        (None, "is no JSON"),
        (b'{"command": "crawl"}', "another version wrote this one"),
        (b'{"command": "crawl", "publisher": "irna", "arguments": {"ids": 5}, "attempts": 1}', "ids of this job is no"),
        (
            b'{"command": "crawl", "publisher": 5, "arguments": {}, "attempts": 1}',
            "publisher of this job is of another",
        ),
        (b'{"command": "\\u0000", "publisher": "irna", "arguments": {}, "attempts": 1}', "no text that a database"),
        (b'{"command": "crawl", "publisher": "irna", "arguments": {"ids": "\\ud800"}, "attempts": 1}', "no text"),
        (b'{"command": "crawl", "publisher": "irna", "arguments": {"\\udfff": "1"}, "attempts": 1}', "no text"),
    ],
)
def test_what_is_no_job_is_refused_with_a_sentence(payload: bytes | None, said: str) -> None:
    with pytest.raises(MalformedJobError, match=said):
        job_of(payload)


def test_a_job_is_kept_as_it_is() -> None:
    job = Job("crawl", "irna", {"since": "1401-02-01", "via": "feeds"}, attempts=3)
    assert job_of(payload_of(job)) == job
