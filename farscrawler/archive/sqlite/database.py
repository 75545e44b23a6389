"""The database of an archive that is an SQLite file: sqlite3's own connection, with what the archive asks beside."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NO_BREAK_SPACE = "\u00a0".encode()


class SqliteDatabase(sqlite3.Connection):
    """A connection that can be remembered as long as it is there, which one of sqlite3's own cannot."""

    def begin(self) -> None:
        """Begin a transaction that writes; it takes the lock at its start, so that it can be refused only there."""
        self.execute("BEGIN IMMEDIATE")

    def recovers(self) -> bool:
        """Return False: a file is not lost like a connection."""
        return False

    def be_brief(self) -> None:
        """Do nothing: no network is between a file and its reader."""

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table, within a transaction."""
        marks = ", ".join("?" * len(columns))
        self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def count_on(self, table: str, column: str) -> None:
        """Do nothing: SQLite goes on behind the highest number by itself."""

    def make(self, statement: str, /) -> None:
        """Make a table or an index, or fill it at its making."""
        self.execute(statement)

    @contextlib.contextmanager
    def lenient(self) -> Iterator[None]:
        """Read a text of bytes that are no text, with escapes in their places."""
        self.text_factory = _lenient
        try:
            yield
        finally:
            self.text_factory = str

    def version(self, newest: int) -> int:  # noqa: ARG002  # a file says its own
        """Return the version of the tables."""
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def untriggered(self, table: str) -> Iterator[None]:
        """Take the triggers of a table away for a while, within a transaction, those of others too."""
        triggers = self.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
        for name, _ in triggers:
            self.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, statement in triggers:
            self.execute(statement)

    def layout(self) -> int:
        """Return the version of the schema; VACUUM changes it, and so do new tables and indexes."""
        return int(self.execute("PRAGMA schema_version").fetchone()[0])

    def number_of(self, column: str) -> str:
        """Return the expression for a text of digits as a number; NULL for another text."""
        return f"CASE WHEN {column} NOT GLOB '*[^0-9]*' THEN CAST({column} AS INTEGER) END"

    def long_key(self, column: str) -> str:
        """Return what tells the values of a column apart: they themselves."""
        return column

    def octets_of(self, column: str) -> str:
        """Return the expression for the length of a text in UTF-8."""
        return f"length(CAST({column} AS BLOB))"

    def words_of(self, column: str) -> str:
        """Return the expression for the number of words of a text; NULL for a value that is no text."""
        self.create_function("words", 1, words, deterministic=True)
        return f"CASE typeof({column}) WHEN 'text' THEN words(CAST({column} AS BLOB)) END"

    def definitions(self) -> list[list[str]]:
        """Return kind, name and definition of all that was made, in the order of its making."""
        rows = self.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        return [list(row) for row in rows]


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def words(body: bytes) -> int:
    """Return the number of words of a text in UTF-8: of what stands between blanks. A half-space is none.

    Of bytes they are counted in half the time.
    """
    return len((body.replace(_NO_BREAK_SPACE, b" ") if _NO_BREAK_SPACE in body else body).split())
