"""An open archive as what it is underneath, for tests of one backend alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.archive import Archive


def file_of(archive: Archive) -> Path:
    """Return the file of an archive that is one."""
    assert isinstance(archive.path, Path)
    return archive.path


def sqlite_of(archive: Archive) -> sqlite3.Connection:
    """Return the connection of an archive that is a file."""
    assert isinstance(archive.db, sqlite3.Connection)
    return archive.db
