"""Captures of web archives: those that an index lists for the present run, and those known to be no good.

A bad capture says nothing of the article itself, so it does not stand in the ledger of addresses: a live crawl, or
another web archive, is asked for the article all the same. A capture never changes, so none is fetched twice.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive.connection import explained, pages, rows_of_keys
from farscrawler.archive.records import AskAgain
from farscrawler.archive.sqlite.database import SqliteDatabase
from farscrawler.printing import printable
from farscrawler.webarchives.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from farscrawler.archive.records import Outcome
    from farscrawler.archive.store import Archive


class RejectedCaptures:
    """The captures of one publisher that were fetched and are no good, in an open archive.

    A capture never changes, but the ``rules`` may by which it is read: one that was no article by others is good again.
    """

    def __init__(self, archive: Archive, publisher: str, ask_again: AskAgain | None = None) -> None:
        self.archive = archive
        self.publisher = publisher
        self.ask_again = ask_again or AskAgain()

    def among(self, sources: Iterable[str]) -> set[str]:
        """Return those of the captures that are known to be no good."""
        statement = "SELECT source, outcome, reason, rules FROM captures WHERE publisher = ? AND source IN ({keys})"
        rows = rows_of_keys(self.archive.db, self.archive.path, statement, self.publisher, keys=sources)
        return {source for source, *said in rows if not self.ask_again.includes(*said)}

    def add(self, key: str, *, source: str, source_at: str, outcome: Outcome, reason: str, at: str) -> None:
        """Store that a capture of an article is no good, and why."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                f"""INSERT INTO captures (publisher, source, key, source_at, outcome, reason, at, rules)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (publisher, {db.long_key("source")}) DO UPDATE SET outcome = excluded.outcome,
                       reason = excluded.reason, at = excluded.at, rules = excluded.rules""",
                (self.publisher, source, key, source_at, outcome, printable(reason), at, self.ask_again.rules),
            )


#: The memory of SQLite's page cache; what does not fit is on disk, about 500 bytes a capture with its two addresses.
CACHE_KIB = 16 * 1024
_PLACE = Path("the temporary file of the captures (TMPDIR)")


class ListedCaptures:
    """The captures that an index lists, by article id; of those with the same content (digest) only the newest.

    An index is sorted by address, and one article has several addresses (host, scheme, slug, case, page form). So all
    of the index must be read before the newest capture of the first article is known. SQLite's temporary database
    holds it: in memory up to its page cache, beyond that in a file that has no name and vanishes with the process.
    """

    def __init__(self) -> None:
        with explained(_PLACE):
            self._db = sqlite3.connect("", isolation_level=None, factory=SqliteDatabase)
            self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._db.execute("PRAGMA journal_mode = OFF")  # nothing here outlives the process
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute(
                """CREATE TABLE captures (
                    key TEXT NOT NULL, content TEXT NOT NULL, at TEXT NOT NULL, source TEXT NOT NULL,
                    url TEXT NOT NULL, digest TEXT, form TEXT, PRIMARY KEY (key, content)) WITHOUT ROWID"""
            )

    def add(self, captures: Iterable[tuple[str, str | None, Capture]]) -> None:
        """Add captures, each with the id of its article and its page form."""
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

    def article_ids(self) -> Iterator[list[str]]:
        """Yield the ids of the articles, a page at a time."""
        statement = "SELECT DISTINCT key FROM captures WHERE key > ? ORDER BY key LIMIT ?"
        for rows in pages(self._db, _PLACE, statement, after=("",)):
            yield [row[0] for row in rows]

    def newest(self, key: str, *, form: str | None, limit: int) -> list[Capture]:
        """Return the captures of an article, newest first; with ``form``, captures in this page form before others."""
        with explained(_PLACE):
            rows = self._db.execute(
                """SELECT url, at, source, digest FROM captures WHERE key = ?1
                   ORDER BY form IS ?2 AND ?2 IS NOT NULL DESC, at DESC, source DESC LIMIT ?3""",
                (key, form, limit),
            ).fetchall()
        return [Capture(*row) for row in rows]

    def close(self) -> None:
        """Close and forget the temporary database."""
        self._db.close()
