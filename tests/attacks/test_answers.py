"""Answers that are made to take memory or time: headers, bodies, robots.txt."""

from __future__ import annotations

import gzip
import os
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.support import crawl_words
from tests.support.attacks import Attack, Cost, meet
from tests.support.pageserver import print_page
from tests.support.print_site import visits
from tests.support.rawserver import RawServer, answer, endless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MB = 10**6
OK = b"HTTP/1.1 200 OK\r\n"
NOTHING = answer(status="404 Not Found")
#: Of no use to a decompressor, and nearly as large as the limit of a page.
NOISE, ZEROS = os.urandom(4 * MB), bytes(60 * MB)


def page(*pieces: bytes) -> Callable[[], RawServer]:
    """Return a site whose first article is answered with some bytes, and its second one truly; without robots.txt."""

    def script(path: str) -> Iterable[bytes]:
        if "code=1&" in path:
            return pieces
        return [answer(print_page(2).encode()) if "code=" in path else NOTHING]

    return lambda: RawServer(script)


def page_of(piece: bytes, before: bytes) -> Callable[[], RawServer]:
    return lambda: RawServer(
        lambda path: (
            endless(piece, before=before, most=300 * MB)
            if "code=1&" in path
            else [answer(print_page(2).encode()) if "code=" in path else NOTHING]
        )
    )


def robots(body: bytes, *headers: str) -> Callable[[], RawServer]:
    """Return a site of true articles with a robots.txt."""
    return lambda: RawServer(
        lambda path: [
            answer(body, *headers)
            if path == "/robots.txt"
            else answer(print_page(1 if "code=1&" in path else 2).encode())
        ]
    )


def first_is(outcome: str, reason: str) -> Callable[[Path, Cost], None]:
    """Return the check that the first article came to an outcome, and the second one is stored."""

    def see(folder: Path, _: Cost) -> None:
        found = visits(folder)
        assert found[2] == ("article", "")
        assert found[1][0] == outcome
        assert found[1][1].startswith(reason), found[1]

    return see


PENDING = first_is("failed", "headers larger than the limit")
FINAL = first_is("not-article", "larger than the size limit")
STORED = first_is("article", "")
CRAWL = tuple(crawl_words("{url}", "-a", "ids=1-2", settings={"RETRY_TIMES": 0}))

ATTACKS = {
    "headers without end": Attack(words=CRAWL, site=page_of(b"a: b\r\n", OK), code=3, see=PENDING),
    "a header without end": Attack(words=CRAWL, site=page_of(b"a" * 99, OK + b"a: "), code=3, see=PENDING),
    "a header continued without end": Attack(
        words=CRAWL, site=page_of(b" b\r\n", OK + b"a: b\r\n"), code=3, see=PENDING
    ),
    "a status line without end": Attack(words=CRAWL, site=page_of(b"a" * 99, b"HTTP/1.1 200 "), code=3, see=PENDING),
    "interim answers without end": Attack(
        words=CRAWL, site=page_of(b"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n", b""), code=3, see=PENDING
    ),
    "a body without end": Attack(words=CRAWL, site=page_of(b"<p>" * 99, OK + b"Connection: close\r\n\r\n"), see=FINAL),
    "a gzip bomb": Attack(
        words=CRAWL,
        site=page(answer(gzip.compress(gzip.compress(ZEROS, 1)), "Content-Encoding: gzip, gzip")),
        see=FINAL,
    ),
    "a Brotli bomb": Attack(
        words=CRAWL, site=page(answer(brotli.compress(ZEROS, quality=2), "Content-Encoding: br")), see=FINAL
    ),
    "gzip of empty members": Attack(
        words=CRAWL,
        site=page(answer(gzip.compress(b"") * 200_000, "Content-Encoding: gzip")),
        see=first_is("failed", "empty body"),
        code=3,
    ),
    "deflate that only grows": Attack(
        words=CRAWL,
        site=page(answer(zlib.compress(NOISE, 0), "Content-Encoding: deflate")),
        see=first_is("missing", ""),  # a file that is no page
    ),
    "codings without end": Attack(
        words=CRAWL,
        site=page(answer(gzip.compress(b""), f"Content-Encoding: {', '.join(['gzip'] * 2_000)}")),
        see=FINAL,
    ),
    "robots.txt of a million lines": Attack(words=CRAWL, site=robots(b"a\n" * MB), see=STORED),
    "robots.txt of thousands of agents with thousands of rules": Attack(
        words=CRAWL,
        site=robots(
            b"".join(b"User-agent: a%d\n" % n for n in range(14_000))
            + b"User-agent: *\n"
            + b"".join(b"Disallow: /%d\n" % n for n in range(15_000))
        ),
        see=STORED,
    ),
    "robots.txt of wild cards": Attack(
        words=CRAWL, site=robots(b"User-agent: *\n" + b"Disallow: /*a*b*c*d*e$\n" * 22_000), see=STORED
    ),
    "robots.txt that is a bomb": Attack(
        words=CRAWL, site=robots(gzip.compress(ZEROS, 1), "Content-Encoding: gzip"), see=STORED
    ),
    "robots.txt with headers without end": Attack(
        words=CRAWL,
        site=lambda: RawServer(lambda _: endless(b"a: b\r\n", before=OK, most=300 * MB)),
        code=3,
        says=("robots.txt cannot be read, headers larger than the limit",),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_answer_costs_little(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)
