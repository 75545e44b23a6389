"""Write WARC 1.1 files: an answer with its request, and later a record of what was read in it.

A file has the ending `.open` until it is closed, and is locked while it is written. Each record is a gzip member of its
own, and an answer and its request are written at once. So a kill can tear what was written last, which is these two
records or one of metadata, and nothing else; `mend` cuts a torn record off at the next start. warcio belongs to the
extra `warc`: import this module only where `folders.has_warcio()`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import os
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from farscrawler.errors import ArchiveError
from farscrawler.files import identity
from farscrawler.saved.folders import OPEN, is_open_warc, warc_name
from farscrawler.saved.page import KeptRecord
from farscrawler.saved.warc_reader import NOT_MODIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from farscrawler.webarchives.http_message import Headers


_VERSION = "1.1"
#: zlib's own default: a tenth larger than the best it can do, in a third of the time.
_LEVEL = 6
_PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer: ``at`` is UTC, ISO 8601; ``body`` is as it came, only its chunks joined.

    ``unchanged_since`` is, of an answer 304, when the page was taken that has not changed, where that is known.
    """

    url: str
    at: str
    method: str
    sent: Headers
    sent_body: bytes
    protocol: str
    status: int
    reason: str
    headers: Headers
    body: bytes
    address: str | None
    unchanged_since: str | None = None


