"""HTTP answers as files keep them: a status line, headers and a body."""

from __future__ import annotations

import re
from typing import Protocol

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s|\Z)")
_NAME = re.compile(rb"[!-9;-~]+")
_LONGEST_LINE = 65_536  # as in http.client
#: Of all headers together: more than any server sends. http.client refuses more than a hundred headers; a crawl stores
#: them all, and its own files must be readable.
LONGEST_HEAD = 1024 * 1024
_MOST_LINES = 10_000  # a line costs 200 bytes of memory, however short
_GZIP = b"\x1f\x8b"
#: A page shows that it is one within its first bytes; no compressed body holds these marks.
_SNIFFED = 4096
_MARKUP = (b"<html", b"<!doctype html", b"<head", b"<body", b"<title")

Headers = tuple[tuple[bytes, bytes], ...]


class Lines(Protocol):
    """A stream that a head can be read from."""

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line, or its first ``size`` bytes."""


def read_head(stream: Lines) -> tuple[int, Headers] | None:
    """Read status and headers and leave the stream at the body. Return None for what is no HTTP answer."""
    match = _STATUS.match(stream.readline(_LONGEST_LINE))
    if match is None:
        return None
    headers: list[tuple[bytes, bytes]] = []
    size = 0
    while (line := stream.readline(_LONGEST_LINE + 1)).strip(b"\r\n"):
        size += len(line)
        if len(line) > _LONGEST_LINE or size > LONGEST_HEAD or len(headers) > _MOST_LINES:
            return None
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if line[:1] in b" \t" and headers:  # a folded line (RFC 9112 §5.2)
            headers[-1] = headers[-1][0], b" ".join((headers[-1][1].strip(), line.strip())).strip()
        elif colon and _NAME.fullmatch(name):  # some servers send lines that are no headers; browsers pass over them
            headers.append((name, value.lstrip(b" \t").rstrip(b"\r\n")))
    return int(match[1]), tuple(headers)


def header(headers: Headers, name: bytes) -> bytes | None:
    """Return the value of the first header of this name, which is given in lower case."""
    return next((value for key, value in headers if key.lower() == name), None)


def is_markup(body: bytes) -> bool:
    """Whether a body is an HTML page, by its beginning."""
    start = body[:_SNIFFED].replace(b"\0", b"").lower()  # UTF-16 writes ASCII with NULs
    return any(mark in start for mark in _MARKUP)


def headers_of_saved_body(headers: Headers, body: bytes) -> Headers:
    """Return the headers that are true of the body as it is saved.

    Many programs save a decompressed body under the header that names its coding; and no saved body is chunked.
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
