"""The readers of what comes from outside, each with samples: what it is given on good days."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import io
import json
import sqlite3
import sys
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from scrapy.robotstxt import ProtegoRobotParser

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.archive.audit import check, health, tally
from farscrawler.archive.exports import ExportLog
from farscrawler.archive.kept_pages import KeptPages, path_of
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.page_audit import check_pages
from farscrawler.coverage import survey
from farscrawler.days import DateRange
from farscrawler.errors import FarscrawlerError
from farscrawler.exporters.formats import Csv, JsonLines
from farscrawler.exporters.sqlitefile import SqliteFile
from farscrawler.exporters.textfile import LineFile
from farscrawler.extract import NoArticle, article_links, owner_of, read_article, walled
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import read_sitemap
from farscrawler.publishers.loader import StanzaFile
from farscrawler.saved import folders
from farscrawler.saved.page import SavedPage
from farscrawler.saved.reading import parse_page
from farscrawler.saved.url_filter import UrlFilter
from farscrawler.timestamps import read as read_timestamp
from farscrawler.webarchives.capture import Answer, IndexFailedError
from farscrawler.webarchives.commoncrawl import CommonCrawl, read_crawls, read_page_count
from farscrawler.webarchives.http_body import BodyError, dechunked, unpacked
from farscrawler.webarchives.http_message import read_head
from farscrawler.webarchives.warc import read_record
from farscrawler.webarchives.wayback import Wayback
from tests.support.cases import cases
from tests.support.kept import page as kept_page
from tests.support.pageserver import print_page
from tests.support.records import AT, article, visit
from tests.support.saved import Record, print_url, write_warc

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST = 4 * 1024 * 1024
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
SITE = publishers.load("farsonline")
#: One publisher of each family, and the one of pages from anywhere.
SITES = [
    *(publishers.load(key) for key in {one.family: one.key for one in publishers.all_publishers()}.values()),
    publishers.load("news"),
]


@dataclass(frozen=True, slots=True)
class Sample:
    """A good input under the name of its file; ``data`` is what is damaged, before it is packed."""

    name: str
    data: bytes
    pack: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads bytes, a name and a folder to work in; ``own`` are the errors that its callers expect."""

    name: str
    samples: Callable[[], list[Sample]]
    read: Callable[[bytes, str, Path], object]
    own: tuple[type[Exception], ...] = ()


# -- pages ---------------------------------------------------------------------------------------


@cache
def _pages() -> list[Sample]:
    return [Sample(case.folder.parent.name, case.body) for case in cases()]


def _read_page(body: bytes, name: str, _: Path) -> None:
    for publisher in (publishers.load(name if name in publishers.names() else "news"), SITES[len(body) % len(SITES)]):
        url = f"{'https://www.site.ir' if publisher.anywhere else publisher.base_url}/fa/news/5/x"
        found = read_article(body, publisher=publisher, url=url, fetched_at=AT)
        if not isinstance(found, NoArticle):
            json.dumps(asdict(found), ensure_ascii=False).encode()  # half a character cannot be written anywhere
        article_links(body, publisher=publisher, url=url)
    walled(body, "text/html")
    owner_of(body, known=publishers.installed())


# -- lists ---------------------------------------------------------------------------------------

LIST = """<html><body><ul class="list">{}</ul>
<div class="pagination"><a class="active">1</a><a href="?page=2">2</a></div>
<link rel="next" href="/list?page=2"></body></html>"""
ITEM = """<li class="news"><time datetime="2022-05-18T10:00:00+04:30">چهارشنبه 28 ارديبهشت 1401 - 14:55</time>
<a href="/Fa/News/{0}/خبر-{0}">خبر {0}</a></li>"""
SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
)
URL = "<url><loc>http://www.fars-online.ir/Fa/News/{0}/x</loc><lastmod>2022-05-18T10:00:00+04:30</lastmod></url>"
INDEX = "<sitemapindex>{}</sitemapindex>"
LEAF = "<sitemap><loc>http://www.fars-online.ir/sitemap-1401-0{0}.xml</loc><lastmod>2022-05-1{0}</lastmod></sitemap>"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>خبر</title>{}</channel></rss>'
RSS_ITEM = """<item><title><![CDATA[خبر {0}]]></title><link>http://www.fars-online.ir/Fa/News/{0}/x</link>
<guid isPermaLink="false">{0}</guid><pubDate>Wed, 18 May 2022 10:00:00 +0430</pubDate></item>"""
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
ENTRY = '<entry><link href="http://www.fars-online.ir/Fa/News/{0}/x"/><updated>2022-05-18T10:00:00Z</updated></entry>'
JSON_MAP = [{"loc": "http://www.fars-online.ir/Fa/News/1/x", "lastmod": "2022-05-18"}] * 5


