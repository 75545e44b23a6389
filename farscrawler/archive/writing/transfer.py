"""Copy an archive from one database into another, whichever backends they are, and compare the two row by row.

Rows go over in the order of their keys, a batch and a transaction at a time. So the last key in the new archive says
where an interrupted copy goes on. All else that has to be remembered is that the copy is not whole yet, and whether
kept pages are part of it: the table ``copying`` of the new archive says so until both were compared.
"""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import Transaction, explained, pages
from farscrawler.archive.schema import MIGRATIONS, migrate
from farscrawler.archive.writing.batch import is_of_the_row
from farscrawler.errors import ArchiveError, BadArgumentError
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.archive.definitions import Migrations
    from farscrawler.archive.guard import AnyGuard
    from farscrawler.locations import Location

    Row = tuple[Any, ...]

#: Rows of one transaction: a few megabytes of articles, and what is copied again after a kill.
ROWS = 1_000
#: Tables whose rows have a number of their own, the order of storing, that is none of their columns.
_NUMBERED = ("articles", "revisions")
_KINDS: Mapping[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (float, int), "BLOB": (bytes,)}
_MARK = "CREATE TABLE IF NOT EXISTS copying (source TEXT NOT NULL, pages INTEGER NOT NULL)"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns, the key first; ``kinds`` are SQLite's types of them."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    kinds: tuple[tuple[type, ...], ...]

    def fault_of(self, row: Row) -> str | None:
        """Return what is wrong with a value that is none of its column's kind; None for a row that may be copied."""
        for name, kinds, value in zip(self.columns, self.kinds, row, strict=True):
            if value is not None and not isinstance(value, kinds):
                return f"{name} is none of its kind"
        return None


@dataclass(frozen=True, slots=True)
class Side:
    """An open database with its name in sentences, and what looks after it."""

    db: Database
    place: Location
    guard: AnyGuard


@dataclass(frozen=True, slots=True)
class Part:
    """The archive or its kept pages, which are another file of SQLite's, with the tables to copy."""

    source: Side
    target: Side
    tables: tuple[Table, ...]


@dataclass(slots=True)
class Copied:
    """What was done: rows that are in the new archive now, by table, and names of those that could not be stored."""

    rows: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


