"""What a file is that holds no page we read, by its first bytes and its name, and what can be done with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.saved.mhtml import is_mhtml

if TYPE_CHECKING:
    from pathlib import Path

#: First bytes of files that a saved page brings along; the summary counts them by these words.
_COUNTED: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG|GIF8|\xff\xd8\xff|RIFF....WEBP|BM.{4}\x00{4}|\x00\x00\x01\x00|....ftypavif", "picture"),
    (rb"ID3|OggS|\xff\xfb|....ftyp|\x1aE\xdf\xa3|RIFF....(?:WAVE|AVI )", "sound or film"),
    (rb"wOFF|wOF2|\x00\x01\x00\x00\x00|OTTO", "font"),
)
_ZIP = rb"PK(?:\x03\x04|\x05\x06)"
#: First bytes, name, what the file is, and what to do. The first row that fits counts; an empty name fits all.
_NAMED: tuple[tuple[bytes, str, str, str], ...] = (
    (_ZIP, r"\.maff", "a MAFF file of Firefox", "Unpack it as a zip file, and give the folder."),
    (_ZIP, r"\.(?:docx|odt|epub|xlsx)", "an office document or a book", "Save its page as HTML."),
    (_ZIP, "", "a zip file", "Unpack it, and give the folder."),
    (rb"7z\xbc\xaf\x27\x1c", "", "a 7z file", "Unpack it (`7z x`), and give the folder."),
    (rb"Rar!\x1a\x07", "", "a RAR file", "Unpack it, and give the folder."),
    (rb"\xfd7zXZ\x00", "", "packed with xz", "Unpack it (`unxz`)."),
    (rb"BZh[1-9]", "", "packed with bzip2", "Unpack it (`bunzip2`)."),
    (rb"\x28\xb5\x2f\xfd", "", "packed with zstandard", "Unpack it, or name it .warc.zst if it is a WARC file."),
    (rb"\x1f\x8b", "", "packed with gzip", "Unpack it (`gunzip`), or name it .warc.gz if it is a WARC file."),
    (rb".{257}ustar", "", "a tar file", "Unpack it, and give the folder."),
    (rb"%PDF-", "", "a PDF document", "Save the page as HTML."),
    (rb"bplist00", "", "a web archive of Safari", "Turn it into HTML: `textutil -convert html`."),
    (rb"WARC/\d\.\d+\s", "", "a WARC file by its beginning", "Give it a name that ends in .warc."),
    (rb"filedesc://", "", "an ARC file by its beginning", "Give it a name that ends in .arc."),
    (rb"SQLite format 3\x00", "", "an SQLite database", "It holds no saved pages."),
    (rb"\s*\{", r"\.har", "a recording of a browser (HAR)", "Turn it into a WARC file with har2warc."),
)
_TABLE = tuple((re.compile(first, re.DOTALL), re.compile(name), what, todo) for first, name, what, todo in _NAMED)
_PLAIN = tuple((re.compile(first, re.DOTALL), what) for first, what in _COUNTED)
_BOM = b"\xef\xbb\xbf"


def counted_as(start: bytes) -> str | None:
    """Return what a file is that a saved page brings along, by its first bytes; None for any other."""
    if start.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["):
        return "JSON"
    return next((what for first, what in _PLAIN if first.match(start)), None)


def named(path: Path, start: bytes) -> str | None:
    """Return a sentence about a file that may hold pages which cannot be read here; None for any other."""
    if is_mhtml(start):
        return f"{path} is a page with its pictures (MHTML) by its beginning; give it a name that ends in .mht."
    ending = path.suffix.lower()
    for first, name, what, todo in _TABLE:
        if first.match(start.removeprefix(_BOM)) and (not name.pattern or name.fullmatch(ending)):
            return f"{path} is {what}; it was left alone. {todo}"
    return None
