"""What the Wayback Machine answers, read by pure functions: its index and its captures."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from farscrawler.webarchives.capture import Answer, BadCapture, Content, IndexFailedError, Refused
from tests.support.webarchives import CAPTURE, HEAD, MEMENTO, ROW, URL, WAYBACK, answer, listing

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
