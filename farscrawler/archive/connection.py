"""Open a database of ours, or say in one sentence why that cannot be done; and read it in short queries."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING, Any

from farscrawler.archive.sqlite import connection as sqlite
from farscrawler.archive.sqlite.errors import explained_of
from farscrawler.archive.sqlite.kinds import ARCHIVE
from farscrawler.errors import BadArgumentError
from farscrawler.locations import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from farscrawler.archive.database import Database
    from farscrawler.archive.guard import AnyGuard
    from farscrawler.archive.sqlite.kinds import FileKind
    from farscrawler.locations import Location

#: Rows or keys of one query. SQLite takes up to 32,766 keys; a chunk of a strategy is a few hundred.
PAGE_ROWS = 500


def connect(
    path: Location, *, readonly: bool = False, kind: FileKind = ARCHIVE, tell: Callable[[str], None] | None = None
) -> Database:
    """Open an archive, or a database of another ``kind``; make or migrate it unless ``readonly``.

    ``tell`` is called with a sentence before a migration that rewrites articles, which may take minutes.

    Raise ArchiveError (or a subclass) with a sentence for the user; the file is untouched then.
    """
    if isinstance(path, Server):
        _require_psycopg()
        from farscrawler.archive.postgres import connection  # noqa: PLC0415  # psycopg takes a while, and is an extra

        return connection.connect(path, readonly=readonly, name=kind.name, migrations=kind.migrations)
    return sqlite.connect(path, readonly=readonly, kind=kind, tell=tell)


def _require_psycopg() -> None:
    """Raise BadArgumentError where what speaks to PostgreSQL is not installed."""
    if importlib.util.find_spec("psycopg") is None:
        raise BadArgumentError(
            "ARCHIVE: an archive in PostgreSQL needs psycopg; install it with `pip install 'farscrawler[postgres]'`."
        )


def close(db: Database, path: Location, *, fold_log: bool, kind: FileKind = ARCHIVE) -> None:
    """Close a database; where it is a file that was written, ``fold_log`` folds the write-ahead log into it first.

    The last program that closes the file leaves nothing beside it, a reader too.
    """
    if isinstance(path, Server):
        db.close()
    else:
        sqlite.close(db, path, fold_log=fold_log, kind=kind)


@contextlib.contextmanager
def explained(path: Location, kind: FileKind = ARCHIVE) -> Iterator[None]:
    """Turn the errors of a database into ArchiveError, with its name and what to do."""
    if isinstance(path, Server):
        from farscrawler.archive.postgres import errors  # noqa: PLC0415  # as above

        with errors.explained_of(path):
            yield
    else:
        with explained_of(path, kind):
            yield


def rows_of_keys(
    db: Database, path: Location, statement: str, *values: object, keys: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of these keys, which are the last values of the statement and stand there as `{keys}`."""
    wanted = list(keys)
    for start in range(0, len(wanted), PAGE_ROWS):
        part = wanted[start : start + PAGE_ROWS]
        with explained(path):
            rows = db.execute(statement.format(keys=", ".join("?" * len(part))), (*values, *part)).fetchall()
        yield from rows


def pages(
    db: Database,
    path: Location,
    statement: str,
    *values: object,
    after: tuple[object, ...],
    limit: int = PAGE_ROWS,
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows of a statement, a page at a time.

    The columns of ``after`` are the first ones of each row and the order of the rows; they and ``limit`` are the last
    values of the statement. No read stays open between two pages: a reader that keeps one snapshot lets the
    write-ahead log grow without end.
    """
    while True:
        with explained(path):
            rows = db.execute(statement, (*values, *after, limit)).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][: len(after)]


class Transaction:
    """A write transaction. It takes the lock at its start, so that another writer can make it fail only there.

    With a ``guard`` nothing is committed into a file that has been taken away.
    """

    def __init__(self, db: Database, guard: AnyGuard | None = None) -> None:
        self.db = db
        self.guard = guard

    def __enter__(self) -> Database:
        self.db.begin()
        return self.db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                if self.guard is not None:
                    self.guard.check(self.db)
                self.db.execute("COMMIT")
            except BaseException:
                self._undo()
                raise
        else:
            self._undo()

    def _undo(self) -> None:
        if self.db.in_transaction:  # it was undone already after a full disk, an I/O error or a lost connection
            self.db.execute("ROLLBACK")
