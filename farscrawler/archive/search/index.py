"""Make the search index of an archive, a short transaction at a time, and drop it.

Triggers keep the index from its first moment on, so a crawl may go on meanwhile: what it stores is in the index when
it is committed. What was there before is added in batches; whoever is interrupted goes on where the last batch ended.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from farscrawler.archive import derived
from farscrawler.archive.connection import Transaction, explained
from farscrawler.archive.derived import Derived
from farscrawler.archive.search import tables as search_tables
from farscrawler.archive.search.agreement import faults
from farscrawler.archive.search.tables import NAME, STATEMENTS, VERSION, number_documents
from farscrawler.search.query import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.archive.guard import AnyGuard
    from farscrawler.archive.sqlite.database import SqliteDatabase

    Row = tuple[Any, ...]

SEARCH = Derived(NAME, VERSION, STATEMENTS, "farscrawler search", faults)

#: Articles of one transaction. A crawl's commit waits for as long as one takes: half a second.
_BATCH = 500
_NAMES = ", ".join(COLUMNS)
_ADD = f"INSERT INTO search_index (rowid, {_NAMES}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
_ADD_BY_VIEW = f"INSERT INTO search_index (rowid, {_NAMES}) SELECT doc, {_NAMES} FROM search_text WHERE doc = ?"
_WITHOUT_NUMBER = f"""SELECT a.rowid, {_NAMES} FROM articles a WHERE a.rowid > ? AND NOT EXISTS (
    SELECT 1 FROM search_documents d WHERE d.publisher = a.publisher AND d.article_id = a.article_id)
    ORDER BY a.rowid LIMIT ?"""
_NUMBER = number_documents("a.rowid = ?")
_NUMBER_OF = """SELECT d.doc FROM articles a CROSS JOIN search_documents d
    ON d.publisher = a.publisher AND d.article_id = a.article_id WHERE a.rowid = ?"""
#: What SQL sees otherwise than Python does: bytes that are no text, and NUL.
_ODD = re.compile("[\\x00\\udc80-\\udcff]")


def is_complete(db: SqliteDatabase) -> bool:
    """Whether the index is there, whole, and of this version."""
    return derived.state(db, SEARCH) == "complete" and derived.is_whole(db, NAME)


def build(db: SqliteDatabase, path: Path, guard: AnyGuard, tell: Callable[[int, int], None] | None = None) -> None:
    """Make the index complete; ``tell`` is called with the articles added so far and those to add.

    Raise ArchiveError where the archive cannot be written.
    """
    with explained(path):
        with Transaction(db, guard):
            begun = derived.state(db, SEARCH) == "incomplete" and derived.is_whole(db, NAME)
            if not begun:
                if is_complete(db):
                    return
                derived.make(db, SEARCH)
                search_tables.fill(db)
            letters = {ord(letter): one for letter, one in db.execute("SELECT letter, folded FROM search_letters")}
            total: int = db.execute(
                "SELECT (SELECT count(*) FROM articles) - (SELECT count(*) FROM search_documents)"
            ).fetchone()[0]
        done, last = 0, -(2**63)
        while True:
            with Transaction(db, guard):
                rows = _without_number(db, last)
                if not rows:
                    derived.complete(db, SEARCH)
                    return
                _add(db, rows, letters)
            done, last = done + len(rows), rows[-1][0]
            if tell is not None:
                tell(done, max(done, total))


def drop(db: SqliteDatabase, path: Path, guard: AnyGuard) -> bool:
    """Drop the index, and return whether there was one; the next search makes it again."""
    with explained(path), Transaction(db, guard):
        return derived.drop(db, NAME)


def _without_number(db: SqliteDatabase, after: int) -> list[Row]:
    with db.lenient():
        return db.execute(_WITHOUT_NUMBER, (after, _BATCH)).fetchall()


def _add(db: SqliteDatabase, rows: list[Row], letters: dict[int, str]) -> None:
    """Add articles to the index, in the order of their numbers: FTS5 writes out all it has at each step back."""
    numbered: list[tuple[int, Row]] = []
    for row in rows:
        db.execute(_NUMBER, row[:1])
        numbered.append((db.execute(_NUMBER_OF, row[:1]).fetchone()[0], row[1:]))
    for doc, values in sorted(numbered, key=itemgetter(0)):
        if all(value is None or (isinstance(value, str) and not _ODD.search(value)) for value in values):
            # What the view says, a quarter faster.
            folded = (value and value.translate(letters) for value in values[1:])
            db.execute(_ADD, (doc, values[0], *folded))
        else:
            db.execute(_ADD_BY_VIEW, (doc,))
