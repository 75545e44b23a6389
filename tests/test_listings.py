"""Readers of lists, sitemaps and feeds: what they name, and when it was published."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from farscrawler.listings.feeds import read_feed
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.listings.pages import read_page
from tests.support import SHARED
from tests.support.listings import AT, NEWS, TEHRAN, UTC, feed, page, site, sitemap

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.publishers import Publisher


# -- sitemaps -------------------------------------------------------------------------------------

URLSET = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<!-- our own --><url><loc>
  https://www.site.ir/news/5/خبر-تازه </loc><lastmod>2024-08-30T20:27:00Z</lastmod></url>
<url><image:image><image:loc>https://www.site.ir/news/99/</image:loc></image:image><loc>https://www.site.ir/news/6</loc>
 <news:news><news:publication><news:name>x</news:name></news:publication>
 <news:publication_date>2024-08-29T10:00:00+03:30</news:publication_date></news:news></url>
<url><loc>https://www.site.ir/tag/7</loc></url>
<url><loc>https://elsewhere.ir/news/8</loc></url>
<url><loc>https://www.site.ir/news/5</loc></url>
<url><lastmod>2024</lastmod></url>
</urlset>"""


def test_a_sitemap() -> None:
    found = sitemap(URLSET)
    assert [(e.key, e.published, e.lastmod) for e in found.articles] == [
        ("5", None, dt.datetime(2024, 8, 30, 20, 27, tzinfo=UTC)),
        ("6", dt.datetime(2024, 8, 29, 6, 30, tzinfo=UTC), None),
    ]
    assert found.articles[0].url == "https://www.site.ir/news/5/خبر-تازه"
    assert (found.refused, found.whole, found.problems) == (None, True, ["1 entries without an address"])


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: b"\xef\xbb\xbf\n " + raw, lambda raw: raw])
def test_a_sitemap_in_all_its_wrappings(pack: object) -> None:
    found = sitemap(pack(URLSET.encode()))  # type: ignore[operator]  # one of the three above
    assert [e.key for e in found.articles] == ["5", "6"]


def test_a_sitemap_in_windows_1256_that_says_so() -> None:
    text = URLSET.replace("UTF-8", "windows-1256").replace("ی", "ي")
    assert [e.key for e in sitemap(text.encode("cp1256")).articles] == ["5", "6"]


def test_an_index() -> None:
    found = sitemap(
        "<sitemapindex xmlns='x'><sitemap><loc>/a.xml</loc><lastmod>2024-08-30</lastmod></sitemap>"
        "<sitemap><loc>https://www.site.ir/b.xml</loc></sitemap></sitemapindex>"
    )
    assert [(leaf.url, leaf.lastmod) for leaf in found.sitemaps] == [
        ("https://www.site.ir/a.xml", dt.date(2024, 8, 30)),
        ("https://www.site.ir/b.xml", None),
    ]


def test_a_json_leaf() -> None:
    rows = [{"loc": "https://www.site.ir/news/5", "lastmode": "2015-08-30T20:27:00Z"}, {"loc": 7}, "x"]
    found = sitemap(json.dumps({"urls": rows}))
    assert [(e.key, e.lastmod) for e in found.articles] == [("5", dt.datetime(2015, 8, 30, 20, 27, tzinfo=UTC))]
    assert found.problems == ["1 rows that are no addresses", "1 entries without an address"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("<html><body><p>x</p></body></html>", "no sitemap but <html>"),
        ("no markup", "no sitemap"),
        ("{", "JSON that is damaged"),
        ("[1]", "JSON without addresses"),
        ("[" * 200_000, "JSON that is damaged"),
        (b"\x1f\x8b\x08garbage", "damaged gzip"),
        (gzip.compress(b"<urlset/>" * 1000, mtime=0)[:-20], "gzip that is cut off"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>', "declares entities of its own"),
    ],
)
def test_what_is_no_sitemap_says_so(text: str | bytes, why: str) -> None:
    assert sitemap(text).refused == why


def test_a_packed_sitemap_is_unpacked_up_to_the_limit() -> None:
    assert sitemap(gzip.compress(b" " * (MAX_BYTES + 1))).refused == "larger than 50 MB"


def test_a_sitemap_that_is_cut_off_is_not_whole() -> None:
    found = sitemap(URLSET[: URLSET.index("<url><loc>https://elsewhere")])
    assert [e.key for e in found.articles] == ["5", "6"]
    assert (found.whole, "cut off" in found.problems) == (False, True)


def test_faults_in_the_middle_do_not_end_the_reading() -> None:
    found = sitemap(URLSET.replace("<!-- our own -->", "<url><loc>https://www.site.ir/news/3?a&b</loc></url>"))
    assert [e.key for e in found.articles] == ["3", "5", "6"]
    assert found.whole


