"""What Common Crawl answers, read by pure functions: its indexes, and the WARC records of its files."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from farscrawler.webarchives.capture import Answer, BadCapture, Content, IndexFailedError
from farscrawler.webarchives.commoncrawl import CommonCrawl, Crawl, parse_crawls, read_crawls, read_page_count
from farscrawler.webarchives.warc import read_record
from tests.support.snapshots import Snapshot, captured
from tests.support.webarchives import CRAWL, LINE, URL, answer, listing, ranged, record_capture


def test_a_line_of_an_index_names_a_range() -> None:
    page = CRAWL.read_index(json.dumps(LINE).encode() + b"\n\n")
    [capture] = page.captures
    assert capture.source == "https://data.x/crawl-data/CC-MAIN-2020-05/warc/a.warc.gz#bytes=100-149"
    url, headers = CRAWL.request_for(capture)
    assert url == "https://data.x/crawl-data/CC-MAIN-2020-05/warc/a.warc.gz"
    assert headers == {"Range": "bytes=100-149", "Accept-Encoding": "identity"}


@pytest.mark.parametrize(
    ("change", "captures", "unreadable"),
    [
        ({"status": None}, 1, 0),  # the oldest indexes have none
        ({"offset": 100, "length": 50}, 1, 0),  # numbers that are numbers
        ({"status": "301"}, 0, 0),
        ({"truncated": "length"}, 0, 0),
        ({"mime": "image/gif"}, 0, 0),
        ({"length": "5000000"}, 0, 0),
        ({"length": "0"}, 0, 1),
        ({"offset": "-5"}, 0, 1),
        ({"filename": "../../etc/passwd"}, 0, 1),
        ({"filename": "//evil.example/x"}, 0, 1),
        ({"filename": "http://evil.example/x"}, 0, 1),
        ({"url": "javascript:x"}, 0, 1),
        ({"timestamp": "20200230000000"}, 0, 1),
    ],
)
def test_lines_that_are_no_good(change: dict[str, object], captures: int, unreadable: int) -> None:
    page = CRAWL.read_index(json.dumps(LINE | change).encode())
    assert (len(page.captures), page.unreadable) == (captures, unreadable)


def test_which_crawls_are_asked() -> None:
    body = [
        {"id": "CC-MAIN-2019-30", "to": "2019-07-24T00:00:00"},
        {"id": "CC-MAIN-2020-05"},
        {"id": "CC-MAIN-2013-20"},
        5,
    ]
    crawls = read_crawls(json.dumps(body).encode())
    names = ["CC-MAIN-2020-05", "CC-MAIN-2019-30", "CC-MAIN-2013-20"]
    assert [crawl.name for crawl in crawls] == names
    assert CRAWL.chosen(crawls, None) == crawls[:2]
    assert CRAWL.chosen(crawls, dt.date(2019, 8, 1)) == [Crawl("CC-MAIN-2020-05")]
    assert CRAWL.chosen(crawls, dt.date(2019, 7, 24)) == crawls[:2]
    every = CommonCrawl("https://index.x", "https://data.x", crawls=None, largest=1)
    assert every.chosen(crawls, None) == crawls
    named = CommonCrawl("https://index.x", "https://data.x", crawls=("CC-MAIN-2013-20",), largest=1)
    assert named.chosen(crawls, None) == crawls[2:]
    with pytest.raises(IndexFailedError, match="no crawl CC-MAIN-2013-20"):
        named.chosen(crawls[:1], None)


@pytest.mark.parametrize(
    ("text", "found"),
    [("6", 6), (" all ", None), ("CC-MAIN-2019-30, CC-MAIN-2018-05", ("CC-MAIN-2019-30", "CC-MAIN-2018-05"))],
)
def test_crawls_as_people_write_them(text: str, found: object) -> None:
    assert parse_crawls(text) == found


@pytest.mark.parametrize("text", ["", "0", "-1", "6,7", "../x", "CC MAIN/2019", "9999999"])
def test_crawls_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="write a number of newest crawls"):
        parse_crawls(text)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b'{"pages": -1}', b'{"pages": true}', b'{"pages": 99999999}', b"null"]
)
def test_numbers_of_pages_that_are_none(body: bytes) -> None:
    with pytest.raises(IndexFailedError):
        read_page_count(body)
    with pytest.raises(IndexFailedError):
        read_crawls(body)


def test_a_crawl_without_the_site_is_told_from_an_index_that_is_gone() -> None:
    def answers(url: str) -> Answer:
        if url.endswith("collinfo.json"):
            return answer([{"id": "CC-MAIN-2020-05"}])
        return answer({"message": "No Captures found for: a.ir"} if "url=a.ir" in url else "gone", 404)

    with pytest.raises(IndexFailedError, match="its index of CC-MAIN-2020-05 answers HTTP 404"):
        listing(CRAWL, answers)


@pytest.mark.parametrize("wire", ["plain", "gzip", "chunked", "masked"])
def test_a_record_is_read_however_its_body_was_sent(wire: str) -> None:
    data = captured(Snapshot(url=URL, at="20200102030405", body="نان".encode() * 500, wire=wire))
    opened = CRAWL.opened(record_capture(data), ranged(data))
    assert opened == Content(body="نان".encode() * 500, content_type="text/html; charset=utf-8", status=200)


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        ({"truncated": True}, "the crawler cut the page off"),
        ({"status": "301", "location": "/x"}, "the capture is a redirect (HTTP 301)"),
        ({"url": "http://other.ir/"}, "a record of another address"),
        ({"body": b"\0" * 200_000}, "larger than 100000 bytes"),
        ({"body": b"\0" * 200_000, "wire": "gzip"}, "larger than 100000 bytes"),
    ],
)
def test_records_that_are_no_good(snapshot: dict[str, object], reason: str) -> None:
    data = captured(replace(Snapshot(url=URL, at="20200102030405", body=b"x"), **snapshot))  # type: ignore[arg-type]  # fields by name
    assert CRAWL.opened(record_capture(data), ranged(data)) == BadCapture("not-article", reason)


def test_answers_that_are_not_the_range() -> None:
    data = captured(Snapshot(url=URL, at="20200102030405", body=b"x"))
    capture = record_capture(data)
    for given_, outcome in (
        (ranged(data, 200), "failed"),
        (ranged(data, 503), "failed"),
        (ranged(data, 403), "blocked"),
        (ranged(data, 404), "missing"),
        (Answer(status=206, headers={}, body=data), "failed"),
        (Answer(status=206, headers={"content-range": "bytes 0-5/9"}, body=data), "failed"),
        (replace(ranged(data), body=data[:-1]), "failed"),
    ):
        opened = CRAWL.opened(capture, given_)
        assert isinstance(opened, BadCapture)
        assert opened.outcome == outcome


def test_a_record_that_is_cut_is_never_a_page() -> None:
    data = captured(Snapshot(url=URL, at="20200102030405", body=bytes(range(256)) * 40))
    whole = read_record(data, largest=100_000)
    for length in range(0, len(data) - 8, 7):  # the last eight bytes are gzip's own sum and size
        found = read_record(data[:length], largest=100_000)
        assert isinstance(found, BadCapture) or found == whole
