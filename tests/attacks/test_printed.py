"""What comes from outside is printed escaped: every order to a terminal or a reader of lines, through every door."""

from __future__ import annotations

import gzip
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.items import Article
from farscrawler.printing import printable
from tests.support import FAST, run
from tests.support.attacks import Attack, Cost, meet, without_our_marks
from tests.support.dated import dated
from tests.support.pageserver import print_page
from tests.support.rawserver import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Each is a character that a terminal or a reader of lines would obey.
ORDERS = "".join(
    map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)))
)
ORDERS += "\ufeff"
#: What a name of a file or an argument of a command can hold of them.
NAMED = ORDERS.replace("\0", "")
#: What a page can hold of them: its blanks are folded, and a control character is left out where it is read.
ON_PAGE = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x9b"
#: A page that the general rules read, whose own address is raw.
ARTICLE = f"""<html><link rel="canonical" href="http://a.ir/news/7/{ON_PAGE}">
<meta property="article:published_time" content="2024-05-01T10:00:00+03:30">
<h1>خبر مهم روز در تهران اعلام شد</h1><article>{"<p>این متن خبر است که چند واژه دارد و ادامه می‌یابد.</p>" * 8}</article>
</html>"""
PERSIAN = "نیم‌فاصله"
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def _as_latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _answer(path: str) -> Iterator[bytes]:
    """Answer ids from 1 to 4, each with orders in another part of the answer."""
    orders = ORDERS.translate({0x0A: None, 0x0D: None, 0: None}).encode()
    code = path.partition("code=")[2][:1]
    page = print_page(4, f"تیتر {PERSIAN} {ON_PAGE}\x1b[31m", f"متن {ON_PAGE} خبر").encode()
    heads = {
        "1": (b"302 Found", b"Location: /at/" + orders),
        "2": (b"500 " + orders, b"X-Cause: " + orders),
        "3": (b"200 OK", b"Content-Type: text/html; charset=" + orders),
        "4": (b"200 OK", b"Content-Type: text/html; charset=utf-8"),
    }
    status, line = heads.get(code, (b"404 Not Found", b"X: y"))
    body = page if code in "34" and code else b""
    yield b"HTTP/1.1 %b\r\n%b\r\nContent-Length: %d\r\n\r\n%b" % (status, line, len(body), body)


def _unasked(path: str) -> Iterator[bytes]:
    raise AssertionError(path)


