"""The reading of CC-NEWS in its parts: files in parts, records that are skimmed, Persian pages, and which files."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import io
import json
import random
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.days import DateRange
from farscrawler.frontier.base import FilePart, UnreachableError
from farscrawler.frontier.file_parts import FileParts, NoFileError, PartsFile
from farscrawler.testing.newsroom import Server
from farscrawler.testing.newsroom.newscrawl import Captured, NewsCrawl, captures_of, warc
from farscrawler.webarchives.ccnews import CcNews, host_of, read_paths, seems_persian
from farscrawler.webarchives.records import Flaw, begins_member, read_records
from tests.support import run
from tests.support.general_pages import BODY, page
from tests.support.newscrawl import ccnews_words, newsroom_of_days

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = random.Random(4).randbytes(1_000_003)
_PART = 65_536


class Parts:
    """Where the parts of some bytes are fetched; at most so many were held at a time."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.version = "one"
        self.asked: list[int] = []

    async def fetch(self, _: str, first: int, last: int) -> FilePart | None:
        self.asked.append(first // _PART)
        await asyncio.sleep(0)
        return FilePart(self.data[first : last + 1], len(self.data), self.version) if self.data else None


def in_a_thread(parts: Parts, work: Callable[[PartsFile], object]) -> object:
    """Return what ``work`` makes of the file, in a thread beside the loop that fetches its parts."""
    found: list[object] = []

    def run(file: FileParts, loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
        try:
            found.append(work(PartsFile(file, loop)))
        except Exception as error:  # noqa: BLE001  # raised below
            found.append(error)
        loop.call_soon_threadsafe(done.set)

    async def both() -> None:
        file = FileParts("http://127.0.0.1/x", parts.fetch, part_bytes=_PART)
        done = asyncio.Event()
        threading.Thread(target=run, args=(file, asyncio.get_running_loop(), done)).start()
        await done.wait()
        file.close()

    asyncio.run(both())
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(1, 200_000)), max_size=8))
def test_a_file_in_parts_reads_like_one_on_disk(reads: list[tuple[int, int]]) -> None:
    def work(raw: PartsFile) -> list[bytes]:
        file = io.BufferedReader(raw)
        assert file.seek(0, io.SEEK_END) == len(DATA)
        return [(file.seek(at), file.read(size))[1] for at, size in reads]

    assert in_a_thread(Parts(), work) == [DATA[at : at + size] for at, size in reads]


