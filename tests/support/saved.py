"""Saved pages for tests: WARC files as several programs write them, what is read of them, and what archives share."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from farscrawler import publishers
from farscrawler.saved import folders
from farscrawler.saved.page import SavedEntry, SavedPage
from farscrawler.saved.url_filter import UrlFilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SITE = "http://www.fars-online.ir"
HTML = ("Content-Type", "text/html; charset=utf-8")
FARSONLINE = publishers.load("farsonline")


def print_url(number: int) -> str:
    """Return the print page's address of an article of the first site."""
    return f"{SITE}/Incsys/PrtNews.aspx?l=Fa&code={number}&k=0"


@dataclass
class Record:
    """One record of a WARC file."""

    url: str
    body: bytes | str = b""
    at: str = "2024-05-01T10:00:00Z"
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=lambda: [HTML])
    kind: str = "response"
    more: dict[str, str] = field(default_factory=dict)


def write_warc(path: Path, records: list[Record], *, gzip: bool = True) -> list[int]:
    """Write records with warcio, and give where each begins."""
    begins = []
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzip)
        for record in records:
            begins.append(file.tell())
            body = record.body.encode() if isinstance(record.body, str) else record.body
            http = None
            if record.kind in ("response", "revisit"):
                http = StatusAndHeaders(record.status, record.headers, protocol="HTTP/1.1")
            elif record.kind == "request":
                http = StatusAndHeaders("/ HTTP/1.1", [("Host", "x")], protocol="GET")
            headers = {"WARC-Date": record.at, **record.more}
            if record.kind == "resource":
                headers["Content-Type"] = record.headers[0][1]
            writer.write_record(
                writer.create_warc_record(
                    record.url,
                    record.kind,
                    payload=BytesIO(body),
                    length=len(body),
                    warc_headers_dict=headers,
                    http_headers=http,
                )
            )
    return begins


def read(path: Path, **more: Any) -> list[SavedEntry]:
    """Return all that a file holds for the first site."""
    (file,) = folders.find([path])
    return list(folders.read(file, UrlFilter(FARSONLINE), **more))


def pages(found: Iterable[SavedEntry]) -> list[SavedPage]:
    return [one for one in found if isinstance(one, SavedPage)]


#: What must be the same in an archive that is rebuilt; the ledger's tries and sources tell how it came about.
TABLES = {
    "articles": "SELECT * FROM articles ORDER BY publisher, article_id",
    "revisions": "SELECT * FROM revisions ORDER BY publisher, article_id, revision",
    "visits": """SELECT publisher, key, url, outcome, reason, status, form, last_at, etag, last_modified, page_hash
                 FROM visits ORDER BY publisher, key""",
}


def contents(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of an archive that a rebuild must have too."""
    db = sqlite3.connect(archive)
    try:
        return {name: db.execute(query).fetchall() for name, query in TABLES.items()}
    finally:
        db.close()


#: Put on the path of a process as sitecustomize.py, it makes every attempt to reach the network an error.
NO_NETWORK = """
import socket

def refuse(*args, **more):
    raise AssertionError(f"the network was asked: {args}")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
"""
