"""Readers of lists, sitemaps and feeds: no bytes make them raise, or take more than their limits."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from farscrawler.extract import NoArticle, Reason, read_article
from farscrawler.extract import reader as page_reader
from farscrawler.listings import markup, pages, sitemaps
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import MAX_ENTRIES, read_sitemap
from tests.support import start_python
from tests.support.examples import examples
from tests.support.listings import AT, SITE, page, sitemap

if TYPE_CHECKING:
    from collections.abc import Callable


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


def test_a_selector_that_fails_on_a_page_refuses_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise etree.XPathEvalError("Memory allocation failed")

    monkeypatch.setattr(pages, "select", fail)
    found = page("<a href=/news/1>x</a>", items="a")
    assert (found.refused, found.over_a_limit) == ("a selector fails on it (Memory allocation failed)", True)
    monkeypatch.setattr(page_reader, "_read", fail)
    refused = read_article(b"<p>x</p>", publisher=SITE, url="https://www.site.ir/news/1")
    assert refused == NoArticle("not-article", Reason.SELECTOR_FAILED)


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
