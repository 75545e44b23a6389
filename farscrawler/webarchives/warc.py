"""Records of WARC files, read one after another with warcio, up to where a file is cut or damaged.

warcio takes a torn record for a short one, and writes what is wrong to standard error. So the length of each record
and the end of each gzip member are checked here. warcio belongs to the extra `warc`: import this module only where it
is installed.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import BufferedReader, ChunkedDataReader, DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed

from farscrawler.webarchives.capture import BadCapture, Content
from farscrawler.webarchives.http_message import header, read_head

if TYPE_CHECKING:
    from typing import BinaryIO

    from farscrawler.webarchives.http_message import Headers

_PIECE = 65_536
_RECORD_END = b"\r\n\r\n"
_FIRST_LINE = "WARC/1."
_LONGEST_REASON = 200
_REDIRECTS = range(300, 400)


class DamagedError(Exception):
    """What follows cannot be decompressed or is no record; the message says what is wrong."""


class CutError(Exception):
    """The file ends within a record."""


#: What reading the next record can raise where a file is cut or damaged.
FLAWS = (DamagedError, ArchiveLoadFailed, EOFError)


class _StrictReader(DecompressingBufferedReader):  # type: ignore[misc]  # warcio has no types
    """warcio's reader, except that damage is an error; it notices when the file ends within a gzip member."""

    decompressor: Any

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.plain: bool | None = None  # known when the first bytes are read
        self.unfinished = False

    def _decompress(self, data: bytes) -> bytes:
        if self.decompressor is None or not data:
            return data
        try:
            found: bytes = self.decompressor.decompress(data)
        except zlib.error as error:
            if self.plain is None:
                self.plain = True
                self.decompressor = None
                return data
            raise DamagedError(f"what follows cannot be decompressed ({error})") from error
        self.plain = False
        self.unfinished = not self.decompressor.eof
        return found

    def is_cut_here(self) -> bool:
        """Whether the file ends at this place, and within a record."""
        self._fillbuff()
        return bool(self.empty()) and (self.plain is True or self.unfinished)


class Records(WARCIterator):  # type: ignore[misc]  # warcio has no types
    """The records of a file from its present place on, each to be read before the next is asked for.

    ``offset`` is where the present record begins. Iteration raises one of ``FLAWS``.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, no_record_parse=True)
        self.file = file
        self.strict = self.reader = _StrictReader(file)  # warcio lets go of ``reader`` at the end

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        size = 0
        while line := self.reader.readline():
            if line.strip():
                if not size:
                    raise DamagedError("the record has another length than it says")
                return line, size
            size += len(line)
        return None, size

    def lacks_end(self) -> bool:
        """Whether what ends the last record is missing, although its block is whole."""
        if not self.strict.plain:
            return self.strict.unfinished
        self.file.seek(-min(len(_RECORD_END), self.file.seek(0, 2)), 2)
        return self.file.read() != _RECORD_END

    def is_cut(self, error: Exception) -> bool:
        """Whether one of ``FLAWS`` comes from the end of the file within a record, and not from damage."""
        return not self.file.read(1) and (self.strict.unfinished or _is_torn_line(error))


class Block:
    """The block of a record: reads it, and knows its digest and whether it was all there.

    Making one raises CutError where the file ends within the record's headers, DamagedError where they name no length.
    """

    def __init__(self, record: Any, records: Records) -> None:
        # warcio reads a length that is no number as 0; a file cut behind `Content-Length: ` ends in such a record.
        if record.length is None or (not _is_length(record) and records.strict.is_cut_here()):
            if record.length is None and record.raw_stream.read(1):
                raise DamagedError("the record does not say how long it is")
            raise CutError
        self.stream = record.raw_stream
        self._digest = hashlib.sha1(usedforsecurity=False)

    def readline(self, size: int = -1) -> bytes:
        """Return the next line, or its first ``size`` bytes."""
        line: bytes = self.stream.readline(size)
        self._digest.update(line)
        return line

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes."""
        data: bytes = self.stream.read(size)
        self._digest.update(data)
        return data

    def drain(self) -> None:
        """Read the rest. Raise CutError where the file ends before the block does."""
        while self.read(_PIECE):
            pass
        if self.unread:
            raise CutError

    @property
    def unread(self) -> int:
        """The number of bytes of the block that were not read."""
        left: int = self.stream.limit
        return left

    def matches(self, digest: str | None) -> bool:
        """Whether the whole block has the digest that its record names; only SHA-1 is compared."""
        kind, _, value = (digest or "").partition(":")
        if kind.lower() != "sha1" or not value:
            return True
        return value.upper() == base64.b32encode(self._digest.digest()).decode() or (
            value.lower() == self._digest.hexdigest()
        )


