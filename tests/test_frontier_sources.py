"""The doors of sites that are built in other ways: which lists are asked, in a real archive, from a made-up site."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.listing_cache import Lists
from farscrawler.days import DateRange, jalali, parse_date_range, today_in
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.backfill import make_backfill
from farscrawler.frontier.base import Context, ListPage, SiteClient, Strategy, UnreachableError
from farscrawler.frontier.incremental import IncrementalByListings
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.sources.url_templates import fill, periods, unit_of
from farscrawler.items import Article
from farscrawler.publishers import MalformedPublisher
from farscrawler.publishers.loader import read_text
from tests.support.desk import Stats

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from farscrawler.frontier.base import Target
    from farscrawler.publishers import Publisher

AT = "2026-11-23T08:00:00+00:00"
RANGE = parse_date_range("1402-07-01", "1402-07-10")  # 23 September to 2 October 2023


def site(doors: str, form: str = "url = '/news/{id}'\npaths = ['/news/(\\d+)']") -> Publisher:
    text = f'[x]\nname = "x"\nhosts = ["www.site.ir"]\n[x.forms.article]\n{form}\n[x.doors]\n{doors}\n'
    return read_text(text, "custom.toml")[0]


class ListTable(SiteClient):
    """A site that is a table of lists."""

    def __init__(self, lists: dict[str, str | int]) -> None:
        self.lists = lists
        self.asked: list[str] = []

    async def newest_listed(self) -> int | None:
        return None

    async def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, **_: object
    ) -> ListPage:
        path = url.removeprefix("https://www.site.ir")
        self.asked.append(path)
        found = self.lists.get(path, 404)
        if found == 0:
            raise UnreachableError("forbidden by robots.txt", forbidden=True)
        if isinstance(found, int):
            return ListPage(url=url, status=found, body=b"")
        tag = str(hash(found))
        status, body = (304, b"") if etag == tag else (200, found.encode())
        return ListPage(url=url, status=status, body=body, etag=tag, last_modified=last_modified)


class Shelf(Context):
    """A context of such a site; an article was published on the day that its number names."""

    def __init__(
        self, archive: Archive, publisher: Publisher, lists: dict[str, str | int], failing: set[str] | None = None
    ) -> None:
        self.archive = archive
        self.fetched: list[str] = []
        self.stored: list[str] = []
        self.failing = failing or set()
        self.site = ListTable(lists)
        self.asked = self.site.asked
        super().__init__(
            publisher=publisher,
            ledger=Ledger(archive, "x"),
            client=self.site,
            stats=Stats(),
            in_flight=InFlight(1),
            on_stored=self.stored.extend,
        )

    def crawl(self, plan: Strategy, *, let_go: str | None = None) -> None:
        """Settle each address as soon as it is handed out, but for one that is let go."""
        self.archive.run = self.archive.run or self.ledger.begin_run({}, AT)
        asyncio.run(asyncio.wait_for(self._crawl(plan, let_go), 30))

    async def _crawl(self, plan: Strategy, let_go: str | None) -> None:
        async for target in plan.targets():
            self.fetched.append(target.key)
            if target.key == let_go:
                continue
            if target.key in self.failing:
                self.archive.save(Visit(publisher="x", key=target.key, url="u", outcome="failed", at=AT))
                plan.settled(target, "failed")
                continue
            day = dt.date.fromisoformat(f"{target.key[:4]}-{target.key[4:6]}-{target.key[6:8]}")
            article = Article(
                publisher="x",
                article_id=target.key,
                url="u",
                published_at=f"{day}T10:00:00+03:30",
                published_jalali=jalali(day),
                content_hash=target.key,
            )
            self.archive.save(Visit(publisher="x", key=target.key, url="u", outcome="article", at=AT), article)
            plan.settled(target, "article", article)
        self.archive.flush()
        plan.finish()


def past(
    shelf: Shelf,
    days: DateRange = RANGE,
    *,
    via: str | None = None,
    by_ids: Callable[[DateRange], Strategy] | None = None,
) -> Strategy:
    return make_backfill(shelf, days, None, edge=20, via=via, by_ids=by_ids)


def key(day: dt.date, number: int = 1) -> str:
    return f"{day:%Y%m%d}{number}"


def keys(span: DateRange) -> set[str]:
    return {key(day) for day in span.days()}


def urlset(*articles: str, lastmod: str = "") -> str:
    rows = "".join(f"<url><loc>https://www.site.ir/news/{a}</loc>{lastmod}</url>" for a in articles)
    return f"<urlset>{rows}</urlset>"


def index(*rows: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap>{row}</sitemap>' for row in rows)}</sitemapindex>"


def loc(path: str, lastmod: dt.date | None = None) -> str:
    return f"<loc>https://www.site.ir{path}</loc>" + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")


def padded(span: DateRange, days: int = 1) -> DateRange:
    return DateRange(span.first - dt.timedelta(days), span.last + dt.timedelta(days))


# -- templates ------------------------------------------------------------------------------------


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


# -- sitemaps -------------------------------------------------------------------------------------

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


# -- dated lists and pages ------------------------------------------------------------------------


def rows(*articles: str, following: str = "") -> str:
    return (
        "<html><body>" + "".join(f'<li><a href="/news/{a}">x</a></li>' for a in articles) + following + "</body></html>"
    )


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


def feed(*articles: str) -> str:
    items = "".join(
        f"<item><link>https://www.site.ir/news/{a}</link><pubDate>{a[:4]}-{a[4:6]}-{a[6:8]}</pubDate></item>"
        for a in articles
    )
    return f"<rss><channel>{items}</channel></rss>"


def test_an_old_article_in_a_feed_does_not_make_it_reach_back(archive: Archive) -> None:
    shown = [key(day) for day in DateRange(RANGE.first + dt.timedelta(days=4), RANGE.last).days()][::-1]
    lists: dict[str, str | int] = {"/rss": feed(*shown, "202201011")}
    shelf = Shelf(archive, site('feeds = ["/rss"]'), lists)
    plan = past(shelf)
    shelf.crawl(plan)
    assert "its feeds go back to 1402-07-05 only" in (plan.shortfall or "")


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


# -- what is kept ---------------------------------------------------------------------------------


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
    assert plan.shortfall == "lists that could not be read: https://www.site.ir/page/5/: HTTP 500"
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


def test_the_watermark_never_rises_over_an_article_that_was_let_go(archive: Archive) -> None:
    """What an ending run lets go is never settled, although every list above the watermark was read."""
    publisher = site('feeds = ["/rss"]\nids = false')
    today = today_in(publisher.tz)
    before = int(f"{today - dt.timedelta(days=6):%Y%m%d}")
    listed = [key(today - dt.timedelta(days=days)) for days in range(8)]
    for let_go in (listed[4], None):
        shelf = Shelf(archive, publisher, {"/rss": feed(*listed), "/": "<html></html>"})
        shelf.ledger.set_watermark(before, AT)
        strategy = IncrementalByListings(shelf, None, first=100)
        shelf.crawl(strategy, let_go=let_go)
        after = before if let_go else int(f"{today - dt.timedelta(days=2):%Y%m%d}")
        assert shelf.ledger.watermark() == after
        assert shelf.fetched == (listed[:7] if let_go else [listed[4]])  # a day more: dates may be of another zone
