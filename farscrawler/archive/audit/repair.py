"""Repair: what a file lacks and can be made again of what is there, in one transaction.

Nothing is guessed: an article whose content is damaged is not mended but marked, so that the next crawl fetches it. A
file whose tables are damaged is not written at all, since each write may spread the damage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.audit.contents import GOES, MARKED, TEXTS, VALUES, damaged_rows, unreadable_rows
from farscrawler.archive.audit.derived import drop_wrong
from farscrawler.archive.connection import Transaction, explained
from farscrawler.archive.copies.tables import forget_article
from farscrawler.archive.definitions import missing
from farscrawler.archive.kept.pages import PAGES
from farscrawler.archive.sqlite.damage import damage_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.archive.database import Database
    from farscrawler.archive.definitions import Definition
    from farscrawler.archive.kept.pages import KeptPages
    from farscrawler.archive.sqlite.kinds import FileKind
    from farscrawler.archive.store import Archive

#: Reason of a visit whose article is damaged or not there.
LOST = "damaged in the archive"
#: Visits whose article is not there, and how they become pending again.
_WITHOUT_ARTICLE = """outcome = 'article' AND NOT EXISTS
    (SELECT 1 FROM articles a WHERE a.publisher = visits.publisher AND a.article_id = visits.key)"""


@dataclass(slots=True)
class Repaired:
    """What a repair has done: sentences, and the addresses that the next crawl is to fetch again, by publisher."""

    done: list[str] = field(default_factory=list)
    pending: dict[str, list[str]] = field(default_factory=dict)


def repair_file(db: Database, kind: FileKind) -> list[str]:
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


def _make(db: Database, one: Definition) -> None:
    assert one.statement is not None  # noqa: S101  # looked at by the caller
    if one.changed:
        db.execute(f'DROP {one.kind} "{one.name}"')
    db.execute(one.statement)


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
        found.done += repair_file(db, kind) + drop_wrong(db)
        _mark_articles(archive, found, tell)
        for table in GOES:
            keys = list(unreadable_rows(archive, table))
            if keys:
                where = " AND ".join(f"CAST({name} AS BLOB) = ?" for name in TEXTS[table])
                db.executemany(f"DELETE FROM {table} WHERE {where}", keys)
                found.done.append(f"{len(keys):,} rows of {table} are taken out")
        for table, rows, what, mend in VALUES:
            count = db.execute(mend + rows).rowcount
            if count:
                found.done.append(f"{count:,} {what}: mended in {table}")
        db.execute(
            f"UPDATE visits SET outcome = 'failed', reason = ?, provisional = FALSE WHERE {_WITHOUT_ARTICLE}", (LOST,)
        )
        # Those of an earlier repair too: its list may be lost.
        for publisher, url in db.execute(
            "SELECT publisher, url FROM visits WHERE outcome = 'failed' AND reason = ? ORDER BY publisher, key", (LOST,)
        ):
            found.pending.setdefault(publisher, []).append(url)
    for publisher, urls in found.pending.items():
        found.done.append(f"{len(urls):,} articles of {publisher} are pending again")
    return found


def _mark_articles(archive: Archive, found: Repaired, tell: Callable[[int], None] | None) -> None:
    """Mark damaged articles, so that a visit stores a new revision of each; the damaged one is kept as it is."""
    db = archive.db
    damaged = [(rowid, publisher, key) for rowid, publisher, key, _ in damaged_rows(archive, "articles", tell)]
    if not damaged:
        return
    with db.untriggered("articles"):  # a mark is no revision
        for rowid, publisher, key in damaged:
            db.execute("UPDATE articles SET content_hash = ? WHERE rowid = ?", (MARKED, rowid))
            forget_article(db, publisher, key)
            db.execute(
                "UPDATE visits SET outcome = 'failed', reason = ?, provisional = FALSE WHERE publisher = ? AND key = ?",
                (LOST, publisher, key),
            )
    found.done.append(f"{len(damaged):,} damaged articles are marked")
