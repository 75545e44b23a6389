"""What is new on sites whose ids say nothing of it: by home page, lists, feeds and the doors of the last days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.ledger import Ledger
from tests.support.replica_crawls import crawl, exported, kill_at, stored
from tests.support.replica_sites import TEHRAN, ListSite, PagedSite, ReplicaSite, SitemapSite, stories

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime.now(TEHRAN)
TODAY = NOW.date()
#: Thirty days up to an hour ago.
AGENCY = [s for s in stories(TODAY - dt.timedelta(30), TODAY, seed=3) if s.at < NOW - dt.timedelta(hours=1)]


def keys(site: ReplicaSite, since: dt.date) -> set[str]:
    return {site.key(story) for story in site.agency if story.day >= since}


def floor(folder: Path, day: dt.date | None = None) -> dt.date:
    """Return the floor as a day, moved to ``day`` before, as if the last run had been then."""
    with Archive(folder / "archive.db", readonly=False) as archive:
        ledger = Ledger(archive, "replica")
        if day is not None:
            ledger.set_watermark(int(f"{day:%Y%m%d}"), "2026-01-01T00:00:00+00:00")
        number = ledger.watermark()
    assert number is not None
    return dt.date(number // 10_000, number // 100 % 100, number % 100)


@pytest.mark.parametrize("kind", [SitemapSite, PagedSite, ListSite])
def test_latest_takes_exactly_the_newest(kind: type[ReplicaSite], tmp_path: Path) -> None:
    with kind(AGENCY) as site:
        newest = [site.key(story) for story in reversed(AGENCY)]
        done = crawl(site, tmp_path, "-a", "latest=12")
        assert done.returncode == 0, done.stderr
        assert set(site.articles_asked()) == set(newest[:12])
        done = crawl(site, tmp_path, "-a", "latest=35", "-O", "news.jsonl")  # more than the feed shows
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path) == sorted(newest[:35])
        assert set(site.articles_asked()) == set(newest[12:35])


@pytest.mark.parametrize("kind", [SitemapSite, PagedSite])
def test_the_incremental_crawl_takes_what_is_new_and_leaves_no_hole(kind: type[ReplicaSite], tmp_path: Path) -> None:
    with kind(AGENCY[:-9]) as site:
        first = crawl(site, tmp_path, "-o", "news.jsonl", FIRST_IDS=5)
        assert first.returncode == 0, first.stderr
        assert len(stored(tmp_path)) == 5
        assert floor(tmp_path) == TODAY - dt.timedelta(days=1)
        # as if the last run had been long ago; and the next is killed on its way
        back = TODAY - dt.timedelta(days=25)
        floor(tmp_path, back)
        assert kill_at(site, tmp_path, 15, "-o", "news.jsonl")
        second = crawl(site, tmp_path, "-o", "news.jsonl")
        assert second.returncode == 0, second.stderr
        assert keys(site, back + dt.timedelta(days=1)) <= set(stored(tmp_path))
        assert floor(tmp_path) == TODAY - dt.timedelta(days=2)
        # nine more come out
        site.agency = AGENCY
        site.by_key = {site.key(story): story for story in AGENCY}
        third = crawl(site, tmp_path, "-o", "news.jsonl", REFRESH_HOURS=0)
        assert third.returncode == 0, third.stderr
        assert set(site.articles_asked()) == {site.key(story) for story in AGENCY[-9:]}
        assert "9 new articles" in third.stderr
        assert keys(site, back + dt.timedelta(days=1)) <= set(exported(tmp_path))
        fourth = crawl(site, tmp_path, REFRESH_HOURS=0)
        assert fourth.returncode == 0, fourth.stderr
        assert not site.articles_asked()
        assert {status for path, status in site.statuses if path != "/robots.txt"} == {304}


def test_an_article_that_failed_keeps_its_day_owed(tmp_path: Path) -> None:
    with SitemapSite(AGENCY) as site:
        assert crawl(site, tmp_path, FIRST_IDS=3).returncode == 0
        back = TODAY - dt.timedelta(days=9)
        floor(tmp_path, back)
        lost = site.key(next(story for story in AGENCY if story.day == TODAY - dt.timedelta(days=6)))
        site.broken = [lost]
        done = crawl(site, tmp_path, RETRY_TIMES=0)
        assert (done.returncode, floor(tmp_path)) == (3, back)
        site.broken = []
        done = crawl(site, tmp_path, REFRESH_HOURS=0)
        assert done.returncode == 0, done.stderr
        assert set(site.articles_asked()) == {lost}
        assert floor(tmp_path) == TODAY - dt.timedelta(days=2)


def test_days_that_no_source_leads_to_any_more_are_said_once(tmp_path: Path) -> None:
    with PagedSite(AGENCY) as site:
        site.stanza = site.stanza.replace('pages = "/page/{page}/"', "")
        assert crawl(site, tmp_path, FIRST_IDS=3).returncode == 0
        floor(tmp_path, TODAY - dt.timedelta(days=29))
        done = crawl(site, tmp_path, REFRESH_HOURS=0)
        assert done.returncode == 3
        assert "nothing leads to all articles of " in done.stderr
        assert set(stored(tmp_path)) == {site.key(story) for story in AGENCY[-30:]}  # all that the feed shows
        again = crawl(site, tmp_path, REFRESH_HOURS=0)
        assert again.returncode == 0, again.stderr


def test_a_range_within_a_feed_is_taken_from_it(tmp_path: Path) -> None:
    with PagedSite(AGENCY) as site:
        shown = {story.day for story in AGENCY[-30:]}
        since = min(shown) + dt.timedelta(days=1)
        done = crawl(site, tmp_path, "-a", f"since={since}", "-a", "door=feeds", "-O", "news.jsonl")
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path) == sorted(site.key(s) for s in AGENCY if s.dated and s.day >= since)
        assert site.lists_asked() == ["/feed/"]
        done = crawl(site, tmp_path, "-a", f"since={min(shown)}", "-a", "via=feeds")
        assert done.returncode == 3
        assert "its feeds go back to " in done.stderr


def test_young_articles_are_looked_at_again_where_they_were_found(tmp_path: Path) -> None:
    with PagedSite(AGENCY) as site:
        assert crawl(site, tmp_path, "-a", "latest=4").returncode == 0
        done = crawl(site, tmp_path, "-a", "latest=4", "-a", "refresh=4w", REFRESH_EVERY=0)
        assert done.returncode == 0, done.stderr
        asked = {path: status for path, status in site.statuses if site.key_of(path) is not None}
        assert len(asked) == 4
        assert set(asked.values()) == {304}


def test_a_site_that_shows_nothing_is_owed(tmp_path: Path) -> None:
    with PagedSite(AGENCY) as site:
        site.broken = ["^/(page/.*|feed/)?$"]
        for words in ((), ("-a", "latest=3")):
            done = crawl(site, tmp_path, *words, RETRY_TIMES=0)
            assert done.returncode == 3
            assert "HTTP 500" in done.stderr.splitlines()[-1]
            assert not site.articles_asked()
