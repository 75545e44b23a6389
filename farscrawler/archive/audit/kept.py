"""Audit and prune the kept pages: what they take, what is lost or damaged, and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from farscrawler.archive.audit.checks import Problem, file_problems
from farscrawler.archive.connection import PAGE_ROWS, Transaction, explained, pages, rows_of_keys
from farscrawler.archive.kept.pages import PAGES, DamagedPage, KeptPages, path_of
from farscrawler.locations import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.store import Archive
    from farscrawler.locations import Location

#: Freelist pages of SQLite that are given back in one transaction, 8 MB: a crawl of another publisher waits for it.
_GIVEN_BACK = 1000


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kept pages of one publisher: their number, their bytes as they came, and what they take in the file."""

    publisher: str
    pages: int
    size: int
    stored: int


def disk_size(archive: Location) -> int:
    """Return the bytes that the kept pages of an archive take on the disk, the write-ahead log included."""
    if isinstance(archive, Server):
        from farscrawler.archive.postgres.connection import size_of  # noqa: PLC0415  # psycopg is an extra

        return size_of(archive, ("pages", "dictionaries"))
    file = path_of(archive)
    return sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())


def shelves(kept: KeptPages) -> list[Shelf]:
    """Return what each publisher's pages take, dictionaries included."""
    with explained(kept.path, PAGES):
        rows = kept.db.execute(
            """SELECT publisher, sum(pages), sum(size), sum(stored) FROM (
                   SELECT publisher, count(*) AS pages, sum(size) AS size, sum(length(body)) AS stored
                   FROM pages GROUP BY publisher
                   UNION ALL SELECT publisher, 0, 0, sum(length(content)) FROM dictionaries GROUP BY publisher) AS e
               GROUP BY publisher ORDER BY publisher"""
        ).fetchall()
    return [Shelf(*row) for row in rows]


def check_pages(kept: KeptPages) -> list[Problem]:
    """Return the damage to the file, and to each page; every page is decompressed and held against its checksum."""
    advice = "`farscrawler prune-pages --damaged` removes what cannot be read; the archive itself does not need it"
    restore = f"put back a copy of {kept.path}, or move it away; the archive itself does not need it"
    problems = file_problems(kept.db, kept.path, PAGES.migrations)
    if problems:
        return [one if one.mendable else replace(one, advice=restore) for one in problems]
    found = [one for shelf in shelves(kept) for one in damaged(kept, shelf.publisher)]
    if not found:
        return []
    return [Problem(f"kept pages that cannot be read, such as {found[0].sentence}", len(found), advice)]


def damaged(kept: KeptPages, publisher: str) -> Iterator[DamagedPage]:
    """Yield the pages of a publisher that cannot be read."""
    for part in kept.parts(publisher, keys=PAGE_ROWS):
        yield from (page for page in kept.read(part) if isinstance(page, DamagedPage))


def lost(archive: Archive, kept: KeptPages | None) -> int:
    """Count the visits that say their page was kept, and it is not in the file; None: there is no file."""
    count = 0
    found = pages(
        archive.db,
        archive.path,
        """SELECT publisher, key FROM visits WHERE page_kept AND (publisher, key) > (?1, ?2)
           ORDER BY publisher, key LIMIT ?3""",
        after=("", ""),
    )
    for rows in found:
        by_publisher: dict[str, set[str]] = {}
        for publisher, key in rows:
            by_publisher.setdefault(publisher, set()).add(key)
        for publisher, keys in by_publisher.items():
            there = set()
            if kept is not None:
                statement = "SELECT key FROM pages WHERE publisher = ? AND key IN ({keys})"
                there = {key for (key,) in rows_of_keys(kept.db, kept.path, statement, publisher, keys=keys)}
            count += len(keys - there)
    return count


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the kept pages are to go: those fetched ``before`` a time, those that were no articles, or all."""

    before: str | None = None
    not_articles: bool = False

    def keys(self, kept: KeptPages, publisher: str) -> Iterator[list[str]]:
        """Yield the keys of the pages, a few hundred at a time."""
        found = pages(
            kept.db,
            kept.path,
            """SELECT DISTINCT key FROM pages WHERE publisher = ?1 AND (fetched_at < ?2 OR ?2 IS NULL)
                 AND (NOT ?3 OR outcome != 'article') AND key > ?4
               ORDER BY key LIMIT ?5""",
            publisher,
            self.before,
            self.not_articles,
            after=("",),
        )
        for rows in found:
            yield [key for (key,) in rows]


def prune(archive: Archive, kept: KeptPages, publisher: str, keys: list[str]) -> int:
    """Remove the pages of these addresses and return their number; the archive forgets first that they are kept."""
    with explained(archive.path), archive.transaction() as db:
        db.executemany(
            "UPDATE visits SET page_kept = NULL WHERE publisher = ? AND key = ?", ((publisher, key) for key in keys)
        )
    with explained(kept.path, PAGES), Transaction(kept.db, kept.guard) as db:
        removed = db.executemany(
            "DELETE FROM pages WHERE publisher = ? AND key = ?", ((publisher, key) for key in keys)
        ).rowcount
    return max(0, removed)


def forget_lost(archive: Archive, publisher: str) -> None:
    """Make the archive forget that pages of a publisher were kept; for a file that is gone."""
    with explained(archive.path), archive.transaction() as db:
        db.execute("UPDATE visits SET page_kept = NULL WHERE publisher = ? AND page_kept", (publisher,))


def drop_unused_dictionaries(kept: KeptPages, publisher: str) -> None:
    """Remove the dictionaries that no page of a publisher needs any more, the newest of each form left out."""
    with explained(kept.path, PAGES), Transaction(kept.db, kept.guard) as db:
        db.execute(
            """DELETE FROM dictionaries WHERE publisher = ?1
                 AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.publisher = ?1
                                 AND p.dictionary = dictionaries.dictionary)
                 AND (dictionary NOT IN (SELECT max(dictionary) FROM dictionaries WHERE publisher = ?1 GROUP BY form)
                      OR NOT EXISTS (SELECT 1 FROM pages p WHERE p.publisher = ?1))""",
            (publisher,),
        )


def give_back(kept: KeptPages) -> None:
    """Give the room of removed pages back to the disk, a few megabytes at a time.

    A database keeps it for the next pages (autovacuum).
    """
    if isinstance(kept.path, Server):
        return
    with explained(kept.path, PAGES):
        while kept.db.execute("PRAGMA freelist_count").fetchone()[0]:
            kept.db.execute(f"PRAGMA incremental_vacuum({_GIVEN_BACK})").fetchall()
        kept.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
