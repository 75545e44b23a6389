"""An SQLite export file: one table of articles, each once, at its newest revision."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from farscrawler.archive.exports import open_export, set_token, token_of, write_rows
from farscrawler.archive.places import is_archive
from farscrawler.errors import ExportError
from farscrawler.exporters.lock import check_there
from farscrawler.files import identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from farscrawler.archive.exports import ExportFile, ExportLog
    from farscrawler.archive.writing.batch import Stored

_SAFE = "What is stored is safe in the archive; the same command goes on from there."


class SqliteFile:
    """An open SQLite export. Its transactions keep it whole; writing a row twice changes nothing."""

    kind = "db"

    def __init__(self, path: Path, log: ExportLog, *, at: str) -> None:
        self.path = path
        self.log = log
        self.at = at
        self.db: sqlite3.Connection
        self.export: ExportFile
        self._identity: tuple[int, int] | None = None

    def renew(self, known: ExportFile) -> None:
        """Write a file that an older farscrawler began anew, of all that the archive knows it to hold."""
        try:
            self.path.unlink(missing_ok=True)
            with closing(open_export(self.path)) as db:
                for page in self.log.held(known):
                    write_rows(db, (one.article for one in page))
                token = set_token(db)
        except (ValueError, OSError, sqlite3.Error) as error:
            raise ExportError(f"{self.path}: {error}. {_SAFE}") from error
        # The file first: after a kill between the two the next run writes it once more.
        self.log.advance(known, [], size=0, tail=token, at=self.at)

    def open(self, *, overwrite: bool) -> None:
        """Open the file and write the pending articles."""
        if is_archive(self.path):
            raise ExportError(f"{self.path} is an archive and was left untouched; choose another file for the export.")
        try:
            if overwrite:
                self.path.unlink(missing_ok=True)
            existed = self.path.exists()
            self.db = open_export(self.path)
            self._identity = identity(self.path)
        except (ValueError, OSError, sqlite3.Error) as error:
            raise ExportError(
                f"{self.path} cannot be used as an export ({error}). It was left untouched: choose "
                "another file, or -O to write it anew."
            ) from error
        known = None if overwrite or not existed else self.log.find()
        if known is not None and (known.format != "db" or known.publisher != self.log.publisher):
            self.db.close()
            raise ExportError(
                f"{self.path} holds the export of {known.publisher} as {known.format}; choose another file, or -O."
            )
        if known is not None and known.tail != token_of(self.db):
            self.db.close()
            raise ExportError(
                f"{self.path} is not the file that this archive wrote under that name. It was left untouched: "
                "choose another file, or -O to write it anew."
            )
        self.export = known or self.log.begin("db", 0, set_token(self.db), self.at)
        for page in self.log.pending(self.export):
            self.write(page)

    def write(self, stored: Sequence[Stored]) -> None:
        """Store committed articles, and in the archive that the file holds them."""
        check_there(self.path, self._identity)
        try:
            write_rows(self.db, (s.article for s in stored))
        except sqlite3.Error as error:
            raise ExportError(f"{self.path}: {error}. {_SAFE}") from error
        self.log.advance(self.export, [s.seq for s in stored], size=0, tail=self.export.tail, at=self.at)

    def close(self) -> None:
        """Close the file."""
        self.db.close()
