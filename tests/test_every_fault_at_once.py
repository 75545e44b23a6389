"""One site with every fault of machines at once, in sitemaps, feed and pages: the run ends, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from tests.support import FAST, json_lines, run
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ZWNJ = "\u200c"
SITE = """\
[anbar]
family = "custom"
name = "انبار"
hosts = ["www.anbar.example"]
lists = ["/"]

[anbar.forms.article]
url = "/story/{id}"
paths = ["/story/([^/]+)"]
id = "text"

[anbar.selectors]
headline = ["h1"]
published = [".date"]
body = ["div.text"]

[anbar.doors]
ids = false
feeds = ["/rss.xml"]
sitemaps = ["/sitemap.xml"]
"""
#: Pages whose JSON-LD is what machines write: the raw text of a keyword, and what must be stored of it.
KEYWORDS = {
    "half-emoji": (r"شادی \ud83d", "شادی \ufffd"),
    "entity": ("نان &amp; آب", "نان & آب"),
    "controls": (r"نا\u0000ن\r\nتازه\u001b", "نان تازه"),
    f"نیم{ZWNJ}فاصله": ("انبار", "انبار"),
    "whole": ("گندم", "گندم"),
    "lt": ("جو", "جو"),
    "tail": ("برنج", "برنج"),
    "second-member": ("چای", "چای"),
    "second-document": ("قند", "قند"),
    "in-feed": ("هل", "هل"),
    "moved-here": ("زعفران", "زعفران"),
}
#: Addresses without an article, with the outcome and a word of its reason.
REFUSED = {
    "undated": ("not-article", "no timestamp"),
    "gone": ("missing", "HTTP 404"),
    "picture": ("not-article", "binary"),
    "deep": ("not-article", "nested too deeply"),
}


def page(key: str, keyword: str | None, *, date: str = "چهارشنبه ۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵") -> str:
    text = f"انباردار بامداد امروز کیسه{ZWNJ}های {key} را شمرد و در دفتر نوشت؛ کاری که تا نیمروز به درازا کشید."
    said = "" if keyword is None else (
        f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","keywords":["{keyword}"]}}</script>'
    )  # fmt: skip
    return (
        f"<html><head><meta charset='utf-8'><title>شمارش {key}</title>{said}</head><body><h1>شمارش {key}</h1>"
        f"<div class='date'>{date}</div><div class='text'><p>{text}</p><p>{text}</p></div></body></html>"
    )


def urls(*keys: str, title: str = "") -> str:
    """Return the entries of a sitemap."""
    at = "<lastmod>2022-05-18T14:55:00+04:30</lastmod>"
    return "".join(f"<url><loc>https://www.anbar.example/story/{quote(key)}</loc>{at}{title}</url>" for key in keys)


def urlset(*keys: str, title: str = "") -> str:
    head = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f"{head}{urls(*keys, title=title)}</urlset>"


def answers() -> dict[str, Answer]:
    maps = {
        "/maps/plain.xml": urlset("half-emoji", "entity", "controls", f"نیم{ZWNJ}فاصله", *REFUSED, "moved"),
        "/maps/lt.xml": urlset("whole", "lt", title="<title>بهای گندم < ۵۰ هزار تومان &#55357;</title>"),
        "/maps/tail.xml": urlset("tail") + "<script src='//x/ad.js'></script>",
        "/maps/two.xml": urlset("whole") + urlset("second-document"),
    }
    found = {name: Answer(text, headers={"Content-Type": "application/xml"}) for name, text in maps.items()}
    members = urlset("whole").removesuffix("</urlset>"), urls("second-member") + "</urlset>"
    found["/maps/members.xml.gz"] = Answer(
        b"".join(gzip.compress(one.encode()) for one in members), headers={"Content-Type": "application/gzip"}
    )
    index = "".join(f"<sitemap><loc>https://www.anbar.example{name}</loc></sitemap>" for name in found)
    found["/sitemap.xml"] = Answer(f"<?xml version='1.0'?><sitemapindex>{index}</sitemapindex>")
    found["/rss.xml"] = Answer(
        "<?xml version='1.0'?><rss version='2.0'><channel><item><title>خبر &#55357;&#56832; &#0;</title>"
        "<pubDate>Wed, 18 May 2022 14:55:00 +0430</pubDate>"
        "<link>https://www.anbar.example/story/in-feed</link></item></channel></rss>"
    )
    found["/"] = Answer("<html><body><a href='/story/in-feed'>هل</a></body></html>")
    for key, (keyword, _) in KEYWORDS.items():
        found[f"/story/{quote(key)}"] = Answer(page(key, keyword))
    found["/story/undated"] = Answer(page("undated", None, date=""))
    found["/story/picture"] = Answer(b"\x89PNG\r\n", headers={"Content-Type": "image/png"})
    found["/story/deep"] = Answer("<html><body>" + "<div>" * 60_000)
    found["/story/moved"] = Answer(status=301, headers={"Location": "/story/moved"})
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "anbar.toml").write_text(SITE, encoding="utf-8")
    return tmp_path


def crawl(server: PageServer, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    options = [f"{name}={value}" for name, value in {**FAST, "PUBLISHERS": "own"}.items()]
    settings = [word for option in options for word in ("-s", option)]
    return run("crawl", "anbar", "-a", f"base_url={server.url}", "--summary", "json", *words, *settings, cwd=folder)


def test_everything_readable_is_stored_and_the_rest_explained(folder: Path) -> None:
    with PageServer(answers()) as server:
        month = ("-a", "since=1401-02", "-a", "until=1401-02")
        done = crawl(server, folder, *month, "-O", "news.jsonl")
        feed = crawl(server, folder, "-o", "news.jsonl")
        asked = [path for path in server.asked if path.startswith("/story/")]
        again = crawl(server, folder, *month, "-o", "news.jsonl")
        later = [path for path in server.asked if path.startswith("/story/")][len(asked) :]
        assert set(later) == {"/story/moved"}  # followed round the circle
    for one in (done, feed, again):
        assert "Traceback" not in one.stderr
    db = sqlite3.connect(folder / "archive.db")
    visits: dict[str, tuple[str, str]] = {
        key: (outcome, reason or "") for key, outcome, reason in db.execute("SELECT key, outcome, reason FROM visits")
    }
    db.close()
    with Archive(folder / "archive.db") as archive:
        assert check(archive) == []
        stored = {article.article_id: article for article in archive.articles("anbar")}
    wanted = set(KEYWORDS) - {"moved-here"}
    assert set(stored) == wanted
    for key, article in stored.items():
        assert article.tags == [KEYWORDS[key][1]]
        assert article.published_at == "2022-05-18T14:55:00+04:30"
        assert f"کیسه{ZWNJ}های" in article.body
    for key, (outcome, reason) in REFUSED.items():
        assert visits[key][0] == outcome
        assert reason in visits[key][1], visits[key]
    assert visits["moved"] == ("blocked", "redirected in a circle")
    assert {row["article_id"] for row in json_lines(folder / "news.jsonl")} == wanted
    # The address that leads nowhere is pending, and the run says so.
    assert (done.returncode, feed.returncode, again.returncode) == (3, 0, 3)
    counts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["counts"]
    assert counts["article"] == len(wanted) - 1