def _of(*texts: str) -> Callable[[], list[Sample]]:
    return lambda: [Sample("", text.encode()) for text in texts]


def _of_packed(*texts: str) -> Callable[[], list[Sample]]:
    return lambda: [*_of(*texts)(), *(Sample("", text.encode(), gzip.compress) for text in texts)]


def _rows(outer: str, row: str) -> str:
    return outer.format("".join(row.format(number) for number in range(1, 9)))


def _read_list(body: bytes, _: str, __: Path) -> None:
    for items, time in ((None, None), ("li.news", "time"), ("//li", ".//time")):
        read_page(body, publisher=SITE, url=f"{SITE.base_url}/", fetched_at=NOW, items=items, time=time)


def _read_feed(body: bytes, _: str, __: Path) -> None:
    read_feed(body, publisher=SITE, url=f"{SITE.base_url}/rss")


def _read_sitemap(body: bytes, _: str, __: Path) -> None:
    read_sitemap(body, publisher=SITE, url=f"{SITE.base_url}/sitemap.xml")


ROBOTS = """# خبر
User-agent: *
Disallow: /admin/*?x=$
Allow: /Fa/News/
Crawl-delay: 10
Request-rate: 1/5m
Visit-time: 0600-0845
Sitemap: http://www.fars-online.ir/sitemap.xml
Host: fars-online.ir

User-agent: farscrawler
Disallow:
"""


def _read_robots(body: bytes, _: str, __: Path) -> None:
    rules = ProtegoRobotParser(body, None)
    for agent in ("farscrawler/0.2", "*"):
        rules.allowed("http://www.fars-online.ir/Fa/News/1/x?y=z", agent)


# -- web archives --------------------------------------------------------------------------------

CDX = json.dumps(
    [
        ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"],
        *(["ir,x)/", "20220518100000", print_url(n), "text/html", "200", "ABC", "1234"] for n in range(5)),
        [],
        ["ir%2Cx%29%2F+20220518100000%21"],
    ]
)
CC_ROW = json.dumps(
    {
        "urlkey": "ir,x)/", "timestamp": "20220518100000", "url": print_url(1), "mime": "text/html", "status": "200",
        "digest": "ABC", "length": "1234", "offset": "99", "filename": "crawl-data/CC-MAIN-2022-21/segments/x.warc.gz",
    }
)  # fmt: skip
CRAWLS = json.dumps([{"id": "CC-MAIN-2022-21", "from": "2022-05-16T00:00:00", "to": "2022-05-29T00:00:00"}] * 2)


def _read_cdx(body: bytes, _: str, __: Path) -> None:
    service = Wayback("https://web.archive.org", largest=LARGEST)
    page, _resume = service.read_index(body)
    for capture in page.captures:
        service.request_for(capture)


def _read_captured(body: bytes, _: str, __: Path) -> None:
    service = Wayback("https://web.archive.org", largest=LARGEST)
    page, _resume = service.read_index(CDX.encode())
    headers = {"memento-datetime": "Wed, 18 May 2022 10:00:00 GMT"}
    first, _end, rest = body.partition(b"\n")
    for more in ({}, {"memento-datetime": first.decode("latin-1")}, {"x-archive-orig-content-encoding": "gzip"}):
        service.opened(page.captures[0], Answer(status=200, headers={**headers, **more}, body=rest))


