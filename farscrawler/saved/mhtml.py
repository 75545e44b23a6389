"""Pages that a browser saved as one file (MHTML, RFC 2557): the page alone is taken out, a line at a time.

A file may hold hundreds of pictures, so it is never held whole.
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from farscrawler.saved.page import as_utc

if TYPE_CHECKING:
    from email.message import Message
    from typing import BinaryIO

_PIECE = 65_536
_LONGEST_HEAD = 65_536  # browsers write 1 KB
_MOST_BOUNDARIES = 16  # one, and one for each frame of a page
_EXPANSION = 3  # quoted-printable writes a byte outside ASCII as three
_HTML = ("text/html", "application/xhtml+xml")
_BLANKS = re.compile(r"\s+")
#: What a file begins with: a header field, of those that browsers put first.
_BEGINNING = re.compile(
    rb"(?:From|Subject|Date|MIME-Version|Snapshot-Content-Location|Content-Type|X-[\w-]+):", re.IGNORECASE
)
_SNIFFED = 4096


class MhtmlError(Exception):
    """A file holds no page that can be read; the message says why, as part of a sentence."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The page of a file: ``url`` is its Content-Location, ``at`` the Date of the file (UTC, ISO 8601)."""

    body: bytes
    content_type: str | None = None
    url: str | None = None
    at: str | None = None


def is_mhtml(start: bytes) -> bool:
    """Whether a file is one, by its first bytes."""
    return _BEGINNING.match(start) is not None and b"multipart/related" in start[:_SNIFFED].lower()


def read_mhtml(stream: BinaryIO, *, largest: int) -> Saved:
    """Return the page: the part that the file calls its start, else its first HTML part. Raise MhtmlError.

    Of a page above ``largest`` bytes, ``largest`` + 1 bytes are returned.
    """
    top = _head(stream)
    boundaries = _boundaries(top)
    wanted = str(top.get_param("start") or "").strip("<> ")
    first: tuple[Message, bytes] | None = None
    if not boundaries:
        raise MhtmlError("it names no parts")
    delimited = _skip(stream, boundaries)
    while delimited:
        part = _head(stream)
        boundaries |= _boundaries(part)
        if len(boundaries) > _MOST_BOUNDARIES:
            raise MhtmlError("it has parts within parts without end")
        if part.get_content_type() not in _HTML:
            delimited = _skip(stream, boundaries)
            continue
        body, delimited = _content(stream, boundaries, _EXPANSION * largest)
        if not delimited:
            raise MhtmlError("it is cut within its page")
        found = part, _decoded(part, body)[: largest + 1]
        first = first or found
        if not wanted or str(part.get("Content-ID") or "").strip("<> ") == wanted:
            return _saved(top, *found)
    if first is None:
        raise MhtmlError("none of its parts is a page")
    return _saved(top, *first)


def _saved(top: Message, part: Message, body: bytes) -> Saved:
    places = (part.get("Content-Location"), top.get("Snapshot-Content-Location"), top.get("Content-Location"))
    urls = [_BLANKS.sub("", str(place)) for place in places if place]
    try:
        at = as_utc(parsedate_to_datetime(str(top.get("Date") or "")))
    except (TypeError, ValueError, OverflowError):
        at = None
    kind = _BLANKS.sub(" ", str(part.get("Content-Type") or "")) or None
    return Saved(body, kind, next((url for url in urls if url.startswith(("http://", "https://"))), None), at)


def _head(stream: BinaryIO) -> Message:
    lines, size = [], 0
    while (line := stream.readline(_PIECE)).strip(b"\r\n"):
        size += len(line)
        if size > _LONGEST_HEAD:
            raise MhtmlError(f"a header of it is longer than {_LONGEST_HEAD:,} bytes")
        lines.append(line)
    return BytesHeaderParser().parsebytes(b"".join(lines))


def _boundaries(part: Message) -> set[bytes]:
    if part.get_content_maintype() != "multipart":
        return set()
    name = str(part.get_param("boundary") or "")
    return {b"--" + name.encode("latin-1", "replace")} if name else set()


def _is_delimiter(line: bytes, boundaries: set[bytes]) -> bool:
    text = line.rstrip()
    return text in boundaries or (text.endswith(b"--") and text[:-2] in boundaries)


def _skip(stream: BinaryIO, boundaries: set[bytes]) -> bool:
    """Go behind the next delimiter; False where the file ends before."""
    begins = True
    while line := stream.readline(_PIECE):
        if begins and line.startswith(b"--") and _is_delimiter(line, boundaries):
            return True
        begins = line.endswith(b"\n")
    return False


def _content(stream: BinaryIO, boundaries: set[bytes], largest: int) -> tuple[bytes, bool]:
    """Return up to so many bytes of a part, and whether a delimiter ended it."""
    parts: list[bytes] = []
    size, begins = 0, True
    while line := stream.readline(_PIECE):
        if begins and line.startswith(b"--") and _is_delimiter(line, boundaries):
            return b"".join(parts), True
        begins = line.endswith(b"\n")
        if size <= largest:
            parts.append(line)
            size += len(line)
    return b"".join(parts), False


def _decoded(part: Message, body: bytes) -> bytes:
    how = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if how == "quoted-printable":
        return quopri.decodestring(body)
    if how == "base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error as error:
            raise MhtmlError(f"its page is no base64 ({error})") from error
    return body
