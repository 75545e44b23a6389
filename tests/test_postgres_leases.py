"""A host is asked by one run: whatever is cut, frozen or killed, another run asks it only when the first one cannot."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, HeldError
from farscrawler.archive.audit.checks import check
from farscrawler.archive.lease import Lease, machine_seconds
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.postgres import holders
from farscrawler.archive.postgres.connection import open_connection
from farscrawler.archive.postgres.holders import Holder, this_process
from farscrawler.archive.postgres.locks import LeasedLock, take_hosts, taken
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom import Server as Site
from tests.support import Command, crawl_words, start, start_python, wait_until
from tests.support.postgres import Postgres, running
from tests.support.proxies import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.locations import Server

PRINT = "/Incsys/PrtNews.aspx"
#: A lock lapses 2.25 seconds after its last renewal.
QUICK = {"LEASE_SECONDS": 1, "DOWNLOAD_TIMEOUT": 1}


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    with running(durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(Newsroom(count=300), weight=2_000) as site:
        yield site


@pytest.fixture
def server(own: Postgres) -> Server:
    server = own.archive()
    Archive(server, readonly=False).close()
    return server


def crawl(server: Server, site: Site) -> list[str]:
    settings = {"ARCHIVE": server.address, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0.02, **QUICK}
    return crawl_words(site.url, "-a", "latest=200", settings=settings)


def hosts(lock: object, server: Server, *names: str, lease: float = 20, pause: float = 0) -> Lease:
    held = take_hosts(lock, server, names, lease=lease, in_flight=0, pause=pause)
    assert held is not None
    return held


def lapse(server: Server) -> None:
    """Let time pass by the server's clock until every lock has lapsed."""
    with closing(open_connection(server)) as admin:
        admin.execute("UPDATE locks SET until = 0")


def takes(server: Server, name: str = "other") -> LeasedLock:
    return taken(server, name, lambda: "held.")


# -- the lease --------------------------------------------------------------------------------------


def test_a_confirmation_holds_from_when_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("farscrawler.archive.lease.machine_seconds", lambda: now)
    one = Lease(20)

    def asks_at(*moments: float) -> list[bool]:
        nonlocal now
        found = []
        for moment in moments:
            now = moment
            found.append(one.may_ask)
        return found

    assert asks_at(1_000) == [False]
    one.confirm(990)
    assert asks_at(1_000, 1_009.9, 1_010) == [True, True, False]
    one.confirm(1_009)
    one.begin_in(3)
    assert asks_at(1_012.9, 1_013) == [False, True]
    one.end("over.")
    one.confirm(1_013)
    assert asks_at(1_013) == [False]
    assert one.ended == "over."


def test_the_clock_of_leases_goes_on_while_the_machine_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= machine_seconds() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_a_process_is_dead_where_it_certainly_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    us = this_process()
    assert not us.is_dead
    assert Holder(us.host, us.machine, us.pid, us.started - 1).is_dead  # the number is ours now
    assert not Holder(us.host, "another", us.pid, us.started - 1).is_dead
    assert not Holder(us.host, "", us.pid, us.started - 1).is_dead
    with start_python("import sys; sys.stdin.read()", cwd=tmp_path, stdin=-1) as process:
        there = Holder(us.host, us.machine, process.pid, int((holders._looked_up(process.pid) or [])[19]))
        for number in (0, signal.SIGSTOP):
            os.kill(process.pid, number)
            assert not there.is_dead
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: there.is_dead)  # before its parent has waited for it, too
    monkeypatch.setattr(holders, "_PROC", tmp_path)  # a system that has none
    assert this_process().machine == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_process_that_is_hidden_is_not_dead(tmp_path: Path) -> None:
    """As by systemd's ProtectProc=invisible, which the units in deploy/ have: a run by hand is another user's."""
    us = this_process()
    look = f"""
import ctypes, os
from farscrawler.archive.postgres import holders
libc = ctypes.CDLL(None, use_errno=True)
made = libc.unshare(0x20000)  # a space of mounts of its own
private = libc.mount(b"none", b"/", None, 1 << 18 | 1 << 14, None)
if made or private or libc.mount(b"proc", b"/proc", b"proc", 0, b"hidepid=2"):
    raise SystemExit("no mount")
os.setgroups([]); os.setgid(65534); os.setuid(65534)
there = holders.Holder("", {us.machine!r}, {us.pid}, {us.started})
print(there.machine == holders.this_process().machine, holders._looked_up(there.pid), there.is_dead)
"""
    with start_python(look, cwd=tmp_path, stdout=-1, stderr=-1) as process:
        said, error = process.communicate()
    if "no mount" in error:
        pytest.skip("this machine lets nobody mount")
    assert said.strip() == "True None False", error


# -- the lock ---------------------------------------------------------------------------------------


def test_a_host_belongs_to_one_run_until_its_lease_is_over(server: Server) -> None:
    first, second = takes(server, "one"), takes(server, "two")
    assert hosts(first, server, "a.example", "b.example").may_ask
    with pytest.raises(HeldError, match=r"another run asks b.example .* its lock lapses in 2[0-5] s\.$"):
        hosts(second, server, "b.example")
    lapse(server)
    late = hosts(second, server, "b.example", pause=60)
    assert not late.may_ask  # the first one has asked until nobody knows when
    first._renew()
    assert first.lease.ended is not None
    assert "another run has taken it" in first.lease.ended
    first.release()
    second.release()


def test_a_host_that_was_given_back_is_left_alone_for_its_pause(server: Server) -> None:
    first = takes(server, "one")
    hosts(first, server, "a.example", pause=60)
    first.release()
    first.release()  # once is enough
    second = takes(server, "two")
    assert not hosts(second, server, "a.example").may_ask
    third = takes(server, "three")
    assert hosts(third, server, "b.example").may_ask
    second.release()
    third.release()


