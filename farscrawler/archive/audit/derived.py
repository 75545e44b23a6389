"""Check the derived tables of an archive, and drop wrong ones: they are made again when they are asked for."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive import derived
from farscrawler.archive.copies.tables import COPIES
from farscrawler.archive.search import server as server_search
from farscrawler.archive.search.index import SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from farscrawler.archive.database import Database
    from farscrawler.archive.derived import Derived


def derived_of(db: Database) -> tuple[Derived, ...]:
    """Return all there are in a database."""
    return (COPIES, SEARCH if isinstance(db, sqlite3.Connection) else server_search.SEARCH)


def faults(db: Database, tell: Callable[[], None] | None = None) -> Iterator[tuple[Derived, str]]:
    """Yield what is wrong with derived tables, each with what it is wrong with.

    What is not complete yet, or of another version, is made anew in any case.
    """
    for one in derived_of(db):
        try:
            found = derived.state(db, one)
            if found == "absent":
                continue
            if not derived.is_whole(db, one.name):
                yield one, "a table, view or trigger of it is not there, or is another one"
            elif found == "complete":
                yield from ((one, what) for what in one.faults(db, tell))
        except sqlite3.DatabaseError as error:
            yield one, str(error)


def drop_wrong(db: Database, tell: Callable[[], None] | None = None) -> list[str]:
    """Drop the derived tables that are wrong, and return what was done; the caller has begun a transaction."""
    wrong = dict.fromkeys(one for one, _ in faults(db, tell))
    return [f"the {one.name} is dropped; {one.made_by} makes it again" for one in wrong if derived.drop(db, one.name)]
