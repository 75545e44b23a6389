"""Answers without end, or beyond a limit: each costs little, and is final or pending by the one rule."""

from __future__ import annotations

import gzip
import sys
import threading
import zlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import brotli
import pytest

from farscrawler.webarchives.http_body import BodyError, beginning, unpacked
from tests.support import crawl
from tests.support.certificates import Authority
from tests.support.pageserver import print_page
from tests.support.print_site import visits
from tests.support.rawserver import RawServer, answer, endless

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
#: What a kernel and the sender hold of an answer when the client hangs up; without a limit all of it is taken.
LITTLE, ALL = 16_000_000, 200_000_000


def site(answers: dict[int, Callable[[], Iterable[bytes]]]) -> Callable[[str], Iterable[bytes]]:
    """Return the script of a site whose print pages are these, or true ones; it has no robots.txt."""

    def script(path: str) -> Iterable[bytes]:
        code = parse_qs(urlsplit(path).query).get("code")
        if code is None:
            return [answer(status="404 Not Found")]
        number = int(code[0])
        return answers[number]() if number in answers else [answer(print_page(number).encode())]

    return script


HEADERS: dict[int, Callable[[], Iterable[bytes]]] = {
    1: lambda: endless(b"a: b\r\n", before=OK, most=ALL),
    2: lambda: endless(b"a" * 64, before=OK + b"a: ", most=ALL),
    3: lambda: endless(b"a" * 64, before=b"HTTP/1.1 200 ", most=ALL),
    4: lambda: endless(b" b\r\n", before=OK + b"a: b\r\n", most=ALL),
    5: lambda: endless(b"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n", most=ALL),
    6: lambda: endless(b"a: " + b"b" * 9_000 + b"\r\n", before=OK, most=ALL),
    7: lambda: endless(b"a" * 64, before=CHUNKED + b"1;", most=ALL),
    8: lambda: endless(b"a: b\r\n", before=CHUNKED + b"0\r\n", most=ALL),
}


def test_headers_without_end_are_hung_up_on_and_stay_pending(tmp_path: Path) -> None:
    with RawServer(site(HEADERS)) as server:
        done = crawl(server.url, "-a", "ids=1-9", cwd=tmp_path, RETRY_TIMES=0)
        assert server.sent < len(HEADERS) * LITTLE
        assert len(server.asked) == 10
    assert done.returncode == 3, done.stderr
    said = {number: (outcome, reason.partition(",")[0]) for number, (outcome, reason) in visits(tmp_path).items()}
    assert said.pop(9) == ("article", "")
    assert said == {
        **dict.fromkeys((1, 2, 3, 4, 5, 6), ("failed", "headers larger than the limit")),
        **dict.fromkeys((7, 8), ("failed", "the body was cut off")),  # Twisted's own limits of chunks
    }


def test_long_headers_of_honest_servers_are_read(tmp_path: Path) -> None:
    many = [f"X-Header-{n}: {'a' * 600}" for n in range(90)]
    with RawServer(site({1: lambda: [answer(print_page(1).encode(), *many)]})) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        less = crawl(server.url, "-a", "ids=1", cwd=tmp_path, DOWNLOAD_MAXHEADERLINES=19)
    assert less.returncode == 2
    assert "DOWNLOAD_MAXHEADERLINES=19: it must be at least 20" in less.stderr


PAGE = b"<html><body>" + b"<p>words</p>" * 20_000
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
}


