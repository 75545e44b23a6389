"""The one record that a range of Common Crawl's WARC files holds."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from farscrawler.webarchives.capture import BadCapture, Content
from farscrawler.webarchives.http_body import BodyError, dechunked, is_chunked, unpacked
from farscrawler.webarchives.http_message import LONGEST_HEAD, header, headers_of_saved_body, read_head
from farscrawler.webarchives.records import Flaw, read_records

if TYPE_CHECKING:
    from farscrawler.webarchives.heads import Head
    from farscrawler.webarchives.record import Record as AnyRecord

_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Record:
    """A response record: its address and its page."""

    url: str
    content: Content


def read_record(data: bytes, *, largest: int) -> Record | BadCapture:
    """Return the response record in ``data``; BadCapture where there is none, or a page above ``largest`` bytes."""
    keep = largest + LONGEST_HEAD + 1
    found = next((one for one in read_records(BytesIO(data), keep=lambda _: keep) if one is not None), None)
    if isinstance(found, Flaw):
        return BadCapture(
            "not-article", "the record is cut off" if found.cut else f"the record cannot be read: {found.reason}"
        )
    flaw = _flaw_of(found)
    if found is None or flaw is not None:
        return BadCapture("not-article", flaw or "no response record")
    return _page_of(found, largest)


def _page_of(record: AnyRecord, largest: int) -> Record | BadCapture:
    if not record.as_digested:
        return BadCapture("not-article", "the record is not what its digest says")
    block = BytesIO(record.block)
    head = read_head(block)
    if head is None or head[0] in _REDIRECTS:
        what = "the record holds no HTTP answer" if head is None else f"the capture is a redirect (HTTP {head[0]})"
        return BadCapture("not-article", what)
    status, headers = head
    body = block.read()
    if record.head.length > len(record.block):
        return BadCapture("not-article", f"larger than {largest} bytes")
    if is_chunked(headers):
        body = dechunked(body)
    headers = headers_of_saved_body(headers, body)
    coding = (header(headers, b"content-encoding") or b"").decode("latin-1")
    try:
        page = unpacked(body, coding, largest=largest)
    except BodyError as error:
        return BadCapture("not-article", str(error))
    content_type = (header(headers, b"content-type") or b"").decode("latin-1") or None
    url = record.head.get("warc-target-uri") or ""
    return Record(url, Content(body=page, content_type=content_type, status=status))


def _flaw_of(record: AnyRecord | None) -> str | None:
    """Return why a record holds no page, by its own head."""
    head: Head | None = record.head if record is not None else None
    if (
        head is None
        or head.kind != "response"
        or not (head.get("warc-target-uri") or "").startswith(("http:", "https:"))
    ):
        return "no response record"
    return "the crawler cut the page off" if head.get("warc-truncated") else None
