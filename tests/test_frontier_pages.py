"""Lists of days and months, lists in pages, and feeds: which are asked, and how a list of all articles is searched."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.listing_cache import Lists
from farscrawler.days import DateRange, parse_date_range
from farscrawler.frontier.base import UnreachableError
from farscrawler.frontier.sources.url_templates import fill, periods, unit_of
from farscrawler.publishers import MalformedPublisher
from tests.support.listings import rows, rss
from tests.support.shelf import RANGE, Shelf, key, keys, past, site

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.archive import Archive


@pytest.fixture
def archive_place(tmp_path: Path) -> Path:
    """One backend is enough: what an archive says is the same in each, and tested there."""
    return tmp_path / "archive.db"


def test_templates() -> None:
    day = dt.date(2023, 10, 15)
    assert fill("/a?d={jy}/{jm:02}/{jd:02}&p={page}", day, 3) == "/a?d=1402/07/23&p=3"
    assert fill("/{gy}/{gm}/{gd}/{day64}.xml", day).startswith("/2023/10/15/eyJtb2RlbCI6")
    assert [unit_of(t) for t in ("/{jy}/{jm}/{jd}", "/{gy}-{gm}", "/{jy}", "/{day64}", "/{page}")] == [
        *("day", "month", "year", "day", None)
    ]
    months = [*periods(parse_date_range("1402-11-20", "1403-01-05"), "month", jalali=True)]
    assert months == [
        (parse_date_range(m, m).first, parse_date_range(m, m).last) for m in ("1403-01", "1402-12", "1402-11")
    ]
    assert [first.year for first, _ in periods(parse_date_range("2022-05", "2024-01"), "year", jalali=False)] == [
        *(2024, 2023, 2022)
    ]


def test_a_site_may_lack_a_source_of_its_family() -> None:
    assert site("archive = false\npages = false").sources.archive is None
    with pytest.raises(MalformedPublisher, match="archive"):
        site("archive = true")


@pytest.mark.parametrize("answer", [0, 404, 403, "<html><body>x</body></html>", ""])
def test_when_every_source_is_unavailable_it_is_said(archive: Archive, answer: str | int) -> None:
    doors = 'sitemaps = ["/sitemap.xml"]\nfeeds = ["/rss"]\npages = "/page/{page}/"\narchive = {url = "/a?d={jd}"}'
    shelf = Shelf(archive, site(doors), dict.fromkeys(["/sitemap.xml", "/rss", "/page/1/", "/a?d=10"], answer))
    plan = past(shelf)
    if answer == 403:
        with pytest.raises(UnreachableError, match="HTTP 403") as caught:  # five lists in a row
            shelf.crawl(plan)
        assert caught.value.blocked
        return
    shelf.crawl(plan)
    assert plan.shortfall is not None
    assert plan.shortfall.startswith("nothing leads to 1402-07-01 – 1402-07-10 (archive: ")
    assert all(f"{name}: " in plan.shortfall for name in ("archive", "sitemaps", "pages", "feeds"))
    assert shelf.fetched == []


def test_a_month_list_with_a_link_to_its_next_page(archive: Archive) -> None:
    month = [key(day) for day in parse_date_range("1402-07", "1402-07").days()]
    lists: dict[str, str | int] = {
        "/a/1402/7": rows(*month[:20], following='<a rel="next" href="/a/1402/7?more">بعدی</a>'),
        "/a/1402/7?more": rows(*month[20:]),
    }
    publisher = site('[x.doors.archive]\nurl = "/a/{jy}/{jm}"\nspan = "month"')
    shelf = Shelf(archive, publisher, lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert (shelf.asked, plan.shortfall) == (["/a/1402/7", "/a/1402/7?more"], None)
    assert set(shelf.fetched) == set(month)  # the list has no dates: only the articles' own pages tell
    stored = Lists(archive, "x").find("https://www.site.ir/a/1402/7")
    assert stored is not None
    assert (stored.closed, stored.listing.following) == (True, "https://www.site.ir/a/1402/7?more")
    assert [entry.key for entry in stored.listing.articles] == month[:20]


def test_a_list_that_is_cut_in_pages_ends_where_one_is_not_there(archive: Archive) -> None:
    publisher = site('[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}&p={page}"\nfirst_page = 0')
    lists: dict[str, str | int] = {f"/a?d={day}&p=0": rows(key(day)) for day in RANGE.days()}
    shelf = Shelf(archive, publisher, lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert (set(shelf.fetched), plan.shortfall) == (keys(RANGE), None)
    assert len(shelf.asked) == 2 * len(keys(RANGE))


def test_a_range_without_a_first_day_ends_after_a_long_silence(archive: Archive) -> None:
    publisher = site('[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}"')
    every = DateRange(dt.date(2020, 1, 1), RANGE.last)
    lists: dict[str, str | int] = {f"/a?d={day}": rows() for day in every.days()}
    lists |= {f"/a?d={day}": rows(key(day)) for day in RANGE.days()}
    shelf = Shelf(archive, publisher, lists)
    plan = past(shelf, DateRange(last=RANGE.last))
    shelf.crawl(plan)
    assert (set(shelf.fetched), plan.shortfall) == (keys(RANGE), None)
    assert len(shelf.asked) == len(keys(RANGE)) + 400


def test_a_list_of_all_articles_is_searched(archive: Archive) -> None:
    every = [*DateRange(dt.date(2020, 1, 1), dt.date(2026, 11, 20)).days()][::-1]
    lists: dict[str, str | int] = {}
    for number in range(1, len(every) // 10 + 1):
        lists[f"/page/{number}/"] = rows(*map(key, every[10 * (number - 1) : 10 * number]))
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert keys(RANGE) <= set(shelf.fetched)
    assert plan.shortfall is None
    assert len(shelf.asked) <= 8 + 7 + 5
    assert len(set(shelf.fetched) - keys(RANGE)) <= 8 + 7 + 40
    again = Shelf(archive, shelf.publisher, lists)
    again.crawl(past(again))
    assert again.fetched == []


def test_a_list_that_gives_the_same_page_for_every_number_is_left(archive: Archive) -> None:
    lists: dict[str, str | int] = {f"/page/{number}/": rows("202611011", "202611012") for number in range(1, 40_000)}
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert plan.shortfall is not None
    assert "does not reach these days" in plan.shortfall
    assert len(shelf.asked) <= 17


def paged(articles: list[str], beside: list[str]) -> dict[str, str | int]:
    return {
        f"/page/{number // 10 + 1}/": rows(*articles[number : number + 10], *beside)
        for number in range(0, len(articles), 10)
    }


def test_what_stands_beside_every_page_of_a_list_does_not_lead_astray(archive: Archive) -> None:
    every = [*DateRange(dt.date(2022, 1, 1), dt.date(2026, 11, 20)).days()][::-1]
    lists = paged([*map(key, every)], [key(day, 2) for day in every[:15]])  # the newest, on all pages
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert keys(RANGE) <= set(shelf.fetched)
    assert plan.shortfall is None
    assert len(shelf.asked) <= 8 + 7 + 5


def test_single_wrong_dates_do_not_mislead_the_search_of_a_list(archive: Archive) -> None:
    every = [*DateRange(dt.date(2022, 1, 1), dt.date(2026, 11, 20)).days()][::-1]
    articles = [*map(key, every)]
    for place in range(5, len(articles), 10):  # the middle of each page is one of today
        if articles[place] not in keys(RANGE):
            articles[place] = key(every[0], 100 + place)
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), paged(articles, []))
    plan = past(shelf)
    shelf.crawl(plan)
    assert keys(RANGE) & set(articles) <= set(shelf.fetched)
    assert plan.shortfall is None


def test_a_list_that_ends_before_the_range_leaves_it(archive: Archive) -> None:
    every = [*DateRange(RANGE.first + dt.timedelta(days=5), dt.date(2026, 11, 20)).days()][::-1]
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), paged([*map(key, every)], []))
    plan = past(shelf)
    shelf.crawl(plan)
    assert set(shelf.fetched) >= keys(DateRange(RANGE.first + dt.timedelta(days=5), RANGE.last))
    assert "nothing leads to 1402-07-01 – 1402-07-0" in (plan.shortfall or "")
    old = DateRange(dt.date(2020, 1, 1), dt.date(2020, 1, 5))
    plan = past(shelf, old)
    shelf.crawl(plan)
    assert f"nothing leads to {old}" in (plan.shortfall or "")


def test_an_old_article_in_a_feed_does_not_make_it_reach_back(archive: Archive) -> None:
    shown = [key(day) for day in DateRange(RANGE.first + dt.timedelta(days=4), RANGE.last).days()][::-1]
    lists: dict[str, str | int] = {"/rss": rss(*shown, "202201011")}
    shelf = Shelf(archive, site('feeds = ["/rss"]'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert "its feeds go back to 1402-07-05 only" in (plan.shortfall or "")
