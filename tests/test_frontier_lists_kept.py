"""What is kept of lists: which are closed, which are asked again, and what stays owed where one was not read whole."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.days import DateRange, today_in
from farscrawler.frontier.incremental import IncrementalByListings
from tests.support.listings import rows, rss, urlset
from tests.support.shelf import AT, RANGE, Shelf, key, keys, padded, past, site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def archive_place(tmp_path: Path) -> Path:
    """One backend is enough: what an archive says is the same in each, and tested there."""
    return tmp_path / "archive.db"


def test_a_closed_list_is_asked_again_while_something_of_it_is_owed(archive: Archive) -> None:
    publisher = site('[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}"')
    day = DateRange(RANGE.first, RANGE.first)
    lists: dict[str, str | int] = {f"/a?d={day.first}": rows(key(day.first), key(day.first, 2))}
    shelf = Shelf(archive, publisher, lists, failing={key(day.first, 2)})
    shelf.crawl(past(shelf, day))
    shelf.crawl(past(shelf, day))
    assert len(shelf.asked) == 2  # something of it is owed
    shelf.failing.clear()
    shelf.crawl(past(shelf, day))
    shelf.crawl(past(shelf, day))
    assert len(shelf.asked) == 3
    assert shelf.fetched == [key(day.first), *[key(day.first, 2)] * 3]


def test_a_leaf_that_was_not_read_whole_is_not_closed(archive: Archive) -> None:
    publisher = site('sitemaps = ["/d/{gy}-{gm:02}-{gd:02}.xml"]')
    day = DateRange(RANGE.first, RANGE.first)
    leaves = {f"/d/{one}.xml": urlset(key(one)) for one in padded(day).days()}
    leaf = f"/d/{day.first}.xml"
    whole = leaves[leaf]
    faulty = whole.replace("</urlset>", "<url><b></url></urlset>")
    lists: dict[str, str | int] = {**leaves, leaf: faulty}
    shelf = Shelf(archive, publisher, lists)
    plan = past(shelf, day)
    shelf.crawl(plan)
    assert key(day.first) in shelf.fetched
    assert plan.shortfall is not None
    shelf.site.lists[leaf] = 304  # nobody asked: what is not whole has no validators
    plan = past(shelf, day)
    shelf.crawl(plan)
    assert plan.shortfall is not None
    shelf.site.lists[leaf] = whole
    shelf.asked.clear()
    for asked in ([leaf], []):
        plan = past(shelf, day)
        shelf.crawl(plan)
        assert plan.shortfall is None
        assert shelf.asked == asked
        shelf.asked.clear()


def test_what_was_not_there_near_the_newest_id_and_is_listed_now_is_asked_again(archive: Archive) -> None:
    publisher = site('[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}"')
    day = DateRange(RANGE.first, RANGE.first)
    late = key(day.first)
    shelf = Shelf(archive, publisher, {f"/a?d={day.first}": rows(late)})
    archive.run = shelf.ledger.begin_run({}, AT)
    archive.save(Visit(publisher="x", key=late, url="u", outcome="missing", provisional=True, at=AT))
    archive.flush()
    shelf.crawl(past(shelf, day))
    assert shelf.fetched == [late]


def test_a_list_is_read_anew_where_the_data_of_the_site_has_changed(archive: Archive) -> None:
    """A selector that found nothing must not close the days that it was tried on."""
    lists: dict[str, str | int] = {f"/a?d={day}": rows(key(day)) for day in RANGE.days()}
    door = '[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}"\nitems = "%s"'
    shelf = Shelf(archive, site(door % "div.item"), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert shelf.fetched == []
    assert "its lists name no article of these days" in (plan.shortfall or "")
    mended = Shelf(archive, site(door % "li"), lists)
    plan = past(mended)
    mended.crawl(plan)
    assert (set(mended.fetched), plan.shortfall) == (keys(RANGE), None)


def test_one_page_that_fails_is_owed_and_the_next_are_read(archive: Archive) -> None:
    every = [*DateRange(dt.date(2023, 9, 1), dt.date(2023, 10, 20)).days()][::-1]
    lists: dict[str, str | int] = {f"/page/{n + 1}/": rows(*map(key, every[5 * n : 5 * n + 5])) for n in range(10)}
    lists["/page/5/"] = 500
    shelf = Shelf(archive, site('pages = "/page/{page}/"'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    unread = "lists that could not be read: https://www.site.ir/page/5/: HTTP 500"
    assert plan.shortfall == f"{unread}; another run asks for them again"
    assert keys(RANGE) - set(shelf.fetched) == set(map(key, every[20:25])) & keys(RANGE)


def test_the_lists_of_today_and_yesterday_stay_open(archive: Archive) -> None:
    publisher = site('[x.doors.archive]\nurl = "/a?d={gy}-{gm:02}-{gd:02}"')
    today = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)  # it may be tomorrow in Tehran
    span = DateRange(today - dt.timedelta(days=3), dt.date.max)
    lists: dict[str, str | int] = {f"/a?d={day}": rows(key(day)) for day in DateRange(span.first, today).days()}
    shelf = Shelf(archive, publisher, lists)
    shelf.crawl(past(shelf, span))
    first = list(shelf.asked)
    assert len(first) in (3, 4)
    shelf.crawl(past(shelf, span))
    assert shelf.asked[len(first) :] == first[:2]  # articles come late: yesterday's may grow


def test_the_watermark_never_rises_over_an_article_that_was_let_go(archive: Archive) -> None:
    """What an ending run lets go is never settled, although every list above the watermark was read."""
    publisher = site('feeds = ["/rss"]\nids = false')
    today = today_in(publisher.tz)
    before = int(f"{today - dt.timedelta(days=6):%Y%m%d}")
    listed = [key(today - dt.timedelta(days=days)) for days in range(8)]
    for let_go in (listed[4], None):
        shelf = Shelf(archive, publisher, {"/rss": rss(*listed), "/": "<html></html>"})
        shelf.ledger.set_watermark(before, AT)
        strategy = IncrementalByListings(shelf, None, first=100)
        shelf.crawl(strategy, let_go=let_go)
        after = before if let_go else int(f"{today - dt.timedelta(days=2):%Y%m%d}")
        assert shelf.ledger.watermark() == after
        assert shelf.fetched == (listed[:7] if let_go else [listed[4]])  # a day more: dates may be of another zone
