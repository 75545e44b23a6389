"""The readers of what a site answers: pages, lists, sitemaps, feeds and robots.txt."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING

from scrapy.robotstxt import ProtegoRobotParser

from farscrawler import publishers
from farscrawler.extract import NoArticle, article_links, owner_of, read_article, walled
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import read_sitemap
from tests.fuzz.reader import NOW, SITE, Reader, Sample, of, of_packed
from tests.support.cases import cases
from tests.support.records import AT

if TYPE_CHECKING:
    from pathlib import Path

#: One publisher of each family, and the one of pages from anywhere.
SITES = [
    *(publishers.load(key) for key in {one.family: one.key for one in publishers.all_publishers()}.values()),
    publishers.load("news"),
]


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


READERS = (
    Reader("pages", _pages, _read_page),
    Reader("lists", of(_rows(LIST, ITEM)), _read_list),
    Reader("sitemaps", of_packed(_rows(SITEMAP, URL), _rows(INDEX, LEAF), json.dumps(JSON_MAP)), _read_sitemap),
    Reader("feeds", of_packed(_rows(RSS, RSS_ITEM), _rows(ATOM, ENTRY)), _read_feed),
    Reader("robots.txt", of(ROBOTS), _read_robots),
)
