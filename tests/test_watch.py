"""`farscrawler watch` with real crawls of real sites on loopback: rounds, kills, signals, refusals and the budget."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.errors import HeldError
from farscrawler.schedule.profile import HOUR
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import run, start_python, wait_until
from tests.support.killing import Hold
from tests.support.watched import SITES, Watched, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK: dict[str, Any] = {"WATCH_MIN_INTERVAL": 0.1, "WATCH_MAX_INTERVAL": 0.2}


@pytest.fixture
def sites() -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            key: stack.enter_context(Server(Newsroom(count=10, seed=1400 + at), weight=2_000))
            for at, key in enumerate(SITES)
        }


def urls(sites: dict[str, Server]) -> dict[str, str]:
    return {key: site.url for key, site in sites.items()}


def assert_whole(folder: Path, sites: dict[str, Server]) -> None:
    assert all(is_whole(folder, key, site) for key, site in sites.items())


def is_free(folder: Path, publisher: str) -> bool:
    """Whether no crawl of a publisher is at work."""
    with Archive(folder / "archive.db", readonly=False) as archive:
        try:
            take_lock(Ledger(archive, publisher)).release()
        except HeldError:
            return False
    return True


def test_a_round_crawls_what_is_due_and_the_next_one_finds_nothing_due(
    tmp_path: Path, sites: dict[str, Server]
) -> None:
    watched = Watched(tmp_path, urls(sites))
    done = run("watch", *SITES, "--once", "--metrics", "watch.prom", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert_whole(tmp_path, sites)
    lines = done.stderr.splitlines()
    assert len(lines) == 2  # a line a crawl
    assert all("exit code 0; next in " in line for line in lines)
    for key, site in sites.items():
        assert f"INFO: {key}: {len(site.newsroom.ids())} new articles, {len(site.requests)} requests, " in done.stderr
        record = watched.records[key]
        assert (record.kind, record.failures, record.requests) == ("done", 0, len(site.requests))
        assert record.asked_at is not None
        assert record.due_at >= record.asked_at + 300
    assert "farscrawler_watch_publishers 2\n" in (tmp_path / "watch.prom").read_text(encoding="utf-8")
    asked = sum(len(site.requests) for site in sites.values())
    again = run("watch", *SITES, "--once", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert sum(len(site.requests) for site in sites.values()) == asked
    status = run("watch", "--status", cwd=tmp_path)
    assert status.returncode == 0
    assert "2 publishers: " in status.stdout.splitlines()[-1]


def test_a_watch_asks_again_and_again_refuses_a_second_one_and_ends_in_order(
    tmp_path: Path, sites: dict[str, Server]
) -> None:
    watched = Watched(tmp_path, urls(sites), **QUICK)
    with watched.start(*SITES, stderr=subprocess.PIPE) as watch:
        wait_until(lambda: all(watched.ended(key) >= 2 for key in SITES), watch)
        second = run("watch", "north", "--once", cwd=tmp_path)
        assert second.returncode == 75
        assert "another `farscrawler watch` keeps archive.db current" in second.stderr
        watch.terminate()
        _, said = watch.communicate()
        assert watch.returncode == 130, said
    assert "Watching. Publishers: 2; due now: 2." in said.splitlines()[0]
    assert said.rstrip().endswith("Ended by a signal. All crawls have ended.")
    assert_whole(tmp_path, sites)
    assert all(one["ended_at"] for key in SITES for one in watched.runs(key))  # no crawl was killed
    for site in sites.values():
        articles = [entry.path for entry in site.requests if f"code={site.newsroom.ids()[0]}&" in entry.path]
        assert len(articles) == 1  # what is stored is not fetched again by the next crawl


def test_a_watch_that_is_killed_ends_its_crawls_in_order_and_the_next_one_goes_on(
    tmp_path: Path, sites: dict[str, Server]
) -> None:
    watched = Watched(tmp_path, urls(sites))
    north = sites["north"]
    with Hold(north.site, "respond", lambda: north.count("/Incsys/PrtNews.aspx") >= 3) as hold:
        watch = watched.start("north", stderr=subprocess.DEVNULL)
        wait_until(hold.begun.is_set, watch)
        watch.kill()
        watch.wait()
        assert not is_free(tmp_path, "north")  # what is in flight is finished
    wait_until(lambda: watched.ended("north") == 1)
    assert watched.runs("north")[0]["exit_code"] == 130
    wait_until(lambda: is_free(tmp_path, "north"))
    done = run("watch", "north", "--once", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert is_whole(tmp_path, "north", north)
    fetched = [entry.path for entry in north.requests if "code=" in entry.path]
    assert len([one for one in fetched if f"code={north.newsroom.ids()[-1]}&" in one]) == 1  # nothing twice


def test_a_crawl_that_is_killed_is_put_off_and_the_other_site_is_not(tmp_path: Path, sites: dict[str, Server]) -> None:
    watched = Watched(tmp_path, urls(sites))
    north = sites["north"]
    with Hold(north.site, "respond", lambda: north.count("/Incsys/PrtNews.aspx") >= 3) as hold:
        watch = watched.start(*SITES, "--once", stderr=subprocess.PIPE)
        wait_until(lambda: hold.begun.is_set() and watched.ended("south") == 1, watch)
        os.kill(watched.runs("north")[0]["pid"], signal.SIGKILL)
        _, said = watch.communicate()
    assert watch.returncode == 1, said
    assert "the crawl was killed by signal 9" in said
    records = watched.records
    assert (records["north"].kind, records["north"].failures) == ("temporary", 1)
    assert records["north"].read_at is None
    assert (records["south"].kind, records["south"].failures) == ("done", 0)
    assert is_whole(tmp_path, "south", sites["south"])


def test_crawls_end_in_order_when_the_process_dies_that_starts_them(tmp_path: Path, sites: dict[str, Server]) -> None:
    watched = Watched(tmp_path, urls(sites))
    north = sites["north"]
    with Hold(north.site, "respond", lambda: north.count("/Incsys/PrtNews.aspx") >= 3) as hold:
        watch = watched.start("north", "--once", stderr=subprocess.PIPE)
        wait_until(hold.begun.is_set, watch)
        status = Path(f"/proc/{watched.runs('north')[0]['pid']}/stat").read_text(encoding="ascii")
        os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)  # its parent
        _, said = watch.communicate()
    assert watch.returncode == 1, said
    assert "north: 0 new articles, 0 requests" in said
    assert "the process that starts crawls has died, and its crawls were ended." in said
    wait_until(lambda: watched.ended("north") == 1)
    assert watched.runs("north")[0]["exit_code"] == 130
    wait_until(lambda: is_free(tmp_path, "north"))


def test_the_end_of_a_killed_crawl_is_not_waited_for_without_end(tmp_path: Path) -> None:
    """Nothing tells of it while the process stands still that starts crawls, nor while a disk holds the crawl."""
    kill = """
