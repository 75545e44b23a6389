"""Workers that die, freeze, are ended or lose the database: every job is done, and nothing is stored twice."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.jobs import MOST_ATTEMPTS
from farscrawler.archive.postgres.work import WorkQueue
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import wait_until
from tests.support.jobbed import Machines
from tests.support.killing import Hold
from tests.support.postgres import Postgres, needs_postgres, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.commands import Command

pytestmark = needs_postgres


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that may be stopped; what it has said to be committed is on the disk."""
    with running(durable=True) as server:
        yield server


@pytest.fixture
def machines(own: Postgres, tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        sites = {"north": stack.enter_context(Server(Newsroom(count=12, seed=1400), weight=2_000))}
        yield Machines(tmp_path, own.archive(), sites, "one", "two")


@contextmanager
def held_in_a_job(machines: Machines) -> Iterator[tuple[Hold, Command]]:
    """Give a worker whose first job waits for its site to answer the third article."""
    site = machines.sites["north"]
    machines.add_ids("north", 6)
    with (
        Hold(site.site, "respond", lambda: site.count("/Incsys/PrtNews.aspx") >= 3) as hold,
        machines.worker(stderr=subprocess.PIPE) as worker,
    ):
        wait_until(hold.begun.is_set, worker)
        yield hold, worker
        if worker.poll() is None:
            worker.kill()


def heartbeat(machines: Machines) -> object:
    """Return when the worker of the job at work has last said that it lives."""
    with WorkQueue(machines.database) as queue:
        return queue.connection.execute("SELECT heartbeat FROM pgqueuer WHERE status = 'picked'").fetchone()


def finish(machines: Machines) -> None:
    """Let the other machine do what is left."""
    with machines.worker(on="two", stderr=subprocess.DEVNULL) as other:
        wait_until(machines.is_empty, other)
        other.terminate()
        assert other.wait() == 130
    machines.assert_whole("north")


def test_the_job_of_a_killed_worker_is_taken_by_another(machines: Machines) -> None:
    with held_in_a_job(machines) as (hold, worker):
        worker.kill()
        worker.wait()
        assert [one.state for one in machines.jobs()] == ["running", "queued"]
        hold.release()
        finish(machines)
    first = machines.attempts()[0]
    assert (first.state, first.ended_at) == ("lost", None)


def test_a_job_that_kills_its_workers_is_held_after_eight_of_them(machines: Machines) -> None:
    """Memory of a machine may end with a crawl, and systemd ends the whole unit then: each would be killed in turn."""
    machines.add_ids("north", 12)
    with WorkQueue(machines.database) as queue:
        for number in range(MOST_ATTEMPTS):
            killed = uuid.UUID(int=number)
            (picked,) = queue.take(1, killed, silent=0)
            queue.begin(picked, killed, "a machine")
        queue.connection.execute("UPDATE pgqueuer SET heartbeat = heartbeat - interval '1 minute'")
    done = machines.run("worker", "--once")
    (job,) = machines.jobs("failed")
    assert "8 workers in a row have died" in (job.sentence or ""), done.stderr
    assert machines.sites["north"].requests == []
    assert machines.run("jobs", "retry", str(job.id)).returncode == 0
    finish(machines)


def test_a_worker_that_is_ended_gives_its_job_back_at_once(machines: Machines) -> None:
    with held_in_a_job(machines) as (hold, worker):
        worker.terminate()
        assert worker.stderr is not None
        while "Received a signal" not in (line := worker.stderr.readline()):
            assert line
        # When it beats the next time, it has passed the signal on: the crawl may not end of itself before.
        told = heartbeat(machines)
        wait_until(lambda: heartbeat(machines) != told, worker)
        hold.release()
        _, said = worker.communicate()
        assert worker.returncode == 130, said
        assert "again at once" in said
        assert [one.state for one in machines.jobs()] == ["queued", "queued"]
        assert machines.attempts()[0].state == "queued"
        finish(machines)


def test_a_frozen_worker_leaves_its_job_to_the_one_that_has_taken_it(machines: Machines) -> None:
    with held_in_a_job(machines) as (hold, worker):
        worker.send_signal(signal.SIGSTOP)
        with machines.worker(on="two", stderr=subprocess.DEVNULL) as other:
            # The frozen worker's crawl holds the site all the while: the other one finds that, and asks nothing.
            wait_until(lambda: any(one.exit_code == 75 for one in machines.attempts()), other)
            hold.release()
            worker.send_signal(signal.SIGCONT)
            wait_until(lambda: machines.attempts()[0].ended_at is not None, worker)
            other.terminate()
            other.wait()
        worker.terminate()
        _, said = worker.communicate()
        assert "is not this worker's any more" in said or "another worker has it" in said
        assert machines.attempts()[0].state == "lost"
        numbers = [str(one.id) for one in machines.jobs()]
        assert machines.run("jobs", "retry", *numbers).returncode == 0  # the pause of a minute is not waited for
        finish(machines)


def test_a_worker_and_its_crawl_outlive_a_restart_of_the_database(machines: Machines, own: Postgres) -> None:
    with held_in_a_job(machines) as (hold, worker):
        own.restart()
        hold.release()
        wait_until(machines.is_empty, worker)
        worker.terminate()
        _, said = worker.communicate()
        assert "The crawls go on" in said
        assert "The database answers again" in said
    assert {one.state for one in machines.attempts()} == {"done"}
    machines.assert_whole("north")


def test_a_running_job_that_is_cancelled_has_its_crawl_ended(machines: Machines) -> None:
    with held_in_a_job(machines) as (hold, worker):
        running_job = machines.jobs("running")[0]
        done = machines.run("jobs", "cancel", str(running_job.id), "999", on="two")
        assert done.returncode == 1
        assert done.stdout == "1 job cancelled.\n"
        assert "no job in the queue has the number 999" in done.stderr
        hold.release()
        wait_until(lambda: machines.attempts()[0].ended_at is not None, worker)
        assert machines.attempts()[0].state == "canceled"
        assert running_job.id not in [one.id for one in machines.jobs()]


def test_a_crawl_that_is_killed_is_tried_again_after_a_pause(machines: Machines) -> None:
    with held_in_a_job(machines) as (hold, worker):
        os.kill(machines.crawl_of("north"), signal.SIGKILL)
        wait_until(lambda: machines.attempts()[0].state == "queued", worker)
        hold.release()
        put_off = machines.jobs("queued")
        first = next(one for one in put_off if one.id == machines.attempts()[0].id)
        assert first.sentence == "the crawl was killed by signal 9."
        assert first.due_at - first.added_at > 60
