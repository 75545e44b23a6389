"""Open an SQLite file of ours, or say in one sentence why that cannot be done; and read it in short queries."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from farscrawler.archive.schema import APPLICATION_ID, MIGRATIONS, READABLE, migrate
from farscrawler.errors import ArchiveError, ArchiveTooNewError, DamagedArchiveError, NotAnArchiveError
from farscrawler.files import NotAFileError, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from farscrawler.archive.guard import Guard

#: The first bytes of every SQLite file (sqlite.org/fileformat.html).
MAGIC = b"SQLite format 3\0"

#: The time that a writer waits for another one. Our own transactions last milliseconds; a minute also outlives
#: a foreign tool that checks or copies the file.
BUSY_SECONDS = 60
#: What SQLite says of a file that is damaged where its code says only that something is wrong.
_OF_DAMAGE = re.compile(r"Could not decode|no such (?:table|column|index)|malformed|database schema is locked: ")
#: Rows or keys of one query. SQLite takes up to 32,766 keys; a chunk of a strategy is a few hundred.
PAGE_ROWS = 500


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of SQLite file of ours: how it is told from others, made and brought up to date.

    ``name`` is what sentences call it, ``remedy`` what a user does about a file that cannot be used, and
    ``when_damaged`` a sentence about one that is damaged. ``pragmas``
    are set on each connection that writes, and those of ``first_pragmas`` before the first table is made.
    ``readable`` holds the older versions that need no migration to be read, each with what shows them as the newest.
    """

    name: str
    remedy: str
    when_damaged: str
    application_id: int
    migrations: tuple[Callable[[sqlite3.Connection], None], ...]
    pragmas: tuple[str, ...]
    first_pragmas: tuple[str, ...]
    readable: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


ARCHIVE = FileKind(
    name="archive",
    remedy="choose another with -s ARCHIVE=FILE",
    when_damaged="`farscrawler check` says what is damaged, and what to do.",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    # WAL: readers are never blocked by the crawl. NORMAL: a killed process loses nothing; a power cut may lose the
    # last commits, never the file.
    pragmas=("journal_mode = WAL", "synchronous = NORMAL"),
    first_pragmas=("page_size = 8192",),  # measured best for 3 KB rows
    readable=READABLE,
)


def connect(path: Path, *, readonly: bool = False, kind: FileKind = ARCHIVE) -> sqlite3.Connection:
    """Open an archive, or a file of another ``kind``; make or migrate the file unless ``readonly``.

    Raise ArchiveError (or a subclass) with a sentence for the user; the file is untouched then.
    """
    _refuse_unusable(path, readonly=readonly, kind=kind)
    with explained(path, kind):
        db = _opened(path, readonly=readonly)
        try:
            _identify(db, path, readonly=readonly, kind=kind)
            if not readonly:
                _prepare(db, kind)
        except BaseException:
            db.close()
            raise
    return db


def _opened(path: Path, *, readonly: bool) -> sqlite3.Connection:
    if not readonly:
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    how = "mode=ro&immutable=1" if _is_at_rest(path) else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _is_at_rest(path: Path) -> bool:
    """Whether a file is to be read as one that nobody writes: in a folder that cannot be written, and without a log.

    Beside such a file SQLite cannot make its shared memory, and refuses to read it. Where a log is there, a writer is
    at work elsewhere or was killed, and SQLite reads both; a writer that begins later is found by ``check_at_rest``.
    """
    real = path.resolve()
    log, shared = (real.with_name(f"{real.name}{ending}") for ending in ("-wal", "-shm"))
    if os.access(real.parent, os.W_OK) or not real.is_file():
        return False
    if log.exists() and log.stat().st_size and not shared.exists():
        raise ArchiveError(
            f"{path} cannot be read in its read-only folder: {log.name} beside it, with its last commits, needs to be "
            "folded in. Copy both into a folder that you may write in, and name the copy."
        )
    return not log.exists() or not log.stat().st_size


class AtRest:
    """A file that is read as one that nobody writes, with its size and time; nothing for any other file."""

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self._path = path
        self._seen = self._state() if readonly and _is_at_rest(path) else None

    def _state(self) -> tuple[int, int, bool]:
        found = self._path.stat()
        log = self._path.with_name(f"{self._path.name}-wal")
        return found.st_size, found.st_mtime_ns, log.exists() and log.stat().st_size > 0

    def check(self) -> None:
        """Raise ArchiveError where somebody has written the file meanwhile: what was read may be of two times."""
        if self._seen is not None and self._state() != self._seen:
            raise ArchiveError(
                f"{self._path} was written while it was read, from elsewhere; run the same command again."
            )


def close(db: sqlite3.Connection, path: Path, *, fold_log: bool, kind: FileKind = ARCHIVE) -> None:
    """Close a file; where it was written, ``fold_log`` folds the write-ahead log into it first."""
    try:
        if fold_log:
            with explained(path, kind):
                # TRUNCATE waits for no reader: where one is at work the log simply stays until later.
                db.execute("PRAGMA busy_timeout = 0")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


