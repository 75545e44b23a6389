"""The SQL of exports: up to where each export file is whole, and export files that are SQLite themselves.

A killed run goes on from there without a doubled or torn line.
"""

from __future__ import annotations

import errno
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from farscrawler.archive import article_rows
from farscrawler.archive.article_rows import to_row
from farscrawler.archive.connection import explained, pages, rows_of_keys
from farscrawler.archive.schema import ARTICLES_TABLE, EXPORT_APPLICATION_ID, FIELDS_1, articles_table
from farscrawler.archive.writing.batch import Stored
from farscrawler.items import FIELD_NAMES, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from farscrawler.archive.store import Archive
    from farscrawler.items import Article


_ARTICLE = ", ".join(f"a.{name}" for name in FIELD_NAMES)
_PENDING = f"""SELECT c.seq, {_ARTICLE} FROM changes c
    JOIN {{table}} a ON a.publisher = c.publisher AND a.article_id = c.article_id AND a.revision = c.revision
    WHERE c.publisher = ?1 AND NOT EXISTS (SELECT 1 FROM export_lines WHERE export = ?2 AND seq = c.seq)
      AND c.seq > ?3"""
_OF_RUNS = f"""SELECT c.seq, {_ARTICLE} FROM changes c
    JOIN {{table}} a ON a.publisher = c.publisher AND a.article_id = c.article_id AND a.revision = c.revision
    WHERE c.publisher = ?1 AND c.run IN (SELECT run FROM runs WHERE publisher = ?1 AND started_at >= ?2)
      AND c.seq > ?3"""
_HELD = f"""SELECT c.seq, {_ARTICLE} FROM export_lines l JOIN changes c ON c.seq = l.seq
    JOIN {{table}} a ON a.publisher = c.publisher AND a.article_id = c.article_id AND a.revision = c.revision
    WHERE l.export = ?1 AND c.seq > ?2"""
_UPSERT = (
    f"INSERT INTO articles ({', '.join(FIELD_NAMES)}) VALUES ({', '.join('?' * len(FIELD_NAMES))}) "
    "ON CONFLICT (publisher, article_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in FIELD_NAMES)
    + " WHERE excluded.revision >= articles.revision"
)


@dataclass(slots=True)
class ExportFile:
    """What the archive knows of one export file.

    ``first_seq`` is the last change before the file was begun: all later changes of this publisher belong into it.
    ``start_bytes`` were there before the export; up to ``bytes`` the file is ours and whole; ``tail`` is a digest of
    its end there, by which a change by other hands is noticed. ``at`` is when the run began that wrote into it last,
    and ``schema_version`` that of the articles in it.
    """

    export: int
    path: str
    format: str
    publisher: str
    first_seq: int
    start_bytes: int
    bytes: int
    tail: str
    at: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def is_older(self) -> bool:
        """Whether the file was begun with other fields than those of today."""
        return self.schema_version != SCHEMA_VERSION


_FILE = ", ".join(field.name for field in fields(ExportFile))


