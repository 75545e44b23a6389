"""An archive in PostgreSQL: what its batches store, who is refused, and that followers miss nothing."""

from __future__ import annotations

import multiprocessing
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from farscrawler.archive import Archive, ArchiveError, ArchiveTooNewError, HeldError
from farscrawler.archive.audit.checks import check
from farscrawler.archive.kept.pages import KeptPages
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.postgres.connection import PostgresDatabase, open_connection
from farscrawler.archive.reading.changes import changes_after, last_seq
from farscrawler.archive.records import Visit
from farscrawler.errors import BadArgumentError
from farscrawler.locations import Server, location_of
from tests.support import run
from tests.support.commands import PATIENCE
from tests.support.postgres import Postgres, needs_postgres
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.archive import Outcome
    from farscrawler.archive.writing.batch import RefusedRowError, Stored

pytestmark = needs_postgres


@pytest.fixture
def server(postgres: Postgres) -> Server:
    return postgres.archive()


@pytest.fixture
def opened(server: Server) -> Iterator[Archive]:
    with Archive(server, readonly=False) as archive:
        yield archive


def database_of(archive: Archive) -> PostgresDatabase:
    assert isinstance(archive.db, PostgresDatabase)
    return archive.db


# -- batches ----------------------------------------------------------------------------------------


def test_one_article_three_times_in_one_batch_has_three_revisions(opened: Archive) -> None:
    stored: list[Stored] = []
    opened.listeners.append(stored.extend)
    for text in ("a", "b", "c"):
        opened.save(visit("1"), article("1", content_hash=text))
    opened.save(visit("1"), article("1", content_hash="c"))
    opened.flush()
    assert [(one.seq, one.article.content_hash, one.article.revision) for one in stored] == [
        (1, "a", 1), (2, "b", 2), (3, "c", 3),
    ]  # fmt: skip
    assert [one.content_hash for one in opened.revisions("farsonline", "1")] == ["a", "b", "c"]
    assert opened.db.execute("SELECT tries FROM visits").fetchall() == [(4,)]
    assert check(opened) == []


def test_a_batch_says_the_same_of_its_addresses_as_in_a_file(opened: Archive, tmp_path: Path) -> None:
    """Later failures of an article and of what is none, by every outcome before it."""
    outcomes: list[Outcome] = ["failed", "missing"]
    firsts: list[Outcome] = ["article", "missing"]
    rows = [visit(f"{first} {later}", first) for first in firsts for later in outcomes]
    later = [
        replace(one, outcome=outcome, at="2026-11-24T08:00:00+00:00", reason="r", tries=2)
        for one, outcome in zip(rows, outcomes * 2, strict=True)
    ]
    said = []
    with Archive(tmp_path / "archive.db", readonly=False) as file:
        for archive in (opened, file):
            for batch in (rows, later):
                for one in batch:
                    archive.save(replace(one), article(one.key) if one.outcome == "article" else None)
                archive.flush()
            names = "key, outcome, reason, tries, first_at, last_at, run, page_kept"
            said.append(archive.db.execute(f"SELECT {names} FROM visits ORDER BY key").fetchall())  # noqa: S608  # ours
    assert said[0] == said[1]
    assert len(said[0]) == 4


@pytest.mark.parametrize("text", ["نیم\0جمله", "شادی \ud83d"], ids=["nul", "half an emoji"])
def test_a_row_that_cannot_be_stored_costs_itself_alone(opened: Archive, text: str) -> None:
    refused: list[RefusedRowError] = []
    opened.refusals.append(refused.append)
    for key in "123":
        opened.save(visit(key), article(key, headline=text if key == "2" else "تیتر"))
    opened.flush()
    assert [one.key for one in refused] == ["2"]
    assert sorted(one.article_id for one in opened.articles()) == ["1", "3"]
    outcomes = opened.db.execute("SELECT key, outcome FROM visits ORDER BY key").fetchall()
    assert outcomes == [("1", "article"), ("2", "failed"), ("3", "article")]


def test_an_address_of_eight_thousand_letters_is_kept_as_a_list_and_as_a_capture(opened: Archive) -> None:
    from farscrawler.archive.captures import RejectedCaptures  # noqa: PLC0415  # loads much

    # Of letters that do not compress: an index holds 2,704 bytes.
    long = "http://x/" + "".join(chr(97 + at * at * 31 % 26) + str(at) for at in range(2_000))
    rejected = RejectedCaptures(opened, "farsonline")
    for _ in range(2):
        rejected.add("1", source=long, source_at=AT, outcome="missing", reason="gone", at=AT)
    assert rejected.among([long, "http://x/other"]) == {long}


