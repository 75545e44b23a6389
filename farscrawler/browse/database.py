"""The archive as a database of Datasette: opened as all of ours are, and allowed nothing but to be read."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from datasette.database import Database

from farscrawler.archive.sqlite.connection import opened_for_reading

if TYPE_CHECKING:
    from pathlib import Path

    from datasette.app import Datasette

#: What a statement may do: choose rows, read them, call functions, and refer to itself.
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
#: The pragmas that Datasette and FTS5 ask, none of which changes anything when it is asked for its value.
_ASKED_PRAGMAS = frozenset(
    (
        *("schema_version", "data_version", "recursive_triggers", "database_list", "function_list"),
        *("table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo"),
    )
)
#: Functions that load code into the process, or make a gigabyte out of nothing.
_REFUSED_FUNCTIONS = frozenset(("load_extension", "fts3_tokenizer", "zeroblob", "randomblob"))
_NAMED = ("table_", "foreign_key_list", "index_")
#: Bytes of a text or a row that a statement may make; a body has a megabyte at most, and a row holds few of them.
_LONGEST = 50_000_000


class ArchiveDatabase(Database):
    """The archive; Datasette asks for a connection in each of its threads."""

    def __init__(self, ds: Datasette, path: Path) -> None:
        super().__init__(ds, path=str(path))
        self._file = path

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Return a connection for reading. Raise ValueError where Datasette asks for one that writes."""
        if write:
            raise ValueError("the archive is open for reading alone")
        db = opened_for_reading(self._file)
        db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        db.set_authorizer(_authorized)
        self._all_file_connections.append(db)
        return db


def _authorized(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Return whether SQLite may do what a statement asks for."""
    if action in _READING:
        refused = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first is not None and first.lower() in _ASKED_PRAGMAS:
        # With a value it would be set, but for those that take a name.
        return sqlite3.SQLITE_OK if second is None or first.lower().startswith(_NAMED) else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # So a virtual table, the search index, declares itself when it is opened. In a statement SQLite itself refuses
        # it, as long as no pragma makes the schema writable; and the file is opened for reading.
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
