"""What tables, columns, indexes and triggers a file of ours must have, and which of them a file lacks.

The list is made by running the migrations over an empty database, so that it is said nowhere twice.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from farscrawler.archive.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from farscrawler.archive.database import Database

    Migrations = tuple[Callable[[sqlite3.Connection], None], ...]

Kind = Literal["table", "column", "index", "trigger"]
_BLANKS = re.compile(r"\s+")
_MADE = re.compile(r"CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER) (\w+)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A table, index or trigger of ours with the statement that makes it, or a column with that which adds it.

    ``statement`` is None for a column that cannot be added to rows that are there.
    """

    kind: Kind
    name: str
    statement: str | None
    changed: bool = False

    @property
    def sentence(self) -> str:
        """What is wrong with it, as part of a sentence."""
        return f"{self.kind} {self.name} {'is another one' if self.changed else 'is not there'}"


@cache
def _definitions(migrations: Migrations) -> tuple[Definition, ...]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, migrations)
        return tuple(_of(db))


@cache
def _columns(migrations: Migrations) -> dict[str, dict[str, str | None]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, migrations)
        return {one.name: _columns_of(db, one.name) for one in _of(db) if one.kind == "table"}


def _of(db: sqlite3.Connection) -> Iterator[Definition]:
    """Yield tables, indexes and triggers of a database in the order in which they can be made again."""
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall()
    for kind in ("table", "index", "trigger"):
        yield from (Definition(kind, name, sql) for found, name, sql in rows if found == kind)


def _columns_of(db: sqlite3.Connection, table: str) -> dict[str, str | None]:
    """Return the columns of a table, each with its definition; None where it cannot be added later."""
    return {
        name: None if needed or key else f"{name} {kind}"
        for _, name, kind, needed, _, key in db.execute(f"PRAGMA table_info({table})")
    }


def missing(db: Database, migrations: Migrations) -> list[Definition]:
    """Return what a database lacks of its definitions, tables first; what others have added to it is theirs."""
    if isinstance(db, sqlite3.Connection):
        return _missing_in_file(db, migrations)
    from farscrawler.archive.postgres.schema import statements  # noqa: PLC0415  # psycopg is an extra

    there = {(kind, name) for kind, name, _ in db.definitions()}
    found = []
    for statement in statements(migrations):
        match = _MADE.match(statement)
        if match is not None and (match[1].lower(), match[2]) not in there:
            found.append(Definition(cast("Kind", match[1].lower()), match[2], statement))
    return found


def _missing_in_file(db: sqlite3.Connection, migrations: Migrations) -> list[Definition]:
    there = {(one.kind, one.name): one for one in _of(db)}
    found: list[Definition] = []
    for one in _definitions(migrations):
        known = there.get((one.kind, one.name))
        if known is None:
            found.append(one)
        elif one.kind != "table" and _plain(known.statement) != _plain(one.statement):
            found.append(Definition(one.kind, one.name, one.statement, changed=True))
    for table, columns in _columns(migrations).items():
        if ("table", table) in there:
            present = _columns_of(db, table)
            for name, column in columns.items():
                if name not in present:
                    add = f"ALTER TABLE {table} ADD COLUMN {column}" if column is not None else None
                    found.append(Definition("column", f"{table}.{name}", add))
    order: tuple[Kind, ...] = ("table", "column", "index", "trigger")
    return sorted(found, key=lambda one: order.index(one.kind))


def _plain(statement: str | None) -> str:
    return _BLANKS.sub(" ", statement or "").strip()
