"""WARC files of any program, whole, cut and damaged."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from farscrawler.saved import folders, reading
from farscrawler.saved.page import Complaint, SavedEntry, Skipped
from farscrawler.saved.url_filter import UrlFilter
from tests.support.pageserver import print_page
from tests.support.saved import FARSONLINE, SITE, Record, pages, print_url, read, write_warc


def complaint(found: list[SavedEntry]) -> str:
    (one,) = (one for one in found if isinstance(one, Complaint))
    return one.sentence


def some(count: int, *, first: int = 1) -> list[Record]:
    return [
        Record(print_url(number), print_page(number), at=f"2024-05-01T10:00:{number % 60:02}Z")
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_warc_of_another_program_is_read_with_the_places_of_its_records(tmp_path: Path, gzipped: bool) -> None:
    path = tmp_path / ("x.warc.gz" if gzipped else "x.warc")
    begins = write_warc(path, some(5), gzip=gzipped)
    found = pages(read(path))
    assert [(one.url, one.source) for one in found] == [
        (print_url(n), f"{path.name}#{begins[n - 1]}") for n in range(1, 6)
    ]
    assert found[2].at == "2024-05-01T10:00:03+00:00"
    assert found[2].body == print_page(3).encode()
    index = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "index", "-f", "offset", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [f'{{"offset": "{begin}"}}' for begin in begins] == index.stdout.split("\n")[:-1]


def test_what_is_passed_over_and_why(tmp_path: Path) -> None:
    page = print_page(1)
    records = [
        Record(print_url(1), kind="request"),
        Record(print_url(1), page, kind="revisit"),
        Record("http://x/", "a: b\r\n", kind="metadata"),
        Record("dns:www.fars-online.ir", "1.2.3.4", kind="resource", headers=[("Content-Type", "text/dns")]),
        Record("https://www.example.com/Fa/News/1/", page),
        Record(f"{SITE}/robots.txt", "User-agent: *"),
        Record(print_url(1), page, more={"WARC-Truncated": "length"}),
        Record(print_url(1), "", status="301 Moved", headers=[("Location", "/Fa/News/1/")]),
        Record(print_url(1), "", status="302 Found", headers=[("Location", "http://10.10.34.35/")]),
        Record(print_url(1), b"x" * (4 * 1024 * 1024 + 1)),
        Record(print_url(1), "", status="302 Found", headers=[("Location", "/Error.aspx")]),
        Record(print_url(1), page, kind="resource"),
        Record(print_url(1), page, kind="resource", headers=[("Content-Type", "image/png")]),
        Record("https://fars-online.ir/fa/news/2/x?y=1", page),
    ]
    path = tmp_path / "x.warc.gz"
    write_warc(path, records)
    found = read(path)
    assert [one.reason for one in found if isinstance(one, Skipped)] == [
        "revisit record", "metadata record", "on another site", "on another site", "no article's address",
        "truncated when it was saved", "redirect", "redirect", "larger than the size limit", "not HTML",
    ]  # fmt: skip
    assert [(one.status, FARSONLINE.article_id(one.url)) for one in pages(found)] == [
        (302, "1"),
        (200, "1"),
        (200, "2"),
    ]
    assert not [one for one in found if isinstance(one, Complaint)]


def test_bodies_as_other_programs_keep_them(tmp_path: Path) -> None:
    page = print_page(1).encode()
    chunks = b"%x\r\n%s\r\n5\r\nspare\r\n0\r\n\r\n" % (len(page), page)
    zipped = gzip.compress(page, mtime=0)
    coding = ("Content-Encoding", "gzip")
    records = [
        Record(print_url(1), chunks, headers=[("Transfer-Encoding", "chunked")]),
        Record(print_url(1), zipped, headers=[coding]),
        Record(print_url(1), page, headers=[coding]),  # decompressed by whoever saved it
    ]
    path = tmp_path / "x.warc.gz"
    write_warc(path, records)
    found = pages(read(path))
    assert [one.body for one in found] == [page + b"spare", zipped, page]
    assert [one.header(b"content-encoding") for one in found] == [None, b"gzip", None]
    assert found[0].header(b"transfer-encoding") is None


def test_a_record_that_is_not_what_its_digest_says_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    begins = write_warc(path, some(3), gzip=False)
    data = path.read_bytes()
    assert data.count("شهردار".encode()) == 3
    spot = data.index("شهردار".encode(), begins[1])
    path.write_bytes(data[:spot] + "شهرداز".encode() + data[spot + len("شهردار".encode()) :])
    found = read(path)
    assert [FARSONLINE.article_id(one.url) for one in pages(found)] == ["1", "3"]
    assert f"the record at byte {begins[1]} is not what its digest says" in complaint(found)


def test_a_record_without_a_time_or_an_answer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    write_warc(path, [Record(print_url(1), print_page(1), at="2024"), *some(1, first=2)])
    assert "does not say when it was taken" in complaint(read(path))
    assert len(pages(read(path))) == 1
    write_warc(path, [Record(print_url(1), print_page(1), status="Gone")])
    assert "holds no HTTP answer" in complaint(read(path))


@pytest.mark.parametrize(
    ("spoil", "left", "words"),
    [
        (
            lambda data, begins: data[: begins[3] + 40] + b"\xff" * 60 + data[begins[3] + 100 :],
            5,
            "is damaged at byte",
        ),
        (lambda data, begins: data[: begins[3]] + b"no record at all" + data[begins[3] :], 6, "is damaged at byte"),
        (lambda *_: b"rubbish" * 99, 0, "is damaged at byte 0 "),
    ],
)
def test_damage_is_named_and_costs_what_it_touches(tmp_path: Path, spoil: Any, left: int, words: str) -> None:
    path = tmp_path / "x.warc.gz"
    begins = write_warc(path, some(6))
    path.write_bytes(spoil(path.read_bytes(), begins))
    found = read(path)
    assert len(pages(found)) == left
    assert words in complaint(found)
    assert str(path) in complaint(found)
    assert complaint(found).count("\n") == 0


def test_an_empty_file_and_a_missing_one(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.touch()
    assert read(path) == []
    (file,) = folders.find([path])
    path.unlink()
    assert "cannot be read (No such file" in complaint(list(folders.read(file, UrlFilter(FARSONLINE))))


@cache
def sample(gzipped: bool) -> tuple[bytes, tuple[int, ...]]:
    """A WARC file of a dozen pages, and where each begins."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.warc.gz")
        begins = write_warc(path, some(12), gzip=gzipped)
        return path.read_bytes(), tuple(begins)