def chunked(body: bytes) -> Iterator[bytes]:
    yield CHUNKED
    for at in range(0, len(body), 50_000):
        piece = body[at : at + 50_000]
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def test_a_page_over_the_size_is_final_however_it_was_sent(tmp_path: Path) -> None:
    ways: list[Callable[[], Iterable[bytes]]] = [
        lambda: [answer(PAGE)],
        lambda: [OK + b"Connection: close\r\n\r\n" + PAGE],
        lambda: chunked(PAGE),
        lambda: endless(b"a", before=CHUNKED + b"fffffff\r\n", most=ALL),
        *(
            lambda name=name, pack=pack: [answer(pack(PAGE), f"Content-Encoding: {name}")]
            for name, pack in CODINGS.items()
        ),
        lambda: [answer(gzip.compress(b""), f"Content-Encoding: {', '.join(['gzip'] * 4)}")],
    ]
    with RawServer(site(dict(enumerate(ways, 1)))) as server:
        ids = f"ids=1-{len(ways)}"
        done = crawl(server.url, "-a", ids, cwd=tmp_path, DOWNLOAD_MAXSIZE=100_000, STOP_AFTER_NOT_ARTICLE_IDS=99)
        found = visits(tmp_path)
        assert {outcome for outcome, _ in found.values()} == {"not-article"}
        assert {reason.partition(",")[0] for _, reason in found.values()} == {"larger than the size limit"}
        assert len(found) == len(ways)
        assert done.returncode == 0, done.stderr
        asked = len(server.asked)
        assert crawl(server.url, "-a", ids, cwd=tmp_path).returncode == 0
        assert len(server.asked) == asked  # final


@pytest.mark.parametrize("name", CODINGS)
def test_what_is_packed_is_read_up_to_its_limit(name: str) -> None:
    packed = CODINGS[name](PAGE)
    assert unpacked(packed, name, largest=len(PAGE)) == PAGE
    assert beginning(packed, name, most=100) == PAGE[:100]
    with pytest.raises(BodyError, match="larger than"):
        unpacked(packed, name, largest=len(PAGE) - 1)
    cut = packed[: len(packed) // 2]
    with pytest.raises(BodyError, match=r"cut within|as its header says"):
        unpacked(cut, name, largest=len(PAGE))


def test_a_wrong_checksum_loses_nothing_and_members_are_joined() -> None:
    packed = gzip.compress(PAGE)
    assert beginning(packed[:-8] + b"notright", "gzip", most=len(PAGE) + 1) == PAGE
    assert beginning(gzip.compress(b"a") + packed, "gzip", most=len(PAGE) + 1) == b"a" + PAGE
    with pytest.raises(BodyError):
        beginning(b"<html>", "gzip", most=9)
    # Two hundred thousand empty members took 1.3 s.
    assert beginning(gzip.compress(b"") * 200_000, "gzip", most=9) == b""


def drip(over: threading.Event, before: bytes, piece: bytes) -> Iterator[bytes]:
    yield before
    while not over.wait(0.1):
        yield piece


def test_a_slow_drip_ends_with_the_time_in_every_phase(tmp_path: Path) -> None:
    phases = {
        1: (b"HTTP/1.1 200", b" "),
        2: (OK, b"a: b\r\n"),
        3: (OK + b"Content-Length: 99999\r\n\r\n", b"a"),
        4: (CHUNKED, b"1\r\na\r\n"),
    }
    over = threading.Event()
    script = site({number: partial(drip, over, *words) for number, words in phases.items()})
    with RawServer(script, over=over) as server:
        done = crawl(server.url, "-a", "ids=1-4", cwd=tmp_path, DOWNLOAD_TIMEOUT=1, RETRY_TIMES=0)
    assert set(visits(tmp_path).values()) == {("failed", "no answer in time")}
    assert done.returncode == 3


@pytest.mark.parametrize("phase", ["handshake", "robots.txt"])
def test_a_slow_start_ends_with_the_time(tmp_path: Path, phase: str) -> None:
    certificate = Authority(tmp_path).issue("site") if phase == "handshake" else None
    over = threading.Event()
    dripping = partial(drip, over, OK + b"\r\n", b"#")
    with RawServer(lambda _: dripping(), certificate=certificate, silent=certificate is not None, over=over) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path, DOWNLOAD_TIMEOUT=1, RETRY_TIMES=0)
    assert visits(tmp_path) == {1: ("failed", "robots.txt cannot be read, no answer in time")}
    assert done.returncode == 3
