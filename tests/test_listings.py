"""Readers of lists, sitemaps and feeds: what they name, and that no bytes make them raise or run on."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from farscrawler.days import DateRange
from farscrawler.listings import markup, pages, sitemaps
from farscrawler.listings.entry import Entry
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.listings.moments import read_moment
from farscrawler.listings.names import day64, day_in_path, days_named, days_of_leaves
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import MAX_ENTRIES, read_sitemap
from farscrawler.publishers.loader import read_text
from tests.support import SHARED, start_python
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

TEHRAN = ZoneInfo("Asia/Tehran")
AT = dt.datetime(2026, 10, 21, 8, 0, tzinfo=dt.UTC)
UTC = dt.UTC


def site(host: str, form: str, doors: str = "") -> Publisher:
    """Make a publisher of a host; ``form`` are the lines of its article form."""
    text = f'[x]\nname = "x"\nhosts = ["{host}"]\n[x.forms.article]\n{form}\n[x.doors]\n{doors}\n'
    return read_text(text, "custom.toml")[0]


NEWS = r"""url = "/news/{id}"
paths = ['/news/(\d+)(?:/[^/]*)?/?']"""
SITE = site("www.site.ir", NEWS)


def sitemap(text: str | bytes, publisher: Publisher = SITE) -> Listing:
    raw = text.encode() if isinstance(text, str) else text
    return read_sitemap(raw, publisher=publisher, url="https://www.site.ir/sitemap.xml")


def feed(text: str, publisher: Publisher = SITE) -> Listing:
    return read_feed(text.encode(), publisher=publisher, url="https://www.site.ir/rss")


def page(text: str, **how: str | None) -> Listing:
    return read_page(text.encode(), publisher=SITE, url="https://www.site.ir/list", fetched_at=AT, **how)


# -- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tz", "expected"),
    [
        ("2024-08-30T20:27:00Z", "UTC", dt.datetime(2024, 8, 30, 20, 27, tzinfo=UTC)),
        ("2024-08-30T20:27+03:30", "UTC", dt.datetime(2024, 8, 30, 16, 57, tzinfo=UTC)),
        ("2024-08-30T20:27:00.123456789+0330", "UTC", dt.datetime(2024, 8, 30, 16, 57, tzinfo=UTC)),
        ("2024-08-30", "UTC", dt.date(2024, 8, 30)),
        ("2024-02", "UTC", dt.date(2024, 2, 29)),
        ("2024", "UTC", dt.date(2024, 12, 31)),
        ("2026-10-20T12:24:39", "Asia/Tehran", dt.datetime(2026, 10, 20, 8, 54, 39, tzinfo=UTC)),
        ("Mon, 19 Oct 2026 19:33:00 GMT", "Asia/Tehran", dt.datetime(2026, 10, 19, 19, 33, tzinfo=UTC)),
        ("19 Oct 2026 22:42:01 +0330", "UTC", dt.datetime(2026, 10, 19, 19, 12, 1, tzinfo=UTC)),
        ("19 Oct 2026 22:42", "Asia/Tehran", dt.datetime(2026, 10, 19, 19, 12, tzinfo=UTC)),
        ("Mon, 19 Oct 2026 22:42:00 -0000", "Asia/Tehran", dt.datetime(2026, 10, 19, 22, 42, tzinfo=UTC)),
        # ifb.ir: Jalali, day first, with the half of the day
        ("25/07/1405 10:20:30 ب.ظ", "Asia/Tehran", dt.datetime(2026, 10, 17, 18, 50, 30, tzinfo=UTC)),
        ("۲۵/۰۷/۱۴۰۵ ۱۰:۲۰:۳۰ ق.ظ", "Asia/Tehran", dt.datetime(2026, 10, 17, 6, 50, 30, tzinfo=UTC)),
        # a Jalali year in a Gregorian format: the zone is what a machine put there
        ("1404-09-10T14:34:00+00:00", "Asia/Tehran", dt.datetime(2025, 12, 1, 11, 4, tzinfo=UTC)),
        ("1404-09-10 14:34", "Asia/Tehran", dt.datetime(2025, 12, 1, 11, 4, tzinfo=UTC)),
        # summer time, which ended in 1401
        ("2022-05-18T14:55:59", "Asia/Tehran", dt.datetime(2022, 5, 18, 10, 25, 59, tzinfo=UTC)),
        ("2024-13-01", "UTC", None),
        ("2024-02-30T10:00Z", "UTC", None),
        ("2024-08-30T25:00Z", "UTC", None),
        ("0001-01-01T00:00:00Z", "UTC", None),
        ("Mon, 32 Oct 2026 19:33:00 GMT", "UTC", None),
        ("yesterday", "UTC", None),
        ("", "UTC", None),
        ("۱۱ روز قبل", "UTC", None),
        ("2" * 5000, "UTC", None),
    ],
)
def test_dates_of_machines(text: str, tz: str, expected: dt.date | None) -> None:
    found = read_moment(text, tz=tz)
    assert found == expected
    assert isinstance(found, dt.datetime) == isinstance(expected, dt.datetime)


@given(st.text(max_size=60), st.sampled_from(["UTC", "Asia/Tehran"]))
@example("9999-12-31T23:59:59-23:59", "UTC")
@example("1 Jan 9999 00:00 +9999", "UTC")
@example("2024-01-01T10:10:10,5", "UTC")
def test_no_text_makes_the_dates_raise(text: str, tz: str) -> None:
    found = read_moment(text, tz=tz)
    assert found is None or not isinstance(found, dt.datetime) or found.tzinfo is not None


@given(st.integers(800_000_000, 2_800_000_000))
def test_what_is_written_is_read(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, UTC)
    assert read_moment(moment.isoformat(), tz="Asia/Tehran") == moment
    assert read_moment(moment.strftime("%a, %d %b %Y %H:%M:%S +0000"), tz="Asia/Tehran") == moment
    assert read_moment(moment.strftime("%d %b %Y %H:%M:%S"), tz="UTC") == moment


# -- names ---------------------------------------------------------------------------------------


def named(model: str, day: str, *, url_safe: bool, pad: str) -> str:
    text = json.dumps({"model": model, "date": day, "x": "??>>"})  # of a length and letters that need pads, - and _
    code = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(text.encode()).decode()
    return code.replace("=", pad)


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        (f"/sitemap/{day64(dt.date(2024, 8, 30))}.xml", "2024-08-30", "2024-08-30"),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=False, pad='=')}.xml", *["2024-08-30"] * 2),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=True, pad=',')}.xml", *["2024-08-30"] * 2),
        (f"/sitemap/{named('newsstudioDateRange', '2024-08-30', url_safe=True, pad='')}.xml", *["2024-08-30"] * 2),
        ("/sitemap/1402/sitemap.xml", "2023-03-21", "2024-03-19"),
        ("/sitemap/2024/sitemap.xml", "2024-01-01", "2024-12-31"),
        ("/fa/2024/08/30/fa_2024_08_30_sitemap.xml", "2024-08-30", "2024-08-30"),
        ("/sitemap-pt-post-2024-08.xml", "2024-08-01", "2024-08-31"),
        ("/sitemap/1402-12.xml.gz", "2024-02-20", "2024-03-19"),
        ("/sitemap/1399-12.xml", "2021-02-19", "2021-03-20"),
        ("/sitemap-20240830.xml", "2024-08-30", "2024-08-30"),
        ("/sitemap/1402/7/23.xml", "2023-10-15", "2023-10-15"),
    ],
)
def test_names_of_days(url: str, first: str, last: str) -> None:
    assert days_named(f"https://www.site.ir{url}") == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    "url",
    [
        "/sitemap.xml",
        "/post-sitemap1402.xml",
        "/sitemap-1402.xml",
        "/sitemap-202411.xml",
        "/sitemap/1402-5.xml",
        "/sitemap/9999/sitemap.xml",
        "/sitemap/0000/sitemap.xml",
        "/sitemap-123456789.xml",
        "/sitemap/bm9uc2Vuc2Ugb2YgYSBuYW1l.xml",
        "//[bad",
    ],
)
def test_names_of_no_day(url: str) -> None:
    assert days_named(f"https://www.site.ir{url}") is None


def test_names_that_are_counted_are_not_taken_for_dates() -> None:
    months = [f"https://www.site.ir/sitemap/1402/{number:02}.xml" for number in range(1, 13)]
    assert None not in days_of_leaves(months)
    parts = [f"https://www.site.ir/sitemap/1402/{number:02}.xml" for number in range(1, 40)]
    assert set(days_of_leaves(parts)) == {None}


@given(st.dates(dt.date(1995, 1, 1), dt.date(2060, 1, 1)))
def test_a_day_is_named_and_read_back(day: dt.date) -> None:
    assert days_named(f"https://www.site.ir/sitemap/{day64(day)}.xml") == (day, day)
    assert days_named(f"https://www.site.ir/{day:%Y/%m/%d}/x.xml") == (day, day)


def test_days_in_addresses_of_articles() -> None:
    assert day_in_path("https://t.ir/fa/news/1402/07/23/2971234/slug") == dt.date(2023, 10, 15)
    assert day_in_path("https://t.ir/2024/05/27/slug/") == dt.date(2024, 5, 27)
    assert day_in_path("https://t.ir/news/20240527/slug") is None
    assert day_in_path("https://t.ir/1402/13/01/slug") is None


@given(st.text(max_size=200))
def test_no_address_makes_the_names_raise(text: str) -> None:
    days_named(text)
    day_in_path(text)


# -- what may lie in a span -----------------------------------------------------------------------


def test_only_what_certainly_lies_elsewhere_is_left_out() -> None:
    span = DateRange(dt.date(2024, 3, 10), dt.date(2024, 3, 20))

    def may(published: dt.date | None = None, lastmod: dt.date | None = None) -> bool:
        return Entry("1", "", published, lastmod).may_lie_in(span, TEHRAN)

    assert may()
    assert may(dt.date(2024, 3, 9))
    assert may(dt.date(2024, 3, 21))
    assert not may(dt.date(2024, 3, 8))
    assert not may(dt.date(2024, 3, 22))
    assert may(dt.datetime(2024, 3, 8, 20, 30, tzinfo=UTC))  # the 9th in Tehran
    assert not may(lastmod=dt.date(2024, 3, 8))
    assert may(lastmod=dt.date(2030, 1, 1))  # changed long after: says nothing
    assert Entry("1", "", dt.date.max).may_lie_in(DateRange(), TEHRAN)
    assert Entry("1", "", dt.date.min).may_lie_in(DateRange(), TEHRAN)


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


# -- whatever the bytes are -----------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b"<urlset>", b"</urlset>", b"<url>", b"</url>", b"<loc>", b"</loc>", b"https://www.site.ir/news/5",
        b"<sitemap>", b"<rss>", b"<item>", b"<link>", b"</item>", b"<pubDate>", b"1405", b"<![CDATA[",
        b"]]>", b"<!--", b"-->",
        b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&a;", b"&#0;", b"&#x10FFFF",
        b"\x00", b"\xff\xfe", b"\x1f\x8b\x08", b'{"urls":[{"loc":', b'"x"}]}', b"<a href='/news/5'>", b"<time>",
        b"<li class='news'>", b'<a rel="next" href="//[">', b"xmlns='x'", b"<a:b>", b"</", b"\xd8\xa7",
    ]
)  # fmt: skip


@examples(300)
@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join)))
def test_no_bytes_make_a_reader_raise(body: bytes) -> None:
    for raw in (body, gzip.compress(body)):
        for reader in (read_sitemap, read_feed):
            listing = reader(raw, publisher=SITE, url="https://www.site.ir/x", content_type="text/xml")
            assert all(e.key.isdigit() for e in listing.articles)
    read_page(body, publisher=SITE, url="https://www.site.ir/x", fetched_at=AT, items="li.news", time="time")


def bomb(levels: int) -> str:
    lines = ['<!ENTITY a0 "boom">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels)]
    head = f"<?xml version='1.0'?><!DOCTYPE urlset [{''.join(lines)}]>"
    return f"{head}<urlset><url><loc>&a{levels - 1};</loc></url></urlset>"


#: Made where they are wanted: megabytes take a while.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "entities": lambda: bomb(12).encode(),
    "entities behind a comment": lambda: b"<!-- <a> -->" + bomb(12).encode(),
    "packed": lambda: gzip.compress(b"0" * 60_000_000, 1),
    "packed twice": lambda: gzip.compress(gzip.compress(b"0" * 60_000_000, 1)),
    "deep": lambda: b"<urlset>" + b"<url>" * 100_000,
    "attributes": lambda: b"<urlset><url " + b" ".join(b"a%d=''" % n for n in range(200_000)) + b"/></urlset>",
    "one long text": lambda: b"<urlset><url><loc>" + b"x" * 20_000_000,
    "comments": lambda: b"<!--" * 200_000,
    "quotes": lambda: b"<?" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_name_nothing(name: str) -> None:
    body = HOSTILE[name]()
    for reader in (read_sitemap, read_feed):
        assert reader(body, publisher=SITE, url="https://www.site.ir/x").articles == []


def large_sitemap(limit: int) -> bytes:
    """Make a sitemap with some more entries than a limit, of a kilobyte each: near both limits of the protocol."""
    row = "<url><loc>https://www.site.ir/news/{n}/{slug}</loc></url>"
    rows = (row.format(n=n, slug="x" * 900).encode() for n in range(1, limit + limit // 25))
    return b"<urlset>" + b"".join(rows) + b"</urlset>"


def test_a_sitemap_beyond_the_limits_of_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (MAX_ENTRIES, MAX_BYTES) == (50_000, 50 * 1024**2)
    monkeypatch.setattr(sitemaps, "MAX_ENTRIES", MAX_ENTRIES // 50)
    monkeypatch.setattr(markup, "MAX_BYTES", MAX_BYTES // 50)
    body = large_sitemap(MAX_ENTRIES // 50)
    assert MAX_BYTES // 50 * 0.9 < len(body) < MAX_BYTES // 50
    found = sitemap(body)
    assert len(found.articles) == MAX_ENTRIES // 50
    assert (found.whole, found.problems) == (False, ["more than 1,000 addresses"])
    refused = sitemap(body * 2)
    assert (refused.refused, refused.over_a_limit) == ("larger than 50 MB", True)


def test_entries_of_no_use_have_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "SEEN_ENTRIES", 100)
    found = sitemap(b"<urlset>" + b"<url/>" * 150 + b"</urlset>")
    assert (found.whole, found.problems) == (False, ["more than 100 addresses", "100 entries without an address"])
    found = sitemap(b"<urlset><url>" + b"<a/>" * (markup.MAX_ENTRY_ELEMENTS + 1) + b"</url></urlset>")
    assert (found.whole, found.problems) == (False, ["an entry of more than 10,000 elements"])
    refused = sitemap(b'{"urls": [' + b"{}," * 150 + b"{}]}")
    assert (refused.refused, refused.over_a_limit) == ("JSON of too many values", True)


def test_a_page_of_more_articles_than_a_list_has_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_ENTRIES", 3)
    links = "".join(f"<a href=/news/{number}>x</a>" for number in range(1, 6))
    items = "".join(f"<p><a href=/news/{number}>x</a></p>" for number in range(1, 6))
    for found in (page(links), page(items, items="p")):
        assert [entry.key for entry in found.articles] == ["1", "2", "3"]
        assert (found.whole, found.over_a_limit, found.problems) == (False, True, ["more than 3 articles"])


def test_items_within_items_are_read_a_few_times_at_most() -> None:
    item = "<div class=i>"
    nested = f"{item * 3}<a href=/news/1>x</a></div></div></div>{item * 4}<a href=/news/2>x</a></div></div></div></div>"
    found = page(nested, items="div.i")
    assert [entry.key for entry in found.articles] == ["1", "2"]
    assert (found.whole, found.problems) == (False, ["items nested too deeply"])


_MEASURE = """
import sys
from pathlib import Path
from farscrawler.listings import markup, sitemaps
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.sitemaps import read_sitemap
from farscrawler.publishers import load

