"""An export file of lines that survives a kill: never a torn, doubled or missing line.

The archive knows up to which byte the file is whole and which articles it holds. On opening, the file is cut back to
that byte, and the articles that the archive stored since are written first.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from farscrawler.errors import ExportError
from farscrawler.exporters.formats import FORMATS
from farscrawler.exporters.lock import check_there
from farscrawler.files import identity, tail_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import BufferedRandom
    from pathlib import Path
    from typing import IO

    from farscrawler.archive.exports import ExportFile, ExportLog
    from farscrawler.archive.writing.batch import Stored
    from farscrawler.exporters.formats import LineFormat

#: What is said of a file that an older farscrawler began. Its lines have other fields than those that would follow.
OLDER = (
    "{path} was begun by an older farscrawler, whose articles have other fields. It was left untouched: choose another "
    "file, or -O to write it anew. `farscrawler export` writes all articles of the archive into one."
)
#: The bytes that a killed run may have left behind what the archive knows of: 500 articles of a page of rows, each of
#: which is smaller than a page (DOWNLOAD_MAXSIZE). More was written by other hands, and is not read into memory.
_MOST_EXTRA = 64 * 1024 * 1024
#: Where the last line of a foreign file is looked for: nearly all are shorter than the first, and all of ours than the
#: second, since a page has 4 MiB (DOWNLOAD_MAXSIZE) and its text is held twice at most.
_SHORT_LINE, _LONGEST_LINE = 64 * 1024, 32 * 1024 * 1024


class LineFile:
    """An open export file of lines. Its methods raise ExportError where going on would spoil the file."""

    def __init__(self, path: Path, lines: LineFormat, log: ExportLog, *, kind: str, at: str) -> None:
        self.path = path
        self.lines = lines
        self.log = log
        self.kind = kind
        self.at = at
        self.file: BufferedRandom
        self.export: ExportFile
        self._identity: tuple[int, int] | None = None

    def renew(self, known: ExportFile) -> None:
        """Write a file that an older farscrawler began anew, of all that the archive knows it to hold."""
        part = self.path.with_name(f".{self.path.name}.part")
        with self._explained():
            with part.open("w+b") as file:
                file.write(self.lines.header())
                for page in self.log.held(known):
                    file.writelines(self.lines.render(one.article) for one in page)
                file.flush()
                os.fsync(file.fileno())
                size = file.seek(0, os.SEEK_END)
                tail = tail_digest(file, size)
            part.replace(self.path)
        # The file first: after a kill between the two the next run writes it once more.
        self.log.advance(known, [], size=size, tail=tail, at=self.at)

    def open(self, *, overwrite: bool) -> None:
        """Open the file, cut off what is not known to be whole, and write the pending articles."""
        known = None if overwrite else self.log.find()
        with self._explained():
            exists = self.path.exists()
            if known is not None and known.publisher != self.log.publisher:
                raise ExportError(
                    f"{self.path} holds the export of {known.publisher}; choose another file for "
                    f"{self.log.publisher}, or -O to write it anew."
                )
            if known is not None and FORMATS.get(known.format) is not type(self.lines):
                raise ExportError(f"{self.path} holds {known.format}, not {self.kind}; choose another file, or -O.")
            if known is not None and exists:
                if known.is_older:
                    raise ExportError(OLDER.format(path=self.path))
                self._check_known(known)
            elif exists and not overwrite and self.path.stat().st_size:
                self._check_foreign()
            self.file = self.path.open("r+b" if exists else "w+b")
            self._identity = identity(self.path)
        if known is not None and exists:
            self.export = known
            self._cut(known.bytes)
        else:
            self._begin(overwrite=overwrite)
        if self.export.bytes == 0 and (head := self.lines.header()):
            self._append(head)
            self._advance([])
        for page in self.log.pending(self.export):
            self.write(page)

    def _begin(self, *, overwrite: bool) -> None:
        with self._explained():
            if overwrite:
                self.file.truncate(0)
            start = self.file.seek(0, os.SEEK_END)
        self.export = self.log.begin(self.kind, start, self._tail(start), self.at)

    def write(self, stored: Sequence[Stored]) -> None:
        """Append committed articles and store in the archive how far the file is whole."""
        self._append(b"".join(self.lines.render(s.article) for s in stored))
        self._advance([s.seq for s in stored])

    def close(self) -> None:
        """Bring the file to disk and close it."""
        with self._explained():
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()

    def _append(self, data: bytes) -> None:
        check_there(self.path, self._identity)
        with self._explained():
            self.file.seek(0, os.SEEK_END)
            self.file.write(data)
            self.file.flush()

    def _advance(self, lines: Sequence[int]) -> None:
        with self._explained():
            size = self.file.seek(0, os.SEEK_END)
            tail = self._tail(size)
        self.log.advance(self.export, lines, size=size, tail=tail, at=self.at)

    def _tail(self, end: int) -> str:
        return tail_digest(self.file, end)

    def _cut(self, size: int) -> None:
        with self._explained():
            self.file.truncate(size)

    def _check_known(self, known: ExportFile) -> None:
        """Raise ExportError for a file that other hands have changed since the archive last wrote it."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size < known.bytes or tail_digest(file, known.bytes) != known.tail:
                raise ExportError(
                    f"{self.path} was changed since this archive wrote it (byte {known.bytes}). "
                    "It was left untouched: choose another file, or -O to write it anew."
                )
            file.seek(known.bytes)
            extra = file.read(_MOST_EXTRA + 1)
        if known.bytes == 0:
            head = self.lines.header()
            extra = b"" if head.startswith(extra) else extra.removeprefix(head)
        keys = self.lines.keys(extra, self.log.publisher) if 0 < len(extra) <= _MOST_EXTRA else None if extra else []
        if keys is None or not self.log.holds(keys):
            raise ExportError(
                f"{self.path} holds {size - known.bytes:,} bytes at its end that farscrawler did not write. "
                "It was left untouched: choose another file, or -O to write it anew."
            )

    def _check_foreign(self) -> None:
        """Raise ExportError for a file whose last line is not whole; to any other file `-o` appends, as in Scrapy."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            last = _last_line(file, size)
            file.seek(0)
            first = file.readline(_SHORT_LINE)
        if self.lines.is_older(first, last):
            raise ExportError(OLDER.format(path=self.path))
        if self.lines.has_other_fields(first):
            raise ExportError(
                f"{self.path} has other columns than the export. It was left untouched: choose another file, or -O to "
                "write it anew."
            )
        if not self.lines.is_whole(last):
            raise ExportError(
                f"{self.path} is not whole: its last line is torn or of another kind. It was left "
                "untouched: mend it, choose another file, or -O to write it anew."
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ExportError(
                f"{self.path}: {error.strerror or error}. What is stored is safe in the archive; "
                "the same command goes on from there."
            ) from error


def _last_line(file: IO[bytes], size: int) -> bytes:
    """Return the last line of a file of so many bytes; none of it where it is longer than any of ours."""
    for step in (_SHORT_LINE, _LONGEST_LINE):
        file.seek(max(0, size - step))
        end = file.read(step)
        start = end[:-1].rfind(b"\n")
        if start >= 0 or len(end) == size:
            return end[start + 1 :]
    return b""
