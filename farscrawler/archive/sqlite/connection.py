"""Open an SQLite file of ours, or say in one sentence why that cannot be done; nothing is left beside a closed one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive.schema import migrate, rows_to_rewrite
from farscrawler.archive.sqlite.database import SqliteDatabase
from farscrawler.archive.sqlite.errors import BUSY_SECONDS, explained_of
from farscrawler.archive.sqlite.kinds import MAGIC
from farscrawler.errors import ArchiveError, ArchiveTooNewError, NotAnArchiveError
from farscrawler.files import NotAFileError, held_identity, hold, identity, is_held, open_file, release

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.archive.database import Database
    from farscrawler.archive.sqlite.kinds import FileKind
    from farscrawler.locations import Location

#: The time between two tries of a lock for which SQLite itself does not wait.
_LOOK_AGAIN_SECONDS = 0.01


def connect(path: Path, *, readonly: bool, kind: FileKind, tell: Callable[[str], None] | None) -> SqliteDatabase:
    """Open a file, make or migrate it unless ``readonly``; see `farscrawler.archive.connection.connect`."""
    _refuse_unusable(path, readonly=readonly, kind=kind)
    with explained_of(path, kind):
        db = _opened(path, readonly=readonly)
        try:
            _identify(db, path, readonly=readonly, kind=kind)
            if not readonly:
                _prepare(db, kind, tell)
        except BaseException:
            db.close()
            if readonly:
                _remove_empty_log(path)
            raise
        hold(db, path)
    return db


def close(db: Database, path: Path, *, fold_log: bool, kind: FileKind) -> None:
    """Close a file, the write-ahead log folded into it first with ``fold_log``; nothing is left beside it."""
    opened = held_identity(db)
    try:
        if fold_log:
            with explained_of(path, kind):
                # TRUNCATE waits for no reader: where one is at work the log simply stays until later.
                db.execute("PRAGMA busy_timeout = 0")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
        release(db)
    if not fold_log and opened == identity(path):
        _remove_empty_log(path)


def opened_for_reading(path: Path) -> SqliteDatabase:
    """Open an archive that was looked at before, for another program's own connection; any thread may use it."""
    return _opened(path, readonly=True, any_thread=True)


def _opened(path: Path, *, readonly: bool, any_thread: bool = False) -> SqliteDatabase:
    name = str(path)
    if readonly:
        how = "mode=ro&immutable=1" if _is_at_rest(path) else "mode=ro"
        name = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(
        name,
        uri=readonly,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        factory=SqliteDatabase,
        check_same_thread=not any_thread,
    )


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

    def __init__(self, path: Location, *, readonly: bool) -> None:
        self._path = path
        self._seen = self._state(path) if readonly and isinstance(path, Path) and _is_at_rest(path) else None

    def _state(self, path: Path) -> tuple[int, int, bool]:
        found = path.stat()
        log = path.with_name(f"{path.name}-wal")
        return found.st_size, found.st_mtime_ns, log.exists() and log.stat().st_size > 0

    def check(self) -> None:
        """Raise ArchiveError where somebody has written the file meanwhile: what was read may be of two times."""
        if self._seen is not None and isinstance(self._path, Path) and self._state(self._path) != self._seen:
            raise ArchiveError(
                f"{self._path} was written while it was read, from elsewhere; run the same command again."
            )


def _remove_empty_log(path: Path) -> None:
    """Let SQLite remove a log without commits, and the shared memory, where nobody else has the file open.

    A connection that only reads makes both and may remove neither. One that may write removes them as it is closed,
    under the lock that shows it to be the last one (sqlite.org/wal.html, 2.3). A log with commits is left alone: it is
    a killed writer's, and where it was laid beside the file by mistake, folding it in would be for good.
    """
    real = path.resolve()
    log = real.with_name(f"{real.name}-wal")
    try:
        if log.stat().st_size or not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
            return
        with contextlib.closing(sqlite3.connect(f"{real.as_uri()}?mode=rw", uri=True, timeout=0)) as db:
            db.execute("SELECT 1 FROM sqlite_master").fetchone()  # opens the log, which is removed on closing
    except (OSError, sqlite3.Error):  # there is no log, or another program is about to use the file
        return


def _refuse_unusable(path: Path, *, readonly: bool, kind: FileKind) -> None:
    """Raise ArchiveError for a path that is certainly no such file, before SQLite can create or change anything."""
    if str(path) in ("", ":memory:") or str(path).startswith("file:"):
        raise ArchiveError(f"{str(path)!r} keeps nothing; name a file.")
    if path.is_dir():
        raise NotAnArchiveError(f"{path} is a folder; name a file.")
    if path.exists():
        if not is_held(path):
            _refuse_other(path, readonly=readonly, kind=kind)
    elif readonly:
        raise ArchiveError(f"{path} does not exist. Crawl first, or name the archive with --archive FILE.")
    if not readonly:
        _refuse_folder(path.parent)


def _refuse_other(path: Path, *, readonly: bool, kind: FileKind) -> None:
    """Raise ArchiveError for a file that is none of SQLite's, or that cannot be read or written."""
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


def _refuse_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ArchiveError(f"The folder {folder} of the archive does not exist. Make it, or choose another one.")
    if not os.access(folder, os.W_OK):
        raise ArchiveError(f"The folder {folder.absolute()} is read-only. Choose another place for the archive.")


def _sentence(remedy: str) -> str:
    return f"{remedy[0].upper()}{remedy[1:]}."


def _identify(db: sqlite3.Connection, path: Path, *, readonly: bool, kind: FileKind) -> None:
    newest = len(kind.migrations)
    # In this order: another process may be making the file. What it commits last is read first.
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
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
        kind.readable[version](db)
    elif readonly and version < newest:
        what = "is empty" if empty else f"has the older schema {version}"
        raise ArchiveError(f"{path} {what}. Crawl with it once, which brings it up to date.")


def _prepare(db: sqlite3.Connection, kind: FileKind, tell: Callable[[str], None] | None) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for pragma in kind.first_pragmas:
            db.execute(f"PRAGMA {pragma}")
    for pragma in kind.pragmas:
        _set_patiently(db, pragma)
    if tell is not None and (count := rows_to_rewrite(db)):
        tell(f"bringing the archive up to date for this version, about {count:,} articles")
    migrate(db, kind.migrations)


def _set_patiently(db: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma, and wait for another process that is making the file.

    For the switch to a write-ahead log SQLite begins with a lock that lets others read. Of two that want more than
    that it refuses one at once, whatever its timeout: both would wait for each other.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return