@pytest.mark.parametrize("gzipped", [False, True])
def test_a_warc_cut_at_every_byte_of_a_record_has_one_complaint(gzipped: bool, tmp_path: Path) -> None:
    """A cut behind `Content-Length: ` was complained of twice: as a record without an answer, and as a cut."""
    data, begins = sample(gzipped)
    path = tmp_path / "x.warc.gz"
    for cut in range(begins[1] + 1, begins[2]):
        path.write_bytes(data[:cut])
        assert "is cut" in complaint(read(path)), cut


def test_a_length_that_is_no_number_is_no_cut_where_the_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    begins = write_warc(path, some(3), gzip=False)
    data = path.read_bytes()
    path.write_bytes(data[: begins[1]] + data[begins[1] :].replace(b"Content-Length: ", b"Content-Length: x", 1))
    found = [one.sentence for one in read(path) if isinstance(one, Complaint)]
    (one,) = found
    assert f"is damaged at byte {begins[1]} (the record does not say how long it is): a record was lost" in one
    assert f"reading went on at byte {begins[2] + 1}." in one  # an x longer


@example(share=0.9514220324116159, gzipped=False)
@given(share=st.floats(0, 1, exclude_max=True), gzipped=st.booleans())
def test_a_warc_cut_at_any_byte_is_read_up_to_the_cut(share: float, gzipped: bool) -> None:
    data, begins = sample(gzipped)
    cut = int(share * len(data))
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.warc.gz")
        path.write_bytes(data[:cut])
        found = read(path)
    whole = sum(1 for end in (*begins[1:], len(data)) if end <= cut)
    # A page whose own bytes are all there is read, even where what ends its record is not.
    assert len(pages(found)) - whole in (0, 1)
    assert [one.source for one in pages(found)] == [f"x.warc.gz#{begin}" for begin in begins[: len(pages(found))]]
    if cut in (0, *begins):
        assert not [one for one in found if isinstance(one, Complaint)]
    else:
        assert "is cut" in complaint(found), (cut, complaint(found))


@given(seed=st.integers(0, 2**32))
def test_any_damage_gives_pages_and_complaints_and_never_an_error(seed: int) -> None:
    data, _ = sample(True)
    dice = random.Random(seed)
    spoilt = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(spoilt))
        spoilt[at : at + dice.randint(0, 9)] = dice.randbytes(dice.randint(0, 9))
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.warc.gz")
        path.write_bytes(spoilt)
        found = read(path)
    good = {print_page(number).encode() for number in range(1, 13)}
    assert all(one.body in good for one in pages(found))


@pytest.mark.parametrize("part", [300, 1000, 5000, 10**9])
def test_the_parts_of_a_file_are_the_file(tmp_path: Path, part: int) -> None:
    path = tmp_path / "x.warc.gz"
    inner = gzip.compress(print_page(5).encode(), 0, mtime=0)  # gzip within gzip is no record
    write_warc(
        path, [*some(7), Record(print_url(99), inner, headers=[("Content-Encoding", "gzip")]), *some(8, first=30)]
    )
    files = folders.find([path])
    cut = list(reading.segments(files, part=part))
    assert len(cut) == max(1, -(-path.stat().st_size // part))
    assert sum(segment.size for segment in cut) == path.stat().st_size
    found = [one for segment in cut for one in reading.entries(segment, UrlFilter(FARSONLINE))]
    assert found == read(path)
    assert len(pages(found)) == 16
