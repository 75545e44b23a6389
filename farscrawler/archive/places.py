"""What nothing else may be written over: the files of an archive, and SQLite files of other programs."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive.kept.pages import PAGES, path_of
from farscrawler.archive.schema import APPLICATION_ID, EXPORT_APPLICATION_ID, FIELDS_1
from farscrawler.archive.sqlite.kinds import MAGIC
from farscrawler.files import is_held, keys_of, open_file
from farscrawler.items import FIELD_NAMES
from farscrawler.locations import Server

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.locations import Location

_HEADER = 100  # bytes; sqlite.org/fileformat.html
_APPLICATION = slice(68, 72)
_OURS = tuple(one.to_bytes(4, "big") for one in (APPLICATION_ID, PAGES.application_id))
#: What SQLite keeps beside a file while it is open, with what sentences call it.
_BESIDE = {"-wal": "write-ahead log", "-shm": "shared memory", "-journal": "journal"}


def refusal(path: Path, archive: Location) -> str | None:
    """Return why nothing may be written over a path, as the rest of a sentence; None where it may.

    By whatever name: symbolic and hard links lead to the same file.
    """
    if isinstance(archive, Server):
        return "is an archive and was left untouched" if is_archive(path) else None
    keys = keys_of(path)
    kept = path_of(archive)
    if keys & keys_of(archive):
        return "is the archive itself"
    if keys & keys_of(kept):
        return "is where the pages of this archive are kept"
    real = archive.resolve()
    for file, what in ((real, "archive"), (kept, "kept pages")):
        for ending, part in _BESIDE.items():
            if keys & keys_of(file.with_name(file.name + ending)):
                return f"is the {part} of the {what}"
    name = os.path.basename(os.path.realpath(path)).casefold()  # noqa: PTH119  # a path of any kind
    in_folder = _folder(path) == _folder(real)
    if (
        in_folder
        and name.startswith((f"{real.name}.".casefold(), f"{real.name}-".casefold()))
        and name.endswith(".lock")
    ):
        return "is the lock of the archive"
    return "is an archive and was left untouched" if is_archive(path) else None


def is_archive(path: Path) -> bool:
    """Whether a path leads to an archive or to kept pages, of this crawl or another, whole or damaged."""
    if is_held(path):
        return True
    header = _header(path)
    return header is not None and header[_APPLICATION] in _OURS


def _folder(path: Path) -> object:
    """Return what tells the folder of a path from others."""
    return os.path.dirname(os.path.realpath(path)).casefold()  # noqa: PTH120  # as above


def is_database(path: Path) -> bool:
    """Whether a path leads to an SQLite file, whole or damaged."""
    return is_held(path) or _header(path) is not None


def is_export(path: Path) -> bool:
    """Whether an SQLite file has the tables of an export of ours, or none; False for a damaged one."""
    try:
        # Beside the journal of a killed writer nothing can be read without writing; the journal changes no table.
        real = path.resolve()
        journal = real.with_name(f"{real.name}-journal")
        how = "mode=ro&immutable=1" if journal.exists() and journal.stat().st_size else "mode=ro"
        db = sqlite3.connect(f"{real.as_uri()}?{how}", uri=True)
    except (sqlite3.Error, OSError):
        return False
    try:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = [row[1] for row in db.execute("PRAGMA table_info(articles)")]
        application = db.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError:
        return False
    finally:
        db.close()
    known = columns in (list(FIELD_NAMES), list(FIELDS_1)) or application == EXPORT_APPLICATION_ID
    return not tables or known


def _header(path: Path) -> bytes | None:
    """Return the header of an SQLite file; None for anything else, and for nothing."""
    try:
        with open_file(path) as file:
            header = file.read(_HEADER)
    except OSError:
        return None
    return header if header.startswith(MAGIC) else None
