"""What an archive knows of one article, one address and one publisher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive import article_rows
from farscrawler.archive.connection import explained
from farscrawler.archive.reading.selection import stored_publishers
from farscrawler.errors import ArchiveError
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.archive.records import Outcome
    from farscrawler.items import Article
    from farscrawler.locations import Location

#: The tables in which a publisher has rows once a crawl of it has begun, each indexed by publisher.
_TABLES = ("articles", "visits")


@dataclass(frozen=True, slots=True)
class LastVisit:
    """The row of an address in the ledger. ``last_at`` is UTC; ``reason`` is None for an article that was read."""

    key: str
    outcome: Outcome
    reason: str | None
    last_at: str
    form: str | None
    page_kept: bool


def stored_article(db: Database, path: Location, publisher: str, article_id: str) -> Article | None:
    """Return one article as it stands now, or None."""
    with explained(path):
        row = db.execute(
            f"SELECT {', '.join(FIELD_NAMES)} FROM articles WHERE publisher = ? AND article_id = ?",
            (publisher, article_id),
        ).fetchone()
    return article_rows.from_row(row, path) if row else None


def last_visit(db: Database, path: Location, publisher: str, keys: Iterable[str]) -> LastVisit | None:
    """Return the last visit of the first of these keys that was ever visited."""
    for key in keys:
        with explained(path):
            row: tuple[Any, ...] | None = db.execute(
                """SELECT key, outcome, reason, last_at, form, coalesce(page_kept, FALSE) FROM visits
                   WHERE publisher = ? AND key = ?""",
                (publisher, key),
            ).fetchone()
        if row is not None:
            found, outcome, reason, last_at, form, page_kept = row
            return LastVisit(found, outcome, reason, last_at, form, bool(page_kept))
    return None


def archived_publishers(db: Database, path: Location, *, lenient: bool = False) -> tuple[str, ...]:
    """Return the publishers of which an archive holds articles, visits or runs, sorted.

    ``lenient`` passes over tables that are damaged. Otherwise raise ArchiveError for one.
    """
    found: set[str] = set()
    for table in (*_TABLES, "runs"):
        try:
            found.update(_publishers_in(db, path, table))
        except ArchiveError:
            if not lenient:
                raise
    return tuple(sorted(found))


def lockable_publishers(db: Database, path: Location) -> tuple[str, ...]:
    """Return the archived publishers whose lock can be taken, a file of their name, whatever table is damaged."""
    return tuple(name for name in archived_publishers(db, path, lenient=True) if "/" not in name and "\0" not in name)


def _publishers_in(db: Database, path: Location, table: str) -> Iterable[str]:
    if table in _TABLES:
        return stored_publishers(db, path, table)
    with explained(path):
        return [row[0] for row in db.execute(f"SELECT DISTINCT publisher FROM {table}")]


def is_archived(db: Database, path: Location, publisher: str) -> bool:
    """Whether an archive holds articles, visits or runs of a publisher."""
    with explained(path):
        return any(
            db.execute(f"SELECT 1 FROM {table} WHERE publisher = ? LIMIT 1", (publisher,)).fetchone()
            for table in (*_TABLES, "runs")
        )


def publishers_with(db: Database, path: Location, keys: Sequence[str]) -> list[str]:
    """Return the publishers that have an article with one of these ids, sorted."""
    found = []
    for publisher in archived_publishers(db, path):
        with explained(path):
            marks = ", ".join("?" * len(keys))
            if db.execute(
                f"SELECT 1 FROM articles WHERE publisher = ? AND article_id IN ({marks})", (publisher, *keys)
            ).fetchone():
                found.append(publisher)
    return found


def id_at(db: Database, path: Location, publisher: str, url: str) -> str | None:
    """Return the id of a publisher's article whose stored address, canonical or printed, is exactly this one.

    All articles of the publisher are read for it: it is for those without a stanza, which would know the id.
    """
    with explained(path):
        row = db.execute(
            "SELECT article_id FROM articles WHERE publisher = ?1 AND (url = ?2 OR permalink = ?2) LIMIT 1",
            (publisher, url),
        ).fetchone()
    return row[0] if row else None
