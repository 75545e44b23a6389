"""Capture: one copy of a page that a web archive keeps."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import unquote, urlsplit

from farscrawler.days import in_future

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Fetch = Callable[[str], Awaitable["Listed"]]

_TIMESTAMP = re.compile(r"\d{14}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: Lines of one page of an index: 3,000 are asked for, and read in 0.1 s.
MAX_LINES = 10_000
#: Servers take addresses of up to about 8,000 characters, and no article has a longer one.
_MAX_URL = 8_000


class Listed(Protocol):
    """A fetched page of an index."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> bytes:
        """The body, with its codings undone."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture: ``url`` is the site's own address, ``at`` when it was captured (UTC, ISO 8601).

    ``source`` is the address of the capture itself, which never changes; ``digest`` differs where the content does,
    None where the index has no digest.
    """

    url: str
    at: str
    source: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class BadCapture:
    """What a service gave in place of a good capture.

    ``failed`` or ``blocked`` is the trouble of the service; ``missing`` or ``not-article`` says that the capture itself
    is no good.
    """

    outcome: Literal["missing", "blocked", "not-article", "failed"]
    reason: str


@dataclass(slots=True)
class IndexPage:
    """One page of an index: its captures, and the number of its lines that could not be read."""

    captures: list[Capture] = field(default_factory=list)
    unreadable: int = 0

    def add(self, found: Capture | bool | None) -> None:
        """Add a line: a capture, False for a line of no page, or None for an unreadable line."""
        if isinstance(found, Capture):
            self.captures.append(found)
        elif found is None:
            self.unreadable += 1


@dataclass(frozen=True, slots=True)
class Refused:
    """A host of the site whose captures the web archive does not show."""

    host: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a request for a capture; the names of ``headers`` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The page in a capture as the site sent it, its codings undone."""

    body: bytes
    content_type: str | None = None
    status: int = 200


class IndexFailedError(Exception):
    """The index of a web archive cannot be read; the message says why, ``blocked`` whether it refuses us."""

    def __init__(self, how: str, *, blocked: bool = False) -> None:
        super().__init__(how)
        self.blocked = blocked


def moment(timestamp: object) -> str | None:
    """Return the 14 digits of an index (UTC) as ISO 8601; None for a future moment and for other texts."""
    if not isinstance(timestamp, str) or not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        found = dt.datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return None if in_future(found) else found.isoformat(timespec="seconds")


def address(url: object) -> str | None:
    """Return the site's address of a line of an index; None for a text that is no address."""
    if not isinstance(url, str) or len(url) > _MAX_URL or _CONTROL.search(url):
        return None
    return url if url.startswith(("http://", "https://")) else None


def text(value: object) -> str | None:
    """Return a field of an index; None where it is empty, which the indexes write as `-`."""
    if isinstance(value, int) and not isinstance(value, bool):  # some servers write a status as a number
        return str(value)
    return value if isinstance(value, str) and value not in ("", "-") else None


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one to an index: scheme, port, `www.`, case of the host and percent signs aside."""
    return _key(one) == _key(other)


def _key(url: str) -> tuple[str, str] | str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return url
    return host, unquote(f"{parts.path or '/'}?{parts.query}")


def index_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hosts to ask an index for; scheme, port and a leading `www.` make no difference to its keys (SURT)."""
    return tuple(dict.fromkeys(host.removeprefix("www.") for host in hosts))


#: Content types that are certainly no page; an article under any other wrong label is read all the same.
FOREIGN_KINDS = r"(?:image|audio|video|font)/.*|text/css|(?:text|application)/(?:x-)?javascript"
_FOREIGN = re.compile(FOREIGN_KINDS)


def is_foreign(kind: str | None) -> bool:
    """Whether a content type is that of a picture, a sound, a font, a style or a script."""
    return kind is not None and _FOREIGN.fullmatch(kind) is not None
