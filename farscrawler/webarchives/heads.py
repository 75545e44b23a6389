"""What stands before the block of a record: the header lines of WARC, and the one line of ARC.

ARC is described in the Internet Archive's «ARC File Format» (1996): version 1 has five fields in a line, version 2 ten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from farscrawler.webarchives.capture import moment
from farscrawler.webarchives.members import CutError, DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.webarchives.http_message import Lines

#: Servers take addresses of 8,000 characters, and no other field comes near them.
_LONGEST_LINE = 16_384
#: Of all lines of a head: the programs known write up to twenty, and about 1 KB.
_LONGEST_HEAD = 65_536
_LENGTH = re.compile(r"\d{1,15}", re.ASCII)
_WARC_LINE = re.compile(rb"WARC/[01]\.\d{1,2}[ \t]*\r?\n")
_WARC_TORN = re.compile(rb"WARC/[01]?\.?\d{0,2}[ \t]*\r?")
_WARC_NAME = re.compile(rb"[!-9;-~]+[ \t]*:")
_ADDRESS = re.compile(rb"[0-9A-Fa-f.:]+|-")
_TIME = re.compile(rb"\d{12}|\d{14}")
_ARC_FIELDS = 5
_ARC_LONGEST_NUMBER = 15
_ARC_SCHEMES = (b"http://", b"https://", b"filedesc://", b"dns:", b"ftp://", b"whois:")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a record: its ``kind`` (WARC-Type), the ``length`` of its block in bytes, and its fields.

    The names of ``fields`` are those of WARC in lower case, for ARC too.
    """

    kind: str
    length: int
    fields: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Return the value of a field, whose name is given in lower case."""
        return self.fields.get(name)


class Grammar(Protocol):
    """How the records of a format are written."""

    name: str
    #: Finds the line end before a first line within other bytes, and that line in the group.
    within: re.Pattern[bytes]
    #: No match of ``within`` is longer.
    longest: int
    #: What stands behind the block of every record.
    end: bytes

    def begins(self, data: bytes) -> bool:
        """Whether data begins with the first line of a record."""

    def is_torn(self, data: bytes) -> bool:
        """Whether data, with which a file ends, may be the beginning of the first line of a record."""

    def read(self, first: bytes, lines: Lines) -> Head:
        """Read a head, of which the first line is already read. Raise DamagedError or CutError."""


class Warc:
    """WARC 0.17 to 1.1."""

    name = "WARC"
    within = re.compile(rb"\n(WARC/1\.\d\r?\n)(?=[A-Za-z-]+:)")
    longest = 128
    end = b"\r\n\r\n"

    def begins(self, data: bytes) -> bool:
        """Whether data begins with the version line."""
        return _WARC_LINE.match(data) is not None

    def is_torn(self, data: bytes) -> bool:
        """Whether data is a beginning of the version line."""
        return bool(data) and (b"WARC/".startswith(data) or _WARC_TORN.fullmatch(data) is not None)

    def read(self, first: bytes, lines: Lines) -> Head:
        """Read the lines up to the blank one; of a name that comes twice the first one counts."""
        if _WARC_LINE.fullmatch(first) is None:
            raise CutError if self.is_torn(first) else _no_record(first)
        fields: dict[str, str] = {}
        size, name = 0, ""
        while (line := lines.readline(_LONGEST_LINE + 1)).strip(b"\r\n"):
            size += len(line)
            if len(line) > _LONGEST_LINE or size > _LONGEST_HEAD:
                raise DamagedError(f"its header is longer than {_LONGEST_HEAD:,} bytes")
            if not line.endswith(b"\n"):
                raise CutError
            if line[:1] in b" \t" and name:
                fields[name] = f"{fields[name]} {_text(line)}".strip()
            elif _WARC_NAME.match(line):
                key, _, value = line.partition(b":")
                name = key.decode("latin-1").strip().lower()
                fields.setdefault(name, _text(value))
            else:
                raise DamagedError("its header holds a line that is none")
        if not line:
            raise CutError
        target = fields.get("warc-target-uri", "")
        if target.startswith("<") and target.endswith(">"):  # as old versions of wget write it
            fields["warc-target-uri"] = target[1:-1]
        if _LENGTH.fullmatch(fields.get("content-length", "")) is None:
            raise DamagedError("the record does not say how long it is")
        return Head(fields.get("warc-type", ""), int(fields["content-length"]), fields)


class Arc:
    """ARC, versions 1 and 2."""

    name = "ARC"
    within = re.compile(rb"\n(https?://[^ \r\n]{1,8000} [0-9A-Fa-f.:]{3,45} \d{14} [^\r\n]{1,1000}\r?\n)")
    longest = 9_200
    end = b"\n"

    def begins(self, data: bytes) -> bool:
        """Whether data begins with a line of the fields of a record."""
        end = data.find(b"\n", 0, _LONGEST_LINE)
        return end >= 0 and _arc_fields(data[:end]) is not None

    def is_torn(self, data: bytes) -> bool:
        """Whether data begins with an address, or is the beginning of one, and has no line end."""
        if not data or b"\n" in data or len(data) > _LONGEST_LINE:
            return False
        return data.startswith(_ARC_SCHEMES) or any(scheme.startswith(data) for scheme in _ARC_SCHEMES)

    def read(self, first: bytes, lines: Lines) -> Head:  # noqa: ARG002  # the same for every grammar
        """Read the fields, which ARC has in one line."""
        found = _arc_fields(first)
        if self.is_torn(first):
            raise CutError
        if found is None:
            raise _no_record(first)
        url, address, time, kind, length = found
        # The line holds the type that the server said; the block itself is the answer with its headers.
        fields = {"warc-target-uri": _text(url), "warc-ip-address": _text(address), "content-type": _text(kind)}
        when = moment(time.decode())
        if when is not None:
            fields["warc-date"] = when
        scheme = url.partition(b":")[0]
        what = {b"filedesc": "warcinfo", b"http": "response", b"https": "response"}.get(scheme, "resource")
        return Head(what, int(length), fields)


WARC, ARC = Warc(), Arc()


def grammar_of(line: bytes) -> Grammar:
    """Return how the records of a file are written, by its first line. Raise DamagedError, or CutError for a torn line.

    A file that is cut within its first line has no line end.
    """
    for grammar in (WARC, ARC):
        if grammar.begins(line):
            return grammar
    if WARC.is_torn(line) or ARC.is_torn(line):
        raise CutError
    raise _no_record(line)


def _arc_fields(line: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes] | None:
    """Return address, IP address, time, type and length in a line of ARC; an address with blanks in it is whole."""
    parts = line.rstrip(b"\r\n").split(b" ")
    if len(parts) < _ARC_FIELDS or not line.startswith(_ARC_SCHEMES):
        return None
    place = next((at for at in range(len(parts) - 3, 1, -1) if _TIME.fullmatch(parts[at])), None)
    if place is None or not _ADDRESS.fullmatch(parts[place - 1]):
        return None
    length = parts[-1]
    if not length.isdigit() or len(length) > _ARC_LONGEST_NUMBER:
        return None
    return b" ".join(parts[: place - 1]), parts[place - 1], parts[place], parts[place + 1], length


def _text(value: bytes) -> str:
    try:
        return value.strip().decode()
    except UnicodeDecodeError:
        return value.strip().decode("latin-1")


def _no_record(line: bytes) -> DamagedError:
    return DamagedError(f"no record begins with {line[:40]!r}")
