"""`farscrawler jobs` and `farscrawler worker` with real crawls: harvests in leases, refusals, and what they say."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.jobs import Job
from farscrawler.archive.postgres.queue import JobQueue
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import run, wait_until
from tests.support.jobbed import Machines
from tests.support.postgres import Postgres, needs_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITES = ("north", "south")
#: Of no server: what is wrong is said before one is asked.
ADDRESS = ("--archive", "postgresql://nobody@127.0.0.1:1/none")


@pytest.fixture
def machines(postgres: Postgres, tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        sites = {
            key: stack.enter_context(Server(Newsroom(count=12, seed=1400 + at), weight=2_000))
            for at, key in enumerate(SITES)
        }
        yield Machines(tmp_path, postgres.archive(), sites, "one", "two")


@needs_postgres
def test_two_workers_do_a_harvest_in_leases_and_each_page_is_fetched_once(machines: Machines) -> None:
    for key in SITES:
        machines.add_ids(key, 6)
    with (
        machines.worker("--at-once", "1", stderr=subprocess.DEVNULL) as one,
        machines.worker("--at-once", "1", on="two", stderr=subprocess.DEVNULL) as two,
    ):
        wait_until(machines.is_empty)
        for worker in (one, two):
            worker.terminate()
            assert worker.wait() == 130
    machines.assert_whole(*SITES)
    attempts = machines.attempts()
    assert [one.state for one in attempts] == ["done"] * 4  # none found its publisher taken
    assert sum(one.new for one in attempts) == sum(len(site.newsroom.ids()) for site in machines.sites.values())
    for site in machines.sites.values():
        pages = [entry.path for entry in site.requests if "code=" in entry.path]
        assert len(pages) == len(set(pages))


@needs_postgres
def test_a_job_that_nobody_understands_is_held_with_its_sentence(machines: Machines) -> None:
    with JobQueue(machines.database) as queue:
        queue.add([Job("dance", "north"), Job("crawl", "nowhere"), Job("crawl", "south", {"base_url": "http://x"})])
    done = machines.run("worker", "--once")
    assert done.returncode == 1
    said = {one.publisher: one.sentence or "" for one in machines.jobs("failed")}
    assert "there is no job 'dance'; this version knows crawl and reparse" in said["north"]
    assert "there is no publisher named 'nowhere'" in said["nowhere"]
    assert "names files or addresses, which a job may not" in said["south"]
    assert [len(site.requests) for site in machines.sites.values()] == [0, 0]
    again = machines.run("jobs", "retry", "--failed")
    assert (again.returncode, again.stdout) == (0, "3 jobs may run now.\n")
    assert len(machines.jobs("queued")) == 3


@needs_postgres
def test_a_machine_that_is_set_up_wrongly_fails_no_jobs(machines: Machines) -> None:
    for key in SITES:
        machines.add_ids(key, 4)
    file = machines.folders["two"] / "farscrawler.toml"
    right = file.read_text("utf-8")
    file.write_text(f"{right}\n[publisher.nowhere]\nDOWNLOAD_DELAY = 0\n", encoding="utf-8")
    done = machines.run("worker", "--once", on="two")
    assert (done.returncode, machines.attempts()) == (2, [])
    place = f"farscrawler.toml, line {len(right.splitlines()) + 2}: [publisher.nowhere]: "
    assert f"{place}there is no publisher named 'nowhere'" in done.stderr
    # What a crawl alone finds wrong.
    file.write_text(right, encoding="utf-8")
    done = machines.run("worker", "--once", "--at-once", "1", "-s", "WARC=/dev/null/none", on="two")
    assert done.returncode == 2, done.stderr
    assert "3 crawls in a row were refused on this machine" in done.stderr
    assert {one.state for one in machines.attempts()} == {"queued"}
    assert machines.jobs("failed") == []
    assert machines.run("jobs", "retry", *[str(one.id) for one in machines.jobs()]).returncode == 0
    done = machines.run("worker", "--once")
    assert done.returncode == 0, done.stderr
    machines.assert_whole(*SITES)


@needs_postgres
def test_jobs_are_added_listed_and_cancelled(machines: Machines) -> None:
    add = ("jobs", "add", "crawl", "north", "--ids", "1000-1011", "--lease", "6")
    assert machines.run(*add).stdout == "2 jobs added.\n"
    assert machines.run(*add).stdout == "0 jobs added; 2 queued or running already.\n"
    shown = machines.run("jobs", "list")
    assert shown.stdout.splitlines()[-1] == "2 queued, 0 running, 0 failed."
    assert "crawl ids=1000-1005" in shown.stdout
    assert machines.run("jobs", "list", "--limit", "1").stdout.endswith("There are more; --limit 0 lists all.\n")
    found = json.loads(machines.run("jobs", "list", "--json", "--publisher", "north").stdout)
    assert (found["queued"], [one["arguments"]["ids"] for one in found["jobs"]]) == (2, ["1000-1005", "1006-1011"])
    assert machines.run("jobs", "cancel", "--publisher", "north").stdout == "2 jobs cancelled.\n"
    (machines.folders["one"] / "ids.txt").write_text("1000\n1002-1003 # some\n", encoding="utf-8")
    assert machines.run("jobs", "add", "crawl", "north", "--ids", "@ids.txt").stdout == "1 job added.\n"
    (job,) = machines.jobs()
    assert job.job is not None
    assert job.job.arguments == {"ids": "1000,1002-1003"}
    assert machines.run("jobs", "list", "--publisher", "south").stdout == "0 queued, 0 running, 0 failed.\n"
    misspelt = machines.run("jobs", "list", "--publisher", "sout")
    assert (misspelt.returncode, misspelt.stdout) == (2, "")
    assert "there is no publisher named 'sout'. Did you mean south" in misspelt.stderr
    assert machines.run("jobs", "cancel", str(job.id)).returncode == 0
    assert machines.is_empty()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["jobs", "list"], "jobs are kept in a PostgreSQL database, and archive.db is a file"),
        (["worker"], "for an archive of this machine alone there is `farscrawler watch`"),
        (["worker", "irna"], "a worker takes the jobs of all publishers"),
        (["worker", "--at-once", "0"], "--at-once takes a number of at least 1"),
        (["jobs", "dance"], "say what to do: add, list, cancel, retry"),
        (["jobs", "add", "crawl", *ADDRESS], "name publishers"),
        (["jobs", "add", "dance", "irna", *ADDRESS], "say what to add: crawl or reparse"),
        (["jobs", "list", "--lease", "5"], "--lease belongs to `farscrawler jobs add`"),
    ],
)
def test_wrong_calls_are_refused_with_what_to_do(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []
