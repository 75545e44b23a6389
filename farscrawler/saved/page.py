"""SavedPage: one answer of a site as it was saved, and its place in the order of time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.parser import Parser
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from farscrawler.days import in_future

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher


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


Finding = SavedPage | Skipped | Complaint


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


# Sieve: which saved answers may hold an article of the publisher, and why the others do not.
#: Why something is passed over; the summary counts by these.
ELSEWHERE = "on another site"
NO_ARTICLE = "no article's address"
OTHER_FORM = "another form than asked for"
REDIRECT = "redirect"
NOT_HTML = "not HTML"
PRIVATE = "answered from a private address"

#: Where an id is a path it would be an article too, and a crawl keeps it in its WARC files.
_ROBOTS = "/robots.txt"
_REDIRECTS = (301, 302, 303, 307, 308)


class Sieve:
    """Asks addresses and answers whether they are worth reading.

    ``base_url`` is where a mirror or replica stood for the site; ``form`` lets only pages of that form through.
    """

    def __init__(self, publisher: Publisher, *, base_url: str | None = None, form: str | None = None) -> None:
        self.publisher = publisher
        self.base_url = base_url
        self.form = form

    def site_url(self, url: str, recorded_base: str | None = None) -> str:
        """Give the site's own address of one on a mirror: the one given, or the one a file says it was made of."""
        for base in (self.base_url, recorded_base):
            if base and (url == base or url.startswith(base + "/")):
                return f"{self.publisher.base_url}{url[len(base) :] or '/'}"
        return url

    def refuses(self, url: str) -> str | None:
        """Give why no page under this address is wanted, or None."""
        if not self.publisher.owns(url):
            return ELSEWHERE
        form = self.publisher.form_of(url)
        if form is None or urlsplit(url).path == _ROBOTS:
            return NO_ARTICLE
        return OTHER_FORM if self.form not in (None, form) else None

    def refuses_answer(self, page: SavedPage, recorded_base: str | None = None) -> str | None:
        """Give why an answer is of no use whatever the ledger says: a redirect to the same article, or off the site.

        One to an error page or the home page is kept: it says that there is no article.
        """
        if page.status not in _REDIRECTS or page.header(b"location") is None:
            return None
        url = self.leads_to(page, recorded_base)
        if url is None:
            return REDIRECT
        same = self.publisher.article_id(url) == self.publisher.article_id(page.url)
        return REDIRECT if same or not self.publisher.owns(url) else None

    def leads_to(self, page: SavedPage, recorded_base: str | None = None) -> str | None:
        """Give the site's own address of where a redirect leads, as it is asked; None where that cannot be read."""
        location = (page.header(b"location") or b"").decode("latin-1")
        try:
            # A path on a mirror is one on the site.
            return self.site_url(safe_url_string(urljoin(page.url, location)), recorded_base)
        except ValueError:
            return None