@pytest.mark.parametrize("ahead", [100_000, float("inf"), float("nan")])
def test_a_clock_that_was_set_back_holds_nothing_for_longer_than_an_hour(server: Server, ahead: float) -> None:
    """What was given back or held under the wrong clock lies hours ahead by the right one."""
    takes(server, "given back").release()
    there = taken(server, "held", lambda: "held.")
    with closing(open_connection(server)) as admin:
        admin.execute("UPDATE locks SET until = extract(epoch FROM now()) + $1, machine = 'another'", (ahead,))
        with pytest.raises(HeldError, match=r"lapses in (1 h 0 min|59 min)"):
            takes(server, "held")
        lock = takes(server, "given back")
        assert 3_000 < lock.lease._begins - machine_seconds() <= 3_600
        there._renew()  # a holder that lives says it anew
        row = admin.execute("SELECT until < extract(epoch FROM now()) + 60 FROM locks WHERE name = 'held'").fetchone()
        assert row == (True,)
    for one in (lock, there):
        one.release()


def test_a_renewal_that_comes_late_takes_nothing(server: Server) -> None:
    first = takes(server)
    first.release()
    first._renew()
    first._forget()
    assert first.lease.ended is not None
    takes(server).release()


def test_a_restart_of_the_server_costs_no_lock(own: Postgres, server: Server) -> None:
    first = takes(server, "one")
    held = hosts(first, server, "a.example", lease=1)
    own.restart()
    with pytest.raises(HeldError):
        takes(server, "one")
    wait_until(lambda: held.may_ask)
    second = takes(server, "two")
    with pytest.raises(HeldError):
        hosts(second, server, "a.example")
    first.release()
    second.release()


def test_a_server_that_stays_away_ends_the_lease_with_a_sentence(
    own: Postgres, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("farscrawler.archive.postgres.locks._FAILURES", 3)
    monkeypatch.setattr("farscrawler.archive.postgres.locks._TRY_AGAIN", 0.05)
    first = takes(server)
    held = hosts(first, server, "a.example", lease=1)
    own.stop()
    try:
        wait_until(lambda: held.ended is not None)
    finally:
        own.start()
    assert "its locks could not be renewed 3 times in a row" in str(held.ended)
    first.release()


def test_a_commit_and_the_taking_of_its_lock_wait_for_each_other(server: Server) -> None:
    """Between the look of a commit at its lock and its end nobody else gets the lock."""
    with Archive(server, readonly=False) as archive:
        lock = take_lock(Ledger(archive, "farsonline"))
        with archive.transaction() as db:
            archive.guard.check(db)
            lapse_by_another = open_connection(server)
            lapse_by_another.execute("UPDATE locks SET until = 0")  # a renewal goes through
            with pytest.raises(HeldError), Archive(server) as other:
                take_lock(Ledger(other, "farsonline"))
        with Archive(server) as other:
            take_lock(Ledger(other, "farsonline")).release()
        lapse_by_another.close()
        with pytest.raises(HeldError), archive.transaction():
            pass
        lock.release()


# -- crawls -----------------------------------------------------------------------------------------


def stop(process: Command) -> None:
    os.kill(process.pid, signal.SIGSTOP)


def go_on(process: Command) -> None:
    os.kill(process.pid, signal.SIGCONT)


def test_a_frozen_crawl_that_wakes_up_asks_nothing_more(server: Server, site: Site, tmp_path: Path) -> None:
    """It stops right before a request is written, and another run has the host when it goes on."""
    words = crawl(server, site)
    place = "farscrawler.middlewares.download:_BoundedProtocol.request"
    with start(*words, cwd=tmp_path, stderr=-1, stop_at=place, call=20) as process:
        assert process.stopped()
        stop(process)
        asked = site.count()
        lapse(server)
        with Archive(server) as archive:
            other = take_lock(Ledger(archive, "farsonline"))
            hosts(other, server, site.url.partition("//")[2])
        time.sleep(1.1)  # LEASE_SECONDS: this is what is tested
        process.go_on()
        go_on(process)
        _, said = process.communicate()
        assert process.returncode == 75, said
        assert "its lock lapsed, and another run has taken it" in said
        assert site.count() == asked
        other.release()
    with Archive(server) as archive:
        assert check(archive) == []


def test_a_crawl_that_is_cut_off_waits_and_goes_on(own: Postgres, server: Server, site: Site, tmp_path: Path) -> None:
    with Proxy(own.folder) as proxy:
        # Nothing is committed meanwhile: a commit would wait for the network by itself.
        first = "import farscrawler.archive.store as store; store.BATCH_SECONDS = store.BATCH_ROWS = 10_000"
        with start(*crawl(proxy.address(server), site), cwd=tmp_path, stderr=-1, first=first) as process:
            before = site.count(PRINT)
            wait_until(lambda: site.count(PRINT) >= before + 10, process)
            proxy.cut()
            over = time.monotonic() + QUICK["LEASE_SECONDS"] + 0.5  # what was sent at the last moment has come by then
            time.sleep(3)  # the time in which nothing may be asked: this is what is tested
            mended = time.monotonic()
            proxy.mend()
            _, said = process.communicate()
            assert process.returncode == 0, said
    assert [moment for moment in site._moments if over < moment < mended] == []
    with Archive(server) as archive:
        assert check(archive) == []
        assert archive.db.execute("SELECT count(*) > 100, max(revision) FROM articles").fetchone() == (True, 1)
