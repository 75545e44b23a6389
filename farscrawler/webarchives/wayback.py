"""The Wayback Machine: its CDX server, and captures as the site sent them.

Documented in wayback-cdx-server/README.md of github.com/internetarchive/wayback, and for the raw captures
(`id_` behind the timestamp) and their headers in the Memento protocol (RFC 7089 §2.1.1).
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from farscrawler.webarchives.capture import (
    FOREIGN_KINDS,
    MAX_LINES,
    Answer,
    BadCapture,
    Capture,
    Content,
    IndexFailedError,
    IndexPage,
    Refused,
    address,
    index_hosts,
    is_foreign,
    moment,
    text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.webarchives.capture import Fetch


_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
#: Without these a row names no capture.
_NEEDED = ("timestamp", "original")
#: Lines of one request: a block of their index, and with the longest slugs well below the size limit of an answer.
PAGE_LINES = 3_000
_KEY_ROWS = 2  # an empty row and one with the resume key
_OK = 200
_FORBIDDEN = 403
_NOT_FOUND = 404
_REDIRECTS = range(300, 400)
_WALL = (401, 403, 429, 451)
_GZIP = b"\x1f\x8b"


class Wayback:
    """The Wayback Machine, or a replica of it, at ``url``. ``largest`` is the size limit of a page in bytes."""

    def __init__(self, url: str, *, largest: int) -> None:
        self.url = url
        self.largest = largest

    @property
    def origins(self) -> frozenset[str]:
        """The only addresses, as scheme and host, that are requested."""
        return frozenset({self.url})

    async def listing(
        self, fetch: Fetch, hosts: tuple[str, ...], since: dt.date | None
    ) -> AsyncIterator[IndexPage | Refused]:
        """Yield the captures of these hosts from a day on, a page of the index at a time. Raise IndexFailedError."""
        for host in index_hosts(hosts):
            resume: str | None = None
            seen: set[str] = set()
            while True:
                answer = await fetch(self.index_url(host, since, resume))
                if answer.status == _FORBIDDEN and _is_excluded(answer.body):
                    yield Refused(host, "it is excluded from what the Wayback Machine shows")
                    break
                if answer.status != _OK:
                    raise IndexFailedError(f"its index answers HTTP {answer.status}", blocked=answer.status in _WALL)
                page, resume = self.read_index(answer.body)
                yield page
                if resume is None:
                    break
                if resume in seen:
                    raise IndexFailedError(f"its index gives the same resume key twice ({resume[:80]!r})")
                seen.add(resume)

    def index_url(self, host: str, since: dt.date | None, resume: str | None) -> str:
        """Return the address of a page of the index.

        Captures of revisits have no status of their own (`-`), and show the page that they found unchanged.
        """
        query = [
            ("url", host),
            ("matchType", "host"),
            ("output", "json"),
            ("fl", ",".join(_FIELDS)),
            ("filter", "statuscode:(200|-)"),
            ("filter", f"!mimetype:{FOREIGN_KINDS}"),
            ("limit", str(PAGE_LINES)),
            ("showResumeKey", "true"),
        ]
        if since is not None:
            query.append(("from", since.strftime("%Y%m%d")))
        if resume is not None:
            query.append(("resumeKey", resume))  # printed encoded, and decoded twice by the server: encoded once more
        return f"{self.url}/cdx/search/cdx?{urlencode(query)}"

    def read_index(self, body: bytes) -> tuple[IndexPage, str | None]:
        """Return a page of the index and the key of the next page, None for the last page. Raise IndexFailedError."""
        rows, resume = _split(body)
        if not rows:
            return IndexPage(), resume
        names = [str(name) for name in rows[0]] if isinstance(rows[0], list) else []
        if any(names.count(name) != 1 for name in _NEEDED):
            raise IndexFailedError(f"its index does not begin with the names of its fields ({str(rows[0])[:80]})")
        page = IndexPage()
        for row in rows[1:]:
            whole = isinstance(row, list) and len(row) == len(names)
            page.add(self._capture(dict(zip(names, row, strict=True))) if whole and isinstance(row, list) else None)
        return page, resume

    def _capture(self, row: dict[str, object]) -> Capture | bool | None:
        """Read a row by the names of its fields, which servers give in orders of their own, with others between.

        Return False for a capture that is no page, None for an unreadable row.
        """
        timestamp, at, url = row.get("timestamp"), moment(row.get("timestamp")), address(row.get("original"))
        if at is None or url is None:
            return None
        if text(row.get("statuscode")) not in (None, str(_OK)) or is_foreign(text(row.get("mimetype"))):
            return False
        return Capture(url=url, at=at, source=f"{self.url}/web/{timestamp}id_/{url}", digest=text(row.get("digest")))

    def request_for(self, capture: Capture) -> tuple[str, dict[str, str]]:
        """Return the address and the headers of a request for a capture."""
        return capture.source.replace("#", "%23"), {}

    def opened(self, capture: Capture, answer: Answer) -> Content | BadCapture:
        """Return the page in an answer, or why it holds none.

        BadCapture ``failed`` or ``blocked`` is the trouble of the service; ``missing`` or ``not-article`` says that the
        capture itself is no good.
        """
        served = answer.headers.get("memento-datetime")
        if served is None:
            return _trouble(answer)
        if _instant(served) != capture.at:
            return BadCapture("not-article", f"another capture was served ({served[:40]})")
        if answer.status in _REDIRECTS:
            return BadCapture("not-article", f"the capture is a redirect (HTTP {answer.status})")
        body = answer.body
        # Some captures keep the coding of the body and lose the header that names it.
        if body.startswith(_GZIP) and "gzip" in answer.headers.get("x-archive-orig-content-encoding", "gzip"):
            inflated = _inflated(body, self.largest)
            if inflated is None:
                return BadCapture("not-article", "the capture is compressed, and damaged or too large")
            body = inflated
        return Content(body=body, content_type=answer.headers.get("content-type"), status=answer.status)


def _split(body: bytes) -> tuple[list[object], str | None]:
    """Return the rows of an index and the resume key, which may follow them as an empty row and a row with the key."""
    if not body.strip():
        return [], None
    if body.count(b"[") + body.count(b"{") > MAX_LINES:
        raise IndexFailedError(f"a page of its index has more than {MAX_LINES:,} lines")
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        what = "is cut off" if body.lstrip().startswith(b"[") else "answers what is no JSON"
        raise IndexFailedError(f"its index {what} ({body[:60]!r})") from error
    if not isinstance(rows, list):
        raise IndexFailedError(f"its index answers JSON that is no list ({body[:60]!r})")
    if len(rows) < _KEY_ROWS or rows[-_KEY_ROWS] != []:
        return rows, None
    last = rows[-1]
    if not isinstance(last, list) or len(last) != 1 or not isinstance(last[0], str):
        raise IndexFailedError("its index ends with a resume key that cannot be read")
    return rows[:-_KEY_ROWS], last[0]


def _is_excluded(body: bytes) -> bool:
    """Whether a site is hidden from everyone, by its owner or by the archive, unlike a refusal of us.

    The server names the exception: RobotAccessControlException or AdministrativeAccessControlException.
    """
    return b"AccessControl" in body or b"Blocked Site" in body or b"Blocked By Robots" in body


def _trouble(answer: Answer) -> BadCapture:
    """Return what is wrong with an answer that is no capture: every capture names its time (RFC 7089 §2.1.1)."""
    if answer.status == _NOT_FOUND:
        return BadCapture("missing", "the capture is listed but not there (HTTP 404)")
    if answer.status in _REDIRECTS:
        return BadCapture("not-article", "the capture is not there, another one is offered")
    if answer.status == _FORBIDDEN and _is_excluded(answer.body):
        return BadCapture("missing", "the capture is excluded from what the Wayback Machine shows")
    if answer.status in _WALL:
        return BadCapture("blocked", f"HTTP {answer.status}")
    if answer.status == _OK:
        return BadCapture("failed", "an answer that is no capture")
    return BadCapture("failed", f"HTTP {answer.status}")


def _instant(header: str) -> str | None:
    try:
        found = parsedate_to_datetime(header)
    except (TypeError, ValueError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or dt.UTC).astimezone(dt.UTC).isoformat(timespec="seconds")


def _inflated(body: bytes, largest: int) -> bytes | None:
    """Return a decompressed body; None for a damaged body, or one above the limit."""
    decoder = zlib.decompressobj(wbits=31)
    try:
        found = decoder.decompress(body, largest + 1)
    except zlib.error:
        return None
    return found if len(found) <= largest and decoder.eof else None
