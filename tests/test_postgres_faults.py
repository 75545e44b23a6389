"""A connection that is lost at any point: nothing of a batch is lost, and nothing is stored twice."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, ArchiveError, HeldError
from farscrawler.archive.audit.checks import check
from farscrawler.archive.kept.pages import KeptPage, KeptPages
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.postgres import connection
from farscrawler.archive.postgres.connection import open_connection
from farscrawler.archive.postgres.locks import take_hosts
from farscrawler.archive.postgres.queue import JobQueue
from farscrawler.errors import ServerAwayError
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom import Server as Site
from tests.support import crawl_words, json_lines, run, start
from tests.support.commands import PATIENCE
from tests.support.killing import Hold
from tests.support.postgres import Postgres, needs_postgres, running
from tests.support.proxies import Proxy
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from farscrawler.archive.writing.batch import Stored
    from farscrawler.locations import Server

pytestmark = needs_postgres
KEYS = [str(at) for at in range(20)]


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that may be stopped; what it has said to be committed is on the disk."""
    with running(durable=True) as server:
        yield server


@pytest.fixture
def proxy(own: Postgres) -> Iterator[Proxy]:
    with Proxy(own.folder) as proxy:
        yield proxy


def save(archive: Archive, *keys: str) -> list[Stored]:
    stored: list[Stored] = []
    archive.listeners[:] = [stored.extend]
    for key in keys:
        archive.save(visit(key), article(key))
    archive.flush()
    return stored


def assert_once(server: Server, keys: list[str]) -> None:
    """Check that the archive holds these articles, each visited and changed once."""
    with Archive(server) as archive:
        assert sorted(one.article_id for one in archive.articles()) == sorted(keys)
        assert archive.db.execute("SELECT DISTINCT tries FROM visits").fetchall() == [(1,)]
        assert archive.db.execute("SELECT count(*) FROM changes").fetchone() == (len(keys),)
        assert check(archive) == []


def test_a_restart_between_two_batches_costs_nothing(own: Postgres) -> None:
    server = own.archive()
    with Archive(server, readonly=False) as archive, KeptPages(server, readonly=False) as pages:
        lock = take_lock(Ledger(archive, "farsonline"))
        save(archive, *KEYS[:10])
        own.restart()
        seen = visit("p", "missing")
        page = KeptPage(
            publisher="farsonline", key="p", form="f", url="u", outcome="missing", status=200, fetched_at=AT, body=b"x"
        )
        pages.keep(seen, [page])
        pages.flush()
        assert len(save(archive, *KEYS[10:])) == 10
        assert pages.count("farsonline", ["p"]) == 1
        assert lock.is_locked
        with pytest.raises(ArchiveError, match="is crawling farsonline"), Archive(server) as other:
            take_lock(Ledger(other, "farsonline"))
        lock.release()
    assert_once(server, KEYS)


@pytest.mark.parametrize("words", [b"COPY incoming_visits", b"INSERT INTO changes", b"COMMIT"])
def test_a_batch_whose_connection_ends_is_stored_once(own: Postgres, proxy: Proxy, words: bytes) -> None:
    """The answer to the commit too: the server has committed, and the client does not know."""
    server = own.archive()
    with Archive(proxy.address(server), readonly=False) as archive:
        proxy.lose_answer_to = words
        stored = save(archive, *KEYS)
    assert proxy.lost.is_set()
    assert [one.article.article_id for one in stored] == KEYS
    assert_once(server, KEYS)


