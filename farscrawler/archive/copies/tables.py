"""The tables of the comparison of articles: made on first use, and dropped without loss.

Every row follows from articles alone. What is left to be done is in tables too, so that a run that was killed is
continued by the next one.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive import derived
from farscrawler.archive.connection import explained
from farscrawler.archive.derived import Derived
from farscrawler.errors import ArchiveError
from farscrawler.persian import FOLD_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from farscrawler.archive.database import Database
    from farscrawler.archive.store import Archive

NAME = "comparison of articles"
#: Raised when tables change, or what they hold is computed otherwise (farscrawler/copies): they are then made anew.
_COMPUTED = 1
#: The days before an article's own in which its source may lie, and after which no copy is looked for.
DAYS = 3

_TABLES: tuple[str, ...] = (
    # One row: the last revision, in the order of storing, that was read.
    "CREATE TABLE copies_state (seq INTEGER NOT NULL)",
    "INSERT INTO copies_state (seq) VALUES (0)",
    # doc: the place of the article's first revision in the order of storing, so that it is the same whenever the table
    # is made. day: ordinal of the Gregorian day. earliest, latest: between which seconds (Unix) it was published.
    # sample is NULL for a text that is too short, day for an article without a known one. named: JSON.
    """CREATE TABLE copies_texts (
        doc INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        article_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        day INTEGER,
        earliest INTEGER,
        latest INTEGER,
        level INTEGER,
        sample BLOB,
        named TEXT,
        UNIQUE (publisher, article_id))""",
    "CREATE INDEX copies_texts_by_day ON copies_texts (day)",
    # Pairs of the same text; later and earlier by day and key. bulletin: the same words with other numbers.
    """CREATE TABLE copies_pairs (
        later INTEGER NOT NULL,
        earlier INTEGER NOT NULL,
        similarity REAL NOT NULL,
        containment REAL NOT NULL,
        bulletin INTEGER NOT NULL,
        PRIMARY KEY (later, earlier)) WITHOUT ROWID""",
    "CREATE INDEX copies_pairs_by_earlier ON copies_pairs (earlier)",
    # root: the least doc of the group.
    "CREATE TABLE copies_groups (doc INTEGER PRIMARY KEY, root INTEGER NOT NULL)",
    "CREATE INDEX copies_groups_by_root ON copies_groups (root)",
    # What is still to be done: days whose articles are to be compared, and articles whose group is to be found.
    "CREATE TABLE copies_days (day INTEGER PRIMARY KEY)",
    "CREATE TABLE copies_ungrouped (doc INTEGER PRIMARY KEY)",
)
#: What must not be, and a query that counts it.
_RULES = (
    (
        "pairs of articles that are not compared",
        """SELECT count(*) FROM copies_pairs WHERE later NOT IN (SELECT doc FROM copies_texts)
           OR earlier NOT IN (SELECT doc FROM copies_texts)""",
    ),
    (
        "groups whose first article is not in them",
        """SELECT count(*) FROM copies_groups g WHERE root > doc OR NOT EXISTS
           (SELECT 1 FROM copies_groups r WHERE r.doc = g.root AND r.root = g.root)""",
    ),
    (
        "articles in revisions that were never stored",
        """SELECT count(*) FROM copies_texts t WHERE NOT EXISTS (SELECT 1 FROM changes c
           WHERE c.publisher = t.publisher AND c.article_id = t.article_id AND c.revision = t.revision)""",
    ),
)
#: The same of values, which in PostgreSQL are of their kinds always.
_RULES_OF_FILES = (
    (
        "articles with values that are none of their kind",
        """SELECT count(*) FROM copies_texts WHERE typeof(publisher) != 'text' OR typeof(article_id) != 'text'
           OR typeof(named) != 'text' OR typeof(sample) NOT IN ('blob', 'null') OR length(sample) % 4
           OR (day IS NOT NULL AND NOT (typeof(day) = 'integer' AND typeof(earliest) = 'integer'
             AND typeof(latest) = 'integer' AND day BETWEEN 1 AND 3652059))
           OR (sample IS NOT NULL AND NOT (day IS NOT NULL AND typeof(level) = 'integer'
             AND level BETWEEN 0 AND 31))""",
    ),
)


def _faults(db: Database, tell: Callable[[], None] | None) -> Iterator[str]:
    for what, query in (*_RULES, *(_RULES_OF_FILES if isinstance(db, sqlite3.Connection) else ())):
        if tell is not None:
            tell()
        if count := db.execute(query).fetchone()[0]:
            yield f"{what} ({count:,})"
    unreadable = sum(
        not _is_readable(row) for row in db.execute("SELECT publisher, article_id, named FROM copies_texts")
    )
    if unreadable:
        yield f"articles whose names are no JSON ({unreadable:,})"


def _is_readable(row: tuple[object, ...]) -> bool:
    try:
        return isinstance(json.loads(str(row[2])), list)
    except (ValueError, RecursionError):
        return False


COPIES = Derived(NAME, f"{_COMPUTED}, fold {FOLD_VERSION}", _TABLES, "farscrawler copies", _faults)


def is_made(archive: Archive) -> bool:
    """Whether the tables are there, whole and of this version."""
    with explained(archive.path):
        return derived.state(archive.db, COPIES) == "complete" and derived.is_whole(archive.db, NAME)


def check_made(archive: Archive) -> None:
    """Raise ArchiveError where the articles of an archive were not compared yet, or by another version."""
    if not is_made(archive):
        raise ArchiveError(f"{archive.path}: its articles are not compared yet; run `farscrawler copies` first.")


def make(archive: Archive) -> bool:
    """Make the tables where there are none of this version, and return whether that was so."""
    if is_made(archive):
        return False
    with explained(archive.path), archive.transaction() as db:
        derived.make(db, COPIES)
        derived.complete(db, COPIES)  # what is left to be done is in the tables
    return True


def drop(archive: Archive) -> bool:
    """Drop the tables, and return whether there were any."""
    with explained(archive.path), archive.transaction() as db:
        return derived.drop(db, NAME)


def forget_article(db: Database, publisher: str, article_id: str) -> None:
    """Take one article out of the comparison where there is any, within a transaction: its content is damaged."""
    if derived.state(db, COPIES) == "absent" or not derived.is_whole(db, NAME):
        return
    rows = db.execute(
        "SELECT doc, day FROM copies_texts WHERE publisher = ? AND article_id = ?", (publisher, article_id)
    ).fetchall()
    for doc, day in rows:
        forget(db, (doc,), affected({day} if day is not None else set()))


def affected(days: set[int]) -> set[int]:
    """Return the days whose comparisons change where articles of these days have changed."""
    return {later for day in days for later in range(day, day + DAYS + 1)}


def forget(db: Database, docs: Iterable[int], days: Iterable[int]) -> None:
    """Take articles out of the comparison, within a transaction; ``days`` are to be compared anew."""
    for doc in docs:
        db.execute(
            """INSERT INTO copies_ungrouped (doc) SELECT doc FROM copies_groups
               WHERE root = (SELECT root FROM copies_groups WHERE doc = ?) ON CONFLICT DO NOTHING""",
            (doc,),
        )
        db.execute("DELETE FROM copies_pairs WHERE later = ?", (doc,))
        db.execute("DELETE FROM copies_pairs WHERE earlier = ?", (doc,))
        db.execute("DELETE FROM copies_texts WHERE doc = ?", (doc,))
    db.executemany("INSERT INTO copies_days (day) VALUES (?) ON CONFLICT DO NOTHING", ((day,) for day in days))
