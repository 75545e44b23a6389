"""Answers meant to hurt a careless client, all bounded in bytes and the endless one in time."""

from __future__ import annotations

import gzip
from functools import lru_cache

from farscrawler.testing.newsroom import words
from farscrawler.testing.newsroom.response import Response
from farscrawler.testing.newsroom.wire import Answer, encode, head_of

KINDS = ("bomb", "endless", "cookies", "headers")
BOMB_BYTES = 256 * 1024 * 1024  # unpacked; about 1/1000 of it goes over the wire
ENDLESS_BYTES = 64 * 1024 * 1024
ENDLESS_SECONDS = 30.0
COOKIES = 400
HEADERS = 2_000


def answer(kind: str, *, limit: int | None = None) -> Answer:
    """Return the hostile answer of one of :data:`KINDS`; ``limit`` lowers the bytes of bomb and endless."""
    page = f"<html><body>{words.SYNTHETIC}<p>{words.SITE_NAME}</p></body></html>".encode()
    response = Response(status=200, body=page, kind="hostile")
    if kind == "bomb":
        body = _bomb(BOMB_BYTES if limit is None else limit)
        bomb = Response(status=200, body=body, kind="hostile", headers=(("Content-Encoding", "gzip"),))
        return Answer(encode(bomb))
    if kind == "endless":
        return Answer(head_of(response, with_length=False) + page, "endless", ENDLESS_SECONDS)
    many = COOKIES if kind == "cookies" else HEADERS
    if kind == "cookies":
        flood = tuple(("Set-Cookie", f"c{number}={'x' * 200}; Path=/") for number in range(many))
    else:
        flood = tuple((f"X-Flood-{number}", "x" * 60) for number in range(many))
    return Answer(encode(Response(status=200, body=page, kind="hostile", headers=flood)))


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    # Packed in members, so that the whole is never held unpacked here.
    block = 1024 * 1024
    member = gzip.compress(b"<p> " * (block // 4), 9, mtime=0)
    return member * max(1, size // block)