@contextlib.contextmanager
def explained(path: Path, kind: FileKind = ARCHIVE) -> Iterator[None]:
    """Turn SQLite's errors into ArchiveError, with the file's name and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explanation(path, kind, error) from error
    except UnicodeDecodeError as error:  # SQLite's message quotes a name that damage has made no text
        raise _damaged(path, kind, "malformed database schema") from error
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}.") from error


def rows_of_keys(
    db: sqlite3.Connection, path: Path, statement: str, *values: object, keys: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of these keys, which are the last values of the statement and stand there as `{keys}`."""
    wanted = list(keys)
    for start in range(0, len(wanted), PAGE_ROWS):
        part = wanted[start : start + PAGE_ROWS]
        with explained(path):
            rows = db.execute(statement.format(keys=", ".join("?" * len(part))), (*values, *part)).fetchall()
        yield from rows


def pages(
    db: sqlite3.Connection,
    path: Path,
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

    def __init__(self, db: sqlite3.Connection, guard: Guard | None = None) -> None:
        self.db = db
        self.guard = guard

    def __enter__(self) -> sqlite3.Connection:
        self.db.execute("BEGIN IMMEDIATE")
        return self.db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                if self.guard is not None:
                    self.guard.check()
                self.db.execute("COMMIT")
            except BaseException:
                self._undo()
                raise
        else:
            self._undo()

    def _undo(self) -> None:
        if self.db.in_transaction:  # SQLite has undone it itself after a full disk or an I/O error
            self.db.execute("ROLLBACK")


def _explanation(path: Path, kind: FileKind, error: sqlite3.DatabaseError) -> ArchiveError:
    code = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or _OF_DAMAGE.match(text):
        return _damaged(path, kind, text)
    return ArchiveError(_advice(path, code, text))


def _damaged(path: Path, kind: FileKind, text: str) -> DamagedArchiveError:
    return DamagedArchiveError(f"{path}: the {kind.name} is damaged ({text}). {kind.when_damaged}")


def _advice(path: Path, code: str, text: str) -> str:
    if code.startswith("SQLITE_FULL"):
        return f"{path}: the disk is full. What was stored is whole; make room and run the same command again."
    if code.startswith("SQLITE_IOERR"):
        return f"{path}: the disk failed ({text}). What was stored is whole; run `farscrawler check` when it is back."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{path}: cannot be written ({text}). Choose a folder you may write in, with -s ARCHIVE=FILE."
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path}: another program has held the file for over {BUSY_SECONDS} s. Close it and run again."
    return f"{path}: {text}."


def _refuse_unusable(path: Path, *, readonly: bool, kind: FileKind) -> None:
    """Raise ArchiveError for a path that is certainly no such file, before SQLite can create or change anything."""
    if str(path) in ("", ":memory:") or str(path).startswith("file:"):
        raise ArchiveError(f"{str(path)!r} keeps nothing; name a file, with -s ARCHIVE=FILE.")
    if path.is_dir():
        raise NotAnArchiveError(f"{path} is a folder; name a file, with -s ARCHIVE=FILE.")
    if path.exists():
        try:
            with open_file(path) as file:
                head = file.read(len(MAGIC))
        except NotAFileError as error:
            raise NotAnArchiveError(f"{path} is no {kind.name} ({error.strerror}). {_sentence(kind.remedy)}") from error
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read ({error.strerror}).") from error
        if head and head != MAGIC:
            raise NotAnArchiveError(
                f"{path} is no {kind.name} (not an SQLite file); it was left untouched. {_sentence(kind.remedy)}"
            )
        if not readonly and not os.access(path, os.W_OK):
            raise ArchiveError(f"{path} is read-only. Make it writable, or {kind.remedy}.")
    elif readonly:
        raise ArchiveError(f"{path} does not exist. Crawl first, or name the archive with -s ARCHIVE=FILE.")
    if not readonly:
        _refuse_folder(path.parent)


def _refuse_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ArchiveError(
            f"The folder {folder} of the archive does not exist. Make it, or choose another with -s ARCHIVE=FILE."
        )
    if not os.access(folder, os.W_OK):
        raise ArchiveError(
            f"The folder {folder.absolute()} is read-only. Choose another place for the archive, with -s ARCHIVE=FILE."
        )


def _sentence(remedy: str) -> str:
    return f"{remedy[0].upper()}{remedy[1:]}."


def _identify(db: sqlite3.Connection, path: Path, *, readonly: bool, kind: FileKind) -> None:
    newest = len(kind.migrations)
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != kind.application_id and not empty:
        raise NotAnArchiveError(
            f"{path} is an SQLite file of another program; it was left untouched. {_sentence(kind.remedy)}"
        )
    if version > newest:
        raise ArchiveTooNewError(
            f"{path} was written by a newer farscrawler (schema {version}; this one knows "
            f"up to {newest}); it was left untouched. Upgrade farscrawler."
        )
    if readonly and version in kind.readable:
        for statement in kind.readable[version]:
            db.execute(statement)
    elif readonly and version < newest:
        what = "is empty" if empty else f"has the older schema {version}"
        raise ArchiveError(f"{path} {what}. Crawl with it once, which brings it up to date.")


def _prepare(db: sqlite3.Connection, kind: FileKind) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for pragma in kind.first_pragmas:
            db.execute(f"PRAGMA {pragma}")
    for pragma in kind.pragmas:
        db.execute(f"PRAGMA {pragma}")
    migrate(db, kind.migrations)
