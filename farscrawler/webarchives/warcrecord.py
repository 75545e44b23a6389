"""One record of a WARC file, read with warcio: a gzip member, the WARC header, the HTTP header and the body.

warcio, kept by the makers of the format's tools, knows what servers do to bodies: chunks and codings, whether named or
not. It belongs to the extra `warc`; nothing here is called without it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.parsing.page import NoArticle
from farscrawler.webarchives.capture import Content

if TYPE_CHECKING:
    from typing import BinaryIO

_BLOCK = 64 * 1024
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Record:
    """A response record: the address it is of, and the page."""

    url: str
    content: Content


def read(data: bytes, *, largest: int) -> Record | NoArticle:
    """Read the one response record in ``data``; NoArticle where there is none, or a page above ``largest`` bytes."""
    try:
        return _read(io.BytesIO(data), largest)
    except Exception as error:  # noqa: BLE001  # warcio lets whatever goes wrong within it through; nothing is lost
        return NoArticle("not-article", f"the record cannot be read ({type(error).__name__})")


def _read(data: BinaryIO, largest: int) -> Record | NoArticle:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  # an extra

    record: Any = next(iter(ArchiveIterator(data)), None)
    flaw = _flaw(record)
    if flaw is not None:
        return NoArticle("not-article", flaw)
    body = _bounded(record.content_stream(), largest)
    if body is None:
        return NoArticle("not-article", f"larger than {largest} bytes")
    if record.raw_stream.limit > 0:  # what the header promises and the member does not hold
        return NoArticle("not-article", "the record is cut off")
    return Record(
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        content=Content(
            body=body,
            content_type=record.http_headers.get_header("Content-Type"),
            status=int(record.http_headers.get_statuscode()),
        ),
    )


def _flaw(record: Any) -> str | None:
    """Say why a record holds no page."""
    if record is None or record.rec_type != "response" or record.http_headers is None:
        return "no response record"
    if record.rec_headers.get_header("WARC-Truncated"):
        return "the crawler cut the page off"
    status = record.http_headers.get_statuscode()
    if not (status.isascii() and status.isdecimal()):
        return "the record has no HTTP status"
    return f"the capture is a redirect (HTTP {status})" if int(status) in _REDIRECTS else None


def _bounded(stream: Any, largest: int) -> bytes | None:
    """Read a decoding stream to its end; None where it is larger than the limit, however little was compressed."""
    parts, size = [], 0
    while block := stream.read(_BLOCK):
        parts.append(block)
        size += len(block)
        if size > largest:
            return None
    return b"".join(parts)
