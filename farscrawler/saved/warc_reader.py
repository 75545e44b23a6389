"""Read a WARC file record by record with warcio: any size, up to where it is cut or damaged.

warcio itself takes a torn record for a short one and writes what is wrong to standard error; so the length of each
record and the end of each gzip member are looked at here. Imported only where warcio is there (saved/library.py).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed

from farscrawler.extract import MAX_BODY_BYTES
from farscrawler.saved.page import Complaint, SavedPage, Skipped, read_head, sound, utc
from farscrawler.saved.url_filter import NOT_HTML, PRIVATE, REDIRECT, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.saved.page import Headers, SavedEntry
    from farscrawler.saved.url_filter import UrlFilter

_INFO_BYTES = 65_536  # of a warcinfo record; ours has a few hundred
_PIECE = 65_536
_RECORD_END = b"\r\n\r\n"
_FIRST_LINE = "WARC/1."
_HTML_TYPES = ("text/html", "application/xhtml+xml")


class _DamagedError(Exception):
    """What follows cannot be decompressed or is no record; the message says what is wrong."""


class _CutError(Exception):
    """The file ends within a record."""


class _StrictReader(DecompressingBufferedReader):  # type: ignore[misc]  # warcio has no types
    """warcio's reader, except that damage is an error; notices when the file ends within a gzip member."""

    decompressor: Any

    def __init__(self, stream: Any) -> None:
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
            raise _DamagedError(f"what follows cannot be decompressed ({error})") from error
        self.plain = False
        self.unfinished = not self.decompressor.eof
        return found


class _Block:
    """The block of a record: reads it, and knows its digest and whether it was all there."""

    def __init__(self, record: Any) -> None:
        self.stream = record.raw_stream
        self._digest = hashlib.sha1(usedforsecurity=False)

    def readline(self, size: int = -1) -> bytes:
        """Read a line; http.client asks for no more of a stream."""
        line: bytes = self.stream.readline(size)
        self._digest.update(line)
        return line

    def read(self, size: int) -> bytes:
        """Read up to so many bytes."""
        data: bytes = self.stream.read(size)
        self._digest.update(data)
        return data

    def drain(self) -> None:
        """Read the rest. Raises _CutError where the file ends before the block does."""
        while self.read(_PIECE):
            pass
        if self.stream.limit > 0:
            raise _CutError

    def matches(self, digest: str | None) -> bool:
        """Tell whether the whole block is what its record says; other digests than SHA-1 are not looked at."""
        kind, _, value = (digest or "").partition(":")
        if kind.lower() != "sha1" or not value:
            return True
        return value.upper() == base64.b32encode(self._digest.digest()).decode() or (
            value.lower() == self._digest.hexdigest()
        )


def read_warc(
    path: Path, name: str, url_filter: UrlFilter, *, start: int = 0, stop: int | None = None
) -> Iterator[SavedEntry]:
    """Give what a WARC file holds, in its order, and at most one complaint at its end.

    ``start`` is where a record begins; those that begin at ``stop`` or behind are another reader's.
    """
    reader = _Reader(path, name, url_filter)
    with path.open("rb") as file:
        yield from reader.read(file, start, stop)


def first_time(path: Path) -> str | None:
    """Give the time of the first record of a file, None where it cannot be read."""
    with path.open("rb") as file:
        iterator = _iterator(file)
        try:
            return utc(next(iterator).rec_headers.get_header("WARC-Date"))
        except (StopIteration, ArchiveLoadFailed, _DamagedError, EOFError):
            return None


def _iterator(file: Any) -> Any:
    iterator = _StrictIterator(file, no_record_parse=True)
    iterator.reader = _StrictReader(file)
    return iterator


class _StrictIterator(WARCIterator):  # type: ignore[misc]  # warcio has no types
    """warcio's iterator, except that a record of another length than it says is an error."""

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        size = 0
        while line := self.reader.readline():
            if line.strip():
                if not size:
                    raise _DamagedError("the record has another length than it says")
                return line, size
            size += len(line)
        return None, size


