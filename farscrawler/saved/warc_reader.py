"""Read the pages of a publisher out of a WARC or ARC file, and complain of each place where records are lost."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from farscrawler.extract import MAX_BODY_BYTES
from farscrawler.networks import says_private
from farscrawler.saved.page import PAUSE, Complaint, KeptRecord, SavedPage, Skipped, utc
from farscrawler.saved.url_filter import NOT_HTML, PRIVATE, REDIRECT, TOO_LARGE
from farscrawler.webarchives.http_body import dechunked, is_chunked
from farscrawler.webarchives.http_message import LONGEST_HEAD, headers_of_saved_body, read_head
from farscrawler.webarchives.records import Flaw, first_head, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter
    from farscrawler.webarchives.heads import Head
    from farscrawler.webarchives.http_message import Headers
    from farscrawler.webarchives.record import Record

#: What can be of use of a record with a page.
MOST_BYTES = MAX_BODY_BYTES + LONGEST_HEAD + 1
#: The profile of a revisit record that is an answer 304 (WARC 1.1, 6.7.3).
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_INFO_BYTES = 65_536  # of a warcinfo record; ours has a few hundred
_OTHER_KINDS = ("request", "revisit", "metadata", "conversion", "continuation")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
#: Places of one file that get a line each; of more only the number is said.
_NAMED = 20
_LONGEST_REASON = 200


def read_warc(
    file: BinaryIO, where: str, name: str, url_filter: UrlFilter, *, start: int = 0, stop: int | None = None
) -> Iterator[SavedEntry]:
    """Yield what a WARC or ARC file holds, in its order, and a complaint of each place where records are lost.

    ``where`` is the file in sentences, and ``name`` what the ledger calls it. ``start`` is where a gzip member begins;
    those that begin at ``stop`` or later belong to another reader.
    """
    yield from WarcPages(where, name, url_filter).read(file, start, stop)


def first_time(file: BinaryIO) -> str | None:
    """Return the time of the first record of a file, None where it cannot be read."""
    found = first_head(file)
    return utc(found[0].get("warc-date")) if found is not None else None


class WarcPages:
    """The pages of one publisher in a WARC file on its way; arguments as of ``read_warc``."""

    def __init__(self, where: str, name: str, url_filter: UrlFilter) -> None:
        self.where = where
        self.name = name
        self.url_filter = url_filter
        self.info: dict[str, str] = {}  # what the warcinfo of a file of ours says
        self.pages = 0
        self._places = 0
        self._lost = 0
        self._moved: dict[str, str] = {}  # in a file of ours: where a redirect to the same article led, and from where

    def read(self, file: BinaryIO, start: int, stop: int | None) -> Iterator[SavedEntry]:
        """Yield what the file holds, as ``read_warc`` does."""
        if start:  # the address that stood for the site is said at the beginning
            self.info = _first_info(file)
        for record in read_records(file, start=start, stop=stop, keep=self._wanted):
            if record is None:
                yield PAUSE
                continue
            found = self.complaint(record) if isinstance(record, Flaw) else self.entry(record)
            if found is not None:
                self.pages += isinstance(found, SavedPage)
                yield found
        if (sum_of_lost := self.sum_of_lost()) is not None:
            yield sum_of_lost

    def sum_of_lost(self) -> Complaint | None:
        """Return, at the end of the file, how many records were lost; None where a sentence said so already."""
        if self._places <= 1:
            return None
        more = f"; {self._places - _NAMED:,} of their places are not named here" if self._places > _NAMED else ""
        return Complaint(f"{self.where}: {self._lost:,} records were lost in all{more}.")

    def complaint(self, flaw: Flaw) -> Complaint | None:
        """Return a sentence about a place where records are lost; None for the many behind the first ones."""
        if flaw.cut:
            so_far = f"it was read up to there ({self.pages:,} page{'' if self.pages == 1 else 's'})."
            return Complaint(
                f"{self.where} is cut in the record at byte {flaw.offset}; {so_far}"
                if flaw.count
                else f"{self.where} is cut at its very end; its last page was whole."
            )
        self._places += 1
        self._lost += flaw.count
        if self._places > _NAMED:
            return None
        what = "a record was" if flaw.count == 1 else f"{flaw.count:,} records were"
        further = f"reading went on at byte {flaw.resumed}" if flaw.resumed is not None else "nothing whole follows"
        return Complaint(
            f"{self.where} is damaged at byte {flaw.offset} ({flaw.reason[:_LONGEST_REASON]}): {what} lost; {further}."
        )

    @staticmethod
    def _wanted(head: Head) -> int:
        """Return how many bytes of a block can be of use."""
        if head.kind == "warcinfo":
            return _INFO_BYTES
        if head.get("warc-profile") == NOT_MODIFIED:
            return LONGEST_HEAD
        return MOST_BYTES if head.kind in ("response", "resource") else 0

    def entry(self, record: Record) -> SavedEntry | None:
        """Return what a record holds; None for a record that never stands for a page of its own."""
        head, offset = record.head, record.offset
        if head.kind == "warcinfo":
            self.info = _our_info(record.block)
            return None
        unchanged = head.kind == "revisit" and head.get("warc-profile") == NOT_MODIFIED and self.info
        if head.kind not in ("response", "resource") and not unchanged:
            kind = head.kind if head.kind in _OTHER_KINDS else "unknown"
            of_ours = kind == "metadata" and self.info  # each stands beside the page that it describes
            return Skipped(f"{kind} record") if kind != "request" and not of_ours else None
        asked = head.get("warc-target-uri") or ""
        url = self.url_filter.site_url(asked, self._base)
        refused = self.url_filter.refuses(url) or self._refuses(head, on_mirror=url != asked)
        if refused is not None:
            return Skipped(refused)
        if not record.as_digested:
            return Complaint(f"{self.where}: the record at byte {offset} is not what its digest says; left out.")
        at = utc(head.get("warc-date"))
        if at is None:
            return Complaint(
                f"{self.where}: the record at byte {offset} does not say when it was taken, or a time to come; left "
                "out."
            )
        return self._page(record, SavedPage(url=url, at=at, name=self.name, offset=offset))

    @property
    def _base(self) -> str | None:
        """The address that stood for the site when the file was written; another publisher's file names another."""
        return self.info.get("base-url") if self.info.get("isPartOf") == self.url_filter.publisher.key else None

    def _refuses(self, head: Head, *, on_mirror: bool) -> str | None:
        if head.get("warc-truncated"):
            return "truncated when it was saved"
        address = head.get("warc-ip-address")
        meant = f"//{address}" in (head.get("warc-target-uri") or "")  # as in a crawl: the URL itself names the address
        # It came from a filter on the way; a crawl does not take such an answer for the site's either.
        if self.info and not on_mirror and not meant and says_private(address or ""):
            return PRIVATE
        return None

    def _page(self, record: Record, page: SavedPage) -> SavedEntry:
        kind = record.head.get("content-type") or ""
        status = 200
        headers: Headers = ((b"Content-Type", kind.encode("latin-1", "replace")),)
        block = BytesIO(record.block)
        if record.head.kind == "resource":
            if not kind.lower().startswith(_HTML_TYPES):
                return Skipped(NOT_HTML)
        else:
            answer = read_head(block)
            if answer is None:
                return Complaint(f"{self.where}: the record at byte {page.offset} holds no HTTP answer; left out.")
            status, headers = answer
        body = block.read()
        if len(body) > MAX_BODY_BYTES or record.head.length > len(record.block):
            return Skipped(TOO_LARGE)
        if is_chunked(headers):
            body = dechunked(body)
        found = SavedPage(
            url=page.url,
            at=page.at,
            name=page.name,
            offset=page.offset,
            status=status,
            headers=headers_of_saved_body(headers, body),
            body=body,
            asked=self._moved.pop(page.url, None),
            record=_kept_record(record.head),
        )
        refused = self.url_filter.refuses_answer(found, self._base)
        if refused == REDIRECT and self.info and (target := self.url_filter.leads_to(found, self._base)):
            self._moved[target] = found.asked or found.url
        return Skipped(refused) if refused is not None else found


def _kept_record(head: Head) -> KeptRecord | None:
    """Return how a record is named by others."""
    found = [head.get(name) for name in ("warc-record-id", "warc-target-uri", "warc-date")]
    return KeptRecord(*found) if all(found) else None  # type: ignore[arg-type]  # none of them is None here


def _first_info(file: BinaryIO) -> dict[str, str]:
    found = first_head(file, most=_INFO_BYTES)
    return _our_info(found[1]) if found is not None and found[0].kind == "warcinfo" else {}


def _our_info(info: bytes) -> dict[str, str]:
    """Return what a file that farscrawler wrote says of itself; nothing for any other file."""
    fields = dict(line.split(": ", 1) for line in info.decode("utf-8", "replace").splitlines() if ": " in line)
    return fields if fields.get("software", "").startswith("farscrawler/") else {}
