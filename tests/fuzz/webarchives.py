"""The readers of what web archives answer: indexes, captures, WARC records and HTTP messages."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import TYPE_CHECKING

from farscrawler.webarchives.capture import Answer, IndexFailedError
from farscrawler.webarchives.commoncrawl import CommonCrawl, read_crawls, read_page_count
from farscrawler.webarchives.http_body import BodyError, dechunked, unpacked
from farscrawler.webarchives.http_message import read_head
from farscrawler.webarchives.warc import read_record
from farscrawler.webarchives.wayback import Wayback
from tests.fuzz.reader import Reader, Sample, of, packed
from tests.fuzz.saved import PAGE, arc_bytes, warc_bytes
from tests.support.saved import print_url

if TYPE_CHECKING:
    from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: The most that a capture may be unpacked to, in bytes.
LARGEST = 4 * 1024 * 1024
CDX = json.dumps(
    [
        ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"],
        *(["ir,x)/", "20220518100000", print_url(n), "text/html", "200", "ABC", "1234"] for n in range(5)),
        [],
        ["ir%2Cx%29%2F+20220518100000%21"],
    ]
)
CC_ROW = json.dumps(
    {
        "urlkey": "ir,x)/", "timestamp": "20220518100000", "url": print_url(1), "mime": "text/html", "status": "200",
        "digest": "ABC", "length": "1234", "offset": "99", "filename": "crawl-data/CC-MAIN-2022-21/segments/x.warc.gz",
    }
)  # fmt: skip
CRAWLS = json.dumps([{"id": "CC-MAIN-2022-21", "from": "2022-05-16T00:00:00", "to": "2022-05-29T00:00:00"}] * 2)


def _read_cdx(body: bytes, _: str, __: Path) -> None:
    service = Wayback("https://web.archive.org", largest=LARGEST)
    page, _resume = service.read_index(body)
    for capture in page.captures:
        service.request_for(capture)


def _read_captured(body: bytes, _: str, __: Path) -> None:
    service = Wayback("https://web.archive.org", largest=LARGEST)
    page, _resume = service.read_index(CDX.encode())
    headers = {"memento-datetime": "Wed, 18 May 2022 10:00:00 GMT"}
    first, _end, rest = body.partition(b"\n")
    for more in ({}, {"memento-datetime": first.decode("latin-1")}, {"x-archive-orig-content-encoding": "gzip"}):
        service.opened(page.captures[0], Answer(status=200, headers={**headers, **more}, body=rest))


def _read_common_crawl(body: bytes, _: str, __: Path) -> None:
    service = CommonCrawl("https://index.commoncrawl.org", "https://data.commoncrawl.org", crawls=2, largest=LARGEST)
    for read in (read_crawls, read_page_count):
        with contextlib.suppress(IndexFailedError):
            read(body)
    for capture in service.read_index(body).captures:
        _, asked = service.request_for(capture)
        served = {"content-range": asked["Range"].replace("=", " ") + "/*"}
        service.opened(capture, Answer(status=206, headers=served, body=body))


def _read_record(body: bytes, _: str, __: Path) -> None:
    read_record(body, largest=LARGEST)


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nX: a\r\n b\r\n\r\n"
CHUNKED = b"6;x=y\r\n<html>\r\n7\r\n</html>\r\n0\r\nA: b\r\n\r\n"


def _read_http(body: bytes, _: str, __: Path) -> None:
    read_head(io.BytesIO(body))
    dechunked(body)
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        with contextlib.suppress(BodyError):
            unpacked(body, coding, largest=LARGEST)


READERS = (
    Reader("cdx", of(CDX), _read_cdx, (IndexFailedError,)),
    Reader("captures", lambda: [Sample("", b"date\n" + PAGE), Sample("", PAGE, packed)], _read_captured),
    Reader("common-crawl", of(CC_ROW + "\n" + CC_ROW, CRAWLS, '{"pages": 3}'), _read_common_crawl, (IndexFailedError,)),
    Reader(
        "records",
        lambda: [Sample("", warc_bytes()), Sample("", warc_bytes(), packed), Sample("", arc_bytes())],
        _read_record,
    ),
    Reader(
        "http",
        lambda: [
            Sample("", HTTP),
            Sample("", CHUNKED),
            Sample("", PAGE, packed),
            Sample("", PAGE, zstd.compress),
        ],
        _read_http,
    ),
)
