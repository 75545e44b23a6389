"""The replicas of four families: pages against their truth, read here by plain lxml; lists whole."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import jdatetime
import lxml.html
import pytest
from lxml import etree

from farscrawler.testing.newsroom import Faults, Newsroom, Server
from farscrawler.testing.newsroom.replicas import SITES, Edition, FamilySite, Street, families
from farscrawler.testing.newsroom.replicas.asam import Asam, day_name, day_of_name
from farscrawler.testing.newsroom.replicas.iransamaneh import IranSamaneh
from farscrawler.testing.newsroom.replicas.nastooh import Nastooh
from farscrawler.testing.newsroom.replicas.wordpress import WordPress
from tests.support import run, start
from tests.support.commands import PATIENCE
from tests.support.newsroom_tools import raw_get

if TYPE_CHECKING:
    from pathlib import Path

# A dense half year around the end of summer time in 1401, so that days hold several pages of a list.
NEWSROOM = Newsroom(7, 5_000, 900, start="1401-04-01", until="1401-09-30")
ALL = [site(NEWSROOM, weight=0) for site in SITES.values()]
WHERE = {
    "nastooh": (".kicker", "h1.title", "p.summary", ".item-text", ".item-date span"),
    "iransamaneh": (".rutitr", ".title h1", ".subtitle", "div.body", ".news_pdate_c"),
    "asam": (".uptitle", "h1.title", "article p.lead", "#main_ck_editor", ".news_time time"),
    "wordpress": (".rotitr", "h1.entry-title", ".entry-sub-title", ".entry-content", ".post-meta .date"),
}


def found_by(root: etree._Element, query: str) -> list[str]:
    found = root.xpath(query)
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def get(site: FamilySite, target: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    response = site.respond(quote(target, safe="/:?=&,%#"), headers)
    return response.status, response.body, dict(response.headers)


def tree(site: FamilySite, target: str) -> lxml.html.HtmlElement:
    status, body, _ = get(site, target)
    assert status == 200, (target, status)
    return lxml.html.document_fromstring(body.decode())


def texts(root: lxml.html.HtmlElement, css: str) -> list[str]:
    return [re.sub(r"[ \t\n]+", " ", found.text_content()).strip(" \u00a0") for found in root.cssselect(css)]


def locs(body: bytes) -> list[str]:
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    if body.startswith(b"{"):
        return [unquote(entry["loc"]) for entry in json.loads(body)["urls"]]
    return [unquote(loc) for loc in found_by(etree.fromstring(body), "//*[local-name()='loc']/text()")]


def path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def wall_clock(jalali: str) -> datetime:
    """Read a truth's Jalali time by way of jdatetime alone."""
    found: datetime = jdatetime.datetime.strptime(jalali, "SH %Y/%m/%d %H:%M:%S").togregorian()
    return found


@pytest.mark.parametrize("site", ALL, ids=lambda site: site.family)
def test_every_page_prints_its_truth(site: FamilySite) -> None:
    kicker, headline, lead, body, published = WHERE[site.family]
    articles = site.articles()
    assert len(articles) > 700
    for one in articles[::7]:
        truth, root = site.answers(one), tree(site, site.path_for(one))
        assert texts(root, headline)[0] == truth["headline"]
        assert next(filter(None, texts(root, kicker)), None) == truth["kicker"]
        assert next(filter(None, texts(root, lead)), None) == truth["lead"]
        paragraphs = texts(root, f"{body} p")
        wanted = truth["body"].split("\n")
        assert [line for line in paragraphs if line in wanted] == wanted
        # All that stands in the body beside the text is what families.md tells of: end marks, codes.
        rest = [line for line in paragraphs if line and line not in wanted]
        assert all(re.fullmatch(r"(انتهای|پایان) پیام/?ر?|\d{5}", line) for line in rest), rest
        assert texts(root, published)[0].removeprefix("تاریخ انتشار: ") == truth["published_text"]
        assert wall_clock(truth["published_jalali"]) == datetime.fromisoformat(truth["published_at"]).replace(
            tzinfo=None
        )
        assert [unquote(image.get("src")) for image in root.cssselect("img")] == [
            image["url"] for image in truth["images"]
        ] or not truth["images"]


