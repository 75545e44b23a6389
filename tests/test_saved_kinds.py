"""Files in a folder of saved pages that are no HTML: WACZ, MHTML, and those that are named and left alone."""

from __future__ import annotations

import base64
import contextlib
import gzip
import quopri
import sqlite3
import struct
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.saved import folders
from farscrawler.saved.mhtml import MhtmlError, read_mhtml
from farscrawler.saved.page import Complaint, SavedEntry, SavedPage, Skipped
from farscrawler.saved.url_filter import UrlFilter
from tests.support.commands import run
from tests.support.examples import examples
from tests.support.pageserver import print_page
from tests.support.saved import Record, print_url, write_warc

if TYPE_CHECKING:
    from pathlib import Path

FARSONLINE = publishers.load("farsonline")


def read(path: Path) -> list[SavedEntry]:
    return [one for file in folders.find([path]) for one in folders.read(file, UrlFilter(FARSONLINE))]


def ids(found: list[SavedEntry]) -> list[str | None]:
    return [FARSONLINE.article_id(one.url) for one in found if isinstance(one, SavedPage)]


def sentence(found: list[SavedEntry]) -> str:
    (one,) = (one.sentence for one in found if isinstance(one, Complaint))
    return one


# -- WACZ ------------------------------------------------------------------------------------------


def warc_of(folder: Path, *numbers: int, packed: bool = True) -> bytes:
    path = folder / "made"
    write_warc(
        path, [Record(print_url(n), print_page(n), at=f"2024-05-01T10:00:{n:02}Z") for n in numbers], gzip=packed
    )
    data = path.read_bytes()
    path.unlink()
    return data


