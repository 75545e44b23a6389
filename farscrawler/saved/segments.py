"""Cut saved files into pieces of work for several processes: parts of WARC files, handfuls of HTML files.

A part of a compressed WARC file begins at the first record that begins in it. Where that is, whoever reads the part
finds out: a gzip member whose first bytes are those of a record.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.saved import folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from farscrawler.saved.folders import SavedFile
    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter

#: A part is read in half a second, and its articles fit into a few megabytes.
PART_BYTES = 1024 * 1024
_HANDFUL = 64
_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
_PIECE = 256 * 1024
_TRIED = 512  # bytes of a member that show what it begins with


@dataclass(frozen=True, slots=True)
class Segment:
    """Files to read one after another; the records from ``start`` to before ``stop`` where it is one WARC file."""

    files: tuple[SavedFile, ...]
    size: int
    start: int = 0
    stop: int | None = None


def segments(files: Iterable[SavedFile], *, part: int = PART_BYTES) -> Iterator[Segment]:
    """Give the pieces of work in the order of the files."""
    handful: list[SavedFile] = []
    for file in files:
        size = _size(file.path)
        if not file.is_warc:
            handful.append(file)
            if len(handful) == _HANDFUL:
                yield _handful(handful)
                handful = []
            continue
        if handful:
            yield _handful(handful)
            handful = []
        if size <= part or not _is_compressed(file.path):
            yield Segment((file,), size)
            continue
        for start in range(0, size, part):
            last = start + part >= size
            yield Segment((file,), min(part, size - start), start, None if last else start + part)
    if handful:
        yield _handful(handful)


def read(segment: Segment, url_filter: UrlFilter) -> Iterator[SavedEntry]:
    """Give what a segment holds; what cannot be read is a complaint."""
    for file in segment.files:
        start = segment.start
        if start:
            found = first_record(file.path, start, segment.stop)
            if found is None:
                continue
            start = found
        yield from folders.read(file, url_filter, start=start, stop=segment.stop)


def first_record(path: Path, start: int, stop: int | None) -> int | None:
    """Give where the first record of a compressed WARC file at or behind ``start`` and before ``stop`` begins."""
    try:
        with path.open("rb") as file:
            at, kept = start, b""
            while stop is None or at - len(kept) < stop:
                file.seek(at)
                piece = file.read(_PIECE)
                if not piece:
                    return None
                data, begin = kept + piece, at - len(kept)
                place = data.find(_GZIP)
                while place >= 0:
                    if stop is not None and begin + place >= stop:
                        return None
                    file.seek(begin + place)
                    if _begins_record(file.read(_TRIED)):
                        return begin + place
                    place = data.find(_GZIP, place + 1)
                at += len(piece)
                kept = data[1 - len(_GZIP) :]
    except OSError:
        return None  # the reader of the first part says so
    return None


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data, len(_RECORD)) == _RECORD
    except zlib.error:
        return False


def _is_compressed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_GZIP)) == _GZIP
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _handful(files: list[SavedFile]) -> Segment:
    return Segment(tuple(files), sum(_size(file.path) for file in files))
