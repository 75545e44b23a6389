"""The sources of a site: what its pages name, and the templates of lists that links show."""

from __future__ import annotations

import datetime as dt

import pytest

from farscrawler.drafts import doors
from farscrawler.extract.document import indexed
from farscrawler.publishers.loader import read_text

HOST = "https://www.site.example"
(SITE,) = read_text(
    """[site]
name = "سایت"
hosts = ["www.site.example", "site.example", "old.example"]
[site.forms.article]
url = "/story/{id}"
paths = ['/story/(\\d+)']
[site.selectors]
headline = ["h1"]
""",
    "custom.toml",
)


def templates(*paths: str) -> list[tuple[str, str, bool]]:
    found = doors.dated_templates([(HOST + one, "") for one in paths], SITE)
    return [(one.url, one.span, one.told) for one in found]


@pytest.mark.parametrize(
    ("paths", "template"),
    [
        (["/archive/1404/08/12"], ("/archive/{jy}/{jm:02}/{jd:02}", "day", True)),
        (["/archive/1404/8/12", "/archive/1404/8/1"], ("/archive/{jy}/{jm}/{jd}", "day", True)),
        (["/list.php?y=1404&m=8&d=12"], ("/list.php?y={jy}&m={jm}&d={jd}", "day", True)),
        (["/list.php?day=12&mon=11&year=1404"], ("/list.php?day={jd:02}&mon={jm:02}&year={jy}", "day", False)),
        (["/list?date=1404-08-12&p=1"], ("/list?date={jy}-{jm:02}-{jd:02}&p=1", "day", True)),
        (["/2025/11/03/"], ("/{gy}/{gm:02}/{gd:02}/", "day", True)),
        (["/month/1404/08"], ("/month/{jy}/{jm:02}", "month", True)),
    ],
)
def test_a_link_with_a_day_in_it_shows_a_template(paths: list[str], template: tuple[str, str, bool]) -> None:
    assert templates(*paths) == [template]


@pytest.mark.parametrize(
    "path", ["/archive/1404", "/archive/1404/13/40", "/story/1404", "/x/{jy}/1404/08/12", "/a?y=1404"]
)
def test_what_names_no_day_is_no_template(path: str) -> None:
    assert templates(path) == []


def test_days_go_before_months_and_frequent_templates_before_seldom_ones() -> None:
    found = templates("/m/1404/08", "/b/1404/08/01", "/a/1404/08/01", "/a/1404/08/02")
    assert [one[0].partition("{")[0] for one in found] == ["/a/", "/b/", "/m/"]


def test_a_template_is_filled_for_a_day() -> None:
    day = dt.date(2025, 10, 23)
    assert doors.DatedTemplate("/a/{jy}/{jm:02}/{jd:02}", "day").filled(day) == "/a/1404/08/01"
    assert doors.DatedTemplate("/a/{jy}/{jm:02}/{jd:02}", "day").unpadded().filled(day) == "/a/1404/8/1"


def test_feeds_are_those_of_the_head_and_of_links_without_comments() -> None:
    _, index = indexed(
        b"""<html><head><link rel=alternate type="application/rss+xml" href="/feed/">
<link rel=alternate type="application/rss+xml" title="comments" href="/comments/feed/">
<link rel=alternate type="text/html" href="/en"></head><body><a href="/rss/all">RSS</a>
<a href="/press">x</a><a href="//[bad/rss">x</a></body></html>"""
    )
    assert index is not None
    assert list(doors.feeds_named(index, f"{HOST}/story/1")) == [f"{HOST}/feed/", f"{HOST}/rss/all"]


def test_sitemaps_are_those_of_robots_txt() -> None:
    robots = "User-agent: *\nDisallow: /x\nSITEMAP: /map.xml\nSitemap:https://www.site.example/news.xml # both\n"
    assert list(doors.sitemaps_named(robots, f"{HOST}/robots.txt")) == [f"{HOST}/map.xml", f"{HOST}/news.xml"]


@pytest.mark.parametrize(
    ("address", "template"),
    [
        (f"{HOST}/archive?page=2", "/archive?page={page}"),
        (f"{HOST}/page/2/", "/page/{page}/"),
        (f"{HOST}/archive?page=2&n=2", None),
        (f"{HOST}/archive?from=20", None),
        ("https://elsewhere.example/page/2", None),
    ],
)
def test_the_second_page_shows_the_template_of_all(address: str, template: str | None) -> None:
    assert doors.page_template(address, SITE) == template


def test_an_address_on_another_host_of_the_site_stays_whole() -> None:
    assert doors.path_on("https://site.example/rss?x=1", SITE) == "/rss?x=1"
    assert doors.path_on("https://old.example/rss", SITE) == "https://old.example/rss"
    assert doors.path_on("https://elsewhere.example/rss", SITE) is None
