"""Whether the search index agrees with the articles, found by reading alone.

FTS5's own check writes nothing, but takes the place of a writer for as long as it takes to fold all articles again.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive.sqlite.damage import is_of_full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from farscrawler.archive.database import Database

#: Steps of SQLite's machine between two calls of `tell`.
_STEPS = 5_000_000

#: What must not be, a query that counts it, and what is said of it.
_RULES = (
    (
        "articles that it lacks",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM search_documents d
           WHERE d.publisher = a.publisher AND d.article_id = a.article_id)""",
    ),
    (
        "articles that are not there any more",
        """SELECT count(*) FROM search_documents d WHERE NOT EXISTS (SELECT 1 FROM articles a
           WHERE a.publisher = d.publisher AND a.article_id = d.article_id)""",
    ),
    (
        "articles whose words it lacks",
        "SELECT count(*) FROM search_documents WHERE doc NOT IN (SELECT id FROM search_index_docsize)",
    ),
    (
        "articles of which it has words alone",
        "SELECT count(*) FROM search_index_docsize WHERE id NOT IN (SELECT doc FROM search_documents)",
    ),
)


def faults(db: Database, tell: Callable[[], None] | None = None) -> Iterator[str]:
    """Yield what is wrong with a complete index."""
    if not isinstance(db, sqlite3.Connection):  # a database has none
        return
    if tell is not None:
        db.set_progress_handler(tell, _STEPS)  # None goes on
    try:
        for what, query in _RULES:
            if count := db.execute(query).fetchone()[0]:
                yield f"{what} ({count:,})"
        # Newer versions of SQLite check the index here, and older ones nothing.
        lines = [str(row[0]) for row in db.execute("PRAGMA integrity_check(search_index)")]
        yield from filter(is_of_full_text, lines)
        # All of its pages are read once.
        db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_vocabulary USING fts5vocab(main, search_index, row)")
        db.execute("SELECT count(*), sum(cnt) FROM temp.search_vocabulary").fetchone()
    except sqlite3.DatabaseError as error:
        yield str(error)
    finally:
        if tell is not None:
            db.set_progress_handler(None, 0)
