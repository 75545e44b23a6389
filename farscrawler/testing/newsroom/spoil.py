"""Answers that go wrong: a good one spoiled as drawn, and hostile ones, meant to hurt a careless client.

A spoiled answer has another status, another encoding or another way of being sent. Hostile answers are all bounded in
bytes, and the endless one in time.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import lists, words
from farscrawler.testing.newsroom.response import Response
from farscrawler.testing.newsroom.wire import Answer, encode, head_of

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.faults import Draw, Faults

#: The kinds of hostile answers.
HOSTILE = ("bomb", "endless", "cookies", "headers")
BOMB_BYTES = 256 * 1024 * 1024  # unpacked; about 1/1000 of it goes over the wire
ENDLESS_BYTES = 64 * 1024 * 1024
ENDLESS_SECONDS = 30.0
COOKIES = 400
HEADERS = 2_000
_LABEL = b"charset=utf-8"
_LABELS = {"cp1256": b"charset=windows-1256", "odd_label": b"charset=windows-utf-8"}
_HTML = "text/html; charset=utf-8"
_HALF = 0.5
_BREAKS = ("reset_midway", "cut", "cut_silently", "stall")
_WRONG_TYPES = ("image/jpeg", "application/octet-stream", "application/pdf")
_ELSEWHERE = (
    "http://127.0.0.1:1/",
    "http://example.invalid/",
)  # nothing listens there; no such host can exist


def replaced(response: Response, draw: Draw, faults: Faults) -> Response:
    """Return what takes the place of ``response``, if the failure drawn is an answer of its own."""
    if draw.failure == "unavailable":
        return Response(status=503, body=lists.unavailable().encode(), kind=response.kind)
    if draw.failure == "too_many":
        after = str(faults.retry_after)
        if draw.detail < _HALF:  # both forms of RFC 9110, 10.2.3
            after = format_datetime(datetime.now(UTC) + timedelta(seconds=faults.retry_after), usegmt=True)
        body = lists.unavailable().encode()
        return Response(status=429, body=body, kind=response.kind, headers=(("Retry-After", after),))
    if draw.failure == "challenge":
        return Response(
            status=200,
            body=lists.challenge().encode(),
            kind=response.kind,
            headers=(("Server", "ArvanCloud"), ("Set-Cookie", "__arcsjsc=arcookie-42; Path=/")),
        )
    if draw.failure == "wrong_type":
        return replace(response, content_type=_pick(_WRONG_TYPES, draw.detail))
    if draw.failure == "off_site":
        return Response(
            status=302, body=b"", kind=response.kind, headers=(("Location", _pick(_ELSEWHERE, draw.detail)),)
        )
    return response


def varied(response: Response, draw: Draw, accepted: str) -> Response:
    """Return ``response`` in the charset drawn, and in the coding if ``accepted`` names it."""
    if draw.charset is not None and response.content_type == _HTML and response.body:
        response = _recoded(response, draw.charset)
    if draw.coding is not None and response.body and draw.coding in accepted.lower():
        body = gzip.compress(response.body, 1, mtime=0) if draw.coding == "gzip" else zlib.compress(response.body, 1)
        headers = (*response.headers, ("Content-Encoding", draw.coding), ("Vary", "Accept-Encoding"))
        response = replace(response, body=body, headers=headers)
    return response


def _recoded(response: Response, charset: str) -> Response:
    if charset == "no_label":
        body = response.body.replace(b"; " + _LABEL, b"").replace(b'<meta charset="utf-8" />', b"")
        return replace(response, body=body, content_type="text/html")
    label = _LABELS[charset]
    body = response.body.replace(_LABEL, label).replace(b'charset="utf-8"', label.replace(b"=", b'="') + b'"')
    if charset == "cp1256":
        # There is no Farsi yeh in windows-1256: such pages write it, and much else, as a reference.
        body = body.decode().encode("cp1256", "xmlcharrefreplace")
    return replace(response, body=body, content_type=f"text/html; {label.decode()}")


def answer(response: Response, draw: Draw, faults: Faults, *, with_body: bool, closing: bool) -> Answer:
    """Return how ``response`` is sent; the middle of a body lies between a tenth and nine tenths of it."""
    if draw.failure == "reset_early":
        return Answer(b"", "reset")
    if response.body and with_body and draw.failure in _BREAKS:
        return _broken(response, draw, faults)
    whole = encode(response, with_body=with_body, closing=closing)
    return Answer(whole, "drip", faults.drip_seconds) if draw.drip else Answer(whole)


def _broken(response: Response, draw: Draw, faults: Faults) -> Answer:
    if draw.failure == "stall":
        return Answer(head_of(response), "stall", faults.stall_seconds)
    part = response.body[: int(len(response.body) * (0.1 + 0.8 * draw.share))]
    head = head_of(response, with_length=draw.failure != "cut_silently")
    return Answer(head + part, "reset" if draw.failure == "reset_midway" else "cut")


def _pick(options: tuple[str, ...], chance: float) -> str:
    return options[int(chance * len(options))]


def hostile(kind: str, *, limit: int | None = None) -> Answer:
    """Return the answer of one of the kinds of :data:`HOSTILE`; ``limit`` lowers the bytes of bomb and endless."""
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
