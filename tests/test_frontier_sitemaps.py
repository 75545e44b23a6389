"""The sitemaps of sites that are built in other ways: which are asked, and what is fetched where they tell no day."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

import pytest

from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Strategy
from tests.support.listings import index, loc, urlset
from tests.support.shelf import RANGE, Shelf, key, keys, padded, past, site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from farscrawler.archive import Archive
    from farscrawler.frontier.base import Target


@pytest.fixture
def archive_place(tmp_path: Path) -> Path:
    """One backend is enough: what an archive says is the same in each, and tested there."""
    return tmp_path / "archive.db"


NASTOOH = 'sitemaps = ["/sitemap/{jy}/sitemap.xml", "/sitemap/all/sitemap.xml", "/sitemap/news/sitemap.xml"]'


def nastooh() -> dict[str, str | int]:
    """Make the sitemaps of a site of 1401 and 1402, whose present year is under another name."""
    lists: dict[str, str | int] = {"/sitemap/news/sitemap.xml": urlset(key(dt.date(2026, 11, 1)))}
    for folder, days in (
        ("1401", parse_date_range("1401-12-20", "1401")),
        ("all", parse_date_range("1402", "1402-08")),
    ):
        paths = {f"/sitemap/{folder}/{day}.xml": day for day in days.days()}
        lists[f"/sitemap/{folder}/sitemap.xml"] = index(*map(loc, paths))
        lists |= {path: urlset(key(day)) for path, day in paths.items()}
    return lists


def test_yearly_indexes_and_the_present_year_under_another_name(archive: Archive) -> None:
    shelf = Shelf(archive, site(NASTOOH), nastooh())
    span = parse_date_range("1401-12-28", "1402-01-03")
    plan = past(shelf, span)
    shelf.crawl(plan)
    assert plan.shortfall is None
    assert set(shelf.fetched) == keys(padded(span))  # what else the newest sitemap names without a day is not needed
    # the two years (one is not there), both others, and a leaf a day and one more on each side
    assert len(shelf.asked) == 2 + 2 + len(keys(padded(span)))


def test_a_year_that_no_sitemap_names_is_said(archive: Archive) -> None:
    lists = nastooh()
    del lists["/sitemap/all/sitemap.xml"]
    shelf = Shelf(archive, site(NASTOOH), lists)
    plan = past(shelf, parse_date_range("1401-12-28", "1402-01-03"))
    shelf.crawl(plan)
    assert plan.shortfall is not None
    assert plan.shortfall.startswith("nothing leads to 1402-01-01 – 1402-01-03")
    assert keys(parse_date_range("1401-12-28", "1401-12-29")) <= set(shelf.fetched)


def test_year_month_and_day_lie_in_each_other(archive: Archive) -> None:
    lists: dict[str, str | int] = {
        "/fa/fa_sitemap.xml": index(*(loc(f"/fa/{year}/fa_{year}_sitemap.xml") for year in range(2015, 2025)))
    }
    lists["/fa/2023/fa_2023_sitemap.xml"] = index(
        *(loc(f"/fa/2023/{month:02}/fa_2023_{month:02}_sitemap.xml") for month in range(1, 13))
    )
    for month in (9, 10):
        days = list(parse_date_range(f"2023-{month:02}", f"2023-{month:02}").days())
        paths = [f"/fa/{day:%Y/%m/%d}/fa_{day:%Y_%m_%d}_sitemap.xml" for day in days]
        lists[f"/fa/2023/{month:02}/fa_2023_{month:02}_sitemap.xml"] = index(*map(loc, paths))
        lists |= {path: urlset(key(day)) for path, day in zip(paths, days, strict=True)}
    shelf = Shelf(archive, site('sitemaps = ["/fa/fa_sitemap.xml"]'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert plan.shortfall is None
    assert set(shelf.fetched) == keys(padded(RANGE))
    assert len(shelf.asked) == 1 + 1 + 2 + len(keys(padded(RANGE)))
    again = Shelf(archive, shelf.publisher, lists)
    again.crawl(past(again))
    assert again.asked == ["/fa/fa_sitemap.xml"]  # all below it is over and closed
    assert (again.fetched, set(again.stored)) == ([], keys(RANGE))


def test_sitemaps_last_changed_before_the_range_are_left_out(archive: Archive) -> None:
    lists: dict[str, str | int] = {
        "/sitemap.xml": index(
            loc("/old.xml", RANGE.first - dt.timedelta(days=2)),
            loc("/edge.xml", RANGE.first - dt.timedelta(days=1)),
            loc("/late.xml", dt.date(2026, 1, 1)),
            loc("/unknown.xml"),
        ),
        "/old.xml": urlset("202301011"),
        "/edge.xml": urlset("202301012"),
        "/late.xml": urlset(key(RANGE.first)),
        "/unknown.xml": urlset("202301013", lastmod="<lastmod>2023-01-02</lastmod>"),
    }
    shelf = Shelf(archive, site('sitemaps = ["/sitemap.xml"]'), lists)
    shelf.crawl(past(shelf))
    assert shelf.asked == ["/sitemap.xml", "/edge.xml", "/late.xml", "/unknown.xml"]
    assert set(shelf.fetched) == {"202301012", key(RANGE.first)}


class Ids(Strategy):
    """A strategy of ids that says for which days it was made."""

    def __init__(self, made: list[DateRange], span: DateRange) -> None:
        made.append(span)
        self.span = span

    async def targets(self) -> AsyncIterator[Target]:
        """Yield nothing."""
        nothing: tuple[Target, ...] = ()
        for target in nothing:
            yield target


def test_many_articles_without_a_day_are_left_to_a_source_that_can_search(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """A sitemap that tells only of late changes would cost every article since the range."""
    late = "<lastmod>2026-01-01</lastmod>"
    many = [f"2025{month:02}{day:02}{n}" for month in range(1, 13) for day in range(1, 29) for n in (1, 2)]
    inside = urlset(key(RANGE.first), lastmod=f"<lastmod>{RANGE.first}</lastmod>")
    lists: dict[str, str | int] = {
        "/sitemap.xml": index(loc("/a.xml"), loc("/b.xml")),
        "/a.xml": inside.replace("</urlset>", "") + urlset(*many, lastmod=late).removeprefix("<urlset>"),
        "/b.xml": urlset(key(RANGE.last), lastmod=late),
    }
    made: list[DateRange] = []
    publisher = site('sitemaps = ["/sitemap.xml"]')
    shelf = Shelf(archive, publisher, lists)
    caplog.set_level(logging.INFO)
    plan = past(shelf, by_ids=lambda span: Ids(made, span))
    shelf.crawl(plan)
    assert (shelf.fetched, made, plan.shortfall) == ([key(RANGE.first)], [RANGE], None)
    assert "673 articles are listed without a day, and left to the next source" in caplog.text
    # where nothing else leads there, or it is chosen by hand, all of them are fetched
    shelf.crawl(past(shelf, via="sitemaps", by_ids=lambda span: Ids(made, span)))
    assert set(shelf.fetched) == {key(RANGE.first), key(RANGE.last), *many}
    assert made == [RANGE]


def test_ids_that_cannot_be_searched_are_said(archive: Archive) -> None:
    def refuse(_: DateRange) -> Ids:
        raise BadArgumentError("its ids are time stamps")

    shelf = Shelf(archive, site('feeds = ["/rss"]'), {})
    plan = past(shelf, by_ids=refuse)
    shelf.crawl(plan)
    assert (plan.shortfall or "").endswith("(feeds: https://www.site.ir/rss: HTTP 404; ids: its ids are time stamps)")
    with pytest.raises(BadArgumentError):  # with nothing else to try it is refused at once
        past(Shelf(archive, site(""), {}), by_ids=refuse)


def test_a_few_articles_without_a_day_are_fetched(archive: Archive) -> None:
    lists: dict[str, str | int] = {"/sitemap.xml": urlset(key(RANGE.first), "202501011")}
    shelf = Shelf(archive, site('sitemaps = ["/sitemap.xml"]'), lists)
    made: list[DateRange] = []
    shelf.crawl(past(shelf, by_ids=lambda span: Ids(made, span)))
    assert (set(shelf.fetched), made) == ({key(RANGE.first), "202501011"}, [])


def test_sitemaps_in_a_circle_end(archive: Archive) -> None:
    lists: dict[str, str | int] = {f"/s{n}.xml": index(loc(f"/s{n + 1}.xml"), loc("/s0.xml")) for n in range(50)}
    shelf = Shelf(archive, site('sitemaps = ["/s0.xml"]'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert len(shelf.asked) == 6
    assert plan.shortfall is not None
    assert "its sitemaps name no article of these days" in plan.shortfall


def test_alternatives_of_which_one_is_there(archive: Archive) -> None:
    doors = 'sitemaps = ["/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap.xml"]'
    lists: dict[str, str | int] = {"/wp-sitemap.xml": urlset(key(RANGE.first)), "/sitemap.xml": "<html></html>"}
    shelf = Shelf(archive, site(doors), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert (shelf.fetched, plan.shortfall) == ([key(RANGE.first)], None)


def test_an_old_article_among_dated_sitemaps_does_not_make_them_reach_back(archive: Archive) -> None:
    dated = "<publication_date>{}</publication_date>"
    rows = "".join(
        f"<url><loc>https://www.site.ir/news/{key(day)}</loc><news>{dated.format(day)}</news></url>"
        for day in [
            *DateRange(RANGE.first + dt.timedelta(days=4), RANGE.last + dt.timedelta(days=3)).days(),
            dt.date(2022, 1, 1),
        ]
    )
    shelf = Shelf(archive, site('sitemaps = ["/s.xml"]'), {"/s.xml": f"<urlset>{rows}</urlset>"})
    plan = past(shelf)
    shelf.crawl(plan)
    assert "nothing leads to 1402-07-01 – 1402-07-0" in (plan.shortfall or "")


def test_articles_without_a_day_beside_sitemaps_of_days_are_not_needed(archive: Archive) -> None:
    """Only names count for that: dates within a sitemap say nothing of what another one names."""
    wide = padded(RANGE, 3)
    days = {f"/s/{day}.xml": day for day in wide.days()}
    lists: dict[str, str | int] = {"/s.xml": index(*map(loc, days), loc("/other.xml"))}
    lists |= {path: urlset(key(day)) for path, day in days.items()}
    lists["/other.xml"] = urlset("202501011", key(RANGE.first, 7))
    shelf = Shelf(archive, site('sitemaps = ["/s.xml"]\npages = "/page/{page}/"'), lists)
    shelf.crawl(past(shelf))
    assert set(shelf.fetched) == keys(padded(RANGE))
    # the same articles, their days in their addresses, in one sitemap: what stands beside it is fetched
    dated = "".join(
        f"<url><loc>https://www.site.ir/{day:%Y/%m/%d}/news/{key(day)}</loc></url>" for day in padded(RANGE, 9).days()
    )
    form = "url = '/news/{id}'\npaths = ['(?:/\\d{4}/\\d\\d/\\d\\d)?/news/(\\d+)']"
    lists = {"/s.xml": index(loc("/a.xml"), loc("/other.xml")), "/other.xml": lists["/other.xml"]}
    lists["/a.xml"] = f"<urlset>{dated}</urlset>"
    shelf = Shelf(archive, site('sitemaps = ["/s.xml"]\npages = "/page/{page}/"', form), lists)
    shelf.crawl(past(shelf))
    assert set(shelf.fetched) == {"202501011", key(RANGE.first, 7)}