def wacz(folder: Path, *, method: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "x.wacz"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("archive/a.warc.gz", warc_of(folder, 1, 2))
        made.writestr("archive/b.warc", warc_of(folder, 3, packed=False))
        made.writestr("indexes/index.cdx.gz", gzip.compress(b"x"))
        made.writestr("datapackage.json", "{}")
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_wacz_is_read_in_its_place(tmp_path: Path, method: int) -> None:
    found = read(wacz(tmp_path, method=method))
    assert ids(found) == ["1", "2", "3"]
    first, _, third = (one for one in found if isinstance(one, SavedPage))
    assert (first.source, first.at) == ("x.wacz/archive/a.warc.gz#0", "2024-05-01T10:00:01+00:00")
    assert third.source.startswith("x.wacz/archive/b.warc#")
    assert third.body == print_page(3).encode()


def test_a_wacz_has_its_place_in_the_order_of_time(tmp_path: Path) -> None:
    assert folders.find([wacz(tmp_path)])[0].at == "2024-05-01T10:00:01+00:00"


def spoilt(data: bytes, name: bytes) -> bytes:
    """Change a byte of a file in a zip."""
    at = data.index(name) + len(name) + 200
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_warc_in_a_wacz_costs_itself(tmp_path: Path, method: int) -> None:
    path = wacz(tmp_path, method=method)
    path.write_bytes(spoilt(path.read_bytes(), b"archive/a.warc.gz"))
    found = read(path)
    assert ids(found) == ["3"]
    said = sentence(found)
    assert said.startswith(f"{path}, archive/a.warc.gz ")
    assert "left out" in said


def test_an_encrypted_warc_in_a_wacz_is_named(tmp_path: Path) -> None:
    path = wacz(tmp_path)
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flags of the first file, in its head and in the list
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    found = read(path)
    assert ids(found) == ["3"]
    assert "archive/a.warc.gz is encrypted; it was left out. Unpack it with its password" in sentence(found)


def test_a_wacz_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    whole = wacz(tmp_path).read_bytes()
    for data, words in (
        (b"", "no list of contents"),
        (b"<html>", "no list of contents"),
        (whole[: len(whole) // 2], "no list of contents"),
        (
            whole[:-22] + whole[-22:-10] + struct.pack("<L", 2**31) + whole[-6:],
            "list of contents has 2,147,483,648",
        ),
    ):
        path.write_bytes(data)
        assert words in sentence(read(path))
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("pages/pages.jsonl", "{}")
    assert "holds no WARC file in its folder `archive`" in sentence(read(path))


def test_a_bomb_in_a_wacz_is_named_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("archive/a.warc", bytes(8 * 1024 * 1024))
    assert "would be unpacked to 8,388,608 bytes; it was left out" in sentence(read(path))


# -- MHTML -----------------------------------------------------------------------------------------


def mhtml(
    number: int, *, how: str = "quoted-printable", date: str | None = "Wed, 1 May 2024 13:30:05 +0330", start: str = ""
) -> bytes:
    page = print_page(number).encode()
    coded = {"quoted-printable": quopri.encodestring(page), "base64": base64.encodebytes(page), "8bit": page}[how]
    lines = [
        "From: <Saved by Blink>", f"Snapshot-Content-Location: {print_url(number)}",
        "Subject: =?utf-8?Q?=D8=AE?=", *([f"Date: {date}"] if date else []), "MIME-Version: 1.0",
        f'Content-Type: multipart/related;\r\n\ttype="text/html";{start}\r\n\tboundary="----Blink--x----"', "", "",
    ]  # fmt: skip
    picture = b"------Blink--x----\r\nContent-Type: image/png\r\nContent-ID: <p>\r\n\r\n" + bytes(9000) + b"\r\n"
    part = (
        f"------Blink--x----\r\nContent-Type: text/html; charset=utf-8\r\nContent-ID: <frame-0>\r\n"
        f"Content-Transfer-Encoding: {how}\r\nContent-Location: {print_url(number)}\r\n\r\n"
    )
    return (
        "\r\n".join(lines).encode() + picture + part.encode() + coded + b"\r\n" + picture + b"------Blink--x------\r\n"
    )


@pytest.mark.parametrize("how", ["quoted-printable", "base64", "8bit"])
def test_a_page_saved_as_one_file_is_read_with_its_address_and_time(tmp_path: Path, how: str) -> None:
    (tmp_path / "x.mht").write_bytes(mhtml(7, how=how, start=' start="<frame-0>";'))
    (found,) = read(tmp_path)
    assert isinstance(found, SavedPage)
    assert (found.url, found.at, found.time_of_file) == (print_url(7), "2024-05-01T10:00:05+00:00", False)
    assert found.body.decode().split() == print_page(7).split()


def test_an_mhtml_file_without_a_time_has_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.mhtml").write_bytes(mhtml(7, date=None))
    (found,) = read(tmp_path)
    assert isinstance(found, SavedPage)
    assert found.time_of_file


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it names no parts"),
        (b"<html>", "it names no parts"),
        (mhtml(1)[:9800], "it is cut within its page"),
        (mhtml(1).replace(b"text/html; charset", b"text/plain; charset"), "none of its parts is a page"),
        (b"Content-Type: " + b"x" * 99_999, "a header of it is longer than"),
    ],
)
def test_an_mhtml_file_that_holds_no_page_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.mht"
    path.write_bytes(data)
    said = sentence(read(path))
    assert words in said
    assert str(path) in said


@examples(100)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=5), st.integers(0, 9)), max_size=5), st.binary())
def test_mhtml_of_any_bytes_is_a_page_or_a_sentence(edits: list[tuple[int, bytes, int]], noise: bytes) -> None:
    data = bytearray(mhtml(3))
    for place, new, old in edits:
        at = place % len(data)
        data[at : at + old] = new
    for given_ in (bytes(data), noise):
        with contextlib.suppress(MhtmlError):
            assert len(read_mhtml(BytesIO(given_), largest=5000).body) <= 5001


# -- the others ------------------------------------------------------------------------------------


def zipped(name: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, print_page(1))
    return out.getvalue()


