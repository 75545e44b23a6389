"""Every stanza of ours: it loads, its spider is built, its addresses lead there and back, no site is there twice."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from farscrawler import publishers, settings
from farscrawler.publishers.loader import DEFAULTS, families, family_defaults, named_urls
from farscrawler.publishers.model import ANY_SITE
from farscrawler.publishers.selectors import FAMILYS_OWN, problem, problem_of_elements, read
from farscrawler.publishers.source import cut
from farscrawler.spiders.loader import PublisherSpiderLoader
from tests.support import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

ALL = publishers.all_publishers()
BY_HOST = {host: publisher for publisher in ALL for host in publisher.hosts}
FILES = sorted((ROOT / "farscrawler/publishers").glob("*.toml"))
#: Host, path and article id: paths that were seen; the slugs in them are invented.
EXAMPLES = [line.split("\t") for line in (ROOT / "tests/example_paths.tsv").read_text(encoding="utf-8").splitlines()]
#: Second-level suffixes among our hosts; everywhere else the suffix is the last label.
SUFFIXES = {"org.ir", "com.tr", "net.tr"}
#: Keys that were there before the rule, or that everybody says otherwise.
NAMED_OTHERWISE = {"farsonline": "fars_online", "khamenei": "khamenei_farsi"}


def key_of(host: str) -> str:
    """Return the key of a site by its first host: the label before the suffix, then those before it; a hyphen is _."""
    labels = host.removeprefix("www.").split(".")
    labels = labels[: -2 if ".".join(labels[-2:]) in SUFFIXES else -1]
    return "_".join([labels[-1], *labels[:-1]]).replace("-", "_")


@cache
def project_settings() -> Settings:
    found = Settings()
    found.setmodule(settings)
    return found


def test_there_are_hundreds_one_a_line(tmp_path: Path) -> None:
    done = run("publishers", cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(ALL) >= 250


@pytest.mark.parametrize("key", publishers.names())
def test_every_spider_is_built(key: str) -> None:
    crawler = Crawler(PublisherSpiderLoader(project_settings()).load(key), project_settings())
    spider = crawler.spidercls.from_crawler(crawler, latest="5")
    assert spider.name == key
    publisher = publishers.load(key)
    assert publisher.list_urls()
    for url in publisher.list_urls():
        assert publisher.owns(url)
        assert publisher.article_id(url) is None, "a list is no article"


@pytest.mark.parametrize(("host", "path", "article_id"), EXAMPLES)
def test_addresses_lead_there_and_back(host: str, path: str, article_id: str) -> None:
    publisher = BY_HOST[host]
    address = publisher.base_url + path
    assert publisher.article_id(address) == article_id
    assert [one.key for one in ALL if one.owns(address)] == [publisher.key]
    assert publisher.article_id(f"http://{host}{path}?utm_source=x" if "?" not in path else address) == article_id
    for name, form in publisher.forms.items():
        if form.url is None:
            with pytest.raises(KeyError):
                publisher.url_for(article_id, name)
        elif form.id == publisher.forms[publisher.form_of(address) or ""].id:
            made = publisher.url_for(article_id, name)
            assert made.isascii()
            assert (publisher.article_id(made), publisher.form_of(made)) == (article_id, name)


def test_the_examples_are_of_most_sites() -> None:
    assert len({BY_HOST[host].key for host, _, _ in EXAMPLES}) >= 230


@given(st.integers(1, 10**13 - 1), st.sampled_from(ALL))
def test_every_address_made_of_a_number_is_read_back(number: int, publisher: publishers.Publisher) -> None:
    for name in publisher.forms:
        if publisher.made_of_ids(name):
            # Nastooh's ids have three digits or more, and Tasnim's short links five.
            article_id = str(number + 10_000)
            url = publisher.url_for(article_id, name)
            assert (publisher.article_id(url), publisher.form_of(url)) == (article_id, name)


def test_no_host_is_of_two_publishers() -> None:
    hosts = Counter(host for publisher in ALL for host in publisher.hosts)
    assert [host for host, count in hosts.items() if count > 1] == []


def test_the_keys_follow_one_rule() -> None:
    assert {one.key for one in ALL if key_of(one.hosts[0]) != one.key} == set(NAMED_OTHERWISE)
    assert all(key_of(publishers.load(key).hosts[0]) == rule for key, rule in NAMED_OTHERWISE.items())


def test_titles_are_persian_or_the_host() -> None:
    for publisher in ALL:
        persian = re.search(r"[\u0600-\u06FF]", publisher.name)
        assert persian or publisher.name == publisher.hosts[0].removeprefix("www."), publisher.key


def test_bare_hosts_and_hosts_with_www_are_both_there() -> None:
    for publisher in ALL:
        bare = publisher.hosts[0].removeprefix("www.")
        if key_of(bare).count("_") == bare.split(".")[0].count("-"):  # not on a subdomain
            assert {bare, f"www.{bare}"} <= set(publisher.hosts), publisher.key


def test_ids_are_walked_along_only_where_they_make_addresses() -> None:
    assert [one.key for one in ALL if one.sources.ids and not one.made_of_ids("article")] == []
    stamps = {"aryanews", "isna", "chtn", "alef", "farsnews"}  # time stamps grow, and no one can count through them
    assert all(not publishers.load(key).sources.ids for key in stamps)


def test_every_site_says_of_which_year_it_is_known() -> None:
    assert {one.key for one in ALL if one.evidence is None} == {"farsonline"}
    assert all(2016 <= one.evidence <= 2026 for one in ALL if one.evidence is not None)


def test_every_selector_is_one() -> None:
    for publisher in ALL:
        for field, selectors in publisher.selectors.items():
            for selector in selectors:
                assert problem(field, selector) is None, (publisher.key, field, selector)
                if selector != FAMILYS_OWN:
                    etree.XPath(" | ".join(one.path() for one in read(selector)))
        archive = publisher.sources.archive
        for selector in filter(None, (archive.items, archive.time) if archive else ()):
            assert problem_of_elements(selector) is None, (publisher.key, selector)


def test_doors_are_on_the_hosts_of_their_site() -> None:
    for publisher in ALL:
        doors = publisher.sources
        for path in (*doors.sitemaps, *doors.feeds, doors.pages or "/"):
            address = publisher.address(path.format(jy=1403, jm=1, jd=1, gy=2024, gm=1, gd=1, page=1, day64="x"))
            assert publisher.owns(address), (publisher.key, address)
            assert publisher.article_id(address) is None, (publisher.key, address)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_cut_apart_is_the_file_read_whole(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    whole = tomllib.loads(text)
    assert {source.key: source.table() for source in cut(text, file.name)} == whole
    assert all(publishers.load(key).family == file.stem for key in whole if key != DEFAULTS)
    assert next(iter(whole)) == DEFAULTS or file.stem == "incsys"


def test_every_family_and_every_named_form_is_in_use() -> None:
    assert {publisher.family for publisher in (*ALL, ANY_SITE)} == set(families())
    used = {table.get("urls") for file in FILES for table in tomllib.loads(file.read_text(encoding="utf-8")).values()}
    used |= {family_defaults(family).get("urls") for family in families()}
    assert set(named_urls()) - used <= {"news-id-slug"}, "of WordPress sites that users may have"
    folder = resources.files("farscrawler.publishers").joinpath("shared")
    assert folder.joinpath("urls.toml").is_file()


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("alef.ir", "/category/x.html"),
        ("tarafdari.com", "/discuss/2231548/actions/nojs"),
        ("tarafdari.com", "/static/page/archive"),
        ("digiato.com", "/category/mobile"),
        ("digiato.com", "/mobile/page/2/"),
        ("hamedanonline.ir", "/tag/شهر/"),
        ("hamedanonline.ir", "/feed/"),
        ("8sobh.ir", "/wp-json/"),
        ("8sobh.ir", "/sitemap.xml"),
        ("leader.ir", "/en/content/5"),
        ("leader.ir", "/rss"),
        ("leader.ir", "/print/5"),
        ("bourse24.ir", "/archive/5"),
        ("icro.ir", "/index.aspx?pageid=5"),
        ("irna.ir", "/archive?pi=1"),
        ("irna.ir", "/rss/tp/14"),
        ("shana.ir", "/tender/631638"),
        ("donya-e-eqtesad.com", "/بخش-نمونه-3"),
        ("donya-e-eqtesad.com", "/sitemap/eyJtb2RlbCI6Im5ld3N0dWRpb0RhdGVSYW5nZSJ9.xml"),
        ("tabnak.ir", "/fa/archive"),
        ("tabnak.ir", "/fa/rss/2"),
        ("tasnimnews.ir", "/fa/archive"),
        ("farsi.khamenei.ir", "/keyword-content?id=5"),
        ("farsi.khamenei.ir", "/news-content"),
        ("parstoday.ir", "/fa/rss--mu__home"),
        ("irannewspaper.ir", "/7805/1"),
    ],
)
def test_what_is_no_article(host: str, path: str) -> None:
    publisher = BY_HOST[host]
    assert publisher.owns(publisher.base_url + path)
    assert publisher.article_id(publisher.base_url + path) is None
