"""An HTTP answer as it is kept in a file: status line, headers, body."""

from __future__ import annotations

import http.client
import re
from typing import Protocol

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s|\Z)")
_LONGEST_LINE = 65_536  # as in http.client
_GZIP = b"\x1f\x8b"

Headers = tuple[tuple[bytes, bytes], ...]


class Readable(Protocol):
    """What a head can be read from."""

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line."""


def read_head(stream: Readable) -> tuple[int, Headers] | None:
    """Read status and headers and leave the stream at the body; None for what is no HTTP answer."""
    match = _STATUS.match(stream.readline(_LONGEST_LINE))
    if match is None:
        return None
    try:
        found = http.client.parse_headers(stream)
    except http.client.HTTPException:
        return None
    # http.client decodes as Latin-1, which leads back to the very bytes; folded lines are joined (RFC 9112 §5.2).
    headers = tuple((name.encode("latin-1"), _unfolded(value).encode("latin-1")) for name, value in found.raw_items())
    return int(match[1]), headers


def _unfolded(value: str) -> str:
    return " ".join(part.strip() for part in value.splitlines()) if "\n" in value or "\r" in value else value


def sound(headers: Headers, body: bytes) -> Headers:
    """Give the headers that hold of the body as it is saved.

    Many programs save a body decompressed under the header that says it is not; and none is chunked any more.
    """
    kept = []
    for name, value in headers:
        lowered = name.lower()
        if lowered == b"transfer-encoding":
            continue
        zipped = lowered == b"content-encoding" and value.strip().lower() in (b"gzip", b"x-gzip")
        if zipped and not body.startswith(_GZIP):
            continue
        kept.append((name, value))
    return tuple(kept)
