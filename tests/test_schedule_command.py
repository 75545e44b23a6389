"""`farscrawler schedule` with a real server and real workers: rounds, kills, restarts, cancelled jobs, refusals."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.jobs import Job
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import run, start, wait_until
from tests.support.killing import Hold, kill_at_barrier
from tests.support.postgres import Postgres, needs_postgres, running
from tests.support.watched import SITES, Watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.archive.jobs import JobAttempt

pytestmark = needs_postgres
QUICK: dict[str, Any] = {"WATCH_MIN_INTERVAL": 0.1, "WATCH_MAX_INTERVAL": 0.2}


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture
def sites() -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            key: stack.enter_context(Server(Newsroom(count=10, seed=1400 + at), weight=2_000))
            for at, key in enumerate(SITES)
        }


class Scheduled(Watched):
    """A machine with a project file, whose archive and queue are in a database."""

    def __init__(self, folder: Path, own: Postgres, sites: dict[str, Server], **settings: Any) -> None:
        self.server = own.archive()
        super().__init__(folder, {key: site.url for key, site in sites.items()}, archive=self.server, **settings)

    def round(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run("schedule", *(words or SITES), "--once", cwd=self.folder)

    def work(self) -> None:
        done = run("worker", "--once", cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def waiting(self) -> list[str]:
        """Return the publishers of the jobs in the queue."""
        from farscrawler.archive.postgres.queue import JobQueue  # noqa: PLC0415  # psycopg may be missing

        with JobQueue(self.server) as queue:
            return sorted(one.publisher for one in queue.jobs())

    def attempts(self, publisher: str) -> list[JobAttempt]:
        from farscrawler.archive.postgres.queue import JobQueue  # noqa: PLC0415  # psycopg may be missing

        with JobQueue(self.server) as queue:
            return queue.attempts(publisher=publisher)

    def done(self, publisher: str) -> int:
        return sum(one.state == "done" for one in self.attempts(publisher))

    def assert_learned(self, sites: dict[str, Server]) -> None:
        """The table of the schedule says of each site what was asked of it, once."""
        for key, site in sites.items():
            record = self.records[key]
            assert (record.kind, record.failures) == ("done", 0)
            assert record.requests == len(site.requests)
            assert record.asked_at == record.read_at == self.attempts(key)[0].began_at
            assert record.due_at >= (record.asked_at or 0) + 300
            assert self.is_whole(key, site)


def test_a_round_adds_what_is_due_once_and_the_next_one_learns_what_workers_made_of_it(
    tmp_path: Path, own: Postgres, sites: dict[str, Server]
) -> None:
    machine = Scheduled(tmp_path, own, sites)
    first = machine.round()
    assert (first.returncode, first.stderr) == (0, "")
    assert machine.waiting() == ["north", "south"]
    assert machine.round().returncode == 0  # what is queued is not queued again
    assert machine.waiting() == ["north", "south"]
    machine.work()
    assert machine.waiting() == []
    learned = machine.round()
    assert learned.returncode == 0
    for key, site in sites.items():
        assert (
            f"INFO: {key}: {len(site.newsroom.ids())} new articles, {len(site.requests)} requests, " in learned.stderr
        )
    machine.assert_learned(sites)
    last = machine.round()
    assert (last.returncode, last.stderr) == (0, "")  # nothing is learned twice, and nothing is due
    assert machine.waiting() == []
    machine.assert_learned(sites)
    status = run("schedule", "--status", cwd=tmp_path)
    assert status.returncode == 0
    assert "2 publishers: " in status.stdout.splitlines()[-1]


def test_a_schedule_asks_again_and_again_over_a_restart_of_the_database_and_refuses_others(
    tmp_path: Path, own: Postgres, sites: dict[str, Server]
) -> None:
    machine = Scheduled(tmp_path, own, sites, **QUICK)
    with (
        start("worker", "-s", "JOB_HEARTBEAT_TIMEOUT=2", cwd=tmp_path, stderr=subprocess.DEVNULL) as worker,
        start("schedule", *SITES, cwd=tmp_path, stderr=subprocess.PIPE) as schedule,
    ):
        wait_until(lambda: all(machine.done(key) >= 2 for key in SITES), schedule)
        for command in ("schedule", "watch"):
            other = run(command, "north", "--once", cwd=tmp_path)
            assert other.returncode == 75, other.stderr
            assert "another `farscrawler schedule` keeps postgresql://" in other.stderr
        with ExitStack() as held:  # crawls wait for their sites meanwhile: what else they do is not this test's
            holds = [held.enter_context(Hold(site.site, "respond", lambda: True)) for site in sites.values()]
            wait_until(lambda: all(hold.begun.is_set() for hold in holds), schedule)
            own.restart()
            before = {key: machine.done(key) for key in SITES}
        wait_until(lambda: all(machine.done(key) >= before[key] + 2 for key in SITES), schedule)
        schedule.terminate()
        _, said = schedule.communicate()
        assert schedule.returncode == 130, said
        assert "Scheduling. Publishers: 2; due now: 2." in said
        assert said.rstrip().endswith("Ended by a signal. Jobs that were added stay in the queue.")
        worker.terminate()
        assert worker.wait() == 130
    assert all(machine.is_whole(key, site) for key, site in sites.items())
    for key, site in sites.items():
        assert machine.records[key].kind == "done"
        first = [one.path for one in site.requests if f"code={site.newsroom.ids()[0]}&" in one.path]
        assert len(first) == 1


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("farscrawler.schedule.watcher:store_schedule", 1),  # nothing is written yet
        ("farscrawler.schedule.watcher:store_schedule", 2),  # before it is noted that jobs are added
        ("farscrawler.cluster.scheduled:QueuedCrawls.start", 1),  # noted, and not added
        ("farscrawler.schedule.watcher:Watcher._is_over", 1),  # added
    ],
)
def test_a_schedule_that_is_killed_anywhere_adds_each_job_once_and_learns_its_end_once(
    place: str, call: int, tmp_path: Path, own: Postgres, sites: dict[str, Server]
) -> None:
    machine = Scheduled(tmp_path, own, sites)
    assert kill_at_barrier("schedule", *SITES, "--once", cwd=tmp_path, place=place, call=call)
    assert machine.round().returncode == 0
    assert machine.waiting() == ["north", "south"]
    machine.work()
    # Killed while it learns: before the first end is stored, and between the two.
    for learned in (1, 2):
        assert kill_at_barrier(
            "schedule", *SITES, "--once", cwd=tmp_path, place="farscrawler.schedule.watcher:store_schedule",
            call=1 + learned,
        )  # fmt: skip
    assert machine.round().returncode == 0
    machine.assert_learned(sites)
    assert [len(machine.attempts(key)) for key in SITES] == [1, 1]


def test_a_job_that_a_person_has_added_is_the_schedules_too_and_a_cancelled_one_is_put_off(
    tmp_path: Path, own: Postgres, sites: dict[str, Server]
) -> None:
    machine = Scheduled(tmp_path, own, sites)
    assert run("jobs", "add", "crawl", "north", cwd=tmp_path).returncode == 0
    assert machine.round().returncode == 0
    assert machine.waiting() == ["north", "south"]
    assert run("jobs", "cancel", "--publisher", "south", cwd=tmp_path).returncode == 0
    machine.work()
    with start("schedule", *SITES, cwd=tmp_path, stderr=subprocess.PIPE) as schedule:
        wait_until(lambda: machine.records["north"].kind == "done", schedule)
        wait_until(lambda: machine.waiting() == ["south"], schedule)  # nobody was there to see it cancelled
        assert run("jobs", "cancel", "--publisher", "south", cwd=tmp_path).returncode == 0
        wait_until(lambda: machine.records["south"].kind == "held", schedule)
        assert machine.waiting() == []
        schedule.terminate()
        _, said = schedule.communicate()
    assert "was cancelled." in said
    south = machine.records["south"]
    assert south.due_at - (south.asked_at or 0) > 500
    assert (machine.records["north"].requests, len(sites["south"].requests)) == (len(sites["north"].requests), 0)


def test_what_fails_is_weighed_by_the_schedule_and_not_tried_again_by_the_worker(tmp_path: Path, own: Postgres) -> None:
    with Server(Newsroom(count=10), weight=2_000) as closed:
        machine = Scheduled(tmp_path, own, {"north": closed}, RETRY_TIMES=0)
    machine.round("north")
    for failures in (1, 2):
        run("worker", "--once", cwd=tmp_path)
        assert machine.waiting() == []
        machine.round("north")
        record = machine.records["north"]
        assert (record.kind, record.failures) == ("temporary", failures)
        with Archive(machine.server, readonly=False) as archive, archive.transaction() as db:
            db.execute("UPDATE schedule SET due_at = 0")
        machine.round("north")


def test_the_requests_of_a_day_and_a_file_as_archive(tmp_path: Path, own: Postgres, sites: dict[str, Server]) -> None:
    machine = Scheduled(tmp_path, own, sites, WATCH_REQUESTS_PER_DAY=0)
    done = machine.round()
    assert done.returncode == 3
    assert "The 0 requests of this day (WATCH_REQUESTS_PER_DAY) are spent" in done.stderr
    assert machine.waiting() == []
    refused = run("schedule", *SITES, "--archive", "archive.db", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "archive.db is a file" in refused.stderr
    assert "`farscrawler watch`" in refused.stderr
    assert not (tmp_path / "archive.db").exists()


def test_a_database_that_is_away_is_no_fault_of_the_words(tmp_path: Path) -> None:
    for command in (("schedule", "farsonline"), ("worker",)):
        done = run(*command, "--archive", f"postgresql://nobody@/news?host={tmp_path}", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")  # a unit starts it again; 2 would need a person
        assert "See that the server is there" in done.stderr


def test_the_job_of_a_schedule_is_that_of_jobs_add(own: Postgres) -> None:
    from farscrawler.cluster.scheduled import job_of  # noqa: PLC0415  # psycopg may be missing

    assert own.folder.exists()
    assert job_of("north").key == Job("crawl", "north").key
