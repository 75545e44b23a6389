"""What the Wayback Machine and Common Crawl answer besides what they document, as their users report it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from farscrawler.webarchives.capture import Answer, BadCapture, Capture, Content, IndexFailedError, same_address
from tests.support.snapshots import Snapshot, captured
from tests.support.webarchives import CAPTURE, CRAWL, LINE, URL, WAYBACK

VALUES = {
    "urlkey": "ir,fars-online)/fa/news/7/%d9%86%d8%a7%d9%86", "timestamp": "20200102030405", "original": URL,
    "mimetype": "text/html", "statuscode": "200", "digest": "ABC", "length": "2345",
}  # fmt: skip


def index(names: list[str], *rows: list[object]) -> bytes:
    return json.dumps([names, *rows]).encode()


@pytest.mark.parametrize(
    "names",
    [
        list(VALUES),
        ["timestamp", "original", "mimetype", "statuscode", "digest"],
        ["digest", "statuscode", "original", "urlkey", "timestamp"],
        [*VALUES, "robotflags", "offset", "filename"],
    ],
)
def test_columns_are_read_by_their_names(names: list[str]) -> None:
    page, _ = WAYBACK.read_index(index(names, [VALUES.get(name, "-") for name in names]))
    assert (page.captures, page.unreadable) == ([CAPTURE], 0)


def test_columns_that_are_missing_are_not_known() -> None:
    page, _ = WAYBACK.read_index(index(["original", "timestamp"], [URL, "20200102030405"]))
    assert page.captures == [replace(CAPTURE, digest=None)]


@pytest.mark.parametrize("names", [["urlkey", "original"], ["timestamp"], ["timestamp", "original", "original"], [[]]])
def test_an_index_whose_columns_name_no_capture_is_an_error(names: list[str]) -> None:
    with pytest.raises(IndexFailedError, match="does not begin with the names of its fields"):
        WAYBACK.read_index(index(names, [""] * len(names)))


def test_an_index_without_the_row_of_names_is_an_error() -> None:
    with pytest.raises(IndexFailedError, match="does not begin with the names of its fields"):
        WAYBACK.read_index(json.dumps([list(VALUES.values())]).encode())


@pytest.mark.parametrize(
    ("change", "captures", "unreadable"),
    [
        ({"mimetype": "warc/revisit", "statuscode": "-"}, 1, 0),
        ({"mimetype": "-", "statuscode": "-", "digest": "-", "length": "-"}, 1, 0),
        ({"statuscode": 200}, 1, 0),
        ({"statuscode": 302}, 0, 0),
        ({"statuscode": "301"}, 0, 0),
        ({"timestamp": "-"}, 0, 1),
        ({"original": "-"}, 0, 1),
        ({"original": "http://www.fars-online.ir:80/Fa/News/7/"}, 1, 0),
    ],
)
def test_fields_that_are_missing_or_numbers(change: dict[str, object], captures: int, unreadable: int) -> None:
    page, _ = WAYBACK.read_index(index(list(VALUES), list((VALUES | change).values())))
    assert (len(page.captures), page.unreadable) == (captures, unreadable)


def test_a_row_with_more_or_fewer_fields_is_counted() -> None:
    row: list[object] = list(VALUES.values())
    page, _ = WAYBACK.read_index(index(list(VALUES), row, row[:-1], [], [*row, "x"], row))
    assert (len(page.captures), page.unreadable) == (2, 3)


def test_an_index_that_is_cut_is_an_error_of_its_own() -> None:
    with pytest.raises(IndexFailedError, match="its index is cut off"):
        WAYBACK.read_index(index(list(VALUES), list(VALUES.values()))[:-9])
    with pytest.raises(IndexFailedError, match="answers what is no JSON"):
        WAYBACK.read_index(b"<!DOCTYPE html><title>503 Service Unavailable</title>")


# -- Common Crawl ----------------------------------------------------------------------------------


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_lines_with_more_or_fewer_fields_are_read() -> None:
    more = {"urlkey": "ir,fars", "languages": "fas", "encoding": "UTF-8", "mime-detected": "text/html", **LINE}
    bare = {name: LINE[name] for name in ("url", "timestamp", "filename", "offset", "length")}
    page = CRAWL.read_index(lines(more, bare, LINE | {"status": 200, "mime": "-", "digest": "-"}))
    assert (len(page.captures), page.unreadable) == (3, 0)
    assert [one.digest for one in page.captures] == ["ABC", None, None]


def test_a_line_among_others_that_cannot_be_read_is_counted() -> None:
    page = CRAWL.read_index(lines(LINE) + b"{broken\n" + lines([1], LINE))
    assert (len(page.captures), page.unreadable) == (2, 2)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><h1>504 Gateway Time-out</h1></html>",
        lines({"message": "Internal Error"}),
        lines({"error": "please slow down"}),
        b"no rows\n",
    ],
)
def test_an_answer_that_is_no_index_is_an_error(body: bytes) -> None:
    with pytest.raises(IndexFailedError, match="answers what is no list of captures"):
        CRAWL.read_index(body)


def test_an_index_that_is_cut_within_a_line_is_an_error() -> None:
    with pytest.raises(IndexFailedError, match="its index is cut off"):
        CRAWL.read_index(lines(LINE, LINE)[:-20])
    assert len(CRAWL.read_index(lines(LINE, LINE)[:-1]).captures) == 2  # without the last line end it is whole


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (URL, "https://fars-online.ir:443/Fa/News/7/%D9%86%D8%A7%D9%86", True),
        ("http://www.fars-online.ir:80/a", "http://WWW.fars-online.ir./a", True),
        ("http://a.ir", "https://a.ir/#x", True),
        ("http://a.ir/x?y=1", "http://a.ir/x?y=2", False),
        ("http://a.ir/x", "http://b.ir/x", False),
        ("http://[x", "http://[x", True),
    ],
)
def test_variants_of_an_address_are_one(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) == same


def test_a_record_under_a_variant_of_the_listed_address_is_the_capture() -> None:
    data = captured(
        Snapshot(url="https://fars-online.ir:443/Fa/News/7/%D9%86%D8%A7%D9%86", at="20200102030405", body=b"x")
    )
    capture = Capture(URL, CAPTURE.at, f"https://data.x/a.warc.gz#bytes=10-{9 + len(data)}")
    answer = Answer(status=206, headers={"content-range": f"bytes 10-{9 + len(data)}/99999"}, body=data)
    assert isinstance(CRAWL.opened(capture, answer), Content)
    assert isinstance(CRAWL.opened(replace(capture, url="http://fars-online.ir/Fa/News/8/"), answer), BadCapture)