@cache
def tables_of(migrations: Migrations) -> tuple[Table, ...]:
    """Return the tables of a kind of database, articles first."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, migrations)
        found = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
        names = [*_NUMBERED, *(name for name in found if name not in _NUMBERED and not name.startswith("sqlite_"))]
        return tuple(_table(db, name) for name in names if name in found)


def _table(db: sqlite3.Connection, name: str) -> Table:
    found = db.execute(f"PRAGMA table_info({name})").fetchall()
    kinds = {row[1]: row[2] for row in found}
    key = tuple(row[1] for row in sorted(found, key=lambda row: row[5]) if row[5])
    if name in _NUMBERED:
        kinds, key = {"rowid": "INTEGER", **kinds}, ("rowid",)
    columns = (*key, *(one for one in kinds if one not in key))
    return Table(name, key, columns, tuple(_KINDS[kinds[one]] for one in columns))


def begin(target: Side, source: Location) -> None:
    """Begin or go on with a copy. Raise BadArgumentError where the target holds anything but a part of this copy."""
    with explained(target.place), Transaction(target.db, target.guard) as db:
        db.make(_MARK)
        marked = db.execute("SELECT source FROM copying").fetchone()
        if marked is None:
            _refuse_rows(target, tables_of(MIGRATIONS))
            db.execute("INSERT INTO copying (source, pages) VALUES (?, 0)", (str(source),))
        elif marked[0] != str(source):
            what = f"holds a part of a copy of {marked[0]}"
            raise BadArgumentError(f"{target.place} {what}; it was left as it is. Name a new archive.")


def include_pages(target: Side, pages: Side, tables: Sequence[Table]) -> None:
    """Take kept pages into a copy that has begun. Raise BadArgumentError where their target holds other ones."""
    with explained(target.place), Transaction(target.db, target.guard) as db:
        if not db.execute("SELECT pages FROM copying").fetchone()[0]:
            _refuse_rows(pages, tables)
            db.execute("UPDATE copying SET pages = 1")


def _refuse_rows(target: Side, tables: Sequence[Table]) -> None:
    with explained(target.place):
        if any(target.db.execute(f"SELECT 1 FROM {one.name} LIMIT 1").fetchone() for one in tables):
            raise BadArgumentError(
                f"{target.place} holds something already, and no copy that was interrupted; it was left as it is. "
                "Name a new archive."
            )


def unfinished(db: Database) -> str | None:
    """Return what an archive is being copied from, by a copy that has not ended; None for any other archive."""
    if not any(kind == "table" and name == "copying" for kind, name, *_ in db.definitions()):
        return None
    found = db.execute("SELECT source FROM copying").fetchone()
    return None if found is None else str(found[0])


def refuse_unfinished(db: Database, place: Location) -> None:
    """Raise BadArgumentError for an archive that is a part of a copy: what a crawl stores there is none of the copy."""
    with explained(place):
        source = unfinished(db)
    if source is not None:
        again = f"farscrawler copy {shlex.quote(source)} {shlex.quote(str(place))}"
        raise BadArgumentError(
            f"{place} holds a part of a copy that has not ended. Give `{again}` again, which goes on with it, or name "
            "another archive."
        )


def copy_table(
    source: Side, target: Side, table: Table, copied: Copied, tell: Callable[[str, int], None] | None = None
) -> None:
    """Copy the rows that the target does not hold yet; ``tell`` is called with the table and the rows it has now."""
    with explained(target.place):
        done: int = target.db.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        last = _last_key(target.db, table)
    for rows in _rows(source, table, last):
        _store(target, table, rows, copied.refused)
        done += len(rows)
        if tell is not None:
            tell(table.name, done)
    with explained(target.place):
        target.db.count_on(table.name, table.key[0])
    copied.rows[table.name] = done


def _last_key(db: Database, table: Table) -> Row | None:
    key = ", ".join(table.key)
    order = ", ".join(f"{one} DESC" for one in table.key)
    found: Row | None = db.execute(f"SELECT {key} FROM {table.name} ORDER BY {order} LIMIT 1").fetchone()
    return found


def _rows(side: Side, table: Table, last: Row | None = None) -> Iterator[list[Row]]:
    """Yield the rows behind a key, a page at a time."""
    key = ", ".join(table.key)
    marks = ", ".join("?" * len(table.key))
    statement = f"""SELECT {", ".join(table.columns)} FROM {table.name} WHERE ({key}) > ({marks})
        ORDER BY {key} LIMIT ?"""
    first = tuple(-(2**62) if int in kinds else "" for kinds in table.kinds[: len(table.key)])
    yield from pages(side.db, side.place, statement, after=tuple(last) if last is not None else first, limit=ROWS)


def _store(target: Side, table: Table, rows: Sequence[Row], refused: list[str]) -> None:
    """Store rows in one transaction; where one is refused for its own sake, each in one of its own."""
    faults = [table.fault_of(row) for row in rows]
    fit = [row for row, fault in zip(rows, faults, strict=True) if fault is None]
    refused += [_said(table, row, fault) for row, fault in zip(rows, faults, strict=True) if fault is not None]
    if _refusal(target, table, fit) is not None:
        for row in fit:
            if (why := _refusal(target, table, [row])) is not None:
                refused.append(_said(table, row, why))


def _refusal(target: Side, table: Table, rows: Sequence[Row]) -> str | None:
    """Store rows in one transaction; return why one of them is refused for its own sake, None where none is."""
    try:
        with explained(target.place):
            _insert(target, table, rows)
    except Exception as error:
        cause = error.__cause__ if isinstance(error, ArchiveError) else error
        if not isinstance(cause, Exception) or not is_of_the_row(cause):
            raise
        return str(cause) or type(cause).__name__
    return None


def _insert(target: Side, table: Table, rows: Sequence[Row]) -> None:
    with Transaction(target.db, target.guard) as db:
        db.load(table.name, table.columns, rows)


def _said(table: Table, row: Row, what: str) -> str:
    key = " ".join(str(value) for value in row[: len(table.key) + (2 if table.name in _NUMBERED else 0)])
    return printable(f"{table.name} {key}: {what.splitlines()[0]}")


def differences(
    source: Side, target: Side, table: Table, tell: Callable[[str, int], None] | None = None
) -> Iterator[str]:
    """Yield the rows in which two archives differ, each as part of a sentence; all columns are compared."""
    ours, theirs = _each(_rows(source, table)), _each(_rows(target, table))
    for seen, (one, other) in enumerate(zip_longest(ours, theirs), start=1):
        if tell is not None and not seen % ROWS:
            tell(table.name, seen)
        if one is None or other is None or tuple(one) != tuple(other):
            yield _said(table, one or other or (), "it differs")
            return  # behind it all rows may stand one place further


def _each(found: Iterable[Sequence[Row]]) -> Iterator[Row]:
    for rows in found:
        yield from rows


def finish(target: Side) -> None:
    """Write down that the copy is whole."""
    with explained(target.place), Transaction(target.db, target.guard) as db:
        db.execute("DROP TABLE copying")