class ExportLog:
    """The record of one export file in an open archive; only articles for which ``covers`` is true belong into it."""

    def __init__(
        self, archive: Archive, path: str, publisher: str, covers: Callable[[Article], bool] = lambda _: True
    ) -> None:
        self.archive = archive
        self.path = path
        self.publisher = publisher
        self.covers = covers
        self._lines: list[int] = []

    def find(self) -> ExportFile | None:
        """Return what the archive knows of the file, or None where it never wrote it."""
        with explained(self.archive.path):
            row = self.archive.db.execute(f"SELECT {_FILE} FROM exports WHERE path = ?", (self.path,)).fetchone()
        return ExportFile(*row) if row else None

    def begin(self, form: str, start_bytes: int, tail: str, at: str) -> ExportFile:
        """Store a new file, or an old one begun anew; everything known of that path before is forgotten."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                "DELETE FROM export_lines WHERE export IN (SELECT export FROM exports WHERE path = ?)",
                (self.path,),
            )
            db.execute("DELETE FROM exports WHERE path = ?", (self.path,))
            row = db.execute(
                f"""INSERT INTO exports
                      (path, format, publisher, first_seq, start_bytes, bytes, tail, at, schema_version)
                    VALUES (?1, ?2, ?3, (SELECT coalesce(max(seq), 0) FROM changes), ?4, ?4, ?5, ?6, ?7)
                    RETURNING {_FILE}""",
                (self.path, form, self.publisher, start_bytes, tail, at, SCHEMA_VERSION),
            ).fetchone()
        return ExportFile(*row)

    def advance(self, export: ExportFile, lines: Sequence[int], *, size: int, tail: str, at: str) -> None:
        """Store that the file holds these changes too and is whole up to ``size`` bytes."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.executemany(
                "INSERT INTO export_lines (export, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
                ((export.export, seq) for seq in lines),
            )
            db.execute(
                "UPDATE exports SET bytes = ?, tail = ?, at = ?, schema_version = ? WHERE export = ?",
                (size, tail, at, SCHEMA_VERSION, export.export),
            )
        export.bytes, export.tail, export.schema_version = size, tail, SCHEMA_VERSION

    def pending(self, export: ExportFile) -> Iterator[list[Stored]]:
        """Yield, a page at a time, the changes since the file was begun that it does not hold yet."""
        found = self._pages(_PENDING, self.publisher, export.export, after=export.first_seq)
        yield from filter(None, map(self._covered, found))

    def stored_since(self, at: str) -> Iterator[list[Stored]]:
        """Yield, a page at a time, what the runs of this publisher have stored that began at a moment or later."""
        yield from filter(None, map(self._covered, self._pages(_OF_RUNS, self.publisher, at, after=0)))

    def held(self, export: ExportFile) -> Iterator[list[Stored]]:
        """Yield, a page at a time, the changes that the file holds, in the order of storing."""
        for rows in self._pages(_HELD, export.export, after=0):
            yield [Stored(row[0], article_rows.from_row(row[1:], self.archive.path)) for row in rows]

    def _pages(self, of_table: str, *values: object, after: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield pages of changes, each with its article or superseded revision."""
        tables = " UNION ALL ".join(of_table.format(table=table) for table in ("articles", "revisions"))
        statement = f"{tables} ORDER BY 1 LIMIT ?{len(values) + 2}"
        return pages(self.archive.db, self.archive.path, statement, *values, after=(after,))

    def _covered(self, rows: Iterable[tuple[Any, ...]]) -> list[Stored]:
        stored = (Stored(row[0], article_rows.from_row(row[1:], self.archive.path)) for row in rows)
        return [one for one in stored if self.covers(one.article)]

    def holds(self, keys: Sequence[tuple[str, int, str]]) -> bool:
        """Whether this archive has stored each of these article ids with its revision and content hash."""
        with explained(self.archive.path):
            return all(
                self.archive.db.execute(
                    """SELECT EXISTS (SELECT 1 FROM articles WHERE publisher = ?1 AND article_id = ?2
                                      AND revision = ?3 AND content_hash = ?4)
                           OR EXISTS (SELECT 1 FROM revisions WHERE publisher = ?1 AND article_id = ?2
                                      AND revision = ?3 AND content_hash = ?4)""",
                    (self.publisher, *key),
                ).fetchone()[0]
                for key in keys
            )

    def missing_of(self, export: ExportFile, article_ids: Iterable[str]) -> list[Stored]:
        """Return the present revisions of these articles that belong into the file and are not in it yet."""
        rows = rows_of_keys(
            self.archive.db,
            self.archive.path,
            f"""SELECT c.seq, {_ARTICLE} FROM articles a
                JOIN changes c ON a.publisher = c.publisher AND a.article_id = c.article_id AND a.revision = c.revision
                WHERE a.publisher = ? AND NOT EXISTS (SELECT 1 FROM export_lines WHERE export = ? AND seq = c.seq)
                  AND a.article_id IN ({{keys}})
                ORDER BY c.seq""",
            self.publisher,
            export.export,
            keys=article_ids,
        )
        return self._covered(rows)


def open_export(path: Path) -> sqlite3.Connection:
    """Open or make an export file. Raise ValueError where it holds other tables, or is no SQLite file."""
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            db.execute(ARTICLES_TABLE)
        columns = [row[1] for row in db.execute("PRAGMA table_info(articles)")]
    except sqlite3.DatabaseError as error:
        db.close()
        raise ValueError(str(error)) from error
    if columns != list(FIELD_NAMES):
        db.close()
        older = columns == list(FIELDS_1)
        raise ValueError("an older farscrawler began it" if older else "its tables are not those of an export")
    return db


def token_of(db: sqlite3.Connection) -> str:
    """Return the mark by which an archive knows the export it has written (PRAGMA user_version); `0` for no mark."""
    return str(db.execute("PRAGMA user_version").fetchone()[0])


def set_token(db: sqlite3.Connection) -> str:
    """Write a new mark into the file, and return it."""
    db.execute(f"PRAGMA user_version = {secrets.randbelow(2**31 - 1) + 1}")
    return token_of(db)


def write_rows(db: sqlite3.Connection, articles: Iterable[Article]) -> None:
    """Store the articles in one transaction; an older revision never replaces a newer one."""
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(_UPSERT, (to_row(article) for article in articles))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


class ExportTable:
    """A new SQLite export, written in one transaction; ``columns`` are its fields. Its methods raise sqlite3.Error.

    Nobody else knows the file until it is renamed, so that it needs no journal.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"application_id = {EXPORT_APPLICATION_ID}"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute(articles_table(columns))
        self._insert = f"INSERT INTO articles VALUES ({', '.join('?' * len(columns))})"
        self._db.execute("BEGIN")

    def add_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Store some rows."""
        self._db.executemany(self._insert, rows)

    def finish(self) -> None:
        """End the file."""
        self._db.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Close the file, whole or not."""
        self._db.close()


def settle(path: Path) -> None:
    """Have SQLite fold the journal or log of a killed program into a file that is going to be replaced.

    Left beside the new file, they would be taken for its own. Raise OSError where another program has the file open.
    """
    if path.exists():
        with closing(sqlite3.connect(path, timeout=0)) as db, suppress(sqlite3.Error):
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for ending in ("-journal", "-wal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise OSError(errno.EBUSY, f"{beside.name} is beside it: another program has it open, or did not close it")
