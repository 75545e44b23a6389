"""Write a batch of visits and articles, row by row, and name a row that is refused for its own sake."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive import article_rows
from farscrawler.archive.records import Visit
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.strings import join_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive.database import Database

    Row = tuple[Visit | None, Article | None]

#: What sqlite3 raises for the values of one row: half a character, a number beyond 64 bits, a value of no SQL type, a
#: text beyond SQLite's limit, a constraint or a trigger of the user's. A full disk, a lock or a damaged file is an
#: OperationalError or another DatabaseError, and none of a row's.
_OF_THE_ROW = (
    *(TypeError, ValueError, OverflowError, RecursionError),
    *(sqlite3.InterfaceError, sqlite3.IntegrityError, sqlite3.DataError),
)
_BINDING = "Error binding parameter"  # since Python 3.12 a ProgrammingError, as a closed connection is
_MOST = 2**63 - 1  # SQLite's integers have 64 bits

_NAMES = ", ".join(FIELD_NAMES)
_MARKS = ", ".join("?" * len(FIELD_NAMES))
_UPDATES = ", ".join(
    f"{name} = excluded.{name}" for name in FIELD_NAMES if name not in ("publisher", "article_id", "revision")
)
#: What becomes of an article that is there: a revision where its content differs, and nothing else.
ARTICLE_CONFLICT = f"""ON CONFLICT (publisher, article_id) DO UPDATE SET {_UPDATES}, revision = articles.revision + 1
    WHERE articles.content_hash IS DISTINCT FROM excluded.content_hash"""
_SAVE_ARTICLE = f"""
    INSERT INTO articles ({_NAMES}) VALUES ({_MARKS})
    {ARTICLE_CONFLICT.replace("IS DISTINCT FROM", "IS NOT")}
    RETURNING revision"""
_SAVE_CHANGE = "INSERT INTO changes (publisher, article_id, revision, run) VALUES (?, ?, ?, ?) RETURNING seq"
VISIT_COLUMNS = (
    *("publisher", "key", "url", "outcome", "reason", "status", "tries", "form", "first_at", "last_at"),
    *("etag", "last_modified", "page_hash", "provisional", "run", "source", "source_at", "rules", "page_kept"),
)
#: What becomes of an address that is there; nothing of one whose article is stored, where this visit stores none.
VISIT_CONFLICT = """ON CONFLICT (publisher, key) DO UPDATE SET url = excluded.url, outcome = excluded.outcome,
        reason = excluded.reason, status = excluded.status, tries = visits.tries + excluded.tries,
        form = excluded.form, last_at = excluded.last_at, etag = excluded.etag,
        last_modified = excluded.last_modified, page_hash = coalesce(excluded.page_hash, visits.page_hash),
        provisional = excluded.provisional, run = excluded.run,
        source = excluded.source, source_at = excluded.source_at, rules = coalesce(excluded.rules, visits.rules),
        page_kept = coalesce(excluded.page_kept, visits.page_kept)
    WHERE NOT (visits.outcome = 'article' AND excluded.outcome != 'article')"""
_SAVE_VISIT = f"""INSERT INTO visits ({", ".join(VISIT_COLUMNS)}) VALUES ({", ".join("?" * len(VISIT_COLUMNS))})
    {VISIT_CONFLICT}"""
#: The outcomes of visits that leave the time of the last one.
LEFT_IN_PEACE = ("failed", "blocked")
# A stored article stays known as one: a later failure or removal is a fact about that visit, not about the article, and
# must not make a stored article pending again. The visit itself is counted. A failed visit leaves the time of the last
# one, so that the next run visits the article again.
_SAVE_LATER_VISIT = """
    UPDATE visits SET last_at = CASE WHEN ?8 THEN last_at ELSE ?3 END,
        source = CASE WHEN ?8 THEN source ELSE ?9 END, source_at = CASE WHEN ?8 THEN source_at ELSE ?10 END,
        tries = tries + ?4, reason = ?5, status = ?6, run = ?7
    WHERE publisher = ?1 AND key = ?2 AND outcome = 'article'"""


@dataclass(slots=True)
class Stored:
    """A committed revision; ``seq`` is its place in the order of storing."""

    seq: int
    article: Article


class RefusedRowError(Exception):
    """A row at a ``place`` of its batch that SQLite refuses; ``reason`` says why, on one line."""

    def __init__(self, place: int, row: Row, error: Exception) -> None:
        self.place = place
        self.visit, self.article = row
        first = (str(error).splitlines() or [""])[0]
        self.reason = f"cannot be stored: {join_surrogates(first) or type(error).__name__}"
        super().__init__(self.reason)

    @property
    def key(self) -> str:
        """The key of the address, as it may be printed."""
        found = self.visit.key if self.visit is not None else self.article.article_id if self.article else ""
        return _storable(found)

    def instead(self) -> Row | None:
        """Return the row to be stored instead: the visit as failed.

        None where there is none: a stored article was read anew, or this row is the visit as failed already.
        """
        visit = self.visit
        if visit is None or visit.replaces_refused:
            return None
        failed = Visit(
            publisher=visit.publisher,
            key=self.key,
            url=_storable(visit.url),
            outcome="failed",
            reason=self.reason,
            at=visit.at,
            tries=min(visit.tries, _MOST),
            corrects=visit.corrects,
            replaces_refused=True,
        )
        return failed, None


def _storable(text: str) -> str:
    """Return a text that every backend stores: without half a character, and without NUL."""
    return join_surrogates(text).replace("\0", "\ufffd")


def is_of_the_row(error: Exception) -> bool:
    """Whether an error of a database is the fault of the one row that was written."""
    if type(error).__module__.partition(".")[0] == "psycopg":
        from farscrawler.archive.postgres import errors  # noqa: PLC0415  # psycopg is an extra

        return errors.is_of_the_row(error)
    if isinstance(error, sqlite3.ProgrammingError):
        return str(error).startswith(_BINDING)
    return isinstance(error, _OF_THE_ROW)


def write(db: Database, rows: Sequence[Row], run: int | None) -> Iterator[Stored]:
    """Write rows and yield the revisions that are new. Raise RefusedRowError for the first that is refused."""
    for place, row in enumerate(rows):
        try:
            stored = _write(db, row, run)
        except Exception as error:
            if is_of_the_row(error):
                raise RefusedRowError(place, row, error) from error
            raise
        if stored is not None:
            yield stored


def _write(db: Database, row: Row, run: int | None) -> Stored | None:
    visit, article = row
    stored = None
    if article is not None:
        found = db.execute(_SAVE_ARTICLE, article_rows.to_row(article)).fetchone()
        if found is not None:
            article.revision = found[0]
            key = (article.publisher, article.article_id, article.revision, run)
            stored = Stored(db.execute(_SAVE_CHANGE, key).fetchone()[0], article)
    if visit is not None:
        _write_visit(db, visit, run)
    return stored


def _write_visit(db: Database, v: Visit, run: int | None) -> None:
    if not db.execute(_SAVE_VISIT, visit_values(v, run)).rowcount:
        in_peace = v.outcome in LEFT_IN_PEACE
        reason = f"{v.outcome}: {v.reason}"
        later = (v.publisher, v.key, v.at, v.tries, reason, v.status, run, in_peace, v.source, v.source_at)
        db.execute(_SAVE_LATER_VISIT, later)


def visit_values(v: Visit, run: int | None) -> tuple[Any, ...]:
    """Return the values of a visit in the order of VISIT_COLUMNS."""
    return (
        *(v.publisher, v.key, v.url, v.outcome, v.reason, v.status, v.tries, v.form, v.at, v.at),
        *(v.etag, v.last_modified, v.page_hash, v.provisional, run, v.source, v.source_at, v.rules),
        v.page_kept,
    )