def test_machine_fields_are_right_or_lie_as_families_do() -> None:
    for site in ALL:
        kinds: Counter[str] = Counter()
        for one in site.articles()[::3]:
            root = tree(site, site.path_for(one))
            stamp = found_by(root, "string(//meta[@property='article:published_time']/@content)")[0]
            for script in found_by(root, "//script[@type='application/ld+json']/text()"):
                kinds["json-ld"] += "NewsArticle" in json.loads(script)["@type"]
            folded = "".join(str(int(c)) if c.isdecimal() else c for c in stamp)
            year = int(folded[:4])
            kinds["jalali" if year < 1500 else "gregorian"] += 1
            if year >= 1500:
                assert datetime.fromisoformat(folded) == one.published
            else:
                assert folded.startswith(("{}/{:02}/{:02}".format(*one.jalali), "{}-{:02}-{:02}".format(*one.jalali)))
                assert f"{one.local:%H:%M}" in folded
        assert kinds["gregorian"], site.family
        assert bool(kinds["jalali"]) is (site.family == "wordpress"), site.family


def test_iransamaneh_before_1401_has_jalali_metas_and_right_json_ld() -> None:
    site = IranSamaneh(Newsroom(3, 1, 50, start="1399-01-01", until="1399-06-01"), weight=0)
    for one in site.articles():
        root = tree(site, site.path_for(one))
        stamp = found_by(root, "string(//meta[@property='article:published_time']/@content)")[0]
        assert re.fullmatch(r"[۰-۹]{4}/[۰-۹]{2}/[۰-۹]{2} - [۰-۹]{2}:[۰-۹]{2}", stamp)
        data = json.loads(found_by(root, "string(//script[@type='application/ld+json'])")[0])
        assert datetime.fromisoformat(data["datePublished"]) == one.published


def test_nastooh_archive_holds_every_article_on_its_day_and_then_spills_over() -> None:
    site = Nastooh(NEWSROOM, weight=0)
    by_day: dict[tuple[int, int, int], list[Edition]] = {}
    for one in reversed(site.articles()):
        by_day.setdefault(one.jalali, []).append(one)
    spilled = 0
    for day, wanted in list(by_day.items())[1:40]:
        found: list[str] = []
        for at in range(1, 20):
            root = tree(site, f"/archive?pi={at}&ms=0&dy={day[2]}&mn={day[1]}&yr={day[0]}")
            links = [link.get("href") for link in root.cssselect("li.news .desc h3 a")]
            if not links:
                break
            found += links
        own = [site.path_for(one) for one in wanted]
        assert found[: len(own)] == own
        rest = {site.number_at(unquote(link)) for link in found[len(own) :]}
        assert rest.isdisjoint(one.number for one in wanted)
        earlier = [site.chronicle.article(number or 0) for number in rest]
        assert all(one is not None and one.jalali < day for one in earlier)
        spilled += len(rest)
    assert spilled > 300
    month = tree(site, "/page/archive.xhtml?mn=5&wide=0&dy=&ms=0&pi=1&yr=1401")
    shown = [link.get("href") for link in month.cssselect("li.news .desc h3 a")]
    assert shown == [site.path_for(one) for day, each in by_day.items() if day[1] == 5 for one in each][:20]
    assert not tree(site, "/archive?pi=1&dy=40&mn=13&yr=1401").cssselect("li.news")
    times = texts(tree(site, "/archive?pi=1&ms=0&dy=10&mn=5&yr=1401"), "li.news time a")
    assert {bool(re.fullmatch(r"[۰-۹]{4}-[۰-۹]{2}-[۰-۹]{2} [۰-۹]{2}:[۰-۹]{2}", one)) for one in times} == {True, False}


