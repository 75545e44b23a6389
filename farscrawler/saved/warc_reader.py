"""Read the pages of a publisher out of a WARC file, and complain once of where it is cut or damaged.

Imported only where warcio is installed (see `warc_writer.has_warcio`).
"""

from __future__ import annotations

import ipaddress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.bufferedreaders import ChunkedDataReader

from farscrawler.extract import MAX_BODY_BYTES
from farscrawler.saved.page import Complaint, SavedPage, Skipped, utc
from farscrawler.saved.url_filter import NOT_HTML, PRIVATE, REDIRECT, TOO_LARGE
from farscrawler.webarchives.http_message import headers_of_saved_body, read_head
from farscrawler.webarchives.warc import FLAWS, Block, CutError, Records, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter
    from farscrawler.webarchives.http_message import Headers

_INFO_BYTES = 65_536  # of a warcinfo record; ours has a few hundred
_HTML_TYPES = ("text/html", "application/xhtml+xml")


def read_warc(
    path: Path, name: str, url_filter: UrlFilter, *, start: int = 0, stop: int | None = None
) -> Iterator[SavedEntry]:
    """Yield what a WARC file holds, in its order, and at most one complaint of its end.

    ``start`` is where a record begins; the records that begin at ``stop`` or later belong to another reader.
    """
    reader = _Reader(path, name, url_filter)
    with path.open("rb") as file:
        yield from reader.read(file, start, stop)


def first_time(path: Path) -> str | None:
    """Return the time of the first record of a file, None where it cannot be read."""
    with path.open("rb") as file:
        try:
            return utc(next(Records(file)).rec_headers.get_header("WARC-Date"))
        except (StopIteration, *FLAWS):
            return None


class _Reader:
    """One WARC file on its way."""

    def __init__(self, path: Path, name: str, url_filter: UrlFilter) -> None:
        self.path = path
        self.name = name
        self.url_filter = url_filter
        self.info: dict[str, str] = {}  # what the warcinfo of a file of ours says
        self.pages = 0
        self._moved: dict[str, str] = {}  # in a file of ours: where a redirect to the same article led, and from where

    def read(self, file: BinaryIO, start: int, stop: int | None) -> Iterator[SavedEntry]:
        if start:  # the address that stood for the site is said at the beginning
            self.info = _first_info(file)
        file.seek(start)
        records = Records(file)
        offset = start
        try:
            for record in records:
                offset = records.offset
                if stop is not None and offset >= stop:
                    return
                found = self._whole_record(record, records)
                if found is not None:
                    self.pages += isinstance(found, SavedPage)
                    yield found
            if records.lacks_end():
                yield Complaint(f"{self.path} is cut at its very end; its last page was whole.")
        except CutError:
            yield Complaint(f"{self.path} is cut in the record at byte {offset}; {self._so_far()}")
        except FLAWS as error:
            if records.is_cut(error):
                yield Complaint(f"{self.path} is cut behind the record at byte {offset}; {self._so_far()}")
            else:
                yield Complaint(f"{self.path} is damaged behind byte {offset}: {reason_of(error)}; {self._so_far()}")

    def _so_far(self) -> str:
        return f"it was read up to there ({self.pages:,} page{'' if self.pages == 1 else 's'})."

    def _whole_record(self, record: Any, records: Records) -> SavedEntry | None:
        """Return what a record holds once all of it was read and agrees with its digest."""
        offset = records.offset
        block = Block(record, records)
        found = self._record(record, block, offset)
        block.drain()
        if isinstance(found, SavedPage) and not block.matches(record.rec_headers.get_header("WARC-Block-Digest")):
            return Complaint(f"{self.path}: the record at byte {offset} is not what its digest says; left out.")
        return found

    def _record(self, record: Any, block: Block, offset: int) -> SavedEntry | None:
        """Return what a record holds; None for a record that never stands for a page of its own."""
        header = record.rec_headers.get_header
        kind = record.rec_type
        if kind == "warcinfo":
            self.info = _our_info(block.read(_INFO_BYTES))
            return None
        if kind not in ("response", "resource"):
            return Skipped(f"{kind} record") if kind != "request" else None
        asked = header("WARC-Target-URI") or ""
        url = self.url_filter.site_url(asked, self._base)
        refused = self.url_filter.refuses(url) or self._refuses(record, on_mirror=url != asked)
        if refused is not None:
            return Skipped(refused)
        at = utc(header("WARC-Date"))
        if at is None:
            return Complaint(
                f"{self.path}: the record at byte {offset} does not say when it was taken, or a time to come; left out."
            )
        return self._page(record, block, SavedPage(url=url, at=at, name=self.name, offset=offset))

    @property
    def _base(self) -> str | None:
        """The address that stood for the site when the file was written; another publisher's file names another."""
        return self.info.get("base-url") if self.info.get("isPartOf") == self.url_filter.publisher.key else None

    def _refuses(self, record: Any, *, on_mirror: bool) -> str | None:
        header = record.rec_headers.get_header
        if header("WARC-Truncated"):
            return "truncated when it was saved"
        address = header("WARC-IP-Address")
        meant = f"//{address}" in (header("WARC-Target-URI") or "")  # as in a crawl: the URL itself names the address
        if self.info and not on_mirror and not meant and _is_private(address):
            return PRIVATE
        return None

    def _page(self, record: Any, block: Block, page: SavedPage) -> SavedEntry:
        kind = record.rec_headers.get_header("Content-Type") or ""
        status = 200
        headers: Headers = ((b"Content-Type", kind.encode("latin-1", "replace")),)
        if record.rec_type == "resource":
            if not kind.lower().startswith(_HTML_TYPES):
                return Skipped(NOT_HTML)
        else:
            head = read_head(block)
            if head is None:
                return Complaint(f"{self.path}: the record at byte {page.offset} holds no HTTP answer; left out.")
            status, headers = head
        body = block.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            return Skipped(TOO_LARGE)
        if any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in headers):
            body = ChunkedDataReader(BytesIO(body), decomp_type=None).read()
        found = SavedPage(
            url=page.url,
            at=page.at,
            name=page.name,
            offset=page.offset,
            status=status,
            headers=headers_of_saved_body(headers, body),
            body=body,
            asked=self._moved.pop(page.url, None),
        )
        refused = self.url_filter.refuses_answer(found, self._base)
        if refused == REDIRECT and self.info and (target := self.url_filter.leads_to(found, self._base)):
            self._moved[target] = found.asked or found.url
        return Skipped(refused) if refused is not None else found


def _first_info(file: BinaryIO) -> dict[str, str]:
    file.seek(0)
    try:
        record = next(Records(file))
        return _our_info(record.raw_stream.read(_INFO_BYTES)) if record.rec_type == "warcinfo" else {}
    except (StopIteration, *FLAWS):
        return {}


def _our_info(info: bytes) -> dict[str, str]:
    """Return what a file that farscrawler wrote says of itself; nothing for any other file."""
    fields = dict(line.split(": ", 1) for line in info.decode("utf-8", "replace").splitlines() if ": " in line)
    return fields if fields.get("software", "").startswith("farscrawler/") else {}


def _is_private(address: str | None) -> bool:
    """Whether an answer came from a filter on the way; a crawl does not take such an answer for the site's either."""
    try:
        return ipaddress.ip_address(address or "").is_private
    except ValueError:
        return False
