"""An HTTP answer as it is kept in a file: status line, headers, body."""

from __future__ import annotations

import re
from email.parser import Parser
from typing import Protocol

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s|\Z)")
_LONGEST_LINE = 65_536  # as in http.client
#: Of all headers together: more than any server sends. http.client takes a hundred headers and no more; a crawl takes
#: them all, and what it has kept must be read again.
_LONGEST_HEAD = 1024 * 1024
_GZIP = b"\x1f\x8b"
#: A page shows that it is one within its first bytes; nothing that is compressed holds these.
_SNIFFED = 4096
_MARKUP = (b"<html", b"<!doctype html", b"<head", b"<body", b"<title")

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
    lines: list[bytes] = []
    size = 0
    while (line := stream.readline(_LONGEST_LINE + 1)).strip(b"\r\n"):
        size += len(line)
        if len(line) > _LONGEST_LINE or size > _LONGEST_HEAD:
            return None
        lines.append(line)
    found = Parser().parsestr(b"".join(lines).decode("latin-1"), headersonly=True)
    # Latin-1 leads back to the very bytes; folded lines are joined (RFC 9112 §5.2).
    headers = tuple((name.encode("latin-1"), _unfolded(value).encode("latin-1")) for name, value in found.raw_items())
    return int(match[1]), headers


def is_markup(body: bytes) -> bool:
    """Tell an HTML page by its beginning."""
    start = body[:_SNIFFED].replace(b"\0", b"").lower()  # UTF-16 writes ASCII with NULs
    return any(mark in start for mark in _MARKUP)


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
        if lowered == b"content-encoding":
            zipped = value.strip().lower() in (b"gzip", b"x-gzip")
            if (zipped and not body.startswith(_GZIP)) or is_markup(body):
                continue
        kept.append((name, value))
    return tuple(kept)