# -- feeds ----------------------------------------------------------------------------------------


def test_rss_atom_and_rdf() -> None:
    rss = feed(
        "<rss version='2.0'><channel><link>https://www.site.ir/</link><pubDate>x</pubDate><item><link/>"
        "<guid>https://www.site.ir/news/4</guid><pubDate>19 Oct 2026 22:42:01 +0330</pubDate></item>"
        "<item><link>https://www.site.ir/news/5/a b</link><dc:date xmlns:dc='d'>2026-10-19</dc:date></item>"
        "<item><link>https://elsewhere.ir/</link></item></channel></rss>"
    )
    assert [(e.key, e.published) for e in rss.articles] == [
        ("4", dt.datetime(2026, 10, 19, 19, 12, 1, tzinfo=UTC)),
        ("5", dt.date(2026, 10, 19)),
    ]
    atom = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://www.site.ir/news/1'/><entry>"
        "<link rel='replies' href='https://www.site.ir/news/2'/><link href='https://www.site.ir/news/3'/>"
        "<published>2026-10-19T10:00:00Z</published><updated>2026-10-20T10:00:00Z</updated></entry></feed>"
    )
    assert [(e.key, e.published, e.lastmod) for e in atom.articles] == [
        ("3", dt.datetime(2026, 10, 19, 10, 0, tzinfo=UTC), dt.datetime(2026, 10, 20, 10, 0, tzinfo=UTC))
    ]
    rdf = feed(
        "<rdf:RDF xmlns:rdf='r' xmlns='http://purl.org/rss/1.0/' xmlns:dc='d'><channel/><item "
        "rdf:about='https://www.site.ir/news/9'><dc:date>2026-10-19T10:00:00+03:30</dc:date></item></rdf:RDF>"
    )
    assert [(e.key, e.published) for e in rdf.articles] == [("9", dt.datetime(2026, 10, 19, 6, 30, tzinfo=UTC))]
    assert feed("<html/>").refused == "no feed but <html>"


def test_the_zone_of_a_feed_is_the_sites() -> None:
    text = (
        "<rss><channel><item><link>https://www.site.ir/news/1</link><pubDate>2026-10-20T12:24:39</pubDate></item>"
        "<item><link>https://www.site.ir/news/2</link><pubDate>25/07/1405 10:20:30 ق.ظ</pubDate></item></channel></rss>"
    )
    local = site("www.site.ir", NEWS, 'feed_tz = "Asia/Tehran"')
    assert [e.published for e in feed(text, local).articles] == [
        dt.datetime(2026, 10, 20, 8, 54, 39, tzinfo=UTC),
        dt.datetime(2026, 10, 17, 6, 50, 30, tzinfo=UTC),
    ]


def shared_feed(name: str) -> Path:
    path = SHARED / "pages" / "feeds" / name
    if not path.is_file():
        pytest.skip("the references are not beside the checkout")
    return path


@pytest.mark.parametrize(
    ("name", "publisher", "expected"),
    [
        (
            "khabaronline.xml",
            site("www.khabaronline.ir", NEWS),
            {"2290539": "2026-10-19T19:33:00", "2290524": "2026-10-19T19:28:00", "2290421": "2026-10-19T19:17:00"},
        ),
        (
            "tabnak.xml",
            site("www.tabnak.ir", NEWS.replace("'/news", "'/fa/news"), 'feed_tz = "Asia/Tehran"'),
            {"1399497": "2026-10-19T19:12:01", "1399508": "2026-10-19T19:11:05", "1399507": "2026-10-19T19:03:00"},
        ),
        (
            "varzesh3.xml",
            site("www.varzesh3.com", NEWS, 'feed_tz = "Asia/Tehran"'),
            {"2437954": "2026-10-20T08:54:39", "2437935": "2026-10-20T08:52:52", "2437915": "2026-10-20T08:42:11"},
        ),
        (
            "digiato.xml",
            site("digiato.com", 'id = "text"\npaths = ["/([a-z-]+/[a-z0-9-]+)/?"]'),
            {
                "artificial-intelligence/trap-of-monitoring-employees-with-ai-in-companies": "2026-10-19T18:30:00",
                "articles/silicon-e51": "2026-10-19T17:30:00",
                "computers-hardware/apple-october-2026-mac-ipad-event": "2026-10-19T17:00:00",
            },
        ),
    ],
)
def test_every_real_feed_is_read_with_the_right_dates(
    name: str, publisher: Publisher, expected: dict[str, str]
) -> None:
    body = shared_feed(name).read_bytes()
    found = read_feed(body, publisher=publisher, url=f"{publisher.base_url}/rss")
    assert {
        e.key: e.published.astimezone(UTC).replace(tzinfo=None).isoformat()
        for e in found.articles
        if isinstance(e.published, dt.datetime)
    } == expected
    assert (found.refused, found.problems) == (None, [])