def test_nastooh_sitemaps_lead_to_every_article_once() -> None:
    newsroom = Newsroom(9, 1, 700, start="1396-01-01", until="1402-03-01")
    site = Nastooh(newsroom, weight=0)
    robots = get(site, "/robots.txt")[1].decode()
    years = [path(line.split()[1]) for line in robots.splitlines() if line.startswith("Sitemap:")]
    assert years == [*(f"/sitemap/{year}/sitemap.xml" for year in range(1396, 1402)), "/sitemap/all/sitemap.xml",
                     "/sitemap/news/sitemap.xml"]  # fmt: skip
    found: list[str] = []
    kinds: Counter[bytes] = Counter()
    for year in years[:-1]:
        for leaf in locs(get(site, year)[1]):
            body = get(site, path(leaf))[1]
            kinds[body[:1]] += 1
            found += locs(body)
    assert min(kinds[b"{"], kinds[b"<"]) > 100
    assert sorted(found) == sorted(site.url_for(one) for one in site.articles())
    assert get(site, "/sitemap/1402/sitemap.xml")[0] == get(site, "/sitemap/1395/sitemap.xml")[0] == 404


def test_iransamaneh_archive_and_sitemaps_hold_every_article_once() -> None:
    site = IranSamaneh(NEWSROOM, weight=0)
    wanted = [one for one in reversed(site.articles()) if (1401, 5, 3) <= one.jalali <= (1401, 6, 9)]
    found = []
    for at in range(1, 20):
        days = "from_date=1401/05/03&to_date=1401/6/9"
        root = tree(site, f"/fa/archive?service_id=-1&sec_id=-1&cat_id=-1&rpp=100&{days}&p={at}")
        found += [link.get("href") for link in root.cssselect(".archive_content .linear_news a")]
    assert found == [site.path_for(one) for one in wanted]
    leaves = locs(get(site, "/fa-sitemap-newsarchive")[1])
    pages = [locs(get(site, path(leaf))[1]) for leaf in leaves]
    assert sorted(url for one in pages for url in one) == sorted(site.url_for(one) for one in site.articles())
    months = [{(one.local.year, one.local.month) for url in one_page if (one := of(site, url))} for one_page in pages]
    assert all(len(each) == 1 for each in months)
    old = IranSamaneh(Newsroom(3, 1, 60, start="1399-01-01", until="1401-01-01"), weight=0)
    leaves = locs(get(old, "/fa-sitemap-newsarchive")[1])
    assert 10 < sum(leaf.endswith(".gz") for leaf in leaves) < len(leaves)
    assert sum(len(locs(get(old, path(leaf))[1])) for leaf in leaves) == len(old.articles())


def of(site: FamilySite, url: str) -> Edition | None:
    return site.chronicle.article(site.number_at(urlsplit(url).path) or 0)


def test_asam_has_a_sitemap_for_every_day() -> None:
    site = Asam(NEWSROOM, weight=0)
    leaves = locs(get(site, "/sitemap.xml")[1])
    found = []
    for leaf in leaves:
        day = day_of_name(leaf.rpartition("/")[2].removesuffix(".xml"))
        urls = locs(get(site, path(leaf))[1])
        assert urls
        assert {one.local.date() for url in urls if (one := of(site, url))} == {day}
        found += urls
    assert sorted(found) == sorted(site.url_for(one) for one in site.articles())
    empty = get(site, f"/sitemap/{day_name(date(2010, 1, 1))}.xml")
    assert (empty[0], locs(empty[1])) == (200, [])
    for name in ("x", day_name(date(2022, 9, 1))[1:], "e30="):
        assert get(site, f"/sitemap/{name}.xml")[0] == 404
    day = date(2022, 9, 22)
    plain = day_name(day)
    for spelt in (plain, plain.rstrip("="), plain.replace("=", ","), plain.replace("+", "-").replace("/", "_")):
        assert day_of_name(spelt) == day


