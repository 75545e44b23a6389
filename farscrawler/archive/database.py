"""What the archive asks of a database: statements in the SQL of both backends, and a few members for the rest.

A statement is written once, for SQLite, with `?` and `?1` as marks of its values; postgres/statements.py says it in
PostgreSQL's words. What differs more than that is a member here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager


class Cursor(Protocol):
    """The rows of a statement, and how many rows it has changed."""

    @property
    def rowcount(self) -> int:
        """The number of rows."""

    @property
    def description(self) -> Sequence[Any] | None:
        """The columns, each with its name as the first item."""

    def fetchone(self) -> Any:
        """Return the next row; None after the last one."""

    def fetchmany(self, size: int = ..., /) -> list[Any]:
        """Return some of the next rows; none after the last one."""

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """An open database. Outside of a transaction each statement is committed by itself."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Cursor:
        """Execute a statement with the values of its marks."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """Execute a statement for each of the rows."""

    def begin(self) -> None:
        """Begin a transaction that writes."""

    def recovers(self) -> bool:
        """Whether the connection was lost and is made again now, so that a transaction may be tried again."""

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table, as many as come at once, within a transaction."""

    def count_on(self, table: str, column: str) -> None:
        """Let the numbers that a table gives by itself go on behind the highest one."""

    def make(self, statement: str, /) -> None:
        """Make a table or an index, or fill it at its making."""

    def be_brief(self) -> None:
        """Let no statement from now on wait for an answer for longer than one of a run takes."""

    def close(self) -> None:
        """Close the database."""

    def lenient(self) -> AbstractContextManager[None]:
        """Return a context in which a text of bytes that are no text is read with escapes in their places."""

    def version(self, newest: int) -> int:
        """Return the version of the tables, which is the newest one wherever they are made at once."""

    def untriggered(self, table: str) -> AbstractContextManager[None]:
        """Return a context, within a transaction, in which no trigger of a table is called."""

    def layout(self) -> int:
        """Return a number that changes where rows may have got other places."""

    def number_of(self, column: str) -> str:
        """Return the expression for a text of digits as a number; NULL for another text."""

    def long_key(self, column: str) -> str:
        """Return what tells the values of a column apart that may be longer than a key of an index."""

    def octets_of(self, column: str) -> str:
        """Return the expression for the length of a text in UTF-8."""

    def words_of(self, column: str) -> str:
        """Return the expression for the number of words of a text; NULL for a value that is no text."""

    def definitions(self) -> list[list[str]]:
        """Return kind, name and definition of the tables, indexes, views and triggers, in the order of their making."""
