"""WARC files of our own: what is written, by whom, and what a kill or a full disk leaves of it."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from farscrawler.archive import ArchiveError
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, Skipped
from farscrawler.saved.url_filter import UrlFilter
from farscrawler.saved.warc_writer import Exchange, WarcFolder, mend, whole_bytes
from tests.support.pageserver import print_page
from tests.support.saved import FARSONLINE, pages, print_url, read


def exchange(number: int, **more: Any) -> Exchange:
    values: dict[str, Any] = {
        "url": print_url(number),
        "at": "2026-11-27T07:18:03+00:00",
        "method": "GET",
        "sent": ((b"Accept", b"text/html"),),
        "sent_body": b"",
        "protocol": "HTTP/1.1",
        "status": 200,
        "reason": "OK",
        "headers": ((b"Content-Type", b"text/html"), (b"Location", "/فا".encode())),
        "body": print_page(number).encode(),
        "address": "185.143.232.1",
    }
    return Exchange(**{**values, **more})


def folder_of(path: Path, max_bytes: int = 10**9) -> WarcFolder:
    return WarcFolder(path, "farsonline", max_bytes=max_bytes, info={"software": "farscrawler/0", "base-url": ""})


def test_what_is_written_is_read_again_byte_by_byte(tmp_path: Path) -> None:
    warcs = folder_of(tmp_path)
    for number in range(1, 4):
        warcs.write(exchange(number))
    (path,) = tmp_path.iterdir()
    assert path.name.endswith(".warc.gz.open")
    assert len(pages(read(path))) == 3  # while it is written
    warcs.close()
    (path,) = tmp_path.iterdir()
    found = read(path)
    assert not [one for one in found if isinstance(one, Complaint)]
    one = pages(found)[1]
    assert (one.at, one.status, one.body) == ("2026-11-27T07:18:03+00:00", 200, print_page(2).encode())
    assert one.headers == exchange(2).headers
    text = gzip.decompress(path.read_bytes()).decode()
    for words in (
        "WARC/1.1\r\n", "WARC-Type: warcinfo", "software: farscrawler/0", "WARC-IP-Address: 185.143.232.1",
        "WARC-Date: 2026-11-27T07:18:03Z", "WARC-Concurrent-To: <urn:uuid:", "WARC-Payload-Digest: sha1:",
        "GET /Incsys/PrtNews.aspx?l=Fa&code=2&k=0 HTTP/1.1\r\nHost: www.fars-online.ir\r\nAccept: text/html\r\n",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize("since", ["2026-11-26T07:00:00+00:00", None])
def test_an_answer_304_is_a_revisit_that_we_read_as_one(tmp_path: Path, since: str | None) -> None:
    warcs = folder_of(tmp_path)
    warcs.write(exchange(1, status=304, reason="Not Modified", body=b"", unchanged_since=since))
    warcs.close()
    (path,) = tmp_path.iterdir()
    with path.open("rb") as file:
        (head,) = [one.rec_headers for one in ArchiveIterator(file) if one.rec_type == "revisit"]
    assert head.get_header("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert head.get_header("WARC-Refers-To-Target-URI") == (print_url(1) if since else None)
    assert head.get_header("WARC-Refers-To-Date") == ("2026-11-26T07:00:00Z" if since else None)
    assert [(one.status, one.headers) for one in pages(read(path))] == [(304, exchange(1).headers)]
    text = gzip.decompress(path.read_bytes()).replace(b"software: farscrawler/0", b"software: another-one/0")
    foreign = tmp_path / "foreign.warc"
    foreign.write_bytes(text)
    assert [one.reason for one in read(foreign) if isinstance(one, Skipped)] == ["revisit record"]


def test_an_answer_from_a_private_address_is_no_page_of_the_site_here_either(tmp_path: Path) -> None:
    warcs = folder_of(tmp_path)
    warcs.write(exchange(1, address="10.10.34.35"))
    warcs.write(exchange(2, address=None))
    warcs.close()
    (path,) = tmp_path.iterdir()
    assert [one.reason for one in read(path) if isinstance(one, Skipped)] == ["answered from a private address"]
    assert len(pages(read(path))) == 1


def test_files_are_rotated_by_size_and_their_names_keep_the_order(tmp_path: Path) -> None:
    warcs = folder_of(tmp_path, 2000)
    for number in range(1, 9):
        warcs.write(exchange(number))
    warcs.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) > 2
    assert all(name.endswith(".warc.gz") for name in names)
    found = [one for file in folders.find([tmp_path]) for one in pages(folders.read(file, UrlFilter(FARSONLINE)))]
    assert [FARSONLINE.article_id(one.url) for one in found] == [str(number) for number in range(1, 9)]
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *(str(tmp_path / name) for name in names)], check=False
    )
    assert checked.returncode == 0


def test_two_writers_of_one_second_have_files_of_their_own(tmp_path: Path) -> None:
    several = [folder_of(tmp_path) for _ in range(3)]
    for warcs in several:
        warcs.write(exchange(1))
    assert mend(tmp_path, "farsonline") == []  # all are in use
    assert len(list(tmp_path.glob("*.open"))) == 3
    for warcs in several:
        warcs.close()
    assert len(list(tmp_path.glob("*.warc.gz"))) == 3


def left_open(tmp_path: Path) -> Path:
    """A file of two pages, as a kill leaves it: open, and in nobody's hands."""
    warcs = folder_of(tmp_path)
    warcs.write(exchange(1))
    warcs.write(exchange(2))
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    warcs.close()
    path.with_name(path.name.removesuffix(".open")).unlink()
    path.write_bytes(data)
    return path


