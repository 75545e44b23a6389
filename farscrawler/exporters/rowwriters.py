"""Rows of the archive on their way into a binary file, in each format that `farscrawler export` writes."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Any, Protocol

from farscrawler.exporters.formats import BYTE_ORDER_MARK, Csv, JsonLines, SafeCsv
from farscrawler.exporters.xml import Xml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.exporters.formats import LineFormat

    Row = tuple[Any, ...]

#: Level 6 makes files a fifth smaller than this one, in three times the time: then it is most of an export.
_GZIP_LEVEL = 4


class RowWriter(Protocol):
    """Rows on their way into a file; each has the values of the columns, lists as JSON."""

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Write some rows."""

    def finish(self) -> None:
        """Write what ends the file; it stays open."""


class Lines:
    """A format of lines, with its head."""

    def __init__(self, file: IO[bytes], lines: LineFormat, *, mark: bytes = b"") -> None:
        self._file = file
        self._lines = lines
        file.write(mark + lines.header())

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Write a line for each row."""
        self._file.write(self._lines.render_rows(rows))

    def finish(self) -> None:
        """Do nothing: the last line is ended."""


class JsonArray:
    """One JSON array, in the bytes of Scrapy's exporter."""

    def __init__(self, file: IO[bytes], lines: JsonLines) -> None:
        self._file = file
        self._lines = lines
        self._between = ""
        file.write(b"[\n")

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Write an object for each row."""
        if rows:
            self._file.write((self._between + ",\n".join(self._lines.objects(rows))).encode())
            self._between = ",\n"

    def finish(self) -> None:
        """Close the array."""
        self._file.write(b"\n]")


class Packed:
    """Another writer within gzip. The same rows make the same bytes: the head holds no name and no time."""

    def __init__(self, file: IO[bytes], writer: Callable[[IO[bytes]], RowWriter]) -> None:
        self._gzip = gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0)
        self._writer = writer(self._gzip)  # type: ignore[arg-type]  # a binary file in all but name

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        self._writer.add_rows(rows)

    def finish(self) -> None:
        """End the packed bytes; the file stays open."""
        self._writer.finish()
        self._gzip.close()


def text_writer(form: str, columns: Sequence[str], *, mark: bool) -> Callable[[IO[bytes]], RowWriter]:
    """Return what begins to write a text format into a file; with ``mark`` CSV begins with a byte order mark."""
    names = {name: name for name in columns}
    if form == "json":
        return lambda file: JsonArray(file, JsonLines(names))
    if form == "xml":
        return lambda file: Xml(file, columns)
    made = {"csv": Csv, "csv-safe": SafeCsv}.get(form, JsonLines)(names)
    return lambda file: Lines(file, made, mark=BYTE_ORDER_MARK if mark else b"")
