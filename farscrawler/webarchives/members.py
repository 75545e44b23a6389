"""Gzip members and zstandard frames of a file, decompressed forward in pieces, so that none is ever held whole.

A `.warc.zst` file may begin with a skippable frame that holds the dictionary of all others (the draft «Zstandard
compression for WARC files» of iipc/warc-specifications).
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

#: Bytes that are read, and bytes that are decompressed, at a time.
PIECE = 65_536
#: A reader gives way after so many bytes in which it found nothing: some 50 ms of decompression.
PAUSE_BYTES = 16 * 1024 * 1024
#: How far a file may expand: pages with a common dictionary come to a fiftieth, and gzip bombs to a thousandth.
_EXPANSION = 100
_SLACK = 64 * 1024 * 1024
#: Memory for one zstandard frame: 128 MiB, which the highest level of the zstd program needs, `--long` left out.
_ZSTD_WINDOW_LOG = 27
#: Dictionaries have 100 KB to 1 MB.
_LARGEST_DICTIONARY = 16 * 1024 * 1024

#: Bytes of the content that show whether a record begins there.
_BEGINNING = 10_240
#: The first block of a zstandard frame, which is read as a whole, has up to 128 KiB.
_TRIED_ZSTD = 131_072 + 32
_TRIED_GZIP = 1_024

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = b"\x37\xa4\x30\xec"
_DICTIONARY_FRAME = b"\x5d\x2a\x4d\x18"
#: Skippable frames of zstandard: any of 16 magic numbers, and the length in four bytes.
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_SKIPPABLE_HEAD = 8


class DamagedError(Exception):
    """What follows cannot be decompressed or is no record; the message says what is wrong."""


class CutError(Exception):
    """The file ends within a record."""


class TooCostlyError(Exception):
    """A file takes more work than its size explains; the message says how."""


class Budget:
    """The work that a file of ``size`` bytes may cause: a bound for bombs, and for lengths that lie again and again."""

    def __init__(self, size: int) -> None:
        self.left = _SLACK + _EXPANSION * size

    def spend(self, size: int) -> None:
        """Count bytes that were read or decompressed. Raise TooCostlyError."""
        self.left -= size
        if self.left < 0:
            raise TooCostlyError(f"it expands to more than {_EXPANSION} times its size, or its lengths lie everywhere")


class _Gunzip:
    """zlib's decompressor with the ways of the newer ones."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS + 16)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = len(found) < max_length and not self._zlib.unconsumed_tail
        return found


class Coding:
    """How a file is compressed: ``new`` makes a decompressor of one member, and ``magic`` is how members begin.

    ``tried`` is how many bytes of a member show what its content begins with.
    """

    def __init__(self, magic: bytes, new: Callable[[], Any], tried: int) -> None:
        self.magic = magic
        self.new = new
        self.tried = tried

    def past_skippable(self, file: BinaryIO, at: int) -> int | None:
        """Return where a frame that holds no content ends; None where a member begins or nothing is left."""
        if self.magic != _ZSTD:
            return None
        file.seek(at)
        head = file.read(_SKIPPABLE_HEAD)
        if len(head) < _SKIPPABLE_HEAD or int.from_bytes(head[:4], "little") not in _SKIPPABLE:
            return None
        return at + _SKIPPABLE_HEAD + int.from_bytes(head[4:], "little")

    def begins_with(self, data: bytes, starts: Callable[[bytes], bool]) -> bool:
        """Whether ``data`` begins a member whose content begins as wanted."""
        if not data.startswith(self.magic):
            return False
        try:
            return starts(self.new().decompress(data, _BEGINNING))
        except (zlib.error, zstd.ZstdError, EOFError, MemoryError):
            return False


def coding_of(file: BinaryIO) -> Coding | None:
    """Return how a file is compressed, by its first bytes; None for a plain file. Raise DamagedError."""
    file.seek(0)
    head = file.read(_SKIPPABLE_HEAD)
    if head.startswith(_GZIP):
        return Coding(_GZIP, _Gunzip, _TRIED_GZIP)
    if head.startswith(_DICTIONARY_FRAME):
        dictionary = _dictionary(file, int.from_bytes(head[4:], "little"))
        return Coding(_ZSTD, lambda: _unzstd(dictionary), _TRIED_ZSTD)
    if head.startswith(_ZSTD) or (len(head) >= len(_ZSTD) and int.from_bytes(head[:4], "little") in _SKIPPABLE):
        return Coding(_ZSTD, lambda: _unzstd(None), _TRIED_ZSTD)
    return None


def _unzstd(dictionary: zstd.ZstdDict | None) -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(
        zstd_dict=dictionary, options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    )


