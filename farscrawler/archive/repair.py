"""Repair: what a file lacks and can be made again of what is there, in one transaction.

Nothing is guessed: an article whose content is damaged is not mended but marked, so that the next crawl fetches it. A
file whose tables are damaged is not written at all, since each write may spread the damage.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.connection import Transaction, explained
from farscrawler.archive.contents import GOES, MARKED, TEXTS, VALUES, damaged_rows, unreadable_rows
from farscrawler.archive.damage import damage_to
from farscrawler.archive.definitions import missing
from farscrawler.archive.kept_pages import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.archive.connection import FileKind
    from farscrawler.archive.definitions import Definition
    from farscrawler.archive.kept_pages import KeptPages
    from farscrawler.archive.store import Archive

#: Reason of a visit whose article is damaged or not there.
LOST = "damaged in the archive"
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'articles'"
#: Visits whose article is not there, and how they become pending again.
_WITHOUT_ARTICLE = """outcome = 'article' AND NOT EXISTS
    (SELECT 1 FROM articles a WHERE a.publisher = visits.publisher AND a.article_id = visits.key)"""


@dataclass(slots=True)
class Repaired:
    """What a repair has done: sentences, and the addresses that the next crawl is to fetch again, by publisher."""

    done: list[str] = field(default_factory=list)
    pending: dict[str, list[str]] = field(default_factory=dict)


def repair_file(db: sqlite3.Connection, kind: FileKind) -> list[str]:
    """Make tables, columns, indexes and triggers again that a file lacks; the caller has begun a transaction."""
    done: list[str] = []
    for one in missing(db, kind.migrations):
        if one.statement is None:
            continue
        _make(db, one)
        done.append(f"{one.kind} {one.name} is made again")
    for index in dict.fromkeys(one.index for one in damage_to(db) if one.index is not None):
        db.execute(f'REINDEX "{index}"')
        done.append(f"index {index} is built again")
    return done


def _make(db: sqlite3.Connection, one: Definition) -> None:
    assert one.statement is not None  # noqa: S101  # looked at by the caller
    if one.changed:
        db.execute(f'DROP {one.kind} "{one.name}"')
    db.execute(one.statement)


def publishers_in(archive: Archive) -> list[str]:
    """Return the publishers that an archive holds something of, whatever table of it is left."""
    found: set[str] = set()
    for table in ("runs", "visits", "articles"):
        with suppress(sqlite3.DatabaseError):
            found.update(str(row[0]) for row in archive.db.execute(f"SELECT DISTINCT publisher FROM {table}"))
    return sorted(name for name in found if "/" not in name and "\0" not in name)  # a lock is a file of its name


def repair_pages(kept: KeptPages) -> list[str]:
    """Repair the file of kept pages; damaged pages in it are a matter of `prune-pages`."""
    if any(one.index is None for one in damage_to(kept.db)):
        return []
    with explained(kept.path, PAGES), Transaction(kept.db, kept.guard) as db:
        return repair_file(db, PAGES)


def repair(archive: Archive, kind: FileKind, tell: Callable[[int], None] | None = None) -> Repaired:
    """Repair an archive whose locks are held. Raise ArchiveError where that fails; the file is as it was then."""
    found = Repaired()
    with explained(archive.path), archive.transaction() as db:
        found.done += repair_file(db, kind)
        _mark_articles(archive, found, tell)
        for table in GOES:
            keys = list(unreadable_rows(archive, table))
            where = " AND ".join(f"CAST({name} AS BLOB) = ?" for name in TEXTS[table])
            db.executemany(f"DELETE FROM {table} WHERE {where}", keys)
            found.done += [f"{len(keys):,} rows of {table} are taken out"] if keys else []
        for table, rows, what, mend in VALUES:
            count = db.execute(mend + rows).rowcount
            if count:
                found.done.append(f"{count:,} {what}: mended in {table}")
        for publisher, url in db.execute(f"SELECT publisher, url FROM visits WHERE {_WITHOUT_ARTICLE}").fetchall():
            found.pending.setdefault(publisher, []).append(url)
        db.execute(
            f"UPDATE visits SET outcome = 'failed', reason = ?, provisional = 0 WHERE {_WITHOUT_ARTICLE}", (LOST,)
        )
    for publisher, urls in found.pending.items():
        found.done.append(f"{len(urls):,} articles of {publisher} are pending again")
    return found


def _mark_articles(archive: Archive, found: Repaired, tell: Callable[[int], None] | None) -> None:
    """Mark damaged articles, so that a visit stores a new revision of each; the damaged one is kept as it is."""
    db = archive.db
    damaged = [
        (rowid, publisher, key, url) for rowid, publisher, key, url, _ in damaged_rows(archive, "articles", tell)
    ]
    if not damaged:
        return
    triggers = db.execute(_TRIGGERS).fetchall()
    for name, _ in triggers:  # a mark is no revision
        db.execute(f'DROP TRIGGER "{name}"')
    for rowid, publisher, key, url in damaged:
        db.execute("UPDATE articles SET content_hash = ? WHERE rowid = ?", (MARKED, rowid))
        known = db.execute(
            """UPDATE visits SET outcome = 'failed', reason = ?, provisional = 0 WHERE publisher = ? AND key = ?
               RETURNING url""",
            (LOST, publisher, key),
        ).fetchone()
        found.pending.setdefault(publisher, []).append(known[0] if known is not None else url)
    for _, statement in triggers:
        db.execute(statement)