def decoded(block: Block, headers: Headers, *, largest: int) -> bytes | None:
    """Return the rest of a block with the chunks and the coding undone that its headers name.

    None where that is more than ``largest`` bytes, however few they were compressed.
    """
    coding: str | None = (header(headers, b"content-encoding") or b"").decode("latin-1").lower()
    if coding not in BufferedReader.get_supported_decompressors():
        coding = None
    stream: Any = block
    if header(headers, b"transfer-encoding") == b"chunked":
        stream = ChunkedDataReader(block, decomp_type=coding)
    elif coding is not None:
        stream = BufferedReader(block, decomp_type=coding)
    parts, size = [], 0
    while piece := stream.read(_PIECE):
        parts.append(piece)
        size += len(piece)
        if size > largest:
            return None
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Record:
    """A response record: its address and its page."""

    url: str
    content: Content


def read_record(data: bytes, *, largest: int) -> Record | BadCapture:
    """Return the response record in ``data``; BadCapture where there is none, or a page above ``largest`` bytes."""
    try:
        return _read_record(data, largest)
    except CutError:
        return BadCapture("not-article", "the record is cut off")
    except Exception as error:  # noqa: BLE001  # warcio raises errors of every kind on damaged bytes; the capture is refused
        return BadCapture("not-article", f"the record cannot be read ({type(error).__name__})")


def _read_record(data: bytes, largest: int) -> Record | BadCapture:
    records = Records(BytesIO(data))
    record: Any = next(records, None)
    flaw = _flaw_of(record)
    if flaw is not None:
        return BadCapture("not-article", flaw)
    block = Block(record, records)
    head = read_head(block)
    if head is None or head[0] in _REDIRECTS:
        what = "the record holds no HTTP answer" if head is None else f"the capture is a redirect (HTTP {head[0]})"
        return BadCapture("not-article", what)
    status, headers = head
    body = decoded(block, headers, largest=largest)
    if body is None:
        return BadCapture("not-article", f"larger than {largest} bytes")
    if block.unread:  # the member holds less than its header promises
        return BadCapture("not-article", "the record is cut off")
    content_type = (header(headers, b"content-type") or b"").decode("latin-1") or None
    url = record.rec_headers.get_header("WARC-Target-URI")
    return Record(url, Content(body=body, content_type=content_type, status=status))


def _flaw_of(record: Any) -> str | None:
    """Return why a record holds no page, by its own headers."""
    url = record.rec_headers.get_header("WARC-Target-URI") if record is not None else None
    if record is None or record.rec_type != "response" or not (url or "").startswith(("http:", "https:")):
        return "no response record"
    return "the crawler cut the page off" if record.rec_headers.get_header("WARC-Truncated") else None


def reason_of(error: Exception) -> str:
    """Return what is wrong with a file, as part of a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if lines and "non-chunked gzip" in lines[0]:
        return "its records are not compressed one by one; `warcio recompress` mends that"
    text = "".join(c if c.isprintable() else "\ufffd" for c in (lines or [type(error).__name__])[0])
    return text[:_LONGEST_REASON]


def _is_length(record: Any) -> bool:
    try:
        return int(record.rec_headers.get_header("Content-Length")) >= 0
    except ValueError:
        return False


def _is_torn_line(error: Exception) -> bool:
    """Whether what is no record is the beginning of the first line of one."""
    line = str(error).rpartition("first line: ")[2].strip()
    return _FIRST_LINE.startswith(line) and bool(line)