class _RawHeaders(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Headers that are written byte for byte; warcio would percent-encode characters outside ASCII."""

    def compute_headers_buffer(self, header_filter: Any = None) -> None:  # noqa: ARG002  # warcio's signature
        self.headers_buff = self.to_bytes(encoding="latin-1")


class WarcFolder:
    """The WARC files of one publisher in a folder; ``info`` is what their warcinfo records say.

    The first answer begins a file, and an answer to a file of ``max_bytes`` begins the next one. Its methods raise
    ArchiveError with a sentence where nothing can be written; all records that were written before are whole then.
    """

    def __init__(self, folder: Path, publisher: str, *, max_bytes: int, info: Mapping[str, str]) -> None:
        self.folder = folder
        self.publisher = publisher
        self.max_bytes = max_bytes
        self.info = info
        self._file: _OpenFile | None = None
        self._serial = 0

    def write(self, exchange: Exchange) -> KeptRecord:
        """Write an answer and its request, and return the answer's record; the operating system has both then."""
        if self._file is not None and self._file.size >= self.max_bytes:
            self.close()
        if self._file is None:
            self._file = self._begin()
        kept, data = _members(exchange, self._file.info_id)
        self._file.append(data)
        return kept

    def describe(self, kept: KeptRecord, fields: Iterable[tuple[str, str]]) -> None:
        """Write a metadata record of an answer: ``fields`` are its lines, in their order.

        It stands in the file of the answer, or in the next one where that was closed meanwhile.
        """
        if self._file is None:
            self._file = self._begin()
        self._file.append(_metadata(kept, fields, self._file.info_id))

    def sync(self) -> None:
        """Bring all written records to the disk."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        """Close the file and give it its final name."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> _OpenFile:
        while True:
            path = self.folder / warc_name(self.publisher, dt.datetime.now(dt.UTC), self._serial)
            self._serial += 1
            if not path.exists():
                try:
                    return _OpenFile(path, self.info)
                except FileExistsError:
                    continue  # another run of the same second, into another archive


class _OpenFile:
    """A file that is being written."""

    def __init__(self, path: Path, info: Mapping[str, str]) -> None:
        self.path = path
        self.open_path = path.with_name(path.name + OPEN)
        self.size = 0
        with _explained(self.open_path):
            self._descriptor = os.open(self.open_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        writer = WARCWriter(BytesIO(), gzip=False, warc_version=_VERSION)
        record = writer.create_warcinfo_record(path.name, dict(info))
        self.info_id: str = record.rec_headers.get_header("WARC-Record-ID")
        self.append(_member(writer, record))

    def append(self, data: bytes) -> None:
        """Write whole members, or none of them."""
        with _explained(self.open_path):
            try:
                done = 0
                while done < len(data):
                    done += os.write(self._descriptor, data[done:])
            except OSError:
                os.ftruncate(self._descriptor, self.size)
                raise
        self.size += len(data)

    def sync(self) -> None:
        with _explained(self.open_path):
            os.fsync(self._descriptor)
            found = os.fstat(self._descriptor)
        if identity(self.open_path) != (found.st_dev, found.st_ino):
            raise ArchiveError(
                f"{self.open_path} was removed, moved or replaced while this run was at work. What was fetched since "
                "the last commit is not stored and stays pending; run the same command again."
            )

    def close(self) -> None:
        self.sync()
        with _explained(self.path):
            _give_final_name(self.open_path, self.path)
            os.close(self._descriptor)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn an error of the file system into ArchiveError, with the file's name and what to do."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchiveError(
                f"{path}: the disk is full. What was stored is whole; make room and run the same command again."
            ) from error
        raise ArchiveError(f"{path} cannot be written ({error.strerror or error}).") from error


def _give_final_name(open_path: Path, path: Path) -> None:
    if path.exists():
        raise FileExistsError(errno.EEXIST, "there is such a file already", str(path))
    open_path.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _members(exchange: Exchange, info_id: str) -> tuple[KeptRecord, bytes]:
    """Return how the answer's record is named, and the records of answer and request, each as a gzip member."""
    writer = WARCWriter(BytesIO(), gzip=False, warc_version=_VERSION)
    common = {"WARC-Date": exchange.at.replace("+00:00", "Z"), "WARC-Warcinfo-ID": info_id}
    if exchange.address is not None:
        common["WARC-IP-Address"] = exchange.address
    unchanged = exchange.status == HTTPStatus.NOT_MODIFIED
    answer = writer.create_warc_record(
        exchange.url,
        "revisit" if unchanged else "response",
        payload=BytesIO(exchange.body),
        length=len(exchange.body),
        warc_headers_dict={**common, **(_unchanged(exchange) if unchanged else {})},
        http_headers=_RawHeaders(f"{exchange.status} {exchange.reason}".strip(), exchange.headers, exchange.protocol),
    )
    answer_id: str = answer.rec_headers.get_header("WARC-Record-ID")
    kept = KeptRecord(answer_id, exchange.url, common["WARC-Date"])
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = writer.create_warc_record(
        exchange.url,
        "request",
        payload=BytesIO(exchange.sent_body),
        length=len(exchange.sent_body),
        warc_headers_dict={**common, "WARC-Concurrent-To": answer_id},
        http_headers=_RawHeaders(
            f"{target} HTTP/1.1", ((b"Host", parts.netloc.encode()), *exchange.sent), exchange.method
        ),
    )
    return kept, _member(writer, answer) + _member(writer, request)


def _unchanged(exchange: Exchange) -> dict[str, str]:
    """Return what the record of an answer 304 says of the page: as a response it would be shown as an empty page."""
    found = {"WARC-Profile": NOT_MODIFIED}
    if exchange.unchanged_since is not None:
        found["WARC-Refers-To-Target-URI"] = exchange.url
        found["WARC-Refers-To-Date"] = exchange.unchanged_since.replace("+00:00", "Z")
    return found


def _metadata(kept: KeptRecord, fields: Iterable[tuple[str, str]], info_id: str) -> bytes:
    """Return a metadata record as a gzip member.

    Its type is one that indexers know as no page: of JSON under the page's own address they make a page.
    """
    lines = "".join(f"{name}: {_in_a_line(value)}\r\n" for name, value in fields)
    text = lines.encode(errors="backslashreplace")  # halves of surrogate pairs, which no UTF-8 has
    writer = WARCWriter(BytesIO(), gzip=False, warc_version=_VERSION)
    record = writer.create_warc_record(
        kept.url,
        "metadata",
        payload=BytesIO(text),
        length=len(text),
        warc_content_type="application/warc-fields",
        warc_headers_dict={
            "WARC-Date": kept.at,
            "WARC-Warcinfo-ID": info_id,
            "WARC-Concurrent-To": kept.id,
            "WARC-Refers-To": kept.id,
        },
    )
    return _member(writer, record)


def _in_a_line(value: str) -> str:
    return value.replace("\r", "\\r").replace("\n", "\\n")


def _member(writer: Any, record: Any) -> bytes:
    out = BytesIO()
    writer.out = out
    writer.write_record(record)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return compressor.compress(out.getvalue()) + compressor.flush()


def mend(folder: Path, publisher: str) -> list[str]:
    """Close the files that a killed run of this publisher left open. Return a sentence for each.

    Only files with our names that no process is writing are touched. A torn last record is cut off, and a file
    without a whole record is removed.
    """
    said = []
    for path in sorted(folder.iterdir()):
        if is_open_warc(path.name, publisher) and path.is_file():
            with _explained(path):
                sentence = _mend(path)
            if sentence is not None:
                said.append(sentence)
    return said


def _mend(path: Path) -> str | None:
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run, into another archive, is at work on it
            return None
        whole, size = whole_bytes(path), path.stat().st_size
        if not whole:
            if not _could_be_ours(file.read(len(_GZIP_START))):
                return f"{path} is no WARC file of ours, and was left alone."
            path.unlink()
            return f"{path} held no whole record, and was removed."
        file.truncate(whole)
        os.fsync(file.fileno())
        final = path.with_name(path.name.removesuffix(OPEN))
        try:
            _give_final_name(path, final)
        except FileExistsError:
            return f"{path} was left alone, since {final.name} is there too."
        torn = f" {size - whole:,} torn bytes at its end were cut off." if whole < size else ""
        return f"{final} was left open by a run that was killed, and is closed now.{torn}"


_GZIP_START = b"\x1f\x8b\x08"


def _could_be_ours(start: bytes) -> bool:
    return _GZIP_START.startswith(start)


def whole_bytes(path: Path) -> int:
    """Return the number of bytes, from the start of a file on, that are whole gzip members."""
    whole = at = 0
    with path.open("rb") as file:
        rest = b""
        while data := rest or file.read(_PIECE):
            member = zlib.decompressobj(zlib.MAX_WBITS + 16)
            while not member.eof:
                try:
                    member.decompress(data)
                except zlib.error:
                    return whole
                rest = member.unused_data
                at += len(data) - len(rest)
                if not member.eof:
                    data = file.read(_PIECE)
                    if not data:
                        return whole
            whole = at
    return whole
