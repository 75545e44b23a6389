"""SavedPage: one answer of a site as it was saved, and its place in the order of time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.parser import Parser
from typing import Protocol

from farscrawler.days import in_future

#: When, in which file and where in it: of two pages of one article the greater one is the newer one.
Mark = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """An answer under the site's own address ``url``: ``body`` as it came over the wire, Content-Encoding kept.

    ``at`` is when it was taken (UTC, ISO 8601, to the second); ``name`` the file it stands in, relative to what was
    given; ``asked`` the address that led to ``url`` by a redirect; ``offset`` where its record begins in a WARC file,
    in bytes, None for a file of its own; ``time_of_file`` tells that nothing says when it was taken, and ``at`` is when
    its file was last changed.
    """

    url: str
    at: str
    name: str
    offset: int | None = None
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    time_of_file: bool = False
    asked: str | None = None

    @property
    def source(self) -> str:
        """What the ledger remembers of where the page came from: `NAME`, or `NAME#OFFSET`."""
        return self.name if self.offset is None else f"{self.name}#{self.offset}"

    @property
    def mark(self) -> Mark:
        """The page's place in the order of time."""
        return self.at, self.name, self.offset or 0

    def header(self, name: bytes) -> bytes | None:
        """Give the first header of a name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def mark_of(at: str, source: str) -> Mark:
    """Give the place in the order of time of a page that the ledger remembers."""
    name, sign, offset = source.rpartition("#")
    return (at, name, int(offset)) if sign and offset.isdecimal() else (at, source, 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something saved that is of no use here; ``reason`` is a short stable phrase."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something saved that cannot be read: a sentence that names the file, which may have a name that is no text."""

    sentence: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", self.sentence.encode("utf-8", "backslashreplace").decode())


SavedEntry = SavedPage | Skipped | Complaint


def utc(text: str | None) -> str | None:
    """Give a moment as the archive writes it, of ISO 8601 with a zone; None for what is no certain moment."""
    try:
        moment = dt.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return as_utc(moment)


def as_utc(moment: dt.datetime) -> str | None:
    """Give a moment as the archive writes it; None where it has no zone, lies outside the years of a clock or to come.

    A page stored with a time to come would be newer than every true one, for years.
    """
    if moment.tzinfo is None:
        return None
    try:
        there = moment.astimezone(dt.UTC)
    except OverflowError:
        return None
    return None if in_future(there) else there.isoformat(timespec="seconds")


# An HTTP answer as it is kept in a file: status line, headers, body.
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