def _read_common_crawl(body: bytes, _: str, __: Path) -> None:
    service = CommonCrawl("https://index.commoncrawl.org", "https://data.commoncrawl.org", crawls=2, largest=LARGEST)
    for read in (read_crawls, read_page_count):
        with contextlib.suppress(IndexFailedError):
            read(body)
    for capture in service.read_index(body).captures:
        _, asked = service.request_for(capture)
        served = {"content-range": asked["Range"].replace("=", " ") + "/*"}
        service.opened(capture, Answer(status=206, headers=served, body=body))


def _read_record(body: bytes, _: str, __: Path) -> None:
    read_record(body, largest=LARGEST)


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nX: a\r\n b\r\n\r\n"
CHUNKED = b"6;x=y\r\n<html>\r\n7\r\n</html>\r\n0\r\nA: b\r\n\r\n"


def _read_http(body: bytes, _: str, __: Path) -> None:
    read_head(io.BytesIO(body))
    dechunked(body)
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        with contextlib.suppress(BodyError):
            unpacked(body, coding, largest=LARGEST)


# -- saved pages ---------------------------------------------------------------------------------

PAGE = print_page(1).encode()


@cache
def _warc() -> bytes:
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


def _arc() -> bytes:
    def row(url: str, kind: str, body: bytes) -> bytes:
        return f"{url} 1.2.3.4 20220601100000 {kind} {len(body)}\n".encode() + body + b"\n"

    head = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    return row("filedesc://x.arc", "text/plain", head) + row(print_url(1), "text/html", answer) * 2


