"""Damage to an SQLite file itself: which pages, of which table or index, and whether it can be made again."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.archive.database import Database

#: Lines of damage that are read; a file with more is not told better by more.
MOST_LINES = 100
#: Steps of SQLite's machine between two calls of `tell`, a few tenths of a second.
_STEPS = 5_000_000
_OF_INDEX = re.compile(r"(?:missing from index|entries in index|non-unique entry in index|mismatch.*in index) (\w+)")
_PAGE = re.compile(r"\bpage (\d+)\b", re.IGNORECASE)
_TREE = re.compile(r"\btree (?:page )?(\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong with a file, in SQLite's words and ours.

    ``index`` is the index that is at fault, which is made again from its table; None for all other damage.
    """

    sentence: str
    index: str | None = None


def damage_to(db: Database, *, quick: bool = False, tell: Callable[[], None] | None = None) -> list[Damage]:
    """Return the damage to a file; ``quick`` leaves the comparison of indexes and tables out.

    SQLite reads the file once, with a few megabytes of memory. ``tell`` is called now and then meanwhile. The files of
    PostgreSQL are its own matter (pg_amcheck): of a database there is nothing to tell.
    """
    if not isinstance(db, sqlite3.Connection):
        return []
    if tell is not None:
        db.set_progress_handler(tell, _STEPS)  # None goes on
    try:
        pragma = "quick_check" if quick else "integrity_check"
        lines = [str(row[0]) for row in db.execute(f"PRAGMA {pragma}({MOST_LINES})")]
    except sqlite3.DatabaseError as error:
        return [Damage(str(error))]
    finally:
        if tell is not None:
            db.set_progress_handler(None, 0)
    found = [part.strip() for line in lines for part in line.splitlines() if not is_of_full_text(line)]
    return list(
        dict.fromkeys(_read(db, line) for line in found if line not in ("", "ok") and not line.startswith("***"))
    )


def is_of_full_text(line: str) -> bool:
    """Whether a line tells of a full-text index, which newer versions of SQLite check too: it can be made again."""
    return "FTS5 table" in line


def _read(db: sqlite3.Connection, line: str) -> Damage:
    of_index = _OF_INDEX.search(line)
    if of_index is not None:
        return Damage(line, of_index[1])
    owner = _owner_of(db, line)
    if owner is None:
        return Damage(line)
    kind, name = owner
    return Damage(f"{line} ({kind} {name})", name if kind == "index" and not name.startswith("sqlite_") else None)


def _owner_of(db: sqlite3.Connection, line: str) -> tuple[str, str] | None:
    """Return kind and name of what the damaged page belongs to; None where that cannot be told."""
    tree, page = _TREE.search(line), _PAGE.search(line)
    try:
        if tree is not None and (found := _of_root(db, int(tree[1]))) is not None:
            return found
        if page is None:
            return None
        row = db.execute("SELECT name FROM dbstat WHERE pageno = ?", (int(page[1]),)).fetchone()  # SQLite's own table
        if row is None:
            return None
        kind = db.execute("SELECT type FROM sqlite_master WHERE name = ?", row).fetchone()
    except sqlite3.DatabaseError:  # damaged there too, or without dbstat
        return None
    return (kind[0] if kind is not None else "table", row[0])


def _of_root(db: sqlite3.Connection, page: int) -> tuple[str, str] | None:
    row = db.execute("SELECT type, name FROM sqlite_master WHERE rootpage = ?", (page,)).fetchone()
    return (row[0], row[1]) if row is not None else None