# -- many writers -----------------------------------------------------------------------------------


def test_who_follows_two_writers_misses_no_change(server: Server) -> None:
    """The one that began first commits last; a reader asks after each step."""
    with Archive(server, readonly=False) as first, Archive(server, readonly=False) as second:
        met: list[str] = []
        place = 0

        def follow() -> None:
            nonlocal place
            with Archive(server) as reader:
                upto = last_seq(reader.db, reader.path)
                met.extend(
                    one.article_id for one in changes_after(reader.db, reader.path, place, upto=upto, limit=1000)
                )
                place = upto

        first.db.begin()
        first.db.execute("UPDATE visits SET tries = 0")  # which gives it the lower number of a transaction
        second.save(visit("2"), article("2"))
        second.flush()
        follow()
        first.db.execute("ROLLBACK")
        writers = [
            threading.Thread(target=_store, args=(one, [f"{name}{at}" for at in range(100)]))
            for name, one in (("a", first), ("b", second))
        ]
        for one in writers:
            one.start()
        while any(one.is_alive() for one in writers):
            follow()
        follow()
        assert sorted(met) == sorted(["2", *(f"{name}{at}" for name in "ab" for at in range(100))])


def _store(archive: Archive, keys: list[str]) -> None:
    for key in keys:
        archive.save(visit(key), article(key))
        archive.flush()


def test_a_writer_numbers_its_changes_after_the_commit_of_another_one(server: Server) -> None:
    """The first one has numbered and does not commit yet; the second one waits for it."""
    with Archive(server, readonly=False) as first, Archive(server, readonly=False) as second:
        held = threading.Event()
        go = threading.Event()

        class Wait:
            def check(self, _db: object) -> None:
                held.set()
                go.wait(PATIENCE)

        first.guard = Wait()  # type: ignore[assignment]  # it is asked right before the commit
        writer = threading.Thread(target=_store, args=(first, ["1"]))
        writer.start()
        assert held.wait(PATIENCE)
        other = threading.Thread(target=_store, args=(second, ["2"]))
        other.start()
        with open_connection(server) as watcher:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while watcher.execute(waiting).fetchone() == (0,):
                assert other.is_alive()
        with Archive(server) as reader:
            assert last_seq(reader.db, reader.path) == 0
        go.set()
        writer.join()
        other.join()
        rows = second.db.execute("SELECT seq, article_id FROM changes ORDER BY seq").fetchall()
        assert rows == [(1, "1"), (2, "2")]


def _hold(address: str, ready: multiprocessing.synchronize.Event) -> None:
    with Archive(Server(address), readonly=False) as archive:
        take_lock(Ledger(archive, "farsonline"))
        ready.set()
        threading.Event().wait()


def test_the_lock_of_a_killed_run_is_free_at_once(server: Server, opened: Archive) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(server.address, ready))
    holder.start()
    assert ready.wait(PATIENCE)
    with pytest.raises(HeldError, match="is crawling farsonline into postgresql://nobody@/postgres"):
        take_lock(Ledger(opened, "farsonline"))
    take_lock(Ledger(opened, "irna")).release()  # another publisher is nobody's
    holder.kill()
    holder.join()
    lock = take_lock(Ledger(opened, "farsonline"))
    assert lock.is_locked
    lock.release()


# -- opening ----------------------------------------------------------------------------------------


def test_a_newer_archive_is_left_untouched(server: Server) -> None:
    Archive(server, readonly=False).close()
    with open_connection(server) as db:
        db.execute("UPDATE kinds SET version = 99")
    for readonly in (True, False):
        with pytest.raises(ArchiveTooNewError, match=r"a newer farscrawler \(schema 99; this one knows up to"):
            Archive(server, readonly=readonly)


def test_an_older_archive_is_left_untouched(server: Server) -> None:
    Archive(server, readonly=False).close()
    with open_connection(server) as db:
        db.execute("UPDATE kinds SET version = 3")
    with pytest.raises(ArchiveError, match=r"has the older schema 3, and is only read here \(this farscrawler"):
        Archive(server)
    with pytest.raises(ArchiveError, match="has the older schema 3, which this farscrawler cannot bring up to date"):
        Archive(server, readonly=False)
    with open_connection(server) as db:
        assert db.execute("SELECT version FROM kinds WHERE kind = 'archive'").fetchone() == (3,)