@given(share=st.floats(0, 1))
def test_a_torn_file_of_ours_is_cut_and_closed(share: float) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = left_open(folder)
        data = path.read_bytes()
        cut = int(share * len(data))
        path.write_bytes(data[:cut])
        whole = whole_bytes(path)
        (sentence,) = mend(folder, "farsonline")
        left = [one.read_bytes() for one in folder.iterdir()]
        assert left == ([data[:whole]] if whole else [])
        assert "removed" in sentence if not whole else "is closed now" in sentence
        if 0 < whole < cut:
            assert f"{cut - whole:,} torn bytes" in sentence
        if left:
            (final,) = folder.iterdir()
            assert final.suffix == ".gz"
            assert not [one for one in read(final) if isinstance(one, Complaint)]
        assert mend(folder, "farsonline") == []


def test_nothing_but_our_own_open_files_is_touched(tmp_path: Path) -> None:
    path = left_open(tmp_path)
    others = {
        "aryanews-20261127T071803Z-00000.warc.gz.open": b"\x1f\x8b\x08torn",  # another publisher's
        "farsonline.warc.gz.open": b"\x1f\x8b\x08torn",  # no name of ours
        "farsonline-20261127T071803Z-00007.warc.gz": b"\x1f\x8b\x08torn",  # not open
        "farsonline-20261127T071803Z-00008.warc.gz.open": b"a file of somebody else",
        path.name.removesuffix(".open"): b"there already",
    }
    for name, data in others.items():
        (tmp_path / name).write_bytes(data)
    said = mend(tmp_path, "farsonline")
    assert len(said) == 2
    assert all("left alone" in sentence for sentence in said)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir() if one != path} == others


def test_a_write_that_fails_half_way_leaves_a_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warcs = folder_of(tmp_path)
    warcs.write(exchange(1))
    (path,) = tmp_path.iterdir()
    size = path.stat().st_size
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        if path.stat().st_size > size:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(ArchiveError, match="the disk is full"):
        warcs.write(exchange(2))
    assert path.stat().st_size == size == whole_bytes(path)


def test_members_are_counted_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    first, second = gzip.compress(b"a" * 300_000, 0, mtime=0), gzip.compress(b"b", mtime=0)
    for data, whole in (
        (b"", 0), (first, len(first)), (first + second, len(first + second)), (first + second[:-1], len(first)),
        (first[:-1], 0), (first + b"rubbish", len(first)), (zlib.compress(b"x"), 0),
    ):  # fmt: skip
        path.write_bytes(data)
        assert whole_bytes(path) == whole