def _wacz(warc: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/x.warc", warc, zipfile.ZIP_DEFLATED)
        archive.writestr("archive/y.warc.gz", gzip.compress(warc, mtime=0))
        archive.writestr("datapackage.json", '{"profile": "data-package"}')
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
    warc = _warc()
    return [
        Sample("x.warc", warc),
        Sample("x.warc.gz", warc, lambda data: gzip.compress(data, 1, mtime=0)),
        Sample("x.warc.zst", warc, lambda data: zstd.compress(data, 1)),
        Sample("x.arc", _arc()),
        Sample("x.arc.gz", _arc(), lambda data: gzip.compress(data, 1, mtime=0)),
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


# -- what a user writes --------------------------------------------------------------------------

ADDRESSES = "# خبر\nhttp://www.fars-online.ir/Fa/News/1/x\r\n\nhttp://www.fars-online.ir/Fa/News/2/خبر\n"
VALUES = {
    "ids": "1,5,9-12", "urls": print_url(1), "latest": "20", "since": "1401-02-01", "until": "1401-02-28", "via": "ids",
    "refresh": "7d", "again": "missing,not-article", "form": "print", "source": "wayback", "base_url": "http://127.0.0.1:1",
}  # fmt: skip


def _read_addresses(data: bytes, _: str, place: Path) -> None:
    path = place / "list.txt"
    path.write_bytes(data)
    for name in ("urls", "ids"):
        with contextlib.suppress(FarscrawlerError):
            parse_arguments(SITE, {name: f"@{path}"})


def _read_arguments(data: bytes, name: str, _: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    if name in ("urls", "ids") and text.startswith("@"):  # a file of this machine
        return
    parse_arguments(SITE, {name: text, **({"since": "1401"} if name in ("until", "via") else {})})


@cache
def _stanzas() -> list[Sample]:
    folder = Path(publishers.__file__).parent
    found = []
    for path in sorted(folder.glob("*.toml")):
        parts = path.read_bytes().split(b"\n\n")[:40:4]
        found += [Sample(f"{path.stem}.toml", part + b"\n") for part in parts if part.startswith(b"[")]
    return found


def _read_stanza(data: bytes, name: str, place: Path) -> None:
    path = place / name
    path.write_bytes(data)
    file = StanzaFile.read(path, own=False)
    for key in file:
        try:
            found = file.publisher(key)
        except FarscrawlerError:
            continue
        for form in found.forms:
            if found.makes("5", form):
                found.form_of(found.url_for("5", form))
        found.list_urls()


def _read_timestamp(data: bytes, _: str, __: Path) -> None:
    read_timestamp(data.decode("utf-8", "replace"))


# -- files of our own that were damaged ----------------------------------------------------------


def _fill(path: Path) -> None:
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path), readonly=False) as pages:
        for number in range(1, 31):
            seen = visit(str(number), "article" if number % 3 else "missing")
            if number % 3:
                pages.keep(seen, [kept_page(str(number), print_page(number).encode())])
            pages.flush()
            archive.save(seen, article(str(number), f"تیتر {number}", str(number)) if number % 3 else None)
        ledger = Ledger(archive, "farsonline")
        run = ledger.begin_run({"ids": "1-30"}, AT)
        archive.flush()
        ledger.end_run(run, at=AT, reason="finished", exit_code=0, counts={"article": 20})
        archive.save(visit("1"), article("1", "تیتر تازه", "b"))
        archive.flush()


@cache
def _archives() -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive.db")
        _fill(path)
        return [Sample("archive.db", path.read_bytes()), Sample("archive.pages.db", path_of(path).read_bytes())]


def _read_archive(data: bytes, name: str, place: Path, *, written: bool = False) -> None:
    for sample in () if written else _archives():
        (place / sample.name).write_bytes(data if sample.name == name else sample.data)
    path = place / "archive.db"
    try:
        for use in (_use_archive, _use_pages, _write_archive):
            with contextlib.suppress(FarscrawlerError):
                use(path)
    finally:
        for left in place.glob("archive*"):
            left.unlink()


#: What other programs, and disks, leave in a cell.
CELLS = (
    *(
        None,
        "",
        "x",
        "\0",
        "{",
        "[1]",
        '[{"url": 1}]',
        "null",
        "2022-13-45",
        "9" * 30,
        b"",
        b"\xff\xfe",
        b"\0" * 99,
        0,
        -1,
    ),
    *(1.5, 2**62, "1401/13/32", "۱۴۰۱", "[" * 3_000, '"\\ud800"', "http://[", "article", "9999-12-31T23:59:59+00:00"),
)


def _read_cells(data: bytes, _: str, place: Path) -> None:
    """Put values of another kind into cells of an archive; the bytes are the dice."""
    dice = Random(data)
    for sample in _archives():
        path = place / sample.name
        path.write_bytes(sample.data)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA ignore_check_constraints = 1")
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f'DROP TRIGGER "{trigger}"')  # names of our own schema
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for _change in range(dice.choice((1, 2, 5))):
                table = dice.choice(tables)
                columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
                with contextlib.suppress(sqlite3.Error):  # what SQLite refuses is no damage
                    db.execute(
                        f'UPDATE "{table}" SET "{dice.choice(columns)}" = ? WHERE rowid % ? = 0',  # noqa: S608
                        (dice.choice(CELLS), dice.choice((1, 2, 7))),
                    )
            db.commit()
    _read_archive(path.read_bytes(), path.name, place, written=True)


def _use_archive(path: Path) -> None:
    with Archive(path) as archive:
        for use in (
            lambda: list(archive.articles()),
            lambda: archive.newest(5, "farsonline"),
            lambda: archive.revisions("farsonline", "1"),
            lambda: check(archive),
            lambda: tally(archive),
            lambda: health(archive),
            lambda: survey(archive, SITE, DateRange(), now=NOW),
            lambda: Ledger(archive, "farsonline").last_run(),
            lambda: Ledger(archive, "farsonline").known(["1", "3"]),
        ):
            with contextlib.suppress(FarscrawlerError):
                use()


def _use_pages(path: Path) -> None:
    with KeptPages(path_of(path)) as pages:
        for part in pages.parts("farsonline", keys=7):
            list(pages.read(part))
        check_pages(pages)


