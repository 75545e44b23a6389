"""HTTP answers as files keep them: heads as servers send them."""

from __future__ import annotations

from io import BytesIO

import pytest

from farscrawler.webarchives.http_message import headers_of_saved_body, read_head


@pytest.mark.parametrize(
    ("lines", "headers"),
    [
        (b"Content-Type: text/html\r\nX:1\r\n", ((b"Content-Type", b"text/html"), (b"X", b"1"))),
        (b"X: one\r\n\ttwo\r\n  three\r\nY: 4\n", ((b"X", b"one two three"), (b"Y", b"4"))),
        (b"Location: /\xd9\x81 \r\n", ((b"Location", b"/\xd9\x81 "),)),  # byte for byte
        (b"PHP Warning: a line that is no header\r\nno colon\r\nX: 1\r\n", ((b"X", b"1"),)),
        (b"X : 1\r\n: 2\r\nEmpty:\r\n", ((b"X", b"1"), (b"Empty", b""))),
        (b" folded onto no header\r\nX: 1\r\n", ((b"X", b"1"),)),
    ],
)
def test_a_head_is_read_as_it_was_sent(lines: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    stream = BytesIO(b"HTTP/1.1 404 Not Found\r\n" + lines + b"\r\nbody")
    assert read_head(stream) == (404, headers)
    assert stream.read() == b"body"


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
     b"HTTP/1.1 200 OK\r\n" + b"X: 12345678\r\n" * 100_000 + b"\r\n"],
)  # fmt: skip
def test_what_is_no_head(data: bytes) -> None:
    assert read_head(BytesIO(data)) is None


def test_headers_that_a_saved_body_contradicts_are_dropped() -> None:
    sent = ((b"Content-Encoding", b"gzip"), (b"Transfer-Encoding", b"chunked"), (b"X", b"1"))
    assert headers_of_saved_body(sent, b"<html>") == ((b"X", b"1"),)
    assert headers_of_saved_body(sent, b"\x1f\x8b\x08") == ((b"Content-Encoding", b"gzip"), (b"X", b"1"))
    assert headers_of_saved_body(((b"content-encoding", b"br"),), b"\0\1") == ((b"content-encoding", b"br"),)
