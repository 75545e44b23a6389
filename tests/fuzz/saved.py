"""The readers of saved pages: WARC, ARC, WACZ, MHTML and HTML files, and what lies beside them."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from farscrawler.saved import folders
from farscrawler.saved.page import SavedPage
from farscrawler.saved.reading import parse_page
from farscrawler.saved.url_filter import UrlFilter
from tests.fuzz.reader import SITE, Reader, Sample, packed
from tests.support.pageserver import print_page
from tests.support.saved import Record, print_url, write_warc

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGE = print_page(1).encode()


@cache
def warc_bytes() -> bytes:
    html = ("Content-Type", "text/html; charset=utf-8")
    records = [
        Record(print_url(1), kind="request"),
        Record(print_url(1), PAGE),
        Record(print_url(2), gzip.compress(PAGE, mtime=0), headers=[html, ("Content-Encoding", "gzip")]),
        Record(print_url(3), PAGE, kind="resource"),
        Record(print_url(4), kind="revisit", more={"WARC-Refers-To-Target-URI": print_url(1)}),
        Record(print_url(5), b"5\r\n<html\r\n0\r\n\r\n", headers=[html, ("Transfer-Encoding", "chunked")]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_warc(Path(folder, "x.warc"), records, gzip=False)
        return Path(folder, "x.warc").read_bytes()


def arc_bytes() -> bytes:
    def row(url: str, kind: str, body: bytes) -> bytes:
        return f"{url} 1.2.3.4 20220601100000 {kind} {len(body)}\n".encode() + body + b"\n"

    head = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    return row("filedesc://x.arc", "text/plain", head) + row(print_url(1), "text/html", answer) * 2


def _wacz(warc: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # By ZipInfo, which names no time of its own: a case is the same every time.
        archive.writestr(zipfile.ZipInfo("archive/x.warc"), warc, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("archive/y.warc.gz"), packed(warc))
        archive.writestr(zipfile.ZipInfo("datapackage.json"), '{"profile": "data-package"}')
    return out.getvalue()


MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: "
    + print_url(1).encode()
    + b"\r\nSubject: =?utf-8?B?2K7YqNix?=\r\nDate: Wed, 18 May 2022 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----x----"\r\n\r\n------x----\r\n'
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: "
    + print_url(1).encode()
    + b"\r\n\r\n<html><body>=D8=AE=D8=A8=D8=B1</body></html>\r\n------x------\r\n"
)
HTTRACK = (
    b"<html>\n<!-- Mirrored from www.fars-online.ir/Fa/News/1/x by HTTrack Website Copier/3.x [XR&CO'2014], "
    b"Wed, 18 May 2022 10:00:00 GMT -->\n" + PAGE
)
SINGLE_FILE = (
    b"<html><!--\n Page saved with SingleFile \n url: %s \n saved date: Wed May 18 2022 10:00:00 GMT+0430\n-->"
)


@cache
def _saved() -> list[Sample]:
    warc = warc_bytes()
    return [
        Sample("x.warc", warc),
        Sample("x.warc.gz", warc, lambda data: gzip.compress(data, 1, mtime=0)),
        Sample("x.warc.zst", warc, lambda data: zstd.compress(data, 1)),
        Sample("x.arc", arc_bytes()),
        Sample("x.arc.gz", arc_bytes(), lambda data: gzip.compress(data, 1, mtime=0)),
        Sample("x.wacz", warc, _wacz),
        Sample("x.mhtml", MHTML),
        Sample("x.html", PAGE),
        Sample("x.html", HTTRACK),
        Sample("x.html", SINGLE_FILE % print_url(1).encode() + PAGE),
        Sample("x.html.gz", PAGE, lambda data: gzip.compress(data, 1, mtime=0)),
    ]


def _read_saved(data: bytes, name: str, place: Path) -> None:
    path = place / name
    path.write_bytes(data)
    try:
        _read_all(path)
    finally:
        path.unlink()


def _read_all(path: Path) -> None:
    for file in folders.find([path]):
        for one in folders.read(file, UrlFilter(SITE)):
            if isinstance(one, SavedPage):
                parse_page(one, SITE)


SIDECAR = json.dumps({"url": print_url(1), "fetched_at": "2022-05-18T10:00:00+04:30", "content_type": "text/html"})


@cache
def _sidecars() -> list[Sample]:
    return [
        Sample("x.html.json", SIDECAR.encode()),
        Sample("x.html.url", print_url(1).encode()),
        Sample("x.url", f"[InternetShortcut]\r\nURL={print_url(1)}\r\n".encode()),
    ]


def _read_sidecar(data: bytes, name: str, place: Path) -> None:
    page, beside = place / "x.html", place / name
    page.write_bytes(PAGE)
    beside.write_bytes(data)
    try:
        _read_all(page)
    finally:
        beside.unlink()


READERS = (
    Reader("saved", _saved, _read_saved),
    Reader("sidecars", _sidecars, _read_sidecar),
)
