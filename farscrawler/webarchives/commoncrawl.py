"""Common Crawl: one index for each crawl (pywb's CDX server), and captures as ranges of WARC files.

Documented on index.commoncrawl.org, and in the CDX server API of github.com/webrecorder/pywb.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from farscrawler.webarchives.capture import (
    MAX_LINES,
    Answer,
    BadCapture,
    Capture,
    Content,
    IndexFailedError,
    IndexPage,
    address,
    index_hosts,
    is_foreign,
    moment,
    same_address,
    text,
)
from farscrawler.webarchives.warc import read_record

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from farscrawler.webarchives.capture import Fetch, Refused


_FIELDS = ("url", "timestamp", "status", "mime", "digest", "filename", "offset", "length", "truncated")
_OK = 200
_PARTIAL = 206
_NOT_FOUND = 404
_MOST_DIGITS = 6  # of a number of crawls
_WALL = (401, 403, 429, 451)
_CRAWL = re.compile(r"[A-Z0-9][A-Za-z0-9-]{1,60}", re.ASCII)
_FILE = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
_RANGE = re.compile(r"(.+)#bytes=(\d+)-(\d+)", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/.*", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_MOST_PAGES = 1_000_000  # of 3,000 lines: no index has so many pages, so a greater number is no answer


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl: its name, and the day of its last capture (YYYY-MM-DD), where that is known."""

    name: str
    until: str | None = None


def parse_crawls(given: str) -> int | tuple[str, ...] | None:
    """Return COMMONCRAWL_CRAWLS as a number of newest crawls, their names, or None for `all`. Raise ValueError."""
    given = given.strip()
    if given.lower() == "all":
        return None
    if given.isascii() and given.isdecimal() and 0 < len(given) <= _MOST_DIGITS and int(given):
        return int(given)
    names = tuple(part for part in re.split(r"[\s,]+", given) if part)
    if not names or any(part.isdecimal() or not _CRAWL.fullmatch(part) for part in names):
        raise ValueError("write a number of newest crawls, such as 6, names such as CC-MAIN-2019-30, or all")
    return names


class CommonCrawl:
    """Common Crawl, or a replica of it. ``crawls`` are the crawls to ask; ``largest`` is the size limit in bytes."""

    def __init__(self, url: str, data_url: str, *, crawls: int | tuple[str, ...] | None, largest: int) -> None:
        self.url = url
        self.data_url = data_url
        self.crawls = crawls
        self.largest = largest

    @property
    def origins(self) -> frozenset[str]:
        """The only addresses, as scheme and host, that are requested."""
        return frozenset({self.url, self.data_url})

    async def listing(
        self, fetch: Fetch, hosts: tuple[str, ...], since: dt.date | None
    ) -> AsyncIterator[IndexPage | Refused]:
        """Yield the captures of these hosts from a day on, a page of an index at a time. Raise IndexFailedError."""
        answer = await fetch(f"{self.url}/collinfo.json")
        if answer.status != _OK:
            raise _failed(answer.status, "its list of crawls")
        for crawl in self.chosen(read_crawls(answer.body), since):
            for host in index_hosts(hosts):
                count = await fetch(self.index_url(crawl, host, since))
                if not _nothing_found(count.status, count.body):
                    if count.status != _OK:
                        raise _failed(count.status, f"its index of {crawl.name}")
                    for number in range(read_page_count(count.body)):
                        answer = await fetch(self.index_url(crawl, host, since, number))
                        if _nothing_found(answer.status, answer.body):
                            continue
                        if answer.status != _OK:
                            raise _failed(answer.status, f"page {number} of its index of {crawl.name}")
                        yield self.read_index(answer.body)

    def chosen(self, crawls: list[Crawl], since: dt.date | None) -> list[Crawl]:
        """Return the crawls to ask. Raise IndexFailedError for an unknown name.

        A crawl that ended before the first wanted day holds no capture of it.
        """
        if isinstance(self.crawls, tuple):
            known = {crawl.name for crawl in crawls}
            if unknown := [name for name in self.crawls if name not in known]:
                raise IndexFailedError(f"it has no crawl {unknown[0]}")
            crawls = [crawl for crawl in crawls if crawl.name in self.crawls]
        elif self.crawls is not None:
            crawls = crawls[: self.crawls]
        first = since.isoformat() if since is not None else ""
        return [crawl for crawl in crawls if crawl.until is None or crawl.until >= first]

    def index_url(self, crawl: Crawl, host: str, since: dt.date | None, page: int | None = None) -> str:
        """Return the address of a page of an index; without a page, the address of the number of its pages.

        The oldest indexes have no status, so unwanted statuses are excluded instead of wanted ones selected.
        """
        query = [
            ("url", host),
            ("matchType", "host"),
            ("output", "json"),
            ("fl", ",".join(_FIELDS)),
            ("filter", "!~status:[1345].*"),
            ("pageSize", "1"),  # blocks of 3,000 lines
        ]
        if since is not None:
            query.append(("from", since.strftime("%Y%m%d")))
        query.append(("showNumPages", "true") if page is None else ("page", str(page)))
        return f"{self.url}/{crawl.name}-index?{urlencode(query)}"

    def read_index(self, body: bytes) -> IndexPage:
        """Read a page of an index: one JSON object in each line. Raise IndexFailedError for what is none, or is cut."""
        page = IndexPage()
        if body.count(b"\n") > MAX_LINES:
            raise IndexFailedError(f"a page of its index has more than {MAX_LINES:,} lines")
        lines = [line for line in body.split(b"\n") if line.strip()]
        rows = [_row(line) for line in lines]
        if lines and not any("url" in row for row in rows if row is not None):
            raise IndexFailedError(f"its index answers what is no list of captures ({body[:60]!r})")
        if lines and rows[-1] is None and not body.endswith(b"\n"):
            raise IndexFailedError(f"its index is cut off ({lines[-1][:60]!r})")
        for row in rows:
            page.add(self._capture(row) if row is not None else None)
        return page

    def _capture(self, row: dict[str, object]) -> Capture | bool | None:
        """Read a row; return False for a capture that is no whole page, None for an unreadable row."""
        at, url, source = self._place(row)
        if at is None or url is None or source is None:
            return None
        # The crawler cuts pages that are too long or too slow for it; such a capture is no good.
        if text(row.get("status")) not in (None, str(_OK)) or text(row.get("truncated")):
            return False
        if is_foreign(text(row.get("mime"))) or int(str(row["length"])) > self.largest:
            return False
        return Capture(url=url, at=at, source=source, digest=text(row.get("digest")))

    def _place(self, row: dict[str, object]) -> tuple[str | None, str | None, str | None]:
        """Return the moment, the address and the place of a capture; the numbers are texts in most indexes."""
        file = text(row.get("filename"))
        offset, length = (str(row.get(name)) for name in ("offset", "length"))
        source = None
        if file is not None and _FILE.fullmatch(file) and _NUMBER.fullmatch(offset) and _NUMBER.fullmatch(length):
            last = int(offset) + int(length) - 1
            source = f"{self.data_url}/{file}#bytes={int(offset)}-{last}" if int(length) else None
        return moment(row.get("timestamp")), address(row.get("url")), source

    def request_for(self, capture: Capture) -> tuple[str, dict[str, str]]:
        """Return the address and the headers of a request for a capture: one record of a WARC file, by its range."""
        file, first, last = _range(capture)
        # The record is compressed as it is, and its bytes are counted.
        return file, {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}

    def opened(self, capture: Capture, answer: Answer) -> Content | BadCapture:
        """Return the page in an answer, or what is wrong with the capture or the service (see `Service`)."""
        trouble = _trouble(answer, *_range(capture)[1:])
        if trouble is not None:
            return trouble
        found = read_record(answer.body, largest=self.largest)
        if isinstance(found, BadCapture):
            return found
        if not same_address(found.url, capture.url):
            return BadCapture("not-article", "a record of another address")
        return found.content


