"""WACZ files (specs.webrecorder.net/wacz): a zip of WARC files, which is read in its place."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from farscrawler.files import open_file
from farscrawler.printing import printable
from farscrawler.saved.page import PAUSE, Complaint, Pause
from farscrawler.saved.warc_reader import first_time, read_warc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter

_PIECE = 1024 * 1024
_WARCS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
_FOLDER = "archive/"
#: The list of contents is held in memory, about 600 bytes for an entry of 46 bytes or more: 60 MB at most. Real files
#: list a few hundred.
_LONGEST_LIST = 4 * 1024 * 1024
#: WARC files in a WACZ are stored as they are. One that was packed once more is unpacked into a temporary file.
_LARGEST_UNPACKED = 1024 * 1024 * 1024
_MOST_EXPANSION = 100
_ENCRYPTED = 0x1
_LOCAL_HEAD = struct.Struct("<26xHH")  # lengths of the name and of what follows it
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_LONGEST_COMMENT = 65_535


def read_wacz(path: Path, name: str, url_filter: UrlFilter) -> Iterator[SavedEntry]:
    """Yield what the WARC files in a WACZ hold; each that cannot be read is a complaint, and costs itself alone."""
    with open_file(path) as file:
        try:
            archive = _opened(file)
        except (zipfile.BadZipFile, struct.error, OverflowError, ValueError, NotImplementedError) as error:
            yield Complaint(f"{path} cannot be read as a zip file ({error}); it was left out.")
            return
        entries = _warcs(archive)
        if not entries:
            yield Complaint(f"{path} holds no WARC file in its folder `archive`; it was left out.")
        for entry in entries:
            where = f"{path}, {entry.filename}"
            try:
                for found in _unpacked(file, archive, entry):
                    if isinstance(found, str):
                        yield Complaint(f"{where} {found}")
                    elif isinstance(found, Pause):
                        yield found
                    else:
                        yield from read_warc(found, where, f"{name}/{printable(entry.filename)}", url_filter)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
                yield Complaint(f"{where} cannot be unpacked ({error}); it was left out.")


def first_time_of(path: Path) -> str | None:
    """Return the time of the first record in a WACZ, None where it cannot be read."""
    with open_file(path) as file:
        try:
            archive = _opened(file)
            return next((first_time(_stored(file, entry)) for entry in _warcs(archive) if _is_stored(entry)), None)
        except (zipfile.BadZipFile, struct.error, OverflowError, ValueError, NotImplementedError):
            return None


def _warcs(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        entry
        for entry in archive.infolist()
        if entry.filename.startswith(_FOLDER) and entry.filename.lower().endswith(_WARCS)
    ]


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip file whose list of contents is no longer than what memory is meant for."""
    size = _length_of_list(file)
    if size > _LONGEST_LIST:
        raise zipfile.BadZipFile(f"its list of contents has {size:,} bytes, more than {_LONGEST_LIST:,}")
    return zipfile.ZipFile(file)


def _length_of_list(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _LONGEST_COMMENT - _END.size)
    file.seek(begin)
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or place + _END.size > len(tail):
        raise zipfile.BadZipFile("it has no list of contents: cut, or no zip file")
    length: int = _END.unpack_from(tail, place)[5]
    locator = place - _LOCATOR.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\6\7":
        file.seek(_LOCATOR.unpack_from(tail, locator)[2])
        length = _END64.unpack(file.read(_END64.size))[8]
    return length


def _is_stored(entry: zipfile.ZipInfo) -> bool:
    return entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _ENCRYPTED


def _unpacked(file: BinaryIO, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[BinaryIO | Pause | str]:
    """Yield a file in the zip when its checksum is right, or why it is left out; a pause now and then before."""
    if entry.flag_bits & _ENCRYPTED:
        yield "is encrypted; it was left out. Unpack it with its password, and give the folder."
        return
    if _is_stored(entry):
        stored = _stored(file, entry)
        sum_ = 0
        while piece := stored.read(_PIECE):
            sum_ = zlib.crc32(piece, sum_)
            yield PAUSE
        if sum_ != entry.CRC:
            yield (
                "does not match its checksum; it was left out. What is whole in it can be read when it is unpacked: "
                "`unzip`, and give the folder."
            )
            return
        yield stored
        return
    if entry.file_size > min(_LARGEST_UNPACKED, _MOST_EXPANSION * entry.compress_size + _PIECE):
        yield f"would be unpacked to {entry.file_size:,} bytes; it was left out. Unpack it, and give the folder."
        return
    with tempfile.TemporaryFile() as kept, archive.open(entry) as packed:  # zipfile compares the checksum at its end
        while piece := packed.read(_PIECE):
            kept.write(piece)
            yield PAUSE
        yield kept


def _stored(file: BinaryIO, entry: zipfile.ZipInfo) -> BinaryIO:
    file.seek(entry.header_offset)
    head = file.read(_LOCAL_HEAD.size)
    if len(head) < _LOCAL_HEAD.size or not head.startswith(b"PK\3\4"):
        raise zipfile.BadZipFile("its own header is not where the list says")
    begin = entry.header_offset + _LOCAL_HEAD.size + sum(_LOCAL_HEAD.unpack(head))
    return io.BufferedReader(_Window(file, begin, entry.file_size))


class _Window(io.RawIOBase):
    """A part of a file, as a file of its own."""

    def __init__(self, file: BinaryIO, begin: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._begin = begin
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any writable buffer
        self._file.seek(self._begin + self._at)
        data = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
