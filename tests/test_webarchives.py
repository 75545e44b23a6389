"""What web archives answer, read by pure functions: indexes, captures, WARC records; and the listed they wait on."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler import settings as own_settings
from farscrawler.archive import Archive
from farscrawler.archive.captures import ListedCaptures, RejectedCaptures
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.id_ranges import parse_ids
from farscrawler.frontier.web_archive import older, target_of
from farscrawler.webarchives.capture import (
    Answer,
    BadCapture,
    Capture,
    Content,
    IndexFailedError,
    Refused,
    index_hosts,
)
from farscrawler.webarchives.commoncrawl import (
    CommonCrawl,
    Crawl,
    parse_crawls,
    read_crawls,
    read_page_count,
)
from farscrawler.webarchives.service import load, manners
from farscrawler.webarchives.warc import Record, read_record
from farscrawler.webarchives.wayback import Wayback
from tests.support.examples import examples
from tests.support.snapshots import Snapshot, captured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "http://www.fars-online.ir/Fa/News/7/نان"
WAYBACK = Wayback("https://web.archive.org", largest=100_000)
CRAWL = CommonCrawl("https://index.x", "https://data.x", crawls=2, largest=100_000)
FARSONLINE = publishers.load("farsonline")
HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest"]
ROW = ["20200102030405", URL, "text/html", "200", "ABC"]
LINE = {
    "url": URL, "timestamp": "20200102030405", "status": "200", "mime": "text/html", "digest": "ABC",
    "filename": "crawl-data/CC-MAIN-2020-05/warc/a.warc.gz", "offset": "100", "length": "50",
}  # fmt: skip
CAPTURE = Capture(URL, "2020-01-02T03:04:05+00:00", f"https://web.archive.org/web/20200102030405id_/{URL}", "ABC")
MEMENTO = {"memento-datetime": "Thu, 02 Jan 2020 03:04:05 GMT", "content-type": "text/html"}


def record_capture(data: bytes) -> Capture:
    return Capture(URL, CAPTURE.at, f"https://data.x/a.warc.gz#bytes=10-{9 + len(data)}")


def ranged(data: bytes, status: int = 206) -> Answer:
    headers = {"content-range": f"bytes 10-{9 + len(data)}/99999"}
    return Answer(status=status, headers=headers, body=data)


# -- the index of the Wayback Machine -----------------------------------------------------------


def test_a_page_of_the_index_and_the_key_of_the_next() -> None:
    page, resume = WAYBACK.read_index(json.dumps([HEAD, ROW, [], ["ir,fars%29%2F+2020%21"]]).encode())
    assert page.captures == [CAPTURE]
    assert resume == "ir,fars%29%2F+2020%21"
    query = parse_qs(urlsplit(WAYBACK.index_url("fars-online.ir", dt.date(2020, 1, 1), resume)).query)
    assert query["resumeKey"] == ["ir,fars%29%2F+2020%21"]  # encoded once more, since the server decodes twice
    assert (query["from"], query["matchType"], query["limit"]) == (["20200101"], ["host"], ["3000"])
    assert query["filter"][0] == "statuscode:(200|-)"


@pytest.mark.parametrize("body", [b"", b" \n", b"[]", json.dumps([HEAD]).encode()])
def test_an_index_without_captures(body: bytes) -> None:
    page, resume = WAYBACK.read_index(body)
    assert (page.captures, page.unreadable, resume) == ([], 0, None)


@pytest.mark.parametrize(
    ("row", "unreadable"),
    [
        (["20201302030405", URL, "text/html", "200", "A"], 1),  # no such month
        (["2020", URL, "text/html", "200", "A"], 1),
        (["۲۰۲۰۰۱۰۲۰۳۰۴۰۵", URL, "text/html", "200", "A"], 1),
        (["20200102030405", "ftp://x/", "text/html", "200", "A"], 1),
        (["20200102030405", "http://x/\n", "text/html", "200", "A"], 1),
        (["20200102030405", "http://x/" + "a" * 9000, "text/html", "200", "A"], 1),
        (["20200102030405", None, "text/html", "200", "A"], 1),
        (["20200102030405", URL], 1),
        ("text", 1),
        (["20200102030405", URL, "image/png", "200", "A"], 0),
        (["20200102030405", URL, "text/html", "404", "A"], 0),
    ],
)
def test_rows_that_are_no_page_are_left_out_and_those_that_cannot_be_read_are_counted(
    row: object, unreadable: int
) -> None:
    page, _ = WAYBACK.read_index(json.dumps([HEAD, row, ROW]).encode())
    assert page.captures == [CAPTURE]
    assert page.unreadable == unreadable


@pytest.mark.parametrize(
    "body",
    [
        b"<html>busy</html>",
        b"{}",
        b'"x"',
        b"[" * 100_000,
        json.dumps([["a", "b"], ROW]).encode(),
        b'[["timestamp"],[],[]]',
    ],
)
def test_what_is_no_index_is_an_error_and_not_an_empty_one(body: bytes) -> None:
    with pytest.raises(IndexFailedError):
        WAYBACK.read_index(body)


def test_a_revisit_has_no_status_and_is_a_capture() -> None:
    page, _ = WAYBACK.read_index(json.dumps([HEAD, ["20200102030405", URL, "warc/revisit", "-", "ABC"]]).encode())
    assert page.captures == [CAPTURE]


def listing(
    service: Wayback | CommonCrawl, answers: Callable[[str], Answer], since: dt.date | None = None
) -> list[object]:
    async def run() -> list[object]:
        async def fetch(url: str) -> Answer:
            return answers(url)

        return [page async for page in service.listing(fetch, ("www.a.ir", "a.ir", "b.ir"), since)]

    return asyncio.run(run())


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status=status, headers={}, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_an_index_that_repeats_its_key_is_no_endless_one() -> None:
    asked: list[str] = []

    def answers(url: str) -> Answer:
        asked.append(url)
        return answer([HEAD, ROW, [], ["same"]])

    with pytest.raises(IndexFailedError, match="same resume key twice"):
        listing(WAYBACK, answers)
    assert len(asked) == 2


def test_a_host_that_is_excluded_does_not_end_the_listing_and_a_refusal_of_us_does() -> None:
    excluded = answer(b"org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots", 403)
    found = listing(WAYBACK, lambda url: excluded if "a.ir" in url else answer([HEAD, ROW]))
    assert isinstance(found[0], Refused)
    assert found[0].host == "a.ir"
    assert len(found) == 2
    for status, blocked in ((403, True), (429, True), (500, False), (404, False)):
        with pytest.raises(IndexFailedError, match=f"HTTP {status}") as caught:
            listing(WAYBACK, lambda _, status=status: answer(b"", status))  # type: ignore[misc]  # mypy and defaults
        assert caught.value.blocked is blocked


def test_scheme_port_and_www_make_no_difference_to_an_index() -> None:
    assert index_hosts(FARSONLINE.hosts) == ("fars-online.ir", "payamefars.ir")


# -- captures of the Wayback Machine ------------------------------------------------------------


def test_a_capture_is_known_by_its_time() -> None:
    opened = WAYBACK.opened(CAPTURE, Answer(status=200, headers=MEMENTO, body=b"page"))
    assert opened == Content(body=b"page", content_type="text/html", status=200)


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, b"<h1>maintenance</h1>", "failed"),
        (200, {"memento-datetime": "nonsense"}, b"x", "not-article"),
        (200, {"memento-datetime": "Thu, 02 Jan 2020 03:04:06 GMT"}, b"x", "not-article"),  # another capture
        (302, MEMENTO, b"", "not-article"),  # the capture of a redirect
        (302, {"location": "/web/2019id_/x"}, b"", "not-article"),  # another capture is offered
        (404, {}, b"not archived", "missing"),
        (403, {}, b"AdministrativeAccessControlException", "missing"),
        (403, {}, b"go away", "blocked"),
        (429, {}, b"", "blocked"),
        (503, {}, b"", "failed"),
        (200, MEMENTO, b"\x1f\x8bdamaged", "not-article"),
        (200, MEMENTO, gzip.compress(b"x" * 5000, mtime=0)[:-20], "not-article"),
        (200, MEMENTO, gzip.compress(b"\0" * 10_000_000, mtime=0), "not-article"),  # larger than the limit
    ],
)
def test_the_trouble_of_the_service_is_told_from_captures_that_are_no_good(
    status: int, headers: dict[str, str], body: bytes, outcome: str
) -> None:
    opened = WAYBACK.opened(CAPTURE, Answer(status=status, headers=headers, body=body))
    assert isinstance(opened, BadCapture)
    assert opened.outcome == outcome


def test_a_capture_that_kept_its_coding_is_unpacked() -> None:
    for more in ({}, {"x-archive-orig-content-encoding": "gzip"}):
        opened = WAYBACK.opened(
            CAPTURE, Answer(status=200, headers=MEMENTO | more, body=gzip.compress(b"page", mtime=0))
        )
        assert isinstance(opened, Content)
        assert opened.body == b"page"


def test_a_hash_mark_in_an_address_reaches_the_service() -> None:
    capture = replace(CAPTURE, source="https://web.archive.org/web/20200102030405id_/http://x.ir/a#b")
    assert WAYBACK.request_for(capture) == ("https://web.archive.org/web/20200102030405id_/http://x.ir/a%23b", {})


# -- Common Crawl -------------------------------------------------------------------------------


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


# -- the listed, and what is known of captures ---------------------------------------------------


@examples(60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["print", "article"]),
            st.integers(0, 9),
            st.sampled_from(["X", "Y", None]),
        ),
        max_size=30,
    ),
    st.sampled_from([None, "print", "article"]),
    st.integers(1, 4),
)
def test_listed_captures_keep_the_newest_of_each_content(
    taken: list[tuple[str, str, int, str | None]], form: str | None, limit: int
) -> None:
    captures = [
        (key, form_, Capture(f"http://{key}", f"202{at}", f"s{number}", digest))
        for number, (key, form_, at, digest) in enumerate(taken)
    ]
    listed = ListedCaptures()
    listed.add(captures)
    assert [key for keys in listed.article_ids() for key in keys] == sorted({key for key, _, _ in captures})
    assert listed.count() == len({key for key, _, _ in captures})
    for key in "abc":
        newest: dict[str, tuple[str, Capture]] = {}
        for other, form_, capture in captures:
            content = capture.digest or capture.source
            if other == key and (
                content not in newest
                or (capture.at, capture.source) > (newest[content][1].at, newest[content][1].source)
            ):
                newest[content] = (form_, capture)
        expected = sorted(newest.values(), key=lambda one: (one[0] == form, one[1].at, one[1].source), reverse=True)
        assert listed.newest(key, form=form, limit=limit) == [capture for _, capture in expected][:limit]
    listed.close()


def test_captures_that_are_no_good_are_known_again(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        tried = RejectedCaptures(archive, "farsonline")
        tried.add("7", source="s1", source_at="t", outcome="blocked", reason="wall", at="t")
        tried.add("7", source="s1", source_at="t", outcome="missing", reason="soft 404", at="u")
        assert tried.among(["s1", "s2"]) == {"s1"}
        assert RejectedCaptures(archive, "yjc").among(["s1"]) == set()
        assert archive.db.execute("SELECT key, outcome, reason FROM captures").fetchall() == [
            ("7", "missing", "soft 404")
        ]


def test_where_no_address_can_be_made_of_the_id_the_captured_one_stays() -> None:
    newer, first = replace(CAPTURE, at="2021-01-01T00:00:00+00:00"), CAPTURE
    target = target_of(FARSONLINE, "7", (newer, first))
    assert (target.url, target.form, target.source_at) == (None, "article", newer.at)
    form = replace(FARSONLINE.forms["article"], url=None)
    slugs = replace(FARSONLINE, forms=MappingProxyType({"article": form}), default_form="article")
    target = target_of(slugs, "7", (newer, first))
    assert target.url == URL
    following = older(slugs, target)
    assert following is not None
    assert (following.source_at, following.captures) == (first.at, (first,))
    assert older(slugs, following) is None


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=6), st.integers(0, 70))
def test_an_id_is_among_those_asked_for_or_not(spans: list[tuple[int, int]], number: int) -> None:
    ids = parse_ids(",".join(f"{a}-{b}" for a, b in spans))
    assert (number in ids) == (number in list(ids))


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