def _trouble(answer: Answer, first: int, last: int) -> BadCapture | None:
    """Return what is wrong with an answer that is not the requested range; None for the right one."""
    if answer.status == _NOT_FOUND:
        return BadCapture("missing", "the WARC file is listed but not there (HTTP 404)")
    if answer.status in _WALL:
        return BadCapture("blocked", f"HTTP {answer.status}")
    if answer.status != _PARTIAL:
        return BadCapture("failed", f"HTTP {answer.status} to a request for a range")
    served = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    if served is None or (int(served[1]), int(served[2])) != (first, last) or len(answer.body) != last - first + 1:
        return BadCapture("failed", "another range was served than the one asked for")
    return None


def read_crawls(body: bytes) -> list[Crawl]:
    """Return the crawls that are listed, the newest first. Raise IndexFailedError."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IndexFailedError(f"its list of crawls is no JSON ({body[:60]!r})") from error
    crawls = []
    for row in rows if isinstance(rows, list) else []:
        name = row.get("id") if isinstance(row, dict) else None
        if isinstance(name, str) and _CRAWL.fullmatch(name):
            until = row.get("to")
            day = until[:10] if isinstance(until, str) and re.match(r"\d{4}-\d\d-\d\d", until, re.ASCII) else None
            crawls.append(Crawl(name, day))
    if not crawls:
        raise IndexFailedError("its list of crawls names none")
    # Their names hold year and week. The list is in that order today, but its documentation does not promise it.
    return sorted(crawls, key=lambda crawl: re.findall(r"\d+", crawl.name), reverse=True)


def read_page_count(body: bytes) -> int:
    """Return the number of pages that an index has for a host. Raise IndexFailedError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IndexFailedError(f"its index answers what is no number of pages ({body[:60]!r})") from error
    pages = found.get("pages") if isinstance(found, dict) else found
    if not isinstance(pages, int) or isinstance(pages, bool) or not 0 <= pages <= _MOST_PAGES:
        raise IndexFailedError(f"its index answers what is no number of pages ({body[:60]!r})")
    return pages


def _row(line: bytes) -> dict[str, object] | None:
    """Return the object in a line; None for a line that is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _nothing_found(status: int, body: bytes) -> bool:
    """Whether an answer says that a host has no captures: a 404 with that text, unlike other errors."""
    return status == _NOT_FOUND and b"No Captures found" in body


def _failed(status: int, what: str) -> IndexFailedError:
    return IndexFailedError(f"{what} answers HTTP {status}", blocked=status in _WALL)


def _range(capture: Capture) -> tuple[str, int, int]:
    """Return the file and the range in the address of a capture."""
    found = _RANGE.fullmatch(capture.source)
    if found is None:
        raise ValueError(f"{capture.source!r} is no range of a WARC file")
    return found[1], int(found[2]), int(found[3])