def test_nothing_is_made_in_an_empty_database_that_is_read(server: Server) -> None:
    with pytest.raises(ArchiveError, match=r"has no archive yet\. Crawl first"):
        Archive(server)
    with open_connection(server) as db:
        assert db.execute("SELECT current_schema()").fetchone() == (None,)


def test_an_archive_that_is_open_for_reading_writes_nothing(server: Server, opened: Archive) -> None:
    opened.save(visit("1"), article("1"))
    opened.flush()
    with Archive(server) as reader, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.db.execute("DELETE FROM visits")


def test_two_programs_may_make_an_archive_at_once(server: Server) -> None:
    errors: list[BaseException] = []

    def make() -> None:
        try:
            Archive(server, readonly=False).close()
            KeptPages(server, readonly=False).close()
        except BaseException as error:  # noqa: BLE001  # told below
            errors.append(error)

    makers = [threading.Thread(target=make) for _ in range(4)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert errors == []


def test_what_others_have_dropped_is_told(opened: Archive) -> None:
    opened.db.execute("DROP TRIGGER keep_revision ON articles")
    opened.db.execute("DROP INDEX articles_by_day")
    assert [(one.what, one.mendable) for one in check(opened)] == [
        ("index articles_by_day is not there", True),
        ("trigger keep_revision is not there", True),
    ]
    with pytest.raises(ArchiveError, match=r"trigger keep_revision is not there. `farscrawler check --repair`"):
        Ledger(opened, "farsonline").begin_run({}, AT)


# -- what is printed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:p@h:5/d", "postgresql://u@h:5/d"),
        ("postgres://u:p@h/d?password=q&sslmode=require", "postgresql://u@h/d?sslmode=require"),
        ("postgresql:///d?host=/run/x", "postgresql:///d?host=/run/x"),
        ("postgresql:/u:p@h/d", "postgresql://u@h/d"),  # what pathlib makes of it
    ],
)
def test_no_password_is_shown(address: str, shown: str) -> None:
    place = location_of(address)
    assert isinstance(place, Server)
    assert str(place) == shown
    assert repr(place) == f"Server({shown!r})"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://u:gehe@im@h/d", "the address of the database cannot be read. Write postgresql://USER@HOST"),
        ("postgresql://u:100%geheim@h/d", "the address of the database cannot be read. Write postgresql://USER@HOST"),
        ("postgresql://u:geheim@h:port/d", "the address of the database cannot be read. Write postgresql://USER@HOST"),
        ("mysql://u:geheim@h/d", "mysql:// is no archive. Name a file, or a database as postgresql://"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_a_part_of_its_password(address: str, sentence: str) -> None:
    with pytest.raises(BadArgumentError) as caught:
        location_of(address)
    assert sentence in str(caught.value)
    assert not {"gehe", "geheim"} & set(re.findall(r"[a-z]+", str(caught.value)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("/postgres?", "/nodb?"), "Make the database first: createdb -E UTF8"),
        (("nobody@", "nobodyelse@"), "Name a user who may log in; PGPASSFILE or ~/.pgpass holds passwords."),
    ],
)
def test_who_is_not_let_in_is_told_what_to_do(
    server: Server, tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    done = run("show", "--archive", server.address.replace(*change), cwd=tmp_path)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "stays pending" not in done.stderr


def test_no_command_prints_the_password(server: Server, tmp_path: Path) -> None:
    address = server.address.replace("nobody@", "nobody:geheim@")
    Archive(Server(address), readonly=False).close()
    for words in (["config"], ["show", "--help"], ["check"], ["search", "متن"], ["show", "x"], ["stats"]):
        done = run(*words, "--archive", address, cwd=tmp_path)
        assert "geheim" not in done.stdout + done.stderr, words
        assert "nobody@" in done.stdout + done.stderr or words[0] == "show", words


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run("show", "--archive", f"postgresql:///news?host={tmp_path}", cwd=tmp_path)
    assert done.returncode == 1, done.stderr  # the same may work later
    assert "See that the server is there, and run the same command again." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_visit_of_a_row_that_cannot_be_stored_says_why(opened: Archive) -> None:
    opened.save(Visit(publisher="farsonline", key="1", url="http://x/\0", outcome="missing", at=AT))
    opened.flush()
    row = opened.db.execute("SELECT outcome, reason FROM visits").fetchone()
    assert row == ("failed", "cannot be stored: PostgreSQL text fields cannot contain NUL (0x00) bytes")
