"""An export file that survives being killed: never a torn, doubled or missing line.

The archive remembers up to which byte the file is whole and which articles it holds. On opening, the file is cut
back to that byte and what the archive stored since is written first.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from typing import TYPE_CHECKING, Any, Protocol

from farscrawler.errors import ExportError
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import BufferedRandom
    from pathlib import Path
    from typing import IO

    from farscrawler.archive.exports import ExportFile, ExportLog
    from farscrawler.archive.store import Stored
    from farscrawler.items import Article


# One article as one piece of a text file: a JSON line or CSV row, and what a whole file of each looks like.
class LineFormat(Protocol):
    """A text format that an export file can grow in, a line or row at a time."""

    def header(self) -> bytes:
        """Give what a new file begins with."""

    def render(self, article: Article) -> bytes:
        """Give one article, its line end included."""

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Give what the whole lines among bytes hold; None where a line, or a torn last one, is not of our making."""

    def is_whole(self, last: bytes) -> bool:
        """Tell whether a foreign file's last line is a whole one of this format."""


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every line

#: What tells one line from every other: article id, revision, content hash.
LineKey = tuple[str, int, str]


def _key(line: dict[str, Any], publisher: str) -> LineKey:
    if line["publisher"] != publisher:
        raise ValueError("another publisher's line")
    return line["article_id"], int(line["revision"]), line["content_hash"]


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def header(self) -> bytes:
        """Nothing: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Give one line."""
        fields = {name: getattr(article, name) for name in FIELD_NAMES}
        return _encode(fields).encode() + b"\n"

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """See LineFormat."""
        *whole, torn = extra.split(b"\n")
        begin = json.dumps({"publisher": publisher}, ensure_ascii=False).encode()[:-1]
        if not (torn.startswith(begin) or begin.startswith(torn)):
            return None
        try:
            found = [json.loads(line) for line in whole]
            return [_key(line, publisher) for line in found]
        except (ValueError, KeyError, TypeError):
            return None

    def is_whole(self, last: bytes) -> bool:
        """Tell whether a line is a JSON object and ended."""
        if not last.endswith(b"\n"):
            return False
        try:
            return isinstance(json.loads(last), dict)
        except ValueError:
            return False


class Csv:
    """CSV as RFC 4180 has it, UTF-8, with a head of field names; lists are JSON within a cell."""

    def header(self) -> bytes:
        """Give the names of the fields."""
        return _csv_row(FIELD_NAMES)

    def render(self, article: Article) -> bytes:
        """Give one row; a body of several paragraphs makes it several lines within quotes."""
        return _csv_row(
            [
                json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for value in (getattr(article, name) for name in FIELD_NAMES)
            ]
        )

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """See LineFormat; the last row may be torn, so of it only the beginning counts."""
        rows = list(csv.reader(io.StringIO(extra.decode("utf-8", "replace"), newline="")))
        torn = (
            rows.pop() if rows and not (extra.endswith(b"\r\n") and len(rows[-1]) == len(FIELD_NAMES)) else [publisher]
        )
        if not publisher.startswith(torn[0]) or (len(torn) > 1 and torn[0] != publisher):
            return None
        try:
            return [_key(dict(zip(FIELD_NAMES, row, strict=True)), publisher) for row in rows]
        except (ValueError, KeyError):
            return None

    def is_whole(self, last: bytes) -> bool:
        """Tell whether the end is that of a row: a line end outside of quotes, as far as the last line tells."""
        return last.endswith(b"\n") and last.count(b'"') % 2 == 0


def _csv_row(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


#: The text formats by the names they have on the command line.
FORMATS: dict[str, type[JsonLines | Csv]] = {"jsonl": JsonLines, "jsonlines": JsonLines, "jl": JsonLines, "csv": Csv}


#: How much of the file's end is compared to notice a change by other hands.
TAIL_BYTES = 4096


class LineFile:
    """An open export file of lines. Raises ExportError where going on would spoil the file."""

    def __init__(self, path: Path, lines: LineFormat, log: ExportLog, *, kind: str, at: str) -> None:
        self.path = path
        self.lines = lines
        self.log = log
        self.kind = kind
        self.at = at
        self.file: BufferedRandom
        self.export: ExportFile

    def open(self, *, overwrite: bool) -> None:
        """Open the file, put it right, and write what it is owed."""
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
                self._check_known(known)
            elif exists and not overwrite and self.path.stat().st_size:
                self._check_foreign()
            self.file = self.path.open("r+b" if exists else "w+b")
        if known is not None and exists:
            self.export = known
            self._cut(known.bytes)
        else:
            self._begin(overwrite=overwrite)
        if self.export.bytes == 0 and (head := self.lines.header()):
            self._append(head)
            self._advance([])
        for page in self.log.owed(self.export):
            self.write(page)

    def _begin(self, *, overwrite: bool) -> None:
        with self._explained():
            if overwrite:
                self.file.truncate(0)
            start = self.file.seek(0, os.SEEK_END)
        self.export = self.log.begin(self.kind, start, self._tail(start), self.at)

    def write(self, stored: Sequence[Stored]) -> None:
        """Append committed articles and let the archive remember it."""
        self._append(b"".join(self.lines.render(s.article) for s in stored))
        self._advance([s.seq for s in stored])

    def close(self) -> None:
        """Bring the file to disk and close it."""
        with self._explained():
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()

    def _append(self, data: bytes) -> None:
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
        return _digest(self.file, end)

    def _cut(self, size: int) -> None:
        with self._explained():
            self.file.truncate(size)

    def _check_known(self, known: ExportFile) -> None:
        """Refuse a file that other hands have changed since the archive last wrote it."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size < known.bytes or _digest(file, known.bytes) != known.tail:
                raise ExportError(
                    f"{self.path} was changed since this archive wrote it (byte {known.bytes}). "
                    "It was left untouched: choose another file, or -O to write it anew."
                )
            file.seek(known.bytes)
            extra = file.read()
        if known.bytes == 0:
            head = self.lines.header()
            extra = b"" if head.startswith(extra) else extra.removeprefix(head)
        keys = self.lines.keys(extra, self.log.publisher) if extra else []
        if keys is None or not self.log.holds(keys):
            raise ExportError(
                f"{self.path} holds {len(extra)} bytes at its end that farscrawler did not write. "
                "It was left untouched: choose another file, or -O to write it anew."
            )

    def _check_foreign(self) -> None:
        """Append only to a file whose last line is whole, as Scrapy users expect of -o."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            last = b""
            step = min(size, 65536)
            while b"\n" not in last[:-1] and len(last) < size:
                file.seek(max(0, size - len(last) - step))
                last = file.read(min(step, size - len(last))) + last
            last = last[last[:-1].rfind(b"\n") + 1 :]
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


def _digest(file: IO[bytes], end: int) -> str:
    """Give a digest of the last bytes before ``end``."""
    start = max(0, end - TAIL_BYTES)
    file.seek(start)
    data = file.read(end - start)
    return hashlib.blake2b(data, digest_size=16).hexdigest()