def test_asam_lists_sections_and_its_short_links_lead_to_the_article() -> None:
    site = Asam(NEWSROOM, weight=0)
    one = site.articles()[10]
    section = site.path_for(one).split("/")[1]
    found = []
    for at in range(1, 99):
        links = [link.get("href") for link in tree(site, f"/{section}?page={at}").cssselect(".news_item h3 a")]
        if not links:
            break
        found += links
    assert found == [site.path_for(each) for each in reversed(site.articles()) if each.section == one.section]
    statuses = {}
    for each in site.articles()[:20]:
        status, body, headers = get(site, f"/fa/tiny/news-{each.number}")
        statuses[each.number % 2] = status
        if status == 200:
            assert texts(lxml.html.document_fromstring(body.decode()), "h1") == [each.headline]
        else:
            assert unquote(headers["Location"]) == site.path_for(each)
    assert statuses == {0: 200, 1: 301}


@pytest.mark.parametrize("permalinks", ["slug", "id", "jalali"])
def test_wordpress_lists_sitemaps_and_short_links(permalinks: str) -> None:
    site = WordPress(NEWSROOM, weight=0)
    site.permalinks = permalinks
    newest_first = [site.path_for(one) for one in reversed(site.articles())]
    found = []
    for at in range(1, 99):
        status, body, _ = get(site, f"/page/{at}/")
        if status == 404:
            break
        found += [link.get("href") for link in lxml.html.document_fromstring(body.decode()).cssselect(".post-title a")]
    assert found == newest_first
    *parts, categories = locs(get(site, "/sitemap_index.xml")[1])
    assert len(parts) > 3
    assert [path(url) for part in parts for url in locs(get(site, path(part))[1])] == newest_first[::-1]
    assert not any(of(site, url) for url in locs(get(site, path(categories))[1]))
    one = site.articles()[5]
    assert unquote(get(site, f"/?p={one.number}")[2]["Location"]) == site.path_for(one)
    wrong = site.path_for(one).replace(one.slug, "نامی-دیگر")
    assert (get(site, wrong)[0], unquote(get(site, wrong)[2]["Location"])) == (301, site.path_for(one))
    assert (site.key_of(one) == str(one.number)) is (permalinks == "id")


@pytest.mark.parametrize("site", ALL, ids=lambda site: site.family)
def test_feeds_hold_the_newest_in_the_familys_spelling_of_dates(site: FamilySite) -> None:
    feed = {"nastooh": "/rss", "iransamaneh": "/fa/rss/allnews", "asam": "/fa/feeds/?p=all", "wordpress": "/feed/"}
    root = etree.fromstring(get(site, feed[site.family])[1])
    links = [unquote(link) for link in found_by(root, "//item/link/text()")]
    newest = site.articles()[::-1][: len(links)]
    assert links == [site.url_for(one) for one in newest]
    assert len(links) >= 10
    dates = found_by(root, "//item/pubDate/text()")
    ends = {"nastooh": "GMT", "iransamaneh": "+0330", "asam": "+0000", "wordpress": "+0000"}
    for one, shown in zip(newest, dates, strict=True):
        assert shown.endswith(ends[site.family])
        assert ("," in shown) is (site.family != "iransamaneh")
        assert parsedate_to_datetime(shown).astimezone(UTC) == one.published


@pytest.mark.parametrize("site", ALL, ids=lambda site: site.family)
def test_what_is_not_there_is_answered_as_the_family_does(site: FamilySite) -> None:
    gap = next(at for at in range(5_000, 5_900) if NEWSROOM.story(at) is None)
    one = site.articles()[0]
    status, body, headers = get(site, site.path_for(one).replace(str(one.number), str(gap)))
    text = body.decode()
    if site.family == "iransamaneh":
        assert status == 200
        assert texts(lxml.html.document_fromstring(text), ".error_container") == ["صفحه درخواستی شما موجود نمی باشد"]
    elif site.family == "asam":
        assert (status, headers["Location"]) == (302, "/404")
    else:
        assert status == 404
    assert get(site, "/no/such/thing.xyz")[0] == 404
    assert "synthetic" in get(site, site.path_for(one))[1].decode()


