"""ETag, Last-Modified and the answer to a conditional request, for every replica alike."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from farscrawler.testing.newsroom.response import Response


def validated(response: Response, headers: Mapping[str, str]) -> Response:
    """Give a page its validators, or answer 304 where the client holds this very page; others stay as they are."""
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