def _nothing_raw(folder: Path, cost: Cost) -> None:
    """Nothing raw is in ledger, metrics, WARC headers, nor in what other commands say of them."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        said = [
            text for row in db.execute("SELECT reason FROM visits UNION SELECT end_reason FROM runs") for text in row
        ]
    assert any(r"redirected to" in (one or "") for one in said)
    assert any(r"\x1b" in (one or "") for one in said)
    said += [(folder / "m.prom").read_text(encoding="utf-8"), cost.out, cost.err]
    (warc,) = folder.glob("warc/*.warc.gz")
    records = gzip.decompress(warc.read_bytes()).split(b"WARC/1.1\r\n")[1:]
    said += [line.decode() for record in records for line in record.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    for words in (("show",), ("coverage", "farsonline"), ("coverage", "farsonline", "--json"), ("check",)):
        done = run(*words, cwd=folder)
        said += [done.stdout, done.stderr]
    assert PERSIAN in said[-8]
    run("coverage", "farsonline", "--html", "x.html", cwd=folder)
    said.append((folder / "x.html").read_text(encoding="utf-8"))
    assert [one for one in said if _RAW.search(one or "")] == []


def _archive(path: Path) -> None:
    """Make an archive as an older farscrawler may have left it, with orders in every text."""
    wild = f"سرخ :heart: [red]x[/red] [link=http://a]{PERSIAN} {ORDERS}".replace("\0", "")
    with Archive(path, readonly=False) as archive:
        for number in (1, 2):
            at = f"2026-11-30T08:00:0{number}+00:00"
            archive.save(
                Visit(publisher="farsonline", key="1", url="u", outcome="article", at=at),
                Article(
                    publisher="farsonline", article_id="1", url="u", headline=f"{number} {wild}", body=wild * number,
                    tags=[wild], content_hash=str(number), **dated("1405-09-09T08:00:00"),
                    published_at="2026-11-30T08:00:00+03:30", fetched_at=at,
                ),
            )  # fmt: skip
        archive.save(
            Visit(
                publisher="farsonline", key="2", url="u", outcome="failed", at="2026-11-30T08:00:00+00:00", reason="x"
            )
        )
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE visits SET reason = ? WHERE key = '2'", (wild,))


def _saved_page(folder: Path) -> None:
    folder.mkdir()
    (folder / f"{NAMED.replace('/', '')[:80]}.html").write_text(print_page(1), encoding="utf-8")
    (folder / f"{NAMED[80:].replace('/', '')}.warc").write_bytes(b"WARC/1.1\r\nx")
    (folder / "\udc9b\udcff.html").write_text(print_page(1), encoding="utf-8")  # names that are no text


_FAST = tuple(word for name, value in FAST.items() for word in ("-s", f"{name}={value}"))
_SHOWN = (r"\x1b", r"\x85", r"\x9b", r"\u2028", r"\u202e", r"\u2066", r"\u061c", r"\ufeff")
#: Rich takes standard output for a terminal without colours.
_ON_TERMINAL = "import os; os.environ.update(TTY_COMPATIBLE='1', TERM='dumb')"
_STANZA = """
[wild]
family = "nastooh"
hosts = ["wild.ir"]
name = "نام \\u200f \\u061c :heart: [red]"
"""
ATTACKS = {
    "answers of a site": Attack(
        words=(
            "crawl", "farsonline", "-a", "base_url={url}", "-a", "ids=1-5", "-L", "DEBUG", "--summary", "json", *_FAST,
            "-s", "RETRY_TIMES=0", "-s", "WARC=warc", "--metrics", "m.prom",
        ),
        site=lambda: RawServer(_answer), code=3, see=_nothing_raw,
    ),
    "a file that is not there": Attack(words=("parse-page", f"{NAMED}.html"), code=2, says=_SHOWN),
    "an archive that is not there": Attack(words=("show", "-s", f"ARCHIVE={NAMED}.db"), code=2, says=_SHOWN),
    "an export in a folder that is not there": Attack(
        words=("crawl", "farsonline", "-a", "base_url={url}", "-a", "ids=1", "-o", f"{NAMED}/x.jsonl", *_FAST),
        site=lambda: RawServer(_answer), code=2, says=_SHOWN,
    ),
    "an argument": Attack(words=("crawl", "farsonline", "-a", f"ids={NAMED}"), code=2, says=_SHOWN),
    "an option's value": Attack(words=("crawl", "farsonline", "--summary", NAMED), code=2, says=(r"\x1b", r"\u202e")),
    "an option's value of a light command": Attack(words=("show", "-n", NAMED), code=2, says=(r"\x1b", r"\u202e")),
    "a contact with a line end": Attack(
        words=("crawl", "farsonline", "-a", "base_url={url}", "-a", "ids=1", "-s", "CONTACT=a@b.ir\r\nX: 1", *_FAST),
        site=lambda: RawServer(_unasked), code=2, says=(r"-s CONTACT=a@b.ir\r\nX: 1", "sent in the head", r"'\r'"),
    ),
    "a user agent in Persian letters": Attack(
        words=("crawl", "farsonline", "-a", "base_url={url}", "-a", "ids=1", "-s", "USER_AGENT=خبر", *_FAST),
        site=lambda: RawServer(_unasked), code=2, says=("-s USER_AGENT=خبر", "sent in the head"),
    ),
    "a header with a line end": Attack(
        words=(
            "detect", "{url}/x", "-s", 'DEFAULT_REQUEST_HEADERS={"Accept": "a\\nX-Evil: 1"}',
        ),
        site=lambda: RawServer(_unasked), code=2, says=("-s DEFAULT_REQUEST_HEADERS=a", "sent in the head"),
    ),
    "a command": Attack(words=(f"sh{NAMED}",), code=2, says=_SHOWN),
    "a publisher": Attack(words=("show", f"sh{NAMED}"), code=2, says=(r"\x1b", r"\u202e")),
    "a setting": Attack(words=("show", "-s", f"A{NAMED}=1"), code=2, says=_SHOWN),
    "names of saved files": Attack(
        words=("crawl", "farsonline", "-a", "pages=pages", "-L", "DEBUG"), files={"pages": _saved_page}, code=3,
        says=(r"\x1b", r"\u2028", r"\udc9b\udcff"),
    ),
    "a stanza's words": Attack(
        words=("publishers", "wild", "-s", "PUBLISHERS=own"), files={"own/nastooh.toml": _STANZA},
        shows=(r"\u200f \u061c :heart: [red]",),
    ),
    "a stanza's words as JSON": Attack(
        words=("publishers", "wild", "--json", "-s", "PUBLISHERS=own"), files={"own/nastooh.toml": _STANZA},
        shows=(r"\u200f \u061c :heart: [red]",),
    ),
    "a stanza's words on a terminal": Attack(
        words=("publishers", "wild", "--wide", "-s", "PUBLISHERS=own"), files={"own/nastooh.toml": _STANZA},
        first=_ON_TERMINAL,
        shows=(r"\u200f", r"\u061c", ":heart:", "[red]"),
    ),
    "a stanza's name of several lines": Attack(
        words=("publishers", "wild", "-s", "PUBLISHERS=own"),
        files={"own/nastooh.toml": _STANZA.replace(":heart:", r"\u001b[31m \u2028 \u009b")}, code=2,
        says=("without control characters",),
    ),
    "the newest articles": Attack(
        words=("show",), files={"archive.db": _archive}, shows=(*_SHOWN, ":heart: [red]", PERSIAN)
    ),
    "revisions": Attack(
        words=("revisions", "farsonline", "1"), files={"archive.db": _archive},
        shows=(*_SHOWN, ":heart: [red]x[/red] [link=http://a]", PERSIAN),
    ),
    "a reason of an older archive": Attack(
        words=("coverage", "farsonline"), files={"archive.db": _archive}, shows=(r"\x1b", r"\u202e", PERSIAN, ":heart:")
    ),
    "a reason of an older archive as JSON": Attack(
        words=("coverage", "farsonline", "--json"), files={"archive.db": _archive},
        shows=(r"\u001b", r"\u202e", PERSIAN),
    ),
    "a page that is read": Attack(
        words=("parse-page", "--explain", "--publisher", "farsonline", "--form", "print", "x.html"),
        files={"x.html": print_page(1, f"تیتر {PERSIAN} {ON_PAGE}")}, shows=(r"\u202e", r"\u2028", PERSIAN),
    ),
    "a page's own address": Attack(
        words=("detect", "x.html"), files={"x.html": ARTICLE}, shows=("marks of no family", r"http://a.ir/news/7/\u061c"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_from_outside_is_printed_raw(name: str, tmp_path: Path) -> None:
    cost = meet(ATTACKS[name], tmp_path)
    assert not _RAW.search(without_our_marks(cost.out) + cost.err)


def test_every_order_is_shown_and_no_letter_changes() -> None:
    assert not _RAW.search(printable(ORDERS) + "\n")
    assert printable(ORDERS).count("\\") == len(ORDERS)
    assert printable("a\n\tb\r\x85", lines=True) == "a\n\tb\\r\\x85"
    assert printable(printable(ORDERS + "\ud800\U000e0041")) == printable(ORDERS) + "\\ud800\\U000e0041"
    for text in (PERSIAN, "پ‍ـ", "é", "😀", "می\u00a0شود", "«۱۲۳»"):
        assert printable(text) == text