@pytest.mark.parametrize("site", ALL, ids=lambda site: site.family)
def test_conditional_requests_and_revisions(site: FamilySite) -> None:
    newsroom = Newsroom(11, 100, 60)
    own = type(site)(newsroom, weight=0)
    one = own.articles()[20]
    target = own.path_for(one)
    status, body, headers = get(own, target)
    assert status == 200
    assert parsedate_to_datetime(headers["Last-Modified"]) == one.published
    for condition in ({"if-none-match": headers["ETag"]}, {"if-modified-since": headers["Last-Modified"]}):
        assert get(own, target, **condition)[:2] == (304, b"")
    newsroom.revise(one.number)
    after = own.chronicle.article(one.number)
    assert after is not None
    changed = get(own, target, **{"if-none-match": headers["ETag"]})
    assert changed[0] == 200
    assert changed[1] != body
    assert own.answers(after)["body"] != own.answers(one)["body"]
    assert parsedate_to_datetime(changed[2]["Last-Modified"]) == one.published + timedelta(hours=1)
    home = {own.number_at(unquote(link)) for link in found_by(tree(own, "/"), "//a/@href")} - {None}
    assert home == {each.number for each in own.chronicle.newest(30)}
    (number,) = newsroom.publish(1) or newsroom.publish(3)[:1]
    assert own.number_at(unquote(own.path_for(own.chronicle.newest(1)[0]))) == number


def test_robots_txt_is_the_familys_or_what_was_asked_for() -> None:
    texts_ = {site.family: get(site, "/robots.txt")[1].decode() for site in ALL}
    assert "Disallow: /fa/archive" in texts_["iransamaneh"]
    assert "Disallow: /print/" in texts_["nastooh"]
    assert "/sitemap.xml" in texts_["asam"]
    assert "/sitemap_index.xml" in texts_["wordpress"]
    assert get(Asam(NEWSROOM, robots="disallow"), "/robots.txt")[1] == b"User-agent: *\nDisallow: /\n"
    assert get(Asam(NEWSROOM, robots="error"), "/robots.txt")[0] == 500
    with pytest.raises(ValueError, match="robots must be one of"):
        Asam(NEWSROOM, robots="perhaps")


def test_pages_have_the_weight_asked_for() -> None:
    for site_class in SITES.values():
        site = site_class(NEWSROOM, weight=60_000)
        sizes = [len(get(site, site.path_for(one))[1]) for one in site.articles()[:5]]
        assert all(54_000 < size < 78_000 for size in sizes), sizes


def test_a_street_serves_every_site_on_an_address_of_its_own() -> None:
    with Street(families(SITES, count=80, weight=0), Faults(unavailable=0.2)) as street:
        hosts = set()
        for site, server in street:
            hosts.add(server.host)
            one = site.articles()[0]
            answers = [fetched(server, quote(site.path_for(one))) for _ in range(4)]
            assert answers[-1] == site.article_page(one).encode() or any(
                answer == site.article_page(one).encode() for answer in answers
            )
            assert street[site.publisher_key].count("/") == 4
        assert hosts == {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"}
    with pytest.raises(ValueError, match="two sites play ilna"):
        Street([Asam(NEWSROOM), Asam(NEWSROOM)])
    with pytest.raises(ValueError, match="no replica of 'joomla'"):
        families(["joomla"])


def fetched(server: Server, target: str) -> bytes:
    return raw_get(server, target).body


def test_the_command_serves_families_side_by_side(tmp_path: Path) -> None:
    ports = tmp_path / "ports"
    words = ("newsroom", "--family", "nastooh, asam", "--port", "0", "--count", "50", "--port-file", str(ports))
    process = start(*words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert [re.findall(r"http://[\d.]+", line)[0] for line in lines] == ["http://127.0.0.1", "http://127.0.0.2"]
        assert "crawl khabaronline --base-url http" in lines[0]
        assert "crawl ilna " in lines[1]
        assert all(line.endswith(" --archive try.db\n") for line in lines)
        said = [re.findall(r"--base-url http://[\d.]+:(\d+)", line)[0] for line in lines]
        assert said == ports.read_text(encoding="ascii").split()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    wrong = run("newsroom", "--family", "joomla", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "no replica of 'joomla'" in wrong.stderr