HAR = b'{"log": {"version": "1.2", "entries": [{"response": {"content": {"text": "<html>"}}}]}}'
OTHERS: dict[str, tuple[bytes, str]] = {
    "a.zip": (zipped("index.html"), "is a zip file; it was left alone. Unpack it"),
    "a.maff": (zipped("1/index.html"), "is a MAFF file of Firefox"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + b"<html>", "is a 7z file"),
    "a.pdf": (b"%PDF-1.7\n<html>", "is a PDF document"),
    "a.har": (HAR, "a recording of a browser (HAR); it was left alone. Turn it into a WARC file with har2warc"),
    "a.webarchive": (b"bplist00" + b"<html>" + b"WebMainResource", "a web archive of Safari"),
    "a.html": (b"WARC/1.0\r\nWARC-Type: warcinfo\r\n\r\n<html>", "Give it a name that ends in .warc."),
    "a.htm": (mhtml(4), "give it a name that ends in .mht."),
    "a.html.gz": (gzip.compress(print_page(1).encode()), "is packed with gzip"),
    "a.tar": (b"x" * 257 + b"ustar\0" + b"<html>", "is a tar file"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_may_hold_pages_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    data, words = OTHERS[name]
    path = tmp_path / name
    path.write_bytes(data)
    said = sentence(read(path))
    assert said.startswith(f"{path} is ")
    assert words in said


def test_what_a_saved_page_brings_along_is_counted_by_what_it_is(tmp_path: Path) -> None:
    for name, data in {
        "a.png": b"\x89PNG\r\n\x1a\n<html>", "b.jpg": b"\xff\xd8\xff\xe0<html>", "c.woff": b"wOFF<html>",
        "d.js": b"document.title = 1", "e.txt": b'[{"a": "<html>"}]', "f.mp4": b"\0\0\0\x18ftypmp42<html>",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    reasons = sorted(one.reason for one in read(tmp_path) if isinstance(one, Skipped))
    assert reasons == [
        "not HTML", "not HTML (JSON)", "not HTML (font)", "not HTML (picture)", "not HTML (picture)",
        "not HTML (sound or film)",
    ]  # fmt: skip


def test_nothing_in_a_folder_of_all_kinds_is_settled_but_its_pages(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    wacz(saved)
    (saved / "x.mht").write_bytes(mhtml(7))
    for name, (data, _) in OTHERS.items():
        (saved / name).write_bytes(data)
    (saved / "odd\x1b[31m.zip").write_bytes(zipped("x"))
    ended = run("crawl", "farsonline", "-a", f"pages={saved}", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    db = sqlite3.connect(tmp_path / "archive.db")
    try:
        rows = db.execute("SELECT key, outcome, source FROM visits ORDER BY CAST(key AS INT)").fetchall()
    finally:
        db.close()
    assert [(key, outcome) for key, outcome, _ in rows] == [(key, "article") for key in ("1", "2", "3", "7")]
    assert rows[0][2] == "x.wacz/archive/a.warc.gz#0"
    assert "\x1b[31m" not in ended.stderr
    assert "is a zip file; it was left alone" in ended.stderr


def test_a_folder_without_a_page_of_use_asks_for_no_repetition(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/a.zip").write_bytes(zipped("x"))
    ended = run("crawl", "farsonline", "-a", "pages=saved", cwd=tmp_path)
    assert ended.returncode == 3
    assert "it was left alone. Unpack it" in ended.stderr
    assert "same command again" not in ended.stderr


def test_parse_page_reads_mhtml_and_says_how_archives_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.mht").write_bytes(mhtml(7))
    wacz(tmp_path)
    (tmp_path / "a.zip").write_bytes(zipped("x"))
    read_ = run("parse-page", "x.mht", "--publisher", "farsonline", "--url", print_url(7), "--json", cwd=tmp_path)
    assert '"article_id": "7"' in read_.stdout
    for name, words in (("x.wacz", "--pages x.wacz` reads them"), ("a.zip", "Unpack it, and give the folder")):
        ended = run("parse-page", name, cwd=tmp_path)
        assert (ended.returncode, words in ended.stderr) == (2, True)
