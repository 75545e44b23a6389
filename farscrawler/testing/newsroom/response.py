"""Response: what a site answers before it goes over the wire, and its answer to a conditional request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What the site answers; ``kind`` names what was asked for, ``modified`` is UTC or ``None``."""

    status: int
    body: bytes
    kind: str
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"
    modified: datetime | None = field(default=None)


def validated(response: Response, headers: Mapping[str, str]) -> Response:
    """Return a page with its validators, or a 304 where the client holds this very page.

    Other answers stay as they are.
    """
    if response.status != HTTPStatus.OK or response.kind == "robots":
        return response
    etag = '"' + hashlib.blake2b(response.body, digest_size=8).hexdigest() + '"'
    extra: tuple[tuple[str, str], ...] = (("ETag", etag),)
    if response.modified is not None:
        extra += (("Last-Modified", format_datetime(response.modified, usegmt=True)),)
    if _unchanged(headers, etag, response.modified):
        return replace(response, status=304, body=b"", headers=response.headers + extra)
    return replace(response, headers=response.headers + extra)


def _unchanged(headers: Mapping[str, str], etag: str, modified: datetime | None) -> bool:
    """Whether a conditional request needs no body; If-None-Match goes first (RFC 9110, 13.2.2)."""
    if "if-none-match" in headers:
        asked = {part.strip().removeprefix("W/") for part in headers["if-none-match"].split(",")}
        return "*" in asked or etag in asked
    if modified is None or "if-modified-since" not in headers:
        return False
    try:
        return modified <= parsedate_to_datetime(headers["if-modified-since"])
    except (TypeError, ValueError):
        return False