def _write_archive(path: Path) -> None:
    with Archive(path, readonly=False) as archive:
        ledger = Ledger(archive, "farsonline")
        ledger.broken_since()
        run = ledger.begin_run({}, AT)
        archive.save(visit("50"), article("50", "تیتر", "c"))
        archive.flush()
        ledger.end_run(run, at=AT, reason="finished", exit_code=0, counts={})


@cache
def _export_archive() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive.db")
        _fill(path)
        return path.read_bytes()


def _export(place: Path, name: str) -> None:
    with Archive(place / "export.archive.db", readonly=False) as archive:
        log = ExportLog(archive, str(place / name), "farsonline")
        file: LineFile | SqliteFile
        if name.endswith(".db"):
            file = SqliteFile(place / name, log, at=AT)
        else:
            lines = Csv() if name.endswith(".csv") else JsonLines()
            file = LineFile(place / name, lines, log, kind=name.rpartition(".")[2], at=AT)
        file.open(overwrite=False)
        file.close()


@cache
def _exports() -> list[Sample]:
    found = []
    for name in ("news.jsonl", "news.csv", "news.db"):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "export.archive.db").write_bytes(_export_archive())
            _export(place, name)
            found.append(Sample(name, (place / name).read_bytes()))
    return found


def _read_export(data: bytes, name: str, place: Path) -> None:
    """Continue an export that this archive wrote, and one that it has never seen."""
    try:
        for known in (False, True):
            (place / "export.archive.db").write_bytes(_export_archive())
            if known:
                _export(place, name)
            (place / name).write_bytes(data)
            try:
                _export(place, name)
            except FarscrawlerError:
                if not name.endswith(".db"):
                    assert (place / name).read_bytes() == data, "what was refused was changed"
            for left in place.glob("*.db*"):
                left.unlink()
            (place / name).unlink(missing_ok=True)
    finally:
        for left in [*place.glob("export*"), *place.glob("news*")]:
            left.unlink()


OURS = (FarscrawlerError,)
READERS = {
    one.name: one
    for one in (
        Reader("pages", _pages, _read_page),
        Reader("lists", _of(_rows(LIST, ITEM)), _read_list),
        Reader("sitemaps", _of_packed(_rows(SITEMAP, URL), _rows(INDEX, LEAF), json.dumps(JSON_MAP)), _read_sitemap),
        Reader("feeds", _of_packed(_rows(RSS, RSS_ITEM), _rows(ATOM, ENTRY)), _read_feed),
        Reader("robots.txt", _of(ROBOTS), _read_robots),
        Reader("cdx", _of(CDX), _read_cdx, (IndexFailedError,)),
        Reader("captures", lambda: [Sample("", b"date\n" + PAGE), Sample("", PAGE, gzip.compress)], _read_captured),
        Reader(
            "common-crawl", _of(CC_ROW + "\n" + CC_ROW, CRAWLS, '{"pages": 3}'), _read_common_crawl, (IndexFailedError,)
        ),
        Reader(
            "records",
            lambda: [Sample("", _warc()), Sample("", _warc(), gzip.compress), Sample("", _arc())],
            _read_record,
        ),
        Reader(
            "http",
            lambda: [
                Sample("", HTTP),
                Sample("", CHUNKED),
                Sample("", PAGE, gzip.compress),
                Sample("", PAGE, zstd.compress),
            ],
            _read_http,
        ),
        Reader("saved", _saved, _read_saved),
        Reader("sidecars", _sidecars, _read_sidecar),
        Reader("addresses", _of(ADDRESSES, "1,5\n9-12 # خبر\n"), _read_addresses),
        Reader(
            "arguments", lambda: [Sample(name, value.encode()) for name, value in VALUES.items()], _read_arguments, OURS
        ),
        Reader("stanzas", _stanzas, _read_stanza, OURS),
        Reader(
            "timestamps",
            _of("چهارشنبه 28 ارديبهشت 1401 - 14:55:59", "2022-05-18T10:00:00+04:30", "۲ ساعت پیش"),
            _read_timestamp,
        ),
        Reader("archives", _archives, _read_archive),
        Reader("cells", _of("1", "2"), _read_cells),
        Reader("exports", _exports, _read_export),
    )
}
