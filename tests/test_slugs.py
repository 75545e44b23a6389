"""Slugs with marks that nobody sees, half-spaces above all: an article's address like any other, to the end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import pytest
from scrapy.http import Response

from farscrawler.days import parse_date_range
from farscrawler.extract.links import article_links
from farscrawler.outcomes.judge import redirect_of
from farscrawler.publishers import all_publishers
from tests.support import run
from tests.support.pageserver import Answer
from tests.support.replica_crawls import crawl, days, exported
from tests.support.replica_sites import PagedSite, Story, stories
from tests.support.saved import contents

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from farscrawler.publishers import Publisher

UNSEEN = {"half-space": "\u200c", "joiner": "\u200d", "soft hyphen": "\u00ad", "no-break space": "\u00a0"}
BY_SLUG = [site for site in all_publishers() if site.forms["article"].id == "text"]
# Addresses as sites known by slugs have them, with a place for a mark in the headline.
SHAPES = (
    "/نان{}های-تازه/",
    "/2024/05/27/نان{}های-تازه/",
    "/1402/12/27/نان{}های-تازه/",
    "/بازار/نان{}های-تازه/",
    "/news/بازار/نان{}های-تازه.html",
)


def _shapes(site: Publisher) -> list[str]:
    return [shape for shape in SHAPES if site.article_id(site.base_url + shape.format(""))]


def test_nearly_all_sites_known_by_slugs_take_persian_ones() -> None:
    assert len(BY_SLUG) >= 48
    # BBC Persian, the leader's two sites and Iran's newspaper number their articles.
    assert len([site for site in BY_SLUG if _shapes(site)]) >= len(BY_SLUG) - 4


@pytest.mark.parametrize("mark", UNSEEN.values(), ids=UNSEEN)
def test_a_slug_with_an_unseen_mark_is_an_address_on_every_site(mark: str) -> None:
    for site in BY_SLUG:
        for shape in _shapes(site):
            path = shape.format(mark)
            article_id = site.article_id(site.base_url + path)
            assert article_id is not None, (site.key, path)
            assert mark in article_id
            assert site.article_id(site.base_url + quote(path)) == article_id
            assert site.form_of(site.base_url + path) == "article"
            assert site.article_id(site.canonical_url(article_id)) == article_id
            assert site.canonical_url(article_id).isascii()
            page = f'<html><body><a href="{path}">نان</a><a href="{quote(path)}">نان</a></body></html>'
            assert article_links(page.encode(), publisher=site, url=site.base_url) == [
                (article_id, site.canonical_url(article_id))
            ]


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\n"])
def test_controls_and_ends_of_lines_are_part_of_no_slug(mark: str) -> None:
    for site in BY_SLUG:
        for shape in SHAPES:
            assert site.article_id(site.base_url + quote(shape.format(mark))) is None


@pytest.mark.parametrize("raw", [True, False])
def test_a_location_in_raw_letters_leads_where_an_escaped_one_does(raw: bool) -> None:
    path = "/نان\u200cهای-تازه/"
    location = path.encode() if raw else quote(path).encode()
    response = Response("https://www.8sobh.ir/?p=5", status=301, headers={"Location": location})
    assert redirect_of(response) == "https://www.8sobh.ir" + quote(path)


def test_a_location_in_no_utf_8_is_escaped_byte_by_byte() -> None:
    response = Response("https://www.site.ir/", status=302, headers={"Location": "/خبر".encode("cp1256")})
    assert redirect_of(response) == "https://www.site.ir/%CE%C8%D1"


class HeadlineSite(PagedSite):
    """Slugs are headlines as an editor pasted them; half of the articles have moved, as raw letters say."""

    def key(self, story: Story) -> str:
        return f"خبر{[*UNSEEN.values()][story.number % 4]}های-شماره-{story.number}"

    def found(self, target: str, headers: Message) -> Answer:
        path = unquote(urlsplit(target).path)
        key = self.key_of(target)
        if key is not None and int(key[-1]) % 2 == 0 and path.endswith("/"):
            return Answer(status=301, headers={"Location": path.rstrip("/").encode().decode("latin-1")})
        return super().found(target, headers)


WEEK = parse_date_range("1402-07-10", "1402-07-16")
AGENCY = stories(WEEK.first - dt.timedelta(5), WEEK.last + dt.timedelta(5), seed=5)


def test_a_week_of_such_slugs_is_crawled_and_rebuilt_from_its_warcs(tmp_path: Path) -> None:
    span = days("1402-07-10", "1402-07-16")
    with HeadlineSite(AGENCY) as site:
        done = crawl(site, tmp_path, *span, WARC="out")
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path) == sorted(site.truth(WEEK))
        assert {mark for mark in UNSEEN.values() if any(mark in key for key in exported(tmp_path))} == {
            *UNSEEN.values()
        }
    (tmp_path / "archive.db").rename(tmp_path / "live.db")
    done = run("crawl", "replica", "-s", "PUBLISHERS=sites", "-a", "pages=out", *span, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "archive.db") == contents(tmp_path / "live.db")