import os, signal
from multiprocessing.forkserver import _forkserver as server
from farscrawler.schedule import crawls
crawls._DEATH_SECONDS = 0.2
crawl = crawls.CrawlProcess.start_command("north", ["newsroom"], 0)
os.kill(server._forkserver_pid, signal.SIGSTOP)
crawl.kill()
print(crawl.has_ended)
os.kill(server._forkserver_pid, signal.SIGCONT)
crawl.process.join()
print(crawl.end(1).exit_code)
"""
    with start_python(kill, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.communicate()[0].split() == ["False", "-9"]


def test_a_signal_to_the_group_of_a_watch_ends_its_crawls_in_order(tmp_path: Path, sites: dict[str, Server]) -> None:
    watched = Watched(tmp_path, urls(sites))
    north = sites["north"]
    with Hold(north.site, "respond", lambda: north.count("/Incsys/PrtNews.aspx") >= 3) as hold:
        watch = watched.start("north", stderr=subprocess.PIPE, start_new_session=True)
        wait_until(hold.begun.is_set, watch)
        os.killpg(watch.pid, signal.SIGTERM)
        hold.release()
        _, said = watch.communicate()
    assert watch.returncode == 130, said
    assert "has died" not in said
    assert [one["exit_code"] for one in watched.runs("north")] == [130]


def test_what_refuses_us_is_put_off_for_hours_and_what_is_down_for_minutes(tmp_path: Path) -> None:
    with Server(Newsroom(count=10), weight=2_000) as closed:
        down = closed.url
    wall = Faults(challenge=1.0, patience=1_000)
    with Server(Newsroom(count=10), weight=2_000, faults=wall) as walled:
        watched = Watched(tmp_path, {"north": walled.url, "south": down}, RETRY_TIMES=0)
        done = run("watch", *SITES, "--once", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    north, south = (watched.records[key] for key in SITES)
    assert (north.kind, south.kind) == ("hard", "temporary")
    assert north.asked_at is not None
    assert south.asked_at is not None
    assert north.due_at - north.asked_at > 5 * HOUR
    assert south.due_at - south.asked_at < HOUR
    assert "blocks us" in (north.reason or "")
    assert "cannot be reached" in (south.reason or "")


def test_nothing_is_asked_once_the_requests_of_the_day_are_spent(tmp_path: Path, sites: dict[str, Server]) -> None:
    Watched(tmp_path, urls(sites), WATCH_REQUESTS_PER_DAY=0)
    done = run("watch", *SITES, "--once", cwd=tmp_path)
    assert done.returncode == 3
    assert "The 0 requests of this day (WATCH_REQUESTS_PER_DAY) are spent" in done.stderr
    assert [len(site.requests) for site in sites.values()] == [0, 0]
