"""The two services of web archives alike: their settings, their hosts, and answers of any bytes."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from farscrawler import settings as own_settings
from farscrawler.errors import BadArgumentError
from farscrawler.webarchives.capture import Answer, BadCapture, Content, IndexFailedError, index_hosts
from farscrawler.webarchives.commoncrawl import read_crawls, read_page_count
from farscrawler.webarchives.service import load, manners
from farscrawler.webarchives.warc import Record, read_record
from tests.support.examples import examples
from tests.support.snapshots import Snapshot, captured
from tests.support.webarchives import (
    CAPTURE,
    CRAWL,
    FARSONLINE,
    HEAD,
    LINE,
    MEMENTO,
    ROW,
    URL,
    WAYBACK,
    ranged,
    record_capture,
)


def test_scheme_port_and_www_make_no_difference_to_an_index() -> None:
    assert index_hosts(FARSONLINE.hosts) == ("fars-online.ir", "payamefars.ir")


# -- on any bytes -------------------------------------------------------------------------------


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*HEAD, *ROW, "-", ""]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from([*LINE, "pages", "id", "to"]), inner),
    max_leaves=30,
)


@examples(150)
@given(
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(JSON).map(lambda rows: json.dumps([HEAD, *rows]).encode())
)
def test_an_index_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    for read in (WAYBACK.read_index, read_crawls, read_page_count):
        with contextlib.suppress(IndexFailedError):
            read(body)
    with contextlib.suppress(IndexFailedError):
        for capture in CRAWL.read_index(body).captures:
            assert CRAWL.request_for(capture)[0].startswith("https://data.x/")


@examples(150)
@given(
    st.binary(max_size=400),
    st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=3)), max_size=4),
    st.sampled_from(["plain", "gzip", "chunked"]),
    st.booleans(),
)
def test_a_record_of_any_bytes_is_a_page_or_none(
    noise: bytes, edits: list[tuple[int, bytes]], wire: str, packed: bool
) -> None:
    data = bytearray(gzip.decompress(captured(Snapshot(url=URL, at="20200102030405", body=b"page " * 90, wire=wire))))
    for place, value in edits:
        data[place : place + len(value)] = value
    found = read_record(gzip.compress(bytes(data), mtime=0) if packed else bytes(data) + noise, largest=1000)
    assert isinstance(found, (BadCapture, Record))
    if isinstance(found, Record):
        assert len(found.content.body) <= 1000


@examples(100)
@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from([*MEMENTO, "location", "content-range"]), st.text()),
    st.binary(),
)
def test_any_answer_to_a_request_for_a_capture_is_judged(status: int, headers: dict[str, str], body: bytes) -> None:
    data = record_capture(b"x" * 20)
    for opened in (
        WAYBACK.opened(CAPTURE, Answer(status=status, headers=headers, body=body)),
        WAYBACK.opened(CAPTURE, Answer(status=status, headers=headers | MEMENTO, body=body)),
        CRAWL.opened(data, Answer(status=status, headers=headers, body=body)),
        CRAWL.opened(data, ranged(body[:20].ljust(20))),
    ):
        assert isinstance(opened, (Content, BadCapture))


# -- settings -----------------------------------------------------------------------------------


def made(**more: object) -> Settings:
    found = Settings({name: value for name, value in vars(own_settings).items() if name.isupper()})
    for name, value in more.items():
        found.set(name, value, priority="cmdline")
    return found


def test_the_addresses_are_those_of_the_settings() -> None:
    assert load("wayback", made()).origins == {"https://web.archive.org"}
    assert load("commoncrawl", made()).origins == {"https://index.commoncrawl.org", "https://data.commoncrawl.org"}
    assert load("wayback", made(WAYBACK_URL="http://127.0.0.1:8080/")).url == "http://127.0.0.1:8080"
    for bad in (
        "web.archive.org",
        "ftp://x",
        "https://x/web",
        "https://u:p@x",
        "https://",
        "http://[x",
        "",
        "http://x:99999",
    ):
        with pytest.raises(BadArgumentError, match="write scheme and host"):
            load("wayback", made(WAYBACK_URL=bad))


def test_the_delay_of_a_service_is_kept_whatever_is_set_for_sites() -> None:
    found = manners("wayback", made(DOWNLOAD_DELAY=0, AUTOTHROTTLE_MAX_DELAY=1))
    assert found["DOWNLOAD_DELAY"] == own_settings.WAYBACK_DELAY >= 60 / 24
    assert found["DOWNLOAD_DELAY_JITTER"] == 0
    assert found["AUTOTHROTTLE_MAX_DELAY"] >= found["DOWNLOAD_DELAY"]
    assert found["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert found["ROBOTSTXT_OBEY"] is False
