"""The tables of an archive in PostgreSQL: those of the SQLite file in its types, and what it says otherwise.

They are in a namespace of their own, `farscrawler`, or in the first of the address' `search_path`. The newest version
is made at once; an older one is brought up to date by the steps of migrations.py.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from farscrawler.archive.postgres.migrations import migrate as migrate_tables
from farscrawler.archive.postgres.statements import table_of
from farscrawler.archive.schema import KEPT_COLUMNS, migrate
from farscrawler.errors import ArchiveError, ArchiveTooNewError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.locations import Server

    Migrations = Sequence[Callable[[sqlite3.Connection], None]]
    Connection = psycopg.Connection[tuple[Any, ...]]

DEFAULT_NAMESPACE = "farscrawler"
#: A transaction that makes or brings up to date holds this lock: two crawls may begin together.
MAKING = 0x66617273
_KINDS = "CREATE TABLE IF NOT EXISTS kinds (kind TEXT PRIMARY KEY, version BIGINT NOT NULL)"
#: The first name of a search_path, in quotes or without.
_FIRST_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s,"]+))')
#: Keys that may be longer than a row of a btree (2,704 bytes): unique by their digests, and found by a hash.
_LONG_KEYS = {"lists": ("publisher", "url"), "captures": ("publisher", "source")}
#: The functions that SQLite has and PostgreSQL lacks.
_FUNCTIONS = (
    r"""CREATE OR REPLACE FUNCTION words(value TEXT) RETURNS BIGINT IMMUTABLE LANGUAGE sql AS $$
        SELECT count(*) FROM regexp_split_to_table(replace(value, U&'\00A0', ' '), E'[ \\t\\n\\r\\v\\f]+') AS word
        WHERE word <> '' $$""",
    """CREATE OR REPLACE FUNCTION julianday(value TEXT) RETURNS DOUBLE PRECISION STABLE LANGUAGE plpgsql AS $$
        BEGIN RETURN extract(epoch FROM CAST(value AS TIMESTAMPTZ)) / 86400 + 2440587.5;
        EXCEPTION WHEN data_exception THEN RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION strftime(form TEXT, value TEXT) RETURNS BIGINT STABLE LANGUAGE plpgsql AS $$
        BEGIN RETURN extract(epoch FROM CAST(value AS TIMESTAMP));
        EXCEPTION WHEN data_exception THEN RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION json_valid(value TEXT) RETURNS BOOLEAN IMMUTABLE LANGUAGE plpgsql AS $$
        BEGIN RETURN CAST(value AS JSON) IS NOT NULL; EXCEPTION WHEN data_exception THEN RETURN FALSE; END $$""",
    """CREATE OR REPLACE FUNCTION json_extract(value TEXT, path TEXT) RETURNS DOUBLE PRECISION IMMUTABLE
        LANGUAGE sql AS $$ SELECT CAST(CAST(value AS JSON) ->> substr(path, 3) AS DOUBLE PRECISION) $$""",
)


def is_made(db: Connection, server: Server, kind: str, newest: int) -> bool:
    """Whether the tables of a kind are there. Raise ArchiveError for those of another version."""
    found = version_of(db, server, kind, newest)
    if found is not None and found < newest:
        raise ArchiveError(
            f"{server} has the older schema {found}, and is only read here (this farscrawler writes {newest}). The "
            "next crawl into it brings it up to date, or says what to do."
        )
    return found is not None


def version_of(db: Connection, server: Server, kind: str, newest: int) -> int | None:
    """Return the version of the tables of a kind, None where there are none. Raise ArchiveTooNewError."""
    row = db.execute("SELECT to_regclass('kinds') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return None
    found = db.execute("SELECT version FROM kinds WHERE kind = $1", (kind,)).fetchone()
    if found is not None and found[0] > newest:
        raise ArchiveTooNewError(
            f"{server} was written by a newer farscrawler (schema {found[0]}; this one knows up to {newest}); it was "
            "left untouched. Upgrade farscrawler."
        )
    return found[0] if found is not None else None


def make(db: Connection, server: Server, kind: str, migrations: Migrations) -> None:
    """Make the tables of a kind where they are not there, or bring them up to date, in one transaction."""
    newest = len(migrations)
    if version_of(db, server, kind, newest) == newest:
        return
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock($1)", (MAKING,))
        _make_namespace(db)
        found = version_of(db, server, kind, newest)
        if found == newest:  # by another crawl, meanwhile
            return
        if found is not None:
            migrate_tables(db, server, kind, found, newest)
            made = [one for one in statements(migrations) if one.startswith("CREATE OR REPLACE")]
        else:
            made = list(statements(migrations))
            db.execute(table_of(_KINDS).encode())
            db.execute("INSERT INTO kinds (kind, version) VALUES ($1, $2)", (kind, newest))
        for statement in (*_FUNCTIONS, *made):
            db.execute(statement.encode())


def _make_namespace(db: Connection) -> None:
    """Make the first namespace of the search_path, unless it or an archive in another one of them is there."""
    row = db.execute(
        "SELECT current_schema(), current_setting('search_path'), current_user, to_regclass('kinds') IS NOT NULL"
    ).fetchone()
    found = _FIRST_NAME.match(row[1]) if row is not None else None
    if row is None or found is None or row[3]:
        return
    # Letters outside of ASCII stay as they are without quotes, too.
    name = re.sub("[A-Z]+", lambda part: part[0].lower(), found[2]) if found[1] is None else found[1].replace('""', '"')
    if name == "$user":
        if row[0] is not None:
            return
        name = row[2]
    there = db.execute("SELECT to_regnamespace(quote_ident($1)) IS NOT NULL", (name,)).fetchone()
    if there is not None and not there[0]:
        db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))


def statements(migrations: Migrations) -> Iterator[str]:
    """Yield the statements that make the newest version of the tables."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as file:
        migrate(file, migrations)
        rows = file.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    for kind, name, statement in rows:
        if kind == "index":
            yield statement
        if kind == "table":
            yield from _table(name, table_of(statement))
    if any(name == "articles" for _, name, _ in rows):
        yield from _keep_revision()


def _table(name: str, statement: str) -> Iterator[str]:
    if name in ("articles", "revisions"):  # the order of storing, which an SQLite table has by itself
        statement = statement.replace("(\n", "(\n  rowid BIGINT GENERATED BY DEFAULT AS IDENTITY UNIQUE,\n", 1)
    key = _LONG_KEYS.get(name)
    if key is None:
        yield statement
        return
    publisher, long = key
    plain = f",\n        PRIMARY KEY ({publisher}, {long})"
    assert plain in statement, statement  # noqa: S101  # looked at by every test that makes an archive
    yield statement.replace(plain, "")
    yield f"CREATE UNIQUE INDEX {name}_by_key ON {name} ({publisher}, md5({long}))"
    yield f"CREATE INDEX {name}_by_{long} ON {name} USING hash ({long})"


def _keep_revision() -> Iterator[str]:
    names = ", ".join(KEPT_COLUMNS)
    yield f"""CREATE OR REPLACE FUNCTION keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO revisions ({names}) VALUES ({", ".join(f"old.{name}" for name in KEPT_COLUMNS)})
              ON CONFLICT DO NOTHING; RETURN new; END $$"""
    yield """CREATE TRIGGER keep_revision BEFORE UPDATE ON articles FOR EACH ROW
        WHEN (old.content_hash IS DISTINCT FROM new.content_hash) EXECUTE FUNCTION keep_revision()"""