def test_the_list_of_2011_is_read_with_the_right_dates() -> None:
    publisher = site("www.mehrnews.com", "paths = ['/fa/newsprint\\.aspx']\nquery = \"newsid\"")
    body = shared_feed("mehrnews-2011-list.html").read_bytes()
    found = read_page(
        body,
        publisher=publisher,
        url="http://www.mehrnews.com/fa/txtNewsView_fa.aspx?t=Archive",
        fetched_at=AT,
        items="pre",
        time=".ContentTimeOne, .ContentTimeTwo",
        content_type="text/html; charset=windows-utf-8",
    )
    assert len(found.articles) == body.count(b"NewsPrint.aspx?NewsID=")
    assert (found.articles[0].key, found.articles[0].published) == (
        "1271620",
        dt.datetime(2011, 3, 10, 19, 27, tzinfo=TEHRAN),
    )
    assert found.articles[1].published == dt.datetime(2011, 3, 10, 19, 14, tzinfo=TEHRAN)
    days = {e.published.date() if isinstance(e.published, dt.datetime) else e.published for e in found.articles}
    assert days <= {dt.date(2011, 3, 10), dt.date(2011, 3, 9)}


# -- list pages -----------------------------------------------------------------------------------


def test_a_list_page_and_its_times() -> None:
    found = page(
        """<ul><li class="news"><h4>روتیتر</h4><h3><a href="/news/5/الف">خبر</a></h3>
        <p><a href="/news/77">همچنین</a></p><time><a>1404-09-10 14:34</a></time></li>
        <li class="news"><a href="/news/6">خبر</a><time title="سه‌شنبه ۱۰ بهمن ۱۴۰۲ - ۱۶:۴۵">۱۱ روز قبل</time></li>
        <li class="news"><a href="/news/7">خبر</a><time title="۲ ساعت قبل">۳ ساعت قبل</time></li>
        <li class="news"><a href="/news/8">خبر</a><time>۵ خرداد ۰۴ - ۰۹:۳۲</time></li>
        <li class="news"><a href="/news/9">خبر</a><time>به‌زودی</time></li>
        <li class="news"><a href="/tag/1">برچسب</a></li><li class="news"><a href="/news/5">خبر</a></li></ul>
        <div><a href="/news/500">پربازدید</a></div>""",
        items="li.news",
        time="time a, time",
    )
    assert [(e.key, e.published) for e in found.articles] == [
        ("5", dt.datetime(2025, 12, 1, 14, 34, tzinfo=TEHRAN)),
        ("6", dt.datetime(2024, 1, 30, 16, 45, tzinfo=TEHRAN)),
        ("7", dt.datetime(2026, 10, 21, 8, 30, tzinfo=TEHRAN)),
        ("8", dt.datetime(2025, 5, 26, 9, 32, tzinfo=TEHRAN)),
        ("9", None),
    ]
    assert found.articles[0].url == "https://www.site.ir/news/5/الف"


def test_without_a_selector_every_article_link_counts() -> None:
    found = page('<a href="/news/5">x</a><a href="news/6?a=b">y</a><a href="//[x">z</a><a href="/x">z</a>')
    assert [e.key for e in found.articles] == ["5", "6"]
    assert page("").refused == "no page"


@pytest.mark.parametrize(
    ("markup", "following"),
    [
        ('<link rel="next" href="/list?p=2">', "https://www.site.ir/list?p=2"),
        ('<a rel="nofollow next" href="?p=2">x</a>', "https://www.site.ir/list?p=2"),
        ('<ul class="pagination"><li class="active"><a>۱</a></li><li><a href="?p=2">۲</a></li></ul>', "?p=2"),
        ('<div class="service_pagination"><a href="?p=1">قبلی</a><a href="?p=2">بعدی</a></div>', "?p=2"),
        ('<div class="pager"><span aria-current="page">3</span><a href="?p=5">5</a><a href="?p=4">4</a></div>', "?p=4"),
        ('<div class="pager"><a href="?p=2">2</a></div>', None),
        ('<a href="?p=2">بعدی</a>', None),
        ('<a rel="next" href="javascript:void(0)">x</a>', None),
        ('<a rel="next" href="/list">itself</a>', None),
    ],
)
def test_the_next_page(markup: str, following: str | None) -> None:
    expected = f"https://www.site.ir/list{following}" if following and following.startswith("?") else following
    assert page(f"<body>{markup}</body>").following == expected
