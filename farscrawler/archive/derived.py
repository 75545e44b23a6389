"""Derived tables: what is computed from the articles, made when it is first asked for, and dropped without loss.

They are not part of the schema: no migration makes them. Each set of tables has a version of its own, and one of
another version is made anew. The names of what was made are stored, so that tables of others are never dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from farscrawler.archive.database import Database

State = Literal["absent", "another version", "incomplete", "complete"]

_TABLE = """CREATE TABLE IF NOT EXISTS derived (
    name TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    complete INTEGER NOT NULL,
    objects TEXT NOT NULL) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Derived:
    """A set of derived tables.

    ``name`` is what sentences call it, ``version`` changes with all that is computed, ``statements`` make tables,
    indexes, views and triggers in a file of the newest schema. ``made_by`` is the command that makes it again.
    ``faults`` yields what is wrong with the content of a complete one, as parts of sentences; it calls its second
    argument now and then.
    """

    name: str
    version: str
    statements: tuple[str, ...]
    made_by: str
    faults: Callable[[Database, Callable[[], None] | None], Iterator[str]]


def state(db: Database, derived: Derived) -> State:
    """Return how far a set of tables is."""
    row = _row(db, derived.name)
    if row is None:
        return "absent"
    version, complete, _ = row
    if version != derived.version:
        return "another version"
    return "complete" if complete else "incomplete"


def _row(db: Database, name: str) -> tuple[str, int, str] | None:
    if not any(one == "derived" for _, one, _ in db.definitions()):
        return None
    found: tuple[str, int, str] | None = db.execute(
        "SELECT version, complete, objects FROM derived WHERE name = ?", (name,)
    ).fetchone()
    return found


def make(db: Database, derived: Derived) -> None:
    """Make a set of tables anew, empty; the caller has begun a transaction."""
    drop(db, derived.name)
    db.make(_TABLE)
    before = db.definitions()
    for statement in derived.statements:
        db.make(statement)
    made = [one for one in db.definitions() if one not in before]
    # The shadow tables of a virtual table come and go with it.
    shadows = tuple(f"{name}_" for _, name, sql in made if sql.startswith("CREATE VIRTUAL TABLE"))
    db.execute(
        "INSERT INTO derived (name, version, complete, objects) VALUES (?, ?, 0, ?)",
        (derived.name, derived.version, json.dumps([one for one in made if not one[1].startswith(shadows)])),
    )


def complete(db: Database, derived: Derived) -> None:
    """Store that a set of tables holds all it has to."""
    db.execute("UPDATE derived SET complete = 1 WHERE name = ? AND version = ?", (derived.name, derived.version))


def drop(db: Database, name: str) -> bool:
    """Drop a set of tables, of whatever version, and return whether there was one; a transaction has begun."""
    row = _row(db, name)
    if row is None:
        return False
    made = [(kind, one) for kind, one, _ in json.loads(row[2])]
    for each in ("trigger", "view", "table"):  # an index goes with its table
        for one in (name for kind, name in made if kind == each):
            db.execute(f'DROP {each} IF EXISTS "{one}"')
    db.execute("DELETE FROM derived WHERE name = ?", (name,))
    return True


def is_whole(db: Database, name: str) -> bool:
    """Whether all tables, views and triggers of a set are there as they were made."""
    row = _row(db, name)
    if row is None:
        return False
    there = db.definitions()
    return all(one in there for one in json.loads(row[2]))
