"""An SQLite export file: one table of articles, each once, at its newest revision."""

from __future__ import annotations

import sqlite3
from typing import IO, TYPE_CHECKING, Any

from scrapy.exceptions import NotSupported
from scrapy.exporters import BaseItemExporter

from farscrawler.archive.exports import open_export, set_token, token_of, write_rows
from farscrawler.archive.places import is_archive
from farscrawler.errors import ExportError
from farscrawler.exporters.lock import check_there
from farscrawler.files import identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from farscrawler.archive.batch import Stored
    from farscrawler.archive.exports import ExportFile, ExportLog


class SqliteFile:
    """An open SQLite export. Its transactions keep it whole; writing a row twice changes nothing."""

    def __init__(self, path: Path, log: ExportLog, *, at: str) -> None:
        self.path = path
        self.log = log
        self.at = at
        self.db: sqlite3.Connection
        self.export: ExportFile
        self._identity: tuple[int, int] | None = None

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
            raise ExportError(
                f"{self.path}: {error}. What is stored is safe in the archive; the same command goes on from there."
            ) from error
        self.log.advance(self.export, [s.seq for s in stored], size=0, tail=self.export.tail, at=self.at)

    def close(self) -> None:
        """Close the file."""
        self.db.close()


class SqliteExporter(BaseItemExporter):
    """The format `db` for Scrapy's feed storages, which cannot hold it: only `SqliteFile` writes such a file."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        raise NotSupported("An SQLite export can only be written to a plain local file, such as -o news.db.")
