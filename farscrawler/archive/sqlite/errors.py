"""What SQLite says is wrong, as sentences that say what to do."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING

from farscrawler.errors import ArchiveError, DamagedArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.archive.sqlite.kinds import FileKind

#: The time that a writer waits for another one. Our own transactions last milliseconds; a minute also outlives
#: a foreign tool that checks or copies the file.
BUSY_SECONDS = 60
#: What SQLite says of a file that is damaged where its code says only that something is wrong.
_OF_DAMAGE = re.compile(r"Could not decode|no such (?:table|column|index)|malformed|database schema is locked: ")


@contextlib.contextmanager
def explained_of(path: Path, kind: FileKind) -> Iterator[None]:
    """Turn the errors of SQLite and of the system into ArchiveError, with the name of the file and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explanation(path, kind, error) from error
    except UnicodeDecodeError as error:  # SQLite's message quotes a name that damage has made no text
        raise _damaged(path, kind, "malformed database schema") from error
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}.") from error


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
        return f"{path}: cannot be written ({text}). Choose a folder you may write in."
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path}: another program has held the file for over {BUSY_SECONDS} s. Close it and run again."
    return f"{path}: {text}."