def test_a_proxy_that_stops_forwarding_is_left(own: Postgres, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WRITE_SECONDS", 1.0)
    server = own.archive()
    with Archive(proxy.address(server), readonly=False) as archive:
        proxy.stalls_at = b"INSERT INTO visits"
        stored = save(archive, *KEYS)
    assert proxy.lost.is_set()
    assert len(stored) == len(KEYS)
    assert_once(server, KEYS)


def test_a_writer_that_stands_still_within_a_copy_keeps_no_other_one_waiting(
    own: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends a session that is idle in its transaction, and waits without end for the rows of a COPY."""
    monkeypatch.setattr(connection, "RECONNECT_SECONDS", 0.1)
    server = own.archive()
    with Archive(server, readonly=False) as other:
        with Proxy(own.folder) as proxy:
            archive = Archive(proxy.address(server), readonly=False)
            archive.revise(article("1"))  # with no visit, so that the second part of the batch begins with the first
            archive.save(visit("1"), article("1", headline="another"))
            proxy.stalls_at = b"COPY incoming_visits"
            errors: list[BaseException] = []

            def write() -> None:
                try:
                    archive.flush()
                except ArchiveError as error:
                    errors.append(error)

            writer = threading.Thread(target=write)
            writer.start()
            assert proxy.lost.wait(PATIENCE)
            monkeypatch.setattr(connection, "WRITE_SECONDS", 2.0)
            assert len(save(other, "2")) == 1
        writer.join(PATIENCE)
        assert len(errors) == 1
        archive.db.close()
    assert_once(server, ["2"])


def test_a_run_leaves_a_proxy_that_stops_forwarding(
    own: Postgres, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of its batches too: a job that waits for an hour holds its place and its host for so long."""
    monkeypatch.setattr(connection, "RUN_SECONDS", 1.0)
    server = own.archive()
    with Archive(proxy.address(server), readonly=False) as archive:
        archive.db.be_brief()
        proxy.stalls_at = b"SELECT 7"
        assert archive.db.execute("SELECT 7").fetchone() == (7,)
        assert proxy.lost.is_set()
        proxy.stalls_at = b"SELECT 8"  # on the next connection too
        assert archive.db.execute("SELECT 8").fetchone() == (8,)


@pytest.mark.parametrize("open_again", [lambda at: Archive(at, readonly=False), JobQueue, KeptPages])
@pytest.mark.parametrize("words", [b"set_config('TimeZone'", b"SHOW server_encoding", b"FROM kinds"])
def test_what_is_opened_by_a_proxy_that_stops_forwarding_is_given_up(
    own: Postgres, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, words: bytes, open_again: Callable[[Server], object]
) -> None:
    """A worker or a watch that begins, or begins anew, would wait for an hour else, and say nothing."""
    server = own.archive()
    with Archive(server, readonly=False), KeptPages(server, readonly=False), JobQueue(server):
        pass
    for name in ("FIRST_SECONDS", "WRITE_SECONDS"):
        monkeypatch.setattr(connection, name, 0.5)
    proxy.stalls_at = words
    with pytest.raises(ServerAwayError, match=r"no answer for 0\.5 s"):
        open_again(proxy.address(server))
    assert proxy.lost.is_set()


def test_a_server_that_stays_away_ends_the_work_with_a_sentence(own: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "RECONNECT_SECONDS", 0.5)
    server = own.archive()
    archive = Archive(server, readonly=False)
    save(archive, "1")
    own.stop()
    try:
        with pytest.raises(ArchiveError, match="See that the server is there, and run the same command again"):
            save(archive, "2")
    finally:
        own.start()
    assert len(save(archive)) == 1  # the rows are kept for another try
    archive.close()
    assert_once(server, ["1", "2"])


@pytest.mark.parametrize("table", ["locks", "runs"])
def test_a_database_without_room_is_no_fault_of_the_words(own: Postgres, tmp_path: Path, table: str) -> None:
    """A worker takes a crawl that ends with code 2 for one that its machine is not set up for, and gives up."""
    server = own.archive()
    with Archive(server, readonly=False) as archive, Site(Newsroom(count=10)) as site:
        take_lock(Ledger(archive, "other")).release()  # which makes its table
        archive.db.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        archive.db.execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
        done = run(*crawl_words(site.url, settings={"ARCHIVE": server.address}), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "The disk of the server is full" in done.stderr


def test_a_lock_that_another_run_has_got_meanwhile_ends_this_one(own: Postgres) -> None:
    server = own.archive()
    with Archive(server, readonly=False) as archive:
        take_lock(Ledger(archive, "farsonline"))
        with closing(open_connection(server)) as admin:
            admin.execute("UPDATE locks SET until = 0")
        with Archive(server) as other:
            held = take_lock(Ledger(other, "farsonline"))
            with pytest.raises(HeldError, match="its lock lapsed, and another run has taken it"):
                save(archive, "1")
            held.release()
            with pytest.raises(HeldError, match="another run has taken it"):  # that has ended meanwhile
                save(archive)
        archive._batch.clear()


def test_a_crawl_goes_on_over_a_restart(own: Postgres, tmp_path: Path) -> None:
    server = own.archive()
    settings = {"ARCHIVE": server.address}
    newsroom = Newsroom(count=200)
    with Site(newsroom, weight=2_000) as site:
        words = crawl_words(site.url, "-a", "latest=120", "-o", "news.jsonl", settings=settings)
        with (
            Hold(site.site, "respond", lambda: site.count("/Incsys/PrtNews.aspx") >= 60) as hold,
            start(*words, cwd=tmp_path) as process,
        ):
            assert hold.begun.wait(PATIENCE)
            own.restart()
            hold.release()
            assert process.wait() == 0
        lines = [one["article_id"] for one in json_lines(tmp_path / "news.jsonl")]
        assert len(lines) == len(set(lines)) > 60
        with Archive(server) as archive:
            stored = archive.db.execute("SELECT count(*), max(revision) FROM articles").fetchone()
            assert check(archive) == []
        assert stored == (len(lines), 1)


def test_one_host_is_asked_by_one_run(postgres: Postgres, tmp_path: Path) -> None:
    """Two publishers on one host, as a replica is."""
    server = postgres.archive()
    with Site(Newsroom(count=50), weight=2_000) as site, Archive(server, readonly=False) as archive:
        lock = take_lock(Ledger(archive, "irna"))
        take_hosts(lock, server, [site.url.partition("//")[2]], lease=20, in_flight=60, pause=0)
        words = crawl_words(site.url, "-a", "latest=5", settings={"ARCHIVE": server.address})
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 75, done.stderr
        assert "wait for it, so that the site is asked by one run at a time." in done.stderr
        lock.release()
        assert run(*words, cwd=tmp_path).returncode == 0
