"""The files and streams of `farscrawler export`: a file is written beside the old one and renamed, whole or not at all.

A kill leaves a hidden part file at most, which the next export to that file begins anew.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from farscrawler.archive.exports import ExportTable, settle
from farscrawler.errors import ExportError
from farscrawler.exporters.feeds import DATABASES, place_of, unknown_format
from farscrawler.exporters.lock import ExportLock
from farscrawler.exporters.parquet import ParquetWriter
from farscrawler.exporters.rowwriters import Packed, text_writer
from farscrawler.files import open_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from farscrawler.exporters.rowwriters import Row, RowWriter

#: The formats by their names, with why a file of one is not packed; None where it may be.
FORMATS: dict[str, str | None] = {
    "jsonl": None,
    "jsonlines": None,
    "jl": None,
    "json": None,
    "csv": None,
    "csv-safe": None,
    "xml": None,
    "parquet": "a Parquet file is packed already; leave .gz out",
    **dict.fromkeys(DATABASES, "no program reads an SQLite file within another; leave .gz out, or pack it afterwards"),
}
CSV = ("csv", "csv-safe")
PACKED = ".gz"


@dataclass(frozen=True, slots=True)
class Output:
    """What a name asks for: a file or stream, its format, and whether it is packed; ``path`` is None for stdout."""

    name: str
    path: Path | None
    is_stream: bool
    form: str
    packed: bool

    @property
    def shown(self) -> str:
        """What sentences call it."""
        return "standard output" if self.path is None else str(self.path)


def output_of(word: str, *, csv_safe: bool = False) -> Output:
    """Read FILE, FILE:FORMAT or -:FORMAT; with ``csv_safe`` CSV is that for spreadsheets. Raise ExportError."""
    place, colon, said = word.rpartition(":")
    if colon and said.removesuffix(PACKED) in FORMATS:
        form, packed = said.removesuffix(PACKED), said.endswith(PACKED)
    else:
        place = word
        packed = word.endswith(PACKED)
        if wrong := unknown_format(word.removesuffix(PACKED), FORMATS):
            raise ExportError(wrong)
        form = word.removesuffix(PACKED).rpartition(".")[2]
    why = FORMATS[form]
    if packed and why is not None:
        raise ExportError(f"{word}: {why}.")
    path, is_stream = (None, True) if place in ("-", "stdout:") else place_of(place)
    if is_stream and form in DATABASES:
        raise ExportError(f"{word}: an SQLite file is written to a plain local file, such as -O news.db.")
    return Output(word, path, is_stream, "csv-safe" if form == "csv" and csv_safe else form, packed)


class _Counted:
    """A stream, with the number of bytes that were written into it: no pipe can tell where it is."""

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size = 0

    def write(self, data: bytes) -> int:
        """Write some bytes."""
        self._size += len(data)
        return self._stream.write(data)

    def tell(self) -> int:
        """Return the number of bytes so far."""
        return self._size

    def flush(self) -> None:
        """Hand on what is written."""
        self._stream.flush()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class RowFile:
    """An output at work: `open`, `add_rows`, `finish`, `put`, and `close` at any time. Raise ExportError.

    Until `put` a file that was there is as it was; `close` removes what was not put in its place.
    """

    def __init__(self, output: Output, columns: Sequence[str], *, mark: bool) -> None:
        self.output = output
        self.size = 0
        self._columns = columns
        self._mark = mark
        self._lock: ExportLock | None = None
        self._file: IO[bytes] | None = None
        self._part: Path | None = None
        self._table: ExportTable | None = None
        self._parquet: ParquetWriter | None = None
        self._is_whole = False
        self._writer: RowWriter

    def open(self, who: str) -> None:
        """Take the lock of the file for ``who``, and begin."""
        output = self.output
        if output.path is None or output.is_stream:
            with self._explained():
                stream = sys.stdout.buffer if output.path is None else open(open_stream(output.path), "wb")  # noqa: PTH123, SIM115
                self._file = cast("IO[bytes]", _Counted(stream))
                self._writer = self._begun(self._file)
            return
        database = output.form in DATABASES
        self._lock = ExportLock(output.path, who=who, database=database)
        with self._explained():
            if database:
                settle(output.path)
            self._part = output.path.with_name(f".{output.path.name}.export")
            self._part.unlink(missing_ok=True)
            self._file = self._part.open("xb")
            if database:
                self._writer = self._table = ExportTable(self._part, self._columns)
            else:
                self._writer = self._begun(self._file)

    def _begun(self, file: IO[bytes]) -> RowWriter:
        if self.output.form == "parquet":
            self._parquet = ParquetWriter(file, self._columns, name=self.output.shown)
            return self._parquet
        begin = text_writer(self.output.form, self._columns, mark=self._mark)
        return Packed(file, begin) if self.output.packed else begin(file)

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        with self._explained():
            self._writer.add_rows(rows)

    def finish(self) -> None:
        """Write what ends the file, and bring it to the disk."""
        assert self._file is not None  # noqa: S101  # it is open
        with self._explained():
            self._writer.finish()
            self._is_whole = True
            if self.output.is_stream:
                if self.output.form in ("json", "xml") and not self.output.packed:
                    self._file.write(b"\n")  # what a terminal or the next program writes would run into it
                self._file.flush()
                self.size = self._file.tell()
                return
            self._file.flush()
            os.fsync(self._file.fileno())
            self.size = os.fstat(self._file.fileno()).st_size

    @property
    def nulled(self) -> int:
        """The number of values that are damaged and have no place in the format, each of which is named in the log."""
        return self._parquet.nulled.total() if self._parquet is not None else 0

    def put(self) -> None:
        """Put the file in its place, with the permissions of the one that was there."""
        if self._part is None or self.output.path is None:
            return
        with self._explained():
            if self.output.path.exists():
                self._part.chmod(stat.S_IMODE(self.output.path.stat().st_mode))
            self._part.replace(self.output.path)
            self._part = None

    def close(self) -> None:
        """Remove what is not in its place, and give the lock back."""
        if self._table is not None:
            self._table.close()
        if self._parquet is not None and not self._is_whole:
            self._parquet.abandon()
        if self._file is not None and self.output.path is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        if self._part is not None:
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        kept = "" if self.output.is_stream else " The file is as it was."
        try:
            yield
        except BrokenPipeError as error:
            if self.output.path is None:
                raise
            raise ExportError(f"{self.output.shown}: its reader has gone.") from error
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or error
            raise ExportError(f"{self.output.shown}: {why}.{kept}") from error
