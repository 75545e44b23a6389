"""Bodies of HTTP answers as files keep them: chunks joined, codings undone, both within a limit."""

from __future__ import annotations

import sys
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from farscrawler.webarchives.http_message import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.webarchives.http_message import Headers

#: The line before a chunk: its length in hexadecimal digits, and extensions that nobody sends.
_LONGEST_CHUNK_LINE = 1_024
_HEX = frozenset(b"0123456789abcdefABCDEF")
_MOST_HEX = 8
_PIECE = 65_536
#: How the next member of a body begins, where it may have several; thousands of empty ones only take time.
_MEMBER = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_MOST_MEMBERS = 100
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
    for name in codings(coding):
        body, flaw = _undone(body, name, largest + 1)
        if flaw is not None and len(body) <= largest:
            raise BodyError(flaw)
    if len(body) > largest:
        raise BodyError(f"larger than {largest} bytes")
    return body


def beginning(body: bytes, coding: str, *, most: int) -> bytes:
    """Return the first ``most`` bytes of a body with its codings undone, up to where it is cut or damaged.

    Raise BodyError where nothing at all comes out.
    """
    for name in codings(coding):
        body, flaw = _undone(body, name, most)
        if flaw is not None and not body:
            raise BodyError(flaw)
    return body[:most]


def codings(coding: str) -> list[str]:
    """Return the codings of a body in the order in which they are undone."""
    names = [part.strip().lower() for part in coding.split(",")]
    return [name for name in reversed(names) if name and name != "identity"]


def _undone(body: bytes, name: str, most: int) -> tuple[bytes, str | None]:
    """Return up to ``most`` bytes of a body with a coding undone, and what was wrong with the rest, None for nothing.

    Fed in pieces: what a machine has not used of its input it copies each time.
    """
    parts: list[bytes] = []
    size = at = members = 0
    machine, found_end = _machine(name, body), False
    try:
        while at < len(body) and size < most:
            piece = body[at : at + _PIECE]
            before = machine.copy() if hasattr(machine, "copy") else None
            parts.append(machine.decompress(piece, most - size))
            size += len(parts[-1])
            at += len(piece)
            if found_end := machine.eof:
                at -= len(machine.unused_data)
                members += 1
                if members == _MOST_MEMBERS or not body.startswith(_MEMBER.get(name, b"\0"), at) or at == len(body):
                    break
                machine, found_end = _machine(name, body), False
    except (zlib.error, zstd.ZstdError, brotli.error, MemoryError):
        if before is not None:
            parts.extend(_salvaged(before, piece, most - size))
        return b"".join(parts), f"not {name} as its header says"
    return b"".join(parts), None if found_end or size >= most else "cut within its compressed body"


def _salvaged(machine: Any, piece: bytes, most: int) -> Iterator[bytes]:
    """Yield what comes out of a piece before the byte that is wrong: often that of the checksum at the very end."""
    with suppress(zlib.error):
        for at in range(len(piece)):
            part = machine.decompress(piece[at : at + 1], most)
            most -= len(part)
            yield part
            if most <= 0:
                return


class _Brotli:
    """A decompressor of Brotli with the methods of the others."""

    unused_data = b""

    def __init__(self) -> None:
        self._machine: Any = brotli.Decompressor()

    def decompress(self, data: bytes, most: int) -> bytes:
        found: bytes = self._machine.process(data, output_buffer_limit=most)
        return found

    @property
    def eof(self) -> bool:
        return bool(self._machine.is_finished())


def _machine(name: str, body: bytes) -> Any:
    if name == "br":
        return _Brotli()
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
