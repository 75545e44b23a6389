"""Records whose length lies, ARC and zstandard files, and files that want to cost time or memory."""

from __future__ import annotations

import gzip
import multiprocessing
import resource
import sys
import time
import zlib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from farscrawler import publishers
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, SavedEntry, SavedPage
from farscrawler.saved.url_filter import UrlFilter
from tests.support.examples import examples
from tests.support.pageserver import print_page
from tests.support.saved import print_url

if TYPE_CHECKING:
    from collections.abc import Callable

FARSONLINE = publishers.load("farsonline")
MIB = 1024 * 1024


def read(path: Path) -> list[SavedEntry]:
    return [one for file in folders.find([path]) for one in folders.read(file, UrlFilter(FARSONLINE))]


def ids(found: list[SavedEntry]) -> list[int]:
    return [int(FARSONLINE.article_id(one.url) or 0) for one in found if isinstance(one, SavedPage)]


def sentences(found: list[SavedEntry]) -> list[str]:
    return [one.sentence for one in found if isinstance(one, Complaint)]


def block(number: int, *, more: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{print_page(number)}{more}".encode()


def warc(number: int, *, off: int = 0, data: bytes | None = None) -> bytes:
    """A record without digests, as wget and many others write it, whose length is so much too large."""
    held = block(number) if data is None else data
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:d43c0532-018b-410c-b072-e3c444d94c03>\r\n"
        f"WARC-Target-URI: {print_url(number)}\r\nWARC-Date: 2024-05-01T10:00:{number:02}Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(held) + off}\r\n\r\n"
    )
    return head.encode() + held + b"\r\n\r\n"


def arc(number: int, *, off: int = 0, version: int = 1) -> bytes:
    held = block(number)
    more = "200 - - 0 x.arc " if version == 2 else ""
    head = f"{print_url(number)} 10.1.2.3 202405011000{number:02} text/html {more}{len(held) + off}\n"
    return head.encode() + held + b"\n"


def arc_head(version: int = 1) -> bytes:
    names = "URL IP-address Archive-date Content-type " + (
        "Result-code Checksum Location Offset Filename " if version == 2 else ""
    )
    held = f"{version} 0 farsi\n{names}Archive-length\n\n".encode()
    more = b"200 - - 0 x.arc " if version == 2 else b""
    return b"filedesc://x.arc 0.0.0.0 20240501100000 text/plain %s%d\n%s\n" % (more, len(held), held)


@cache
def dictionary() -> zstd.ZstdDict:
    return zstd.train_dict([block(number) for number in range(100, 180)], 16_384)


def zst(records: list[bytes], *, packed: bool) -> bytes:
    """A file with its dictionary in a skippable frame, as the draft of the format has it."""
    trained = dictionary()
    held = zstd.compress(trained.dict_content) if packed else trained.dict_content
    frames = [zstd.compress(record, zstd_dict=trained) for record in records]
    return b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little") + held + b"".join(frames)


