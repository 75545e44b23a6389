"""Bodies of HTTP answers as files keep them: chunks joined, codings undone, both within a limit."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from farscrawler.webarchives.http_message import header

if TYPE_CHECKING:
    from farscrawler.webarchives.http_message import Headers

#: The line before a chunk: its length in hexadecimal digits, and extensions that nobody sends.
_LONGEST_CHUNK_LINE = 1_024
_HEX = frozenset(b"0123456789abcdefABCDEF")
_MOST_HEX = 8
_WINDOW_LOG = 23  # RFC 9659: no web server may need a window of more than 8 MB


def is_chunked(headers: Headers) -> bool:
    """Whether a body is sent in chunks."""
    return b"chunked" in (header(headers, b"transfer-encoding") or b"").lower()


def dechunked(body: bytes) -> bytes:
    """Return the chunks of a body joined; a body without any as it is, since programs keep such too."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at, at + _LONGEST_CHUNK_LINE)
        size = _chunk_size(body[at:end]) if end >= 0 else None
        if size is None:
            return b"".join(parts) if parts else body
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 1 : end + 1 + size])
        at = end + 1 + size
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > _MOST_HEX or not _HEX.issuperset(digits):
        return None
    return int(digits, 16)


class BodyError(Exception):
    """A body cannot be used; the message is the reason, a short stable phrase."""


def unpacked(body: bytes, coding: str, *, largest: int) -> bytes:
    """Return a body with its codings undone. Raise BodyError where it is damaged, cut, or above ``largest`` bytes."""
    for name in reversed([part.strip().lower() for part in coding.split(",") if part.strip()]):
        if name != "identity":
            body = _undone(body, name, largest)
    if len(body) > largest:
        raise BodyError(f"larger than {largest} bytes")
    return body


def _undone(body: bytes, name: str, largest: int) -> bytes:
    try:
        if name == "br":
            machine: Any = brotli.Decompressor()
            found: bytes = machine.process(body, output_buffer_limit=largest + 1)
            whole = machine.is_finished()
        else:
            machine = _machine(name, body)
            found = machine.decompress(body, largest + 1)
            whole = machine.eof
    except (zlib.error, zstd.ZstdError, brotli.error, MemoryError) as error:
        raise BodyError(f"not {name} as its header says") from error
    if not whole and len(found) <= largest:
        raise BodyError("cut within its compressed body")
    return found


def _machine(name: str, body: bytes) -> Any:
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(zlib.MAX_WBITS + 16)
    if name == "deflate":
        return zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_head(body) else -zlib.MAX_WBITS)
    if name == "zstd":
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})
    raise BodyError(f"compressed by a coding that is not known ({name[:20]})")


def _has_zlib_head(body: bytes) -> bool:
    """Whether deflated data has the head of RFC 1950; some servers send it bare."""
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and (body[0] << 8 | body[1]) % 31 == 0
