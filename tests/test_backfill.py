"""A range of days by lists, sitemaps, pages and feeds, each in a process of its own as a user runs it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from farscrawler.days import DateRange, parse_date_range
from tests.support.replica_crawls import assert_exact, crawl, days, exported, kill_at
from tests.support.replica_sites import ListSite, PagedSite, RepeatingSite, ReplicaSite, SitemapSite, is_busy, stories

if TYPE_CHECKING:
    from pathlib import Path

YEAR = parse_date_range("1402", "1402")
MONTH = parse_date_range("1402-07", "1402-07")
#: A year and two months on either side.
AGENCY = stories(YEAR.first - dt.timedelta(days=60), YEAR.last + dt.timedelta(days=60), seed=5)
SEASON = [
    story for story in AGENCY if story.day in DateRange(MONTH.first - dt.timedelta(40), MONTH.last + dt.timedelta(40))
]


def most_lists(site: ReplicaSite, span: DateRange) -> int:
    """Return how many lists a span may cost."""
    length = (span.last - span.first).days + 1
    if isinstance(site, SitemapSite):
        return 1 + length + 2  # the index, and a day more on each side
    # the pages that a day's articles fill, and one that is older than the day
    return 2 * length + 2 * sum(map(is_busy, span.days()))


@pytest.mark.parametrize("kind", [ListSite, SitemapSite])
def test_a_month_and_the_days_around_it_are_exactly_the_known_answer(kind: type[ReplicaSite], tmp_path: Path) -> None:
    first, last = "1402-06", "1402-08"
    span = parse_date_range(first, last)
    with kind(AGENCY) as site:
        done = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert done.returncode == 0, done.stderr
        beside = assert_exact(site, tmp_path, MONTH)
        assert 0 < len(site.lists_asked()) <= most_lists(site, MONTH)
        # fetched besides: articles of the days next to the month, which a list of it names too, and undated ones
        assert set(beside.values()) <= {MONTH.first - dt.timedelta(1), MONTH.last + dt.timedelta(1), None}
        print(kind.__name__, "month", len(site.truth(MONTH)), "lists", len(site.lists_asked()), "beside", len(beside))

        done = crawl(site, tmp_path, *days(first, last))
        assert done.returncode == 0, done.stderr
        beside = assert_exact(site, tmp_path, span)
        assert set(site.articles_asked()).isdisjoint(site.truth(MONTH))
        assert set(site.articles_asked().values()) == {1}
        assert len(site.lists_asked()) == len(set(site.lists_asked())) <= most_lists(site, span)
        print(kind.__name__, "all", len(site.truth(span)), "lists", len(site.lists_asked()), "beside", len(beside))

        again = crawl(site, tmp_path, *days(first, last))
        assert again.returncode == 0, again.stderr
        assert not site.articles_asked()
        # every list of a day that is over is closed; an index without a day is asked, and has not changed
        assert site.lists_asked() == (["/sitemap.xml"] if kind is SitemapSite else [])
        assert [status for path, status in site.statuses if path != "/robots.txt"] == [304] * len(site.lists_asked())
        assert_exact(site, tmp_path, span)


@pytest.mark.parametrize(("kind", "moments"), [(ListSite, (30, 60)), (SitemapSite, (20, 50)), (PagedSite, (30, 60))])
def test_killed_and_resumed_the_harvest_is_exact(
    kind: type[ReplicaSite], moments: tuple[int, ...], tmp_path: Path
) -> None:
    with kind(SEASON) as site:
        fetched: Counter[str] = Counter()
        kills = 0
        for moment in moments:
            kills += kill_at(site, tmp_path, moment, *days("1402-07", "1402-07"))
            fetched += site.articles_asked()
        done = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert done.returncode == 0, done.stderr
        fetched += site.articles_asked()
        assert kills == len(moments)
        assert_exact(site, tmp_path, MONTH)
        # what was in flight, and what was not committed yet, is fetched again
        assert fetched.total() - len(fetched) <= kills * (50 + 16)
        print(kind.__name__, "fetched again", fetched.total() - len(fetched), "lists", len(site.lists_asked()))
        again = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert again.returncode == 0, again.stderr
        assert not site.articles_asked()
        assert {status for path, status in site.statuses if path != "/robots.txt"} <= {304, 404}


def test_a_list_without_dates_is_searched_with_single_articles(tmp_path: Path) -> None:
    with PagedSite(AGENCY) as site:
        done = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert done.returncode == 0, done.stderr
        beside = assert_exact(site, tmp_path, MONTH)
        print("pages", len(site.truth(MONTH)), "lists", len(site.lists_asked()), "beside", len(beside))
        assert len(beside) <= 20 + 40  # a probe for each doubling and halving, and the pages at both ends
        assert len(site.lists_asked()) <= 7 + 6 + 1 + len(site.truth(MONTH)) // 10 + 4


def test_a_list_that_fails_is_owed_and_the_others_go_on(tmp_path: Path) -> None:
    day = parse_date_range("1402-07-10", "1402-07-10")
    with RepeatingSite(SEASON) as site:
        assert site.truth(day)
        site.broken = [r"dy=10&mn=7&"]
        done = crawl(site, tmp_path, *days("1402-07", "1402-07"), RETRY_TIMES=1)
        assert done.returncode == 3
        said = done.stderr.splitlines()[-1]
        assert "not all was found: lists that could not be read: " in said
        assert "/archive?pi=1&ms=0&dy=10&mn=7&yr=1402: HTTP 500" in said
        assert sum("dy=10&mn=7&" in path for path in site.asked) == 2  # tried again, as any page
        assert site.truth(MONTH) - set(exported(tmp_path)) == site.truth(day)
        site.broken = []
        mended = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert mended.returncode == 0, mended.stderr
        assert_exact(site, tmp_path, MONTH)
        assert {re.sub("pi=.", "", path) for path in site.lists_asked()} == {"/archive?&ms=0&dy=10&mn=7&yr=1402"}
        assert set(site.articles_asked()) >= site.truth(day)


def test_a_site_that_is_down_ends_the_run(tmp_path: Path) -> None:
    with ListSite(SEASON) as site:
        url = site.url
    (tmp_path / "news.jsonl").write_text("{}\n")
    done = crawl(site, tmp_path, *days("1402-07", "1402-07"), RETRY_TIMES=0)
    assert done.returncode == 3
    assert f"{url} cannot be reached (robots.txt cannot be read, the connection was refused)" in done.stderr
    assert (tmp_path / "news.jsonl").read_text() == "{}\n"  # a site that is down empties no file


def test_a_source_that_is_unavailable_leaves_the_days_to_the_next(tmp_path: Path) -> None:
    with SitemapSite(SEASON) as site:
        site.forbidden = ["/fa/archive"]
        site.stanza = site.stanza.replace("archive = false", 'archive = {url = "/fa/archive?d={jd}&p={page}"}')
        done = crawl(site, tmp_path, *days("1402-07-01", "1402-07-05"))
        assert done.returncode == 0, done.stderr
        assert "no way through its archive: " in done.stderr
        assert "forbidden by robots.txt" in done.stderr
        assert_exact(site, tmp_path, parse_date_range("1402-07-01", "1402-07-05"))
        only = crawl(site, tmp_path, *days("1402-07-01", "1402-07-05"), "-a", "via=archive")
        assert only.returncode == 3
        assert "nothing leads to 1402-07-01 – 1402-07-05 (archive: https://www.replica.ir/fa/archive?d=" in only.stderr
        assert not site.lists_asked()
        # what is stored of the days is in the file all the same
        assert exported(tmp_path) == sorted(site.truth(parse_date_range("1402-07-01", "1402-07-05")))


def test_days_that_no_sitemap_names_are_said(tmp_path: Path) -> None:
    with SitemapSite(SEASON) as site:
        first = min(site.days())
        since = first - dt.timedelta(days=10)
        span = DateRange(since, first + dt.timedelta(days=2))
        done = crawl(site, tmp_path, *days(str(since), str(span.last)))
        assert done.returncode == 3
        left = DateRange(since, first - dt.timedelta(days=1))
        assert f"not all was found: nothing leads to {left} (" in done.stderr
        assert_exact(site, tmp_path, span)
        done = crawl(site, tmp_path, "-a", f"until={span.last}", "-O", "news.jsonl")  # all there is before
        assert done.returncode == 0, done.stderr
        assert_exact(site, tmp_path, span)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("since=1402-07", "via=feeds"), "replica has the sources archive"),
        (("via=archive",), "give one of them too"),
        (("since=1402-07", "latest=5"), "cannot be given together"),
        (("since=1402-07", "via=archive", "source=wayback"), "via and source cannot be given together"),
        (("since=1402-07", "door=feeds"), "via=feeds: replica has the sources archive"),  # the name of 0.2
        (("since=1402-07", "via=archive", "door=feeds"), "give via=archive alone"),
    ],
)
def test_a_source_that_cannot_be_taken_is_a_sentence(more: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with ListSite([]) as site:
        done = crawl(site, tmp_path, *(word for one in more for word in ("-a", one)))
    assert (done.returncode, site.asked) == (2, [])
    assert said in done.stderr


def test_days_to_come_have_no_articles(tmp_path: Path) -> None:
    with ListSite(SEASON) as site:
        done = crawl(site, tmp_path, "-a", "since=1449", "-O", "news.jsonl")
    assert (done.returncode, site.asked) == (0, [])
    assert exported(tmp_path) == []


def test_a_list_that_repeats_its_last_page_for_ever_ends(tmp_path: Path) -> None:
    with RepeatingSite(SEASON) as site:
        done = crawl(site, tmp_path, *days("1402-07", "1402-07"))
        assert done.returncode == 0, done.stderr
        assert len(site.lists_asked()) <= most_lists(site, MONTH)
        assert not [key for key, day in assert_exact(site, tmp_path, MONTH).items() if day is not None]