def _dictionary(file: BinaryIO, size: int) -> zstd.ZstdDict:
    """Return the dictionary in the frame at whose content the file stands; it may be compressed itself."""
    data = file.read(min(size, _LARGEST_DICTIONARY + 1))
    try:
        if data.startswith(_ZSTD):
            data = _unzstd(None).decompress(data, _LARGEST_DICTIONARY + 1)
        if len(data) > _LARGEST_DICTIONARY:
            raise DamagedError(f"its dictionary is larger than {_LARGEST_DICTIONARY:,} bytes")
        if not data.startswith(_ZSTD_DICTIONARY):
            raise DamagedError("its first frame holds no dictionary")
        found = zstd.ZstdDict(data)
        _unzstd(found)  # what is wrong with it shows at its first use
    except (zstd.ZstdError, ValueError) as error:
        raise DamagedError(f"its dictionary cannot be read ({error})") from error
    return found


class Member:
    """The content of one member, read forward. ``end`` is where the next one begins, known when this one has ended.

    Every method raises CutError where the file ends first, DamagedError for what cannot be decompressed, and
    TooCostlyError.
    """

    def __init__(self, file: BinaryIO, at: int, coding: Coding, budget: Budget) -> None:
        self.end = at
        self.taken = 0  # bytes of the content that were given out
        self._file = file
        self._at = at
        self._budget = budget
        self._buffer = b""
        self._place = 0  # in the buffer
        self._decompressor: Any = coding.new()  # zlib's, or zstandard's with the same ways

    def _more(self) -> bytes:
        """Return the next piece of the content, empty at its end alone."""
        machine = self._decompressor
        while not machine.eof:
            data = b""
            if machine.needs_input:
                self._file.seek(self._at)
                data = self._file.read(PIECE)
                if not data:
                    raise CutError
                self._at += len(data)
            try:
                found = machine.decompress(data, PIECE)
            except (zlib.error, zstd.ZstdError, MemoryError) as error:
                raise DamagedError(f"what follows cannot be decompressed ({error})") from error
            if machine.eof:
                self.end = self._at - len(machine.unused_data)
            self._budget.spend(len(found))
            if found:
                return bytes(found)
        return b""

    def readline(self, size: int = PIECE) -> bytes:
        """Return the next line, or its first ``size`` bytes; empty at the end."""
        while (place := self._buffer.find(b"\n", self._place, self._place + size)) < 0 and self._held < size:
            piece = self._more()
            if not piece:
                break
            self._buffer, self._place = self._buffer[self._place :] + piece, 0
        return self._take(place + 1 - self._place if place >= 0 else size)

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, at least one before the end."""
        self._fill()
        return self._take(size)

    def skip(self, chars: bytes) -> int:
        """Pass over these bytes, and return how many there were in what is held; 0 where another byte is next."""
        self._fill()
        rest = self._buffer[self._place :]
        return len(self._take(len(rest) - len(rest.lstrip(chars))))

    @property
    def _held(self) -> int:
        return len(self._buffer) - self._place

    def _fill(self) -> None:
        if not self._held:
            self._buffer, self._place = self._more(), 0

    def _take(self, size: int) -> bytes:
        found = self._buffer[self._place : self._place + size]
        self._place += len(found)
        self.taken += len(found)
        return found


def next_member(
    file: BinaryIO,
    coding: Coding,
    begins: Callable[[bytes], bool],
    budget: Budget,
    *,
    start: int,
    stop: int | None = None,
) -> Iterator[int | None]:
    """Yield None now and then, and at last the place of the next member whose content begins as wanted, if any.

    The place is ``start`` or later, and before ``stop``. Raise TooCostlyError.
    """
    begin, kept, quiet = start, b"", 0
    while stop is None or begin < stop:
        file.seek(begin + len(kept))
        piece = file.read(4 * PIECE)
        data = kept + piece
        place = data.find(coding.magic)
        # What begins a member near the end of the data is tried with the data that follows.
        last = len(data) - coding.tried if piece else len(data)
        while 0 <= place < last:
            if stop is not None and begin + place >= stop:
                return
            budget.spend(PIECE)  # a trial costs more than the bytes that it reads
            if coding.begins_with(data[place : place + coding.tried], begins):
                yield begin + place
                return
            quiet += PIECE
            if quiet >= PAUSE_BYTES:
                quiet = 0
                yield None
            place = data.find(coding.magic, place + 1)
        if not piece:
            return
        done = max(last, 0)
        begin, kept = begin + done, data[done:]
        quiet += len(piece)
        if quiet >= PAUSE_BYTES:
            quiet = 0
            yield None
