"""Shelf: where the captures that an index lists wait, grouped by article, in a temporary file and not in memory.

An index is sorted by address, and one article has several of them (host, scheme, slug, case, page form); so all of it
must be there before the newest capture of the first article is known. SQLite's temporary database holds it: in memory
up to its page cache, beyond that in a file that has no name and vanishes with the process.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive.connection import explained
from farscrawler.webarchives.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What is kept in memory; the rest is on disk, about 500 bytes a capture with its two addresses.
CACHE_KIB = 16 * 1024
CHUNK = 500
_PLACE = Path("the temporary file of the captures (TMPDIR)")


class Shelf:
    """Captures by article id. Of those with the same content (digest) only the newest is kept."""

    def __init__(self) -> None:
        with explained(_PLACE):
            self._db = sqlite3.connect("", isolation_level=None)
            self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._db.execute("PRAGMA journal_mode = OFF")  # nothing here outlives the process
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute(
                """CREATE TABLE captures (
                    key TEXT NOT NULL, content TEXT NOT NULL, at TEXT NOT NULL, source TEXT NOT NULL,
                    url TEXT NOT NULL, digest TEXT, form TEXT, PRIMARY KEY (key, content)) WITHOUT ROWID"""
            )

    def put(self, captures: Iterable[tuple[str, str | None, Capture]]) -> None:
        """Take captures, each with the id of its article and its page form."""
        with explained(_PLACE):
            self._db.executemany(
                """INSERT INTO captures (key, content, at, source, url, digest, form) VALUES (?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (key, content) DO UPDATE SET at = excluded.at, source = excluded.source,
                       url = excluded.url, form = excluded.form
                   WHERE (excluded.at, excluded.source) > (at, source)""",
                ((key, c.digest or c.source, c.at, c.source, c.url, c.digest, form) for key, form, c in captures),
            )

    def count(self) -> int:
        """Count the articles."""
        with explained(_PLACE):
            found: int = self._db.execute("SELECT count(DISTINCT key) FROM captures").fetchone()[0]
        return found

    def articles(self) -> Iterator[list[str]]:
        """Give the ids of the articles, some at a time."""
        after = ""
        while True:
            with explained(_PLACE):
                rows = self._db.execute(
                    "SELECT DISTINCT key FROM captures WHERE key > ? ORDER BY key LIMIT ?", (after, CHUNK)
                ).fetchall()
            if not rows:
                return
            yield [row[0] for row in rows]
            after = rows[-1][0]

    def newest(self, key: str, *, form: str | None, limit: int) -> list[Capture]:
        """Give the captures of an article, the newest first; with ``form``, those in this page form before others."""
        with explained(_PLACE):
            rows = self._db.execute(
                """SELECT url, at, source, digest FROM captures WHERE key = ?1
                   ORDER BY form IS ?2 AND ?2 IS NOT NULL DESC, at DESC, source DESC LIMIT ?3""",
                (key, form, limit),
            ).fetchall()
        return [Capture(*row) for row in rows]

    def close(self) -> None:
        """Let go of everything."""
        self._db.close()