def in_members(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


FORMATS: dict[str, tuple[Callable[..., bytes], Callable[[list[bytes]], bytes]]] = {
    "x.warc.gz": (warc, in_members),
    "x.warc": (warc, b"".join),
    "x.warc.zst": (warc, lambda records: b"".join(zstd.compress(record) for record in records)),
    "y.warc.zst": (warc, lambda records: zst(records, packed=True)),
    "z.warc.zst": (warc, lambda records: zst(records, packed=False)),
    "x.arc": (arc, lambda records: arc_head() + b"".join(records)),
    "x.arc.gz": (arc, lambda records: in_members([arc_head(), *records])),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_whose_length_lies_is_lost_alone(tmp_path: Path, name: str) -> None:
    one, joined = FORMATS[name]
    path = tmp_path / name
    path.write_bytes(joined([one(number) for number in range(1, 13)]))
    whole = read(path)
    assert (ids(whole), sentences(whole)) == (list(range(1, 13)), [])
    assert all(isinstance(entry, SavedPage) and entry.body == print_page(entry_id).encode()
               for entry, entry_id in zip(whole, range(1, 13), strict=True))  # fmt: skip
    assert isinstance(whole[3], SavedPage)
    assert whole[3].at == "2024-05-01T10:00:04+00:00"
    offsets = {number: entry.offset for number, entry in enumerate(whole, 1) if isinstance(entry, SavedPage)}
    for off in (-1, 7, -30, 30, 10**4, 10**12):
        path.write_bytes(joined([one(number, off=off if number == 5 else 0) for number in range(1, 13)]))
        found = read(path)
        assert ids(found) == [number for number in range(1, 13) if number != 5], (name, off)
        (said,) = sentences(found)
        assert f"{name} is damaged at byte {offsets[5]} " in said
        assert "a record was lost; reading went on at byte" in said


@pytest.mark.parametrize("name", FORMATS)
def test_lies_in_several_places_are_counted(tmp_path: Path, name: str) -> None:
    one, joined = FORMATS[name]
    path = tmp_path / name
    path.write_bytes(joined([one(number, off=-3 if number in (2, 3, 7) else 0) for number in range(1, 9)]))
    found = read(path)
    assert ids(found) == [1, 4, 5, 6, 8]
    first, second, last = sentences(found)
    assert "2 records were lost" in first
    assert "a record was lost" in second
    assert "3 records were lost in all" in last


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_length_that_ends_with_a_later_record_never_glues_two(tmp_path: Path, name: str) -> None:
    records = [warc(1), warc(2, off=len(warc(3))), warc(3), warc(4)]
    path = tmp_path / name
    path.write_bytes(b"".join(records) if name == "x.warc" else gzip.compress(b"".join(records), mtime=0))
    found = read(path)
    assert ids(found) == ([1, 3, 4] if name == "x.warc" else [1])
    (said,) = sentences(found)
    assert ("decompress the file, and give the plain one" in said) == (name != "x.warc")


def test_a_page_that_quotes_a_record_is_whole_where_its_digest_says_so(tmp_path: Path) -> None:
    quoting = block(2, more="\n" + warc(3).decode())
    named = warc(2, data=quoting).replace(
        b"WARC-Date", b"WARC-Block-Digest: sha256:" + sha256(quoting).hexdigest().encode() + b"\r\nWARC-Date", 1
    )
    path = tmp_path / "x.warc"
    path.write_bytes(warc(1) + named + warc(4))
    assert ids(read(path)) == [1, 2, 4]


def test_a_file_that_is_one_gzip_member_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(b"".join(warc(number) for number in range(1, 6)), mtime=0))
    found = read(path)
    assert ids(found) == [1, 2, 3, 4, 5]
    offsets = [one.offset for one in found if isinstance(one, SavedPage)]
    assert offsets == [sum(len(warc(before)) for before in range(1, number)) for number in range(1, 6)]


def test_arc_of_version_2_and_lines_that_are_odd(tmp_path: Path) -> None:
    path = tmp_path / "x.arc"
    blank = arc(2).replace(b"code=2&k=0 ", b"code=2&k=0&a=b c ", 1)  # an address with a blank in it
    day = arc(3).replace(b"20240501100003", b"202405011000", 1)
    path.write_bytes(arc_head(2) + arc(1, version=2) + blank + day + arc(4, version=2))
    found = read(path)
    assert ids(found) == [1, 2, 4]
    (said,) = sentences(found)
    assert "does not say when it was taken" in said


def test_a_page_of_too_many_elements_is_said_to_have_them(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_text(f"<html><link rel=canonical href={print_url(1)}>" + "<p>" * 100_001)
    (said,) = sentences(read(path))
    assert said == f"{path} was left out: it has too many elements to be read."


@examples(120)
@given(
    name=st.sampled_from(sorted(FORMATS)),
    edits=st.lists(st.tuples(st.integers(0, 12_000), st.binary(max_size=6), st.integers(0, 12)), max_size=4),
)
def test_any_damage_gives_whole_pages_and_sentences(
    name: str, edits: list[tuple[int, bytes, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, joined = FORMATS[name]
    data = bytearray(joined([one(number) for number in range(1, 6)]))
    for place, new, old in edits:
        at = place % len(data)
        data[at : at + old] = new
    path = tmp_path_factory.mktemp("damage") / name
    path.write_bytes(data)
    found = read(path)
    assert len(ids(found)) <= 5
    if name == "x.warc.gz":  # its members have checksums: nothing but the pages comes out
        assert {one.body for one in found if isinstance(one, SavedPage)} <= {print_page(n).encode() for n in range(6)}


# -- files that want to cost time or memory ----------------------------------------------------------


def bomb(start: bytes, size: int) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    zeros = bytes(MIB)
    parts = [machine.compress(start), *(machine.compress(zeros) for _ in range(size // MIB)), machine.flush()]
    return b"".join(parts)


RESPONSE = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: "
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a tail of zeros": ("x.warc", lambda: warc(1) + bytes(32 * MIB)),
    "a tail of line ends": ("x.warc", lambda: warc(1) + b"\n" * (32 * MIB)),
    "nothing but first lines": ("x.warc", lambda: warc(1) + b"WARC/1.0\r\n" * MIB),
    "heads without an end": ("x.warc", lambda: warc(1) + b"WARC/1.0\r\na: b\r\n" * (MIB // 4)),
    "a million header lines": ("x.warc", lambda: b"WARC/1.0\r\n" + b"a: b\r\n" * MIB + b"\r\n"),
    "lengths that all end in one place": (
        "x.warc",
        lambda: b"".join(RESPONSE + b"%09d\r\n\r\n" % (61 * (10**5 - n) - 61) for n in range(10**5)) + b"\r\n\r\n",
    ),
    "a bomb in the head": ("x.warc.gz", lambda: bomb(b"WARC/1.0\r\na: ", 96 * MIB)),
    "a bomb in the block": ("x.warc.gz", lambda: bomb(RESPONSE + b"%d\r\n\r\n" % (96 * MIB), 96 * MIB)),
    "members that lie and expand": ("x.warc.gz", lambda: bomb(RESPONSE + b"9\r\n\r\n", 8 * MIB) * 60),
    "beginnings of members": ("x.warc.gz", lambda: in_members([warc(1)]) + b"\x1f\x8b\x08\0\0\0\0\0\0\3\5" * MIB),
    "beginnings of frames": ("x.warc.zst", lambda: zstd.compress(warc(1)) + b"\x28\xb5\x2f\xfd" * MIB),
    "frames to skip": ("x.warc.zst", lambda: b"\x50\x2a\x4d\x18\0\0\0\0" * (MIB // 2)),
    "a dictionary of 2 GB": ("x.warc.zst", lambda: b"\x5d\x2a\x4d\x18\xff\xff\xff\x7f\x37\xa4\x30\xec" + bytes(MIB)),
    "a frame with a window of 2 GB": ("x.warc.zst", lambda: b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(MIB)),
    "lines of records only": (
        "x.arc",
        lambda: arc_head() + b"http://a/ 1.2.3.4 20220601100000 text/html 9\n" * (MIB // 16),
    ),
}
#: Beyond what the process has when it begins.
MEMORY = 200 * MIB
#: Ten times what they take on the machine where this was written, which is a second at most.
CPU_SECONDS = 20


def attacked(path: Path, out: Any) -> None:
    """In a process of its own, with a limit of its own: read, and say what came and the longest wait."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS * 3, CPU_SECONDS * 3))
    begun = time.process_time()
    last, longest, said, pages = begun, 0.0, [], 0
    for file in folders.find([path]):
        for one in folders.read(file, UrlFilter(FARSONLINE)):
            now = time.process_time()
            last, longest = now, max(longest, now - last)
            said += [one.sentence] if isinstance(one, Complaint) else []
            pages += isinstance(one, SavedPage)
    out.send((pages, said, longest, time.process_time() - begun))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory of a process is read from /proc")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_costs_little_and_itself_alone(tmp_path: Path, what: str) -> None:
    name, made = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(made())
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=attacked, args=(path, there))
    child.start()
    there.close()
    try:
        pages, said, longest, spent = here.recv()
    finally:
        child.join()
    assert child.exitcode == 0
    assert pages <= 1
    assert len(said) <= 3
    assert all(str(path) in sentence for sentence in said)
    assert spent < CPU_SECONDS
    assert longest < 3