def peak():  # ru_maxrss would be that of the process that started this one
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

raw = Path(sys.argv[1]).read_bytes()
publisher = load("farsonline")
markup.MAX_BYTES //= 5
sitemaps.MAX_ENTRIES //= 5
before = peak()
read_sitemap(raw, publisher=publisher, url="http://www.fars-online.ir/x")
read_feed(raw, publisher=publisher, url="http://www.fars-online.ir/x")
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel does not tell the peak of a process")
def test_the_memory_of_large_and_hostile_bytes_is_bounded(tmp_path: Path) -> None:
    bodies: dict[str, Callable[[], bytes]] = {
        **{name: HOSTILE[name] for name in ("packed", "deep", "attributes", "one long text")},  # the others are small
        "largest": lambda: large_sitemap(MAX_ENTRIES // 5).replace(b"www.site.ir", b"fars-online.ir"),
    }
    for name, make in bodies.items():
        body = make()
        (tmp_path / name).write_bytes(body)
        with start_python(_MEASURE, str(tmp_path / name), cwd=tmp_path, stdout=subprocess.PIPE) as process:
            said, _ = process.communicate()
        above = int(said) // 1024  # MB, beside the bytes themselves
        print(name, len(body) // 1024**2, "MB, and", above)
        assert above < 3 * MAX_BYTES // 5 // 1024**2 + 10, name
