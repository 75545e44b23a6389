"""SavedPage: one answer of a site as it was saved, and its place in the order of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from farscrawler.days import in_future
from farscrawler.printing import printable
from farscrawler.webarchives.http_message import Headers, header

#: When a page was taken, in which file it stands, and where in it: of two pages of one article the greater is newer.
Mark = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """The response record of a WARC file that holds an answer: its id, and its address and time as it writes them."""

    id: str
    url: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """An answer under the site's own address ``url``: ``body`` as it came over the wire, Content-Encoding kept.

    ``at`` is when it was taken (UTC, ISO 8601, to the second); ``name`` the file it stands in, relative to the path
    that was given; ``asked`` the address that led to ``url`` by a redirect; ``offset`` where its record begins in a
    WARC file, in bytes, None for a file of its own; ``time_of_file`` says that nothing names the time at which the page
    was taken, and ``at`` is when its file was last changed. ``record`` is its record in a WARC file that names it.
    """

    url: str
    at: str
    name: str
    offset: int | None = None
    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    time_of_file: bool = False
    asked: str | None = None
    record: KeptRecord | None = None

    @property
    def source(self) -> str:
        """The page's origin as the ledger keeps it: `NAME`, or `NAME#OFFSET`."""
        return self.name if self.offset is None else f"{self.name}#{self.offset}"

    @property
    def mark(self) -> Mark:
        """The page's place in the order of time."""
        return self.at, self.name, self.offset or 0

    def header(self, name: bytes) -> bytes | None:
        """Return the value of the first header of this name, which is given in lower case."""
        return header(self.headers, name)


def mark_of(at: str, source: str) -> Mark:
    """Return the place in the order of time of a page that the ledger knows."""
    name, sign, offset = source.rpartition("#")
    return (at, name, int(offset)) if sign and offset.isdecimal() else (at, source, 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A saved answer that is of no use here; ``reason`` is a short stable phrase."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A file or record that cannot be read, as a sentence with its name; the name may be no text."""

    sentence: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", printable(self.sentence))


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing, said now and then where a file holds nothing of use for long, so that others have their turn."""


PAUSE = Pause()

SavedEntry = SavedPage | Skipped | Complaint | Pause


def utc(text: str | None) -> str | None:
    """Return an ISO 8601 time with a zone as the archive writes it; None for a text that names no certain moment."""
    try:
        moment = dt.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return as_utc(moment)


def as_utc(moment: dt.datetime) -> str | None:
    """Return a moment as the archive writes it.

    None for a moment without a zone, outside the years of a clock, or in the future: a page stored with a future time
    would count as newer than every true one, for years.
    """
    if moment.tzinfo is None:
        return None
    try:
        there = moment.astimezone(dt.UTC)
    except OverflowError:
        return None
    return None if in_future(there) else there.isoformat(timespec="seconds")
