"""Saved pages and WARC files, attacked: what went wrong once, each by a run as a user makes it."""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import TYPE_CHECKING

import brotli
import pytest

from farscrawler import publishers
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, Pause, SavedPage, Skipped
from farscrawler.saved.reading import parse_page
from farscrawler.saved.url_filter import ELSEWHERE, PRIVATE, UrlFilter
from farscrawler.saved.warc_writer import Exchange, WarcFolder
from farscrawler.webarchives.capture import moment
from tests.support.pageserver import print_page
from tests.support.saved import HTML, Record, print_url, write_warc

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.saved.page import SavedEntry


def _found(path: Path, publisher: str) -> list[SavedEntry]:
    url_filter = UrlFilter(publishers.load(publisher))
    found = [finding for file in folders.find([path]) for finding in folders.read(file, url_filter)]
    return [finding for finding in found if not isinstance(finding, Pause)]


def _kept(folder: Path, publisher: str, url: str, *, base_url: str) -> None:
    info = {"software": "farscrawler/0", "isPartOf": publisher, "base-url": base_url}
    folder.mkdir(exist_ok=True)
    warcs = WarcFolder(folder, publisher, max_bytes=1_000_000, info=info)
    exchange = Exchange(
        url=url, at="2026-01-01T00:00:00+00:00", method="GET", sent=(), sent_body=b"", protocol="HTTP/1.1", status=200,
        reason="OK", headers=((b"Content-Type", b"text/html"),), body=b"<html>", address="127.0.0.1",
    )  # fmt: skip
    warcs.write(exchange)
    warcs.close()


def test_what_stood_for_one_site_does_not_stand_for_another(tmp_path: Path) -> None:
    """Sites of one system have the same paths: another site's article would be stored under the same id."""
    _kept(tmp_path / "out", "yjc", "http://127.0.0.1:8001/fa/news/2048/x", base_url="http://127.0.0.1:8001")
    _kept(tmp_path / "out", "ilna", "http://127.0.0.1:8002/fa/tiny/news-2048", base_url="http://127.0.0.1:8002")
    for publisher in ("yjc", "ilna"):
        other, own = sorted(_found(tmp_path / "out", publisher), key=lambda one: isinstance(one, SavedPage))
        assert isinstance(own, SavedPage)
        assert publishers.load(publisher).article_id(own.url) == "2048"
        assert publisher in own.name
        assert other == Skipped(ELSEWHERE)


def test_an_address_in_so_many_digits_is_meant_in_a_rebuild_too(tmp_path: Path) -> None:
    _kept(tmp_path / "a", "news", "http://127.0.0.1:8001/fa/news/2048/x", base_url="")
    assert [type(one) for one in _found(tmp_path / "a", "news")] == [SavedPage]
    _kept(tmp_path / "b", "news", "http://intern.example.ir/fa/news/2048/x", base_url="")
    assert _found(tmp_path / "b", "news") == [Skipped(PRIVATE)]


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, br"])
def test_a_page_that_is_kept_decompressed_is_read_whatever_its_headers_say(tmp_path: Path, coding: str) -> None:
    packed, plain = brotli.compress(print_page(1).encode()), print_page(2)
    records = [
        Record(print_url(1), packed, headers=[HTML, ("Content-Encoding", "br")]),
        Record(print_url(2), plain, headers=[HTML, ("Content-Encoding", coding)]),
    ]
    write_warc(tmp_path / "x.warc.gz", records)
    found = _found(tmp_path / "x.warc.gz", "farsonline")
    readings = [parse_page(one, publishers.load("farsonline")) for one in found if isinstance(one, SavedPage)]
    assert [(one.key, one.outcome) for one in readings] == [("1", "article"), ("2", "article")]


def test_an_answer_of_many_headers_is_read_as_a_crawl_reads_it(tmp_path: Path) -> None:
    more = [(f"X-{number}", "a") for number in range(300)]
    write_warc(tmp_path / "x.warc.gz", [Record(print_url(1), print_page(1), headers=[HTML, *more])])
    (page,) = _found(tmp_path / "x.warc.gz", "farsonline")
    assert isinstance(page, SavedPage)
    assert page.body == print_page(1).encode()
    assert page.header(b"x-299") == b"a"


def test_a_record_without_its_length_is_not_called_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    write_warc(path, [Record(print_url(number), print_page(number)) for number in (1, 2, 3)], gzip=False)
    first, second, third = path.read_bytes().split(b"WARC/1.0\r\n")[1:]
    second = re.sub(rb"^Content-Length: \d+\r\n", b"", second, count=1, flags=re.MULTILINE)
    path.write_bytes(b"".join(b"WARC/1.0\r\n" + record for record in (first, second, third)))
    page, complaint, behind = _found(path, "farsonline")
    assert isinstance(page, SavedPage)
    assert isinstance(behind, SavedPage)
    assert isinstance(complaint, Complaint)
    assert "does not say how long it is" in complaint.sentence


def test_a_time_to_come_is_no_time(tmp_path: Path) -> None:
    """Stored with it, an article would be newer than every true page of it, for years."""
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    write_warc(tmp_path / "x.warc.gz", [Record(print_url(1), print_page(1), at=f"{ahead:%Y-%m-%dT%H:%M:%SZ}")])
    (complaint,) = _found(tmp_path / "x.warc.gz", "farsonline")
    assert isinstance(complaint, Complaint)
    assert "a time to come" in complaint.sentence
    assert moment(f"{ahead:%Y%m%d%H%M%S}") is None
    page = tmp_path / "pages" / "1.html"
    page.parent.mkdir()
    page.write_text(print_page(1), encoding="utf-8")
    page.with_suffix(".url").write_text(print_url(1), encoding="utf-8")
    os.utime(page, (ahead.timestamp(), ahead.timestamp()))
    (saved,) = _found(page, "farsonline")
    assert isinstance(saved, SavedPage)
    assert saved.time_of_file
    assert dt.datetime.fromisoformat(saved.at) <= dt.datetime.now(dt.UTC)
