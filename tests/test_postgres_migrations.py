"""An older archive in a database is brought up to date, whole or not at all; the next version is made up here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, ArchiveError, ArchiveTooNewError, HeldError, connection
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.postgres import migrations
from farscrawler.archive.postgres.connection import open_connection
from farscrawler.archive.schema import MIGRATIONS
from farscrawler.archive.sqlite.kinds import ARCHIVE
from tests.support.postgres import Postgres, needs_postgres
from tests.support.records import article, visit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from farscrawler.locations import Server

pytestmark = needs_postgres
NEWEST = len(MIGRATIONS)
STATEMENTS = (
    "ALTER TABLE visits ADD COLUMN mood TEXT",
    "CREATE TABLE moods (mood TEXT PRIMARY KEY, weight REAL, seen INTEGER) WITHOUT ROWID",
    "CREATE INDEX visits_by_mood ON visits (mood)",
)


def next_version(db: sqlite3.Connection) -> None:
    for statement in STATEMENTS:
        db.execute(statement)


@pytest.fixture
def older(postgres: Postgres) -> Server:
    """An archive of today's version, with an article."""
    server = postgres.archive()
    with Archive(server, readonly=False) as archive:
        archive.save(visit("1"), article("1"))
    return server


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let farscrawler be one whose tables are a version further, with these steps for a database."""

    def set_steps(*statements: str) -> None:
        kind = replace(ARCHIVE, migrations=(*MIGRATIONS, next_version))
        defaults = {**(connection.connect.__kwdefaults__ or {}), "kind": kind}
        monkeypatch.setattr(connection.connect, "__kwdefaults__", defaults)
        monkeypatch.setattr(migrations, "STEPS", {"archive": {NEWEST: statements}})

    return set_steps


def definitions(server: Server) -> set[tuple[str, str, str]]:
    """Return what is in an archive, without the name of its namespace and the order of columns."""
    with Archive(server, readonly=False) as archive:
        space = archive.db.execute("SELECT current_schema()").fetchone()[0]
        found = [[part.replace(f"{space}.", "") for part in one] for one in archive.db.definitions()]
    return {
        (kind, name, ", ".join(sorted(said.split(", "))) if kind == "table" else said)
        for kind, name, said in found
        if not name.startswith("locks")
    }


def test_an_older_archive_becomes_what_a_new_one_is(
    postgres: Postgres, older: Server, newer: Callable[..., None]
) -> None:
    newer(*STATEMENTS)
    brought = definitions(older)
    assert "visits_by_mood" in [name for _, name, _ in brought]
    assert brought == definitions(postgres.archive())
    with Archive(older, readonly=False) as archive:
        assert [one.article_id for one in archive.articles()] == ["1"]
        archive.save(visit("2"), article("2"))
        archive.flush()
    with open_connection(older) as db:
        assert db.execute("SELECT version FROM kinds WHERE kind = 'archive'").fetchone() == (NEWEST + 1,)


def test_a_step_that_fails_leaves_the_archive_as_it_was(
    older: Server, newer: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = definitions(older)
    newer(*STATEMENTS, "ALTER TABLE nowhere ADD COLUMN mood TEXT")
    with pytest.raises(ArchiveError, match='relation "nowhere" does not exist'):
        Archive(older, readonly=False)
    monkeypatch.undo()
    assert definitions(older) == before


def test_an_archive_is_not_changed_under_the_runs_of_others(older: Server, newer: Callable[..., None]) -> None:
    with Archive(older, readonly=False) as archive:
        lock = take_lock(Ledger(archive, "farsonline"))
        newer(*STATEMENTS)
        with pytest.raises(HeldError, match=r"while process \d+ on .* is at work on it \(farsonline\)\. End all runs"):
            Archive(older, readonly=False)
        lock.release()
    Archive(older, readonly=False).close()


def test_an_archive_of_the_next_version_is_refused_by_this_one(
    older: Server, newer: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer(*STATEMENTS)
    Archive(older, readonly=False).close()
    monkeypatch.undo()
    for readonly in (True, False):
        with pytest.raises(ArchiveTooNewError):
            Archive(older, readonly=readonly)
