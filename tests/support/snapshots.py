"""Captures of pages for tests, and the WARC files and index lines that Common Crawl would keep of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

HTML = "text/html; charset=utf-8"
CRAWLS = ("CC-MAIN-2023-14", "CC-MAIN-2021-10", "CC-MAIN-2019-30", "CC-MAIN-2013-20")
#: Whatever was captured up to this day is in this crawl, or in one after it.
ENDS = ("2039-12-31", "2021-12-31", "2019-12-31", "2013-12-31")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One capture. ``wire`` is how the record in a WARC file keeps the body: plain, gzip, chunked or masked."""

    url: str
    at: str
    body: bytes = b""
    status: str = "200"
    kind: str = "text/html"
    location: str | None = None
    wire: str = "plain"
    truncated: bool = False
    revisits: bool = False
    keeps_gzip: bool = False

    @property
    def digest(self) -> str:
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()

    @property
    def key(self) -> str:
        """The address in SURT order, as the canonicalisers of both services make it."""
        parts = urlsplit(quote(self.url, safe="%/:?&=;,+@!$'()*~#").lower())
        host = re.sub(r"^www\d*\.", "", parts.hostname or "")
        query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
        return ",".join(reversed(host.split("."))) + ")" + parts.path.rstrip("/") + ("?" + query if query else "")


def warc_files(snapshots: list[Snapshot]) -> tuple[dict[str, bytes], dict[str, list[dict[str, str]]]]:
    """Write the snapshots into a WARC file for each crawl, and the lines of its index."""
    files: dict[str, bytes] = {}
    lines: dict[str, list[dict[str, str]]] = defaultdict(list)
    for crawl, end, start in zip(CRAWLS, ENDS, (*ENDS[1:], "0"), strict=True):
        name = f"crawl-data/{crawl}/segments/1563195523840.34/warc/{crawl}-00001.warc.gz"
        data = bytearray(_member([("WARC-Type", "warcinfo"), ("Content-Type", "application/warc-fields")], b"a: b\r\n"))
        for one in snapshots:
            day = f"{one.at[:4]}-{one.at[4:6]}-{one.at[6:8]}"
            if one.revisits or not start < day <= end:
                continue
            offset = len(data)
            data += captured(one)
            row = {
                "urlkey": one.key,
                "timestamp": one.at,
                "url": one.url,
                "mime": one.kind,
                "digest": one.digest,
                "filename": name,
                "offset": str(offset),
                "length": str(len(data) - offset),
                "status": one.status,
            }
            if crawl.startswith("CC-MAIN-2013"):  # the oldest indexes lack it
                del row["status"]
            if one.truncated:
                row["truncated"] = "length"
            lines[crawl].append(row)
        files[name] = bytes(data)
    return files, lines


def captured(one: Snapshot) -> bytes:
    body = one.body
    headers = [("Content-Type", HTML if one.kind == "text/html" else one.kind)]
    if one.wire == "gzip":
        body = gzip.compress(body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    if one.wire == "chunked":
        half = len(body) // 2
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
        headers.append(("Transfer-Encoding", "chunked"))
    if one.wire == "masked":  # what its crawler does: the body decoded, the header renamed
        headers += [("X-Crawl-Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
    if one.location is not None:
        headers.append(("Location", one.location))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    more = [
        ("WARC-Type", "response"),
        ("WARC-Target-URI", one.url),
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Date", datetime.strptime(one.at, "%Y%m%d%H%M%S").replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    if one.truncated:
        more.append(("WARC-Truncated", "length"))
    return _member(more, f"HTTP/1.1 {one.status} OK\r\n{head}\r\n".encode() + body)


def _member(headers: list[tuple[str, str]], block: bytes) -> bytes:
    """Return a WARC record as the gzip member it is kept in."""
    more = [*headers, ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"), ("Content-Length", str(len(block)))]
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in more) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)