def test_each_part_is_fetched_once_where_reading_goes_forward() -> None:
    parts = Parts()
    assert in_a_thread(parts, lambda file: io.BufferedReader(file).read()) == DATA
    assert parts.asked == list(range(-(-len(DATA) // _PART)))


def test_a_file_that_is_replaced_or_gone_is_no_file() -> None:
    parts = Parts()

    def replaced(file: PartsFile) -> bytes:
        file.read(10)
        parts.version = "two"
        return io.BufferedReader(file).read()

    with pytest.raises(UnreachableError, match="was replaced while it was read"):
        in_a_thread(parts, replaced)
    with pytest.raises(NoFileError):
        in_a_thread(Parts(b""), lambda file: file.read(1))


def all_of(data: bytes, *, skim: bool) -> list[tuple[int, str, bytes] | Flaw]:
    """Return what is read where only responses of one host are wanted."""
    found: list[tuple[int, str, bytes] | Flaw] = []
    keep = 10**6
    for one in read_records(
        io.BytesIO(data),
        keep=lambda head: keep if host_of(head.get("warc-target-uri") or "") == "www.fars-online.ir" else 0,
        skim=skim,
    ):
        if isinstance(one, Flaw):
            found.append(one)
        elif one is not None:
            found.append((one.offset, one.head.kind, one.block))
    return found


@pytest.mark.parametrize("packed", ["members", "one member", "plain"])
def test_skimming_finds_the_same_in_every_packing(packed: str) -> None:
    captures = captures_of(newsroom_of_days(12))
    if packed != "members":
        captures = [one for one in captures if one.state != "damaged"]
    data = warc("x.warc.gz", captures)
    if packed != "members":
        data = gzip.decompress(data)
    if packed == "one member":
        data = gzip.compress(data, mtime=0)
    assert all_of(data, skim=True) == all_of(data, skim=False)
    assert len(all_of(data, skim=True)) > 2 * len(captures) - 10


def test_a_foreign_record_whose_length_lies_hides_nothing_of_others() -> None:
    at = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    ours = Captured(url="http://www.fars-online.ir/Fa/News/1/", at=at, body=b"<html>" + b"x" * 500)
    foreign = Captured(url="http://a.example/1", at=at, body=b"y" * 500)
    head = warc("x", [])
    one, other = warc("x", [foreign])[len(head) :], warc("x", [ours])[len(head) :]
    text = gzip.decompress(one)
    length = text.rindex(b"Content-Length: ")
    for lie in (b"1", b"99999", b"549"):
        line_end = text.index(b"\r\n", length)
        lied = gzip.compress(text[:length] + b"Content-Length: " + lie + text[line_end:], mtime=0)
        found = all_of(head + lied + other, skim=True)
        assert [one for one in found if not isinstance(one, Flaw) and b"x" * 500 in one[2]], lie


def test_a_place_is_one_to_begin_at_only_where_a_member_begins() -> None:
    data = warc("x", [one for one in captures_of(newsroom_of_days(3)) if one.state != "damaged"])
    offsets = [one[0] for one in all_of(data, skim=True) if not isinstance(one, Flaw)]
    assert all(begins_member(io.BytesIO(data), at) for at in offsets)
    assert not begins_member(io.BytesIO(data), offsets[1] + 1)
    assert not begins_member(io.BytesIO(data), len(data))
    assert not begins_member(io.BytesIO(gzip.decompress(data)), 0)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://WWW.Site.ir:8080/a", "www.site.ir"),
        ("https://a@b.example/x", "b.example"),
        ("https://site.ir?x=//other.ir/", "site.ir"),
        ("https://site.ir./", "site.ir"),
        ("ftp://site.ir/", ""),
        ("http://[::1]/", "["),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


def test_which_pages_seem_persian() -> None:
    text = "<html><p>او گفت که این کار درست است .</p>"
    assert seems_persian(text.encode())
    assert seems_persian(text.replace("ی", "ي").replace("ک", "ك").encode())
    assert seems_persian(text.replace("ی", "ي").replace("ک", "ك").encode("cp1256"))
    assert seems_persian(b'<html dir="rtl" lang="fa-IR"><p>x')
    assert seems_persian("<p>او گفت که این را می‌داند.".encode())
    assert not seems_persian("<p>که چېرې هغه راشي</p>".encode())  # Pashto
    assert not seems_persian("<html lang=ur><p>یہ کہا جاتا ہے کہ اس میں پاکستان ہے".encode())
    assert not seems_persian("<html lang=ar><p>قال إن هذا العمل صحيح كما كان</p>".encode())
    assert not seems_persian(b"<html lang=fate><p>plain English words")


TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ((2024, 5, 1), (2024, 5, 20), ["2024-04", "2024-05"]),
        ((2024, 5, 2), (2024, 5, 30), ["2024-05", "2024-06"]),
        ((2023, 12, 31), (2024, 1, 1), ["2023-12", "2024-01"]),
        ((1999, 1, 1), (2016, 8, 5), ["2016-08"]),
        ((2026, 11, 29), (9999, 12, 31), ["2026-11"]),
    ],
)
def test_the_lists_of_the_months_of_some_days(
    first: tuple[int, int, int], last: tuple[int, int, int], months: list[str]
) -> None:
    days = DateRange(dt.date(*first), dt.date(*last))
    source = CcNews(url="https://data.commoncrawl.org", days=days, part_bytes=1)
    assert [f"{year}-{month:02}" for year, month in source.months(TODAY)] == months


def test_the_files_of_some_days_by_their_names() -> None:
    days = DateRange(dt.date(2024, 5, 2), dt.date(2024, 5, 3))
    source = CcNews(url="https://data.commoncrawl.org", days=days, part_bytes=1)
    named = {day: f"CC-NEWS-202405{day:02}235959-00001.warc.gz" for day in range(1, 9)}
    assert [day for day, name in named.items() if source.is_wanted(name, TODAY)] == [1, 2, 3, 4, 5]
    assert source.is_wanted("mine.warc.gz", TODAY)


def test_a_list_that_is_none_is_said() -> None:
    assert read_paths(gzip.compress(b"a/b.warc.gz\n\n# no path\nc.warc.gz")) == ["a/b.warc.gz", "c.warc.gz"]
    for data in (gzip.compress(b"a" * 99)[:-9], b"\x1f\x8b\x08rubbish", b"\xff\xfe"):
        with pytest.raises(ValueError, match="it "):
            read_paths(data)


def test_pages_of_unknown_persian_sites_are_read_by_the_general_rules(tmp_path: Path) -> None:
    at = dt.datetime(2024, 5, 1, 10, tzinfo=dt.UTC)
    urls = {
        "http://news.village.example/1": page(),
        "http://www.fars-online.ir/Fa/News/5/": page(),  # that publisher's
        "http://english.example/1": page(text="<p>plain words</p>" * 9, title="English"),
    }
    captures = [Captured(url=url, at=at, body=body) for url, body in urls.items()]
    crawl = NewsCrawl(captures)
    crawl.months.add("crawl-data/CC-NEWS/2024/04/")  # a list without files
    with Server(newsroom_of_days(), site=crawl) as server:
        done = run(*ccnews_words(server.url, "-O", "out.jsonl", command=("crawl", "news")), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        done = run("show", "news", "--json", cwd=tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["url"], one["body"]) for one in found] == [("http://news.village.example/1", BODY)]
