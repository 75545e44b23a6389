"""Open the SQLite file of an archive, or say in one sentence why that cannot be done."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive.schema import APPLICATION_ID, VERSION, migrate
from farscrawler.errors import ArchiveError, ArchiveTooNewError, NotAnArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = b"SQLite format 3\0"

#: How long a writer waits for another one. Our own transactions last milliseconds; a minute also outlives
#: a foreign tool that checks or copies the file.
BUSY_SECONDS = 60


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Open an archive, made or migrated where that is allowed.

    Raises ArchiveError (or a subclass) with a sentence for the user; the file is untouched then.
    """
    _look_before_opening(path, readonly=readonly)
    with explained(path):
        if readonly:
            db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
            )
        else:
            db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _identify(db, path, readonly=readonly)
            if not readonly:
                _prepare(db)
        except BaseException:
            db.close()
            raise
    return db


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ArchiveError, with the file's name and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        raise ArchiveError(_advice(path, code, str(error))) from error
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}.") from error


def _advice(path: Path, code: str, text: str) -> str:
    if code.startswith("SQLITE_FULL"):
        return f"{path}: the disk is full. What was stored is whole; make room and run the same command again."
    if code.startswith("SQLITE_IOERR"):
        return f"{path}: the disk failed ({text}). What was stored is whole; run `farscrawler check` when it is back."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{path}: cannot be written ({text}). Choose a folder you may write in, with -s ARCHIVE=FILE."
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"{path}: the file is damaged ({text}). Put back a copy, or choose another with -s ARCHIVE=FILE."
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path}: another program has held the file for over {BUSY_SECONDS} s. Close it and run again."
    return f"{path}: {text}."


def _look_before_opening(path: Path, *, readonly: bool) -> None:
    """Refuse what is certainly no archive before SQLite gets to create or change anything."""
    if str(path) in ("", ":memory:") or str(path).startswith("file:"):
        raise ArchiveError(f"{str(path)!r} keeps nothing; name a file, with -s ARCHIVE=FILE.")
    if path.is_dir():
        raise NotAnArchiveError(f"{path} is a folder; name a file, with -s ARCHIVE=FILE.")
    if path.exists():
        try:
            with path.open("rb") as file:
                head = file.read(len(_MAGIC))
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read ({error.strerror}).") from error
        if head and head != _MAGIC:
            raise NotAnArchiveError(
                f"{path} is no archive (not an SQLite file); it was left untouched. "
                "Choose another with -s ARCHIVE=FILE."
            )
        if not readonly and not os.access(path, os.W_OK):
            raise ArchiveError(f"{path} is read-only. Make it writable, or choose another with -s ARCHIVE=FILE.")
    elif readonly:
        raise ArchiveError(f"{path} does not exist. Crawl first, or name the archive with -s ARCHIVE=FILE.")
    if not readonly:
        _look_at_folder(path.parent)


def _look_at_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ArchiveError(
            f"The folder {folder} of the archive does not exist. Make it, or choose another with -s ARCHIVE=FILE."
        )
    if not os.access(folder, os.W_OK):
        raise ArchiveError(
            f"The folder {folder.absolute()} is read-only. Choose another place for the archive, with -s ARCHIVE=FILE."
        )


def _identify(db: sqlite3.Connection, path: Path, *, readonly: bool) -> None:
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not empty:
        raise NotAnArchiveError(
            f"{path} is an SQLite file of another program; it was left untouched. Choose another with -s ARCHIVE=FILE."
        )
    if version > VERSION:
        raise ArchiveTooNewError(
            f"{path} was written by a newer farscrawler (schema {version}; this one knows "
            f"up to {VERSION}); it was left untouched. Upgrade farscrawler."
        )
    if readonly and version < VERSION:
        what = "is empty" if empty else f"has the older schema {version}"
        raise ArchiveError(f"{path} {what}. Crawl with it once, which brings it up to date.")


def _prepare(db: sqlite3.Connection) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        db.execute("PRAGMA page_size = 8192")  # measured best for 3 KB rows
    db.execute("PRAGMA journal_mode = WAL")  # readers are never blocked by the crawl
    # NORMAL: a killed process loses nothing; a power cut may lose the last commits, never the file.
    db.execute("PRAGMA synchronous = NORMAL")
    migrate(db)
