"""HTTP/1.1 as far as the replica speaks it: heads to requests, responses to bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.response import Response


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head; ``target`` is path and query as sent, header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def closes(self) -> bool:
        """Whether the connection ends after the answer; it also does after a body, which is not read."""
        return self.headers.get("connection", "").lower() == "close" or self.headers.get("content-length", "0") != "0"


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes to send, and how: ``way`` is whole, drip, stall, endless, cut (close after the bytes) or reset.

    ``seconds`` is how long a stall or a drip lasts.
    """

    data: bytes
    way: str = "whole"
    seconds: float = 0.0


def parse(head: bytes) -> Request | None:
    """Return the request of a head (without its last blank line), or ``None`` if it is none."""
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    method, _, rest = first.partition(" ")
    # Raw spaces in a target are taken as they come: the version is what follows the last one.
    target, _, version = rest.rpartition(" ")
    if not method or not version.startswith("HTTP/1."):
        return None
    if not target.startswith("/"):
        # The absolute form, as sent to a proxy; every host is this site.
        target = "/" + target.partition("://")[2].partition("/")[2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return Request(method, target, headers)


def encode(response: Response, *, with_body: bool = True, with_length: bool = True, closing: bool = False) -> bytes:
    """Return ``response`` as it goes over the wire; without a length the body ends with the connection."""
    return head_of(response, with_length=with_length, closing=closing) + (response.body if with_body else b"")


def head_of(response: Response, *, with_length: bool = True, closing: bool = False) -> bytes:
    """Return the status line and the headers of ``response``, blank line included."""
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    if response.status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Type: {response.content_type}")
        if with_length:
            lines.append(f"Content-Length: {len(response.body)}")
    lines += [f"{name}: {value}" for name, value in response.headers]
    if closing or not with_length:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