class _Reader:
    def __init__(self, path: Path, name: str, url_filter: UrlFilter) -> None:
        self.path = path
        self.name = name
        self.url_filter = url_filter
        self.info: dict[str, str] = {}  # what the warcinfo of a file of ours says
        self.pages = 0
        self._moved: dict[str, str] = {}  # in a file of ours: where a redirect to the same article led, and from where

    def read(self, file: Any, start: int, stop: int | None) -> Iterator[SavedEntry]:
        if start:  # what stood for the site is said at the beginning
            self.info = _first_info(file)
        file.seek(start)
        iterator = _iterator(file)
        reader = iterator.reader  # the iterator lets go of it at the end
        offset = start
        try:
            for record in iterator:
                offset = iterator.offset
                if stop is not None and offset >= stop:
                    return
                found = self._sound_record(record, offset)
                if found is not None:
                    self.pages += isinstance(found, SavedPage)
                    yield found
            if self._lacks_end(file, reader):
                yield Complaint(f"{self.path} is cut at its very end; its last page was whole.")
        except _CutError:
            yield Complaint(f"{self.path} is cut in the record at byte {offset}; {self._so_far()}")
        except (_DamagedError, ArchiveLoadFailed, EOFError) as error:
            if not file.read(1) and (reader.unfinished or _is_torn_line(error)):
                yield Complaint(f"{self.path} is cut behind the record at byte {offset}; {self._so_far()}")
            else:
                yield Complaint(f"{self.path} is damaged behind byte {offset}: {_said(error)}; {self._so_far()}")

    def _so_far(self) -> str:
        return f"it was read up to there ({self.pages:,} page{'' if self.pages == 1 else 's'})."

    @staticmethod
    def _lacks_end(file: Any, reader: _StrictReader) -> bool:
        """Tell whether what ends the last record is missing, although its block is whole."""
        if not reader.plain:
            return reader.unfinished
        file.seek(-min(len(_RECORD_END), file.seek(0, 2)), 2)
        return bool(file.read() != _RECORD_END)

    def _sound_record(self, record: Any, offset: int) -> SavedEntry | None:
        """Give what a record holds once all of it is seen to be there, and to be what its digest says."""
        if record.length is None:
            if record.raw_stream.read(1):  # the file goes on: no cut took the rest of the headers
                raise _DamagedError("the record does not say how long it is")
            raise _CutError
        block = _Block(record)
        found = self._record(record, block, offset)
        block.drain()
        if isinstance(found, SavedPage) and not block.matches(record.rec_headers.get_header("WARC-Block-Digest")):
            return Complaint(f"{self.path}: the record at byte {offset} is not what its digest says; left out.")
        return found

    def _record(self, record: Any, block: _Block, offset: int) -> SavedEntry | None:
        """Give what a record holds; None for one that never stands for a page of its own."""
        header = record.rec_headers.get_header
        kind = record.rec_type
        if kind == "warcinfo":
            self.info = _our_info(block.read(_INFO_BYTES))
            return None
        if kind not in ("response", "resource"):
            return Skipped(f"{kind} record") if kind != "request" else None
        asked = header("WARC-Target-URI") or ""
        url = self.url_filter.site_url(asked, self._base)
        refused = self.url_filter.refuses(url) or self._refuses(record, on_mirror=url != asked)
        if refused is not None:
            return Skipped(refused)
        at = utc(header("WARC-Date"))
        if at is None:
            return Complaint(
                f"{self.path}: the record at byte {offset} does not say when it was taken, or a time to come; left out."
            )
        return self._page(record, block, SavedPage(url=url, at=at, name=self.name, offset=offset))

    @property
    def _base(self) -> str | None:
        """Give what stood for the site when the file was written; of another publisher's file it was another site."""
        return self.info.get("base-url") if self.info.get("isPartOf") == self.url_filter.publisher.key else None

    def _refuses(self, record: Any, *, on_mirror: bool) -> str | None:
        header = record.rec_headers.get_header
        if header("WARC-Truncated"):
            return "truncated when it was saved"
        address = header("WARC-IP-Address")
        meant = f"//{address}" in (header("WARC-Target-URI") or "")  # as in a crawl: asked for in so many digits
        if self.info and not on_mirror and not meant and _is_private(address):
            return PRIVATE
        return None

    def _page(self, record: Any, block: _Block, page: SavedPage) -> SavedEntry:
        kind = record.rec_headers.get_header("Content-Type") or ""
        status = 200
        headers: Headers = ((b"Content-Type", kind.encode("latin-1", "replace")),)
        if record.rec_type == "resource":
            if not kind.lower().startswith(_HTML_TYPES):
                return Skipped(NOT_HTML)
        else:
            head = read_head(block)
            if head is None:
                return Complaint(f"{self.path}: the record at byte {page.offset} holds no HTTP answer; left out.")
            status, headers = head
        body = block.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            return Skipped(TOO_LARGE)
        if any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in headers):
            body = ChunkedDataReader(BytesIO(body), decomp_type=None).read()
        found = SavedPage(
            url=page.url,
            at=page.at,
            name=page.name,
            offset=page.offset,
            status=status,
            headers=sound(headers, body),
            body=body,
            asked=self._moved.pop(page.url, None),
        )
        refused = self.url_filter.refuses_answer(found, self._base)
        if refused == REDIRECT and self.info and (target := self.url_filter.leads_to(found, self._base)):
            self._moved[target] = found.asked or found.url
        return Skipped(refused) if refused is not None else found


def _first_info(file: Any) -> dict[str, str]:
    file.seek(0)
    try:
        record = next(_iterator(file))
        return _our_info(record.raw_stream.read(_INFO_BYTES)) if record.rec_type == "warcinfo" else {}
    except (StopIteration, ArchiveLoadFailed, _DamagedError, EOFError):
        return {}


def _our_info(info: bytes) -> dict[str, str]:
    """Give what one of our own files says of itself, such as what stood for the site; nothing for any other."""
    fields = dict(line.split(": ", 1) for line in info.decode("utf-8", "replace").splitlines() if ": " in line)
    return fields if fields.get("software", "").startswith("farscrawler/") else {}


def _is_private(address: str | None) -> bool:
    """Tell the address of a filter on the way, whose answers a crawl does not take for the site's either."""
    try:
        return ipaddress.ip_address(address or "").is_private
    except ValueError:
        return False


def _is_torn_line(error: Exception) -> bool:
    """Tell whether what is no record is the beginning of the first line of one."""
    line = str(error).rpartition("first line: ")[2].strip()
    return _FIRST_LINE.startswith(line) and bool(line)


def _said(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if lines and "non-chunked gzip" in lines[0]:
        return "its records are not compressed one by one; `warcio recompress` mends that"
    text = "".join(c if c.isprintable() else "\ufffd" for c in (lines or [type(error).__name__])[0])
    return text[:200]
