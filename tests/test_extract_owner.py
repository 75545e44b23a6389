"""Whose page it is, and the addresses that a page gives as its own, in whatever way it writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from farscrawler import publishers
from farscrawler.errors import MalformedPublisher, UnknownPublisher
from farscrawler.extract import NoArticle, Reason, owner_of, read_article
from farscrawler.extract.document import indexed
from farscrawler.extract.metadata import own_addresses
from farscrawler.extract.owner import own_address
from farscrawler.publishers.model import ANY_SITE
from farscrawler.saved.provenance import Sidecar, origin_of
from tests.support.cases import cases

CASES = {case.name: case for case in cases()}
KNOWN = publishers.Catalogue()
OTHER, MORE = "http://www.yjc.ir/fa/news/8000000", "http://www.yjc.ir/fa/news/8000001"
SPELLINGS = (
    '<link rel="canonical" href="{}">',
    '<link rel="Canonical" href="{}">',
    '<link rel="canonical alternate" href="{}">',
    '<link rel="alternate\n CANONICAL" href=" {} ">',
    '<meta property="og:url" content="{}">',
    '<meta name="og:url" content="{}">',
    '<meta property="OG:URL" content=" {}">',
    '<meta name="x" property="og:url" content="{}">',
)


def page_with(head: str, name: str = "yjc/article") -> str:
    """Return a fixture with other tags of its own address in its head."""
    page = CASES[name].body.decode()
    bare = page.replace('<meta property="og:url" content="http://www.yjc.ir/fa/news/8123456">', "")
    assert "og:url" not in bare
    return bare.replace("<head>", f"<head>{head}", 1)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_its_own_address_is_read_in_every_spelling_by_all_that_read_one(spelling: str) -> None:
    page = page_with(spelling.format(OTHER))
    found = owner_of(page.encode(), known=KNOWN)
    assert (found.publisher.key, found.url) == ("yjc", OTHER)
    assert found.why == "yjc, by the address that the page gives as its own"
    # the engine of families that are data: it is another article than the one asked for
    asked = "http://www.yjc.ir/fa/news/8123456"
    read = read_article(page.encode(), publisher=found.publisher, url=asked, article_id="8123456")
    assert read == NoArticle("not-article", Reason.ANOTHER_ARTICLE, "8000000")
    assert read.text == "is article 8000000"
    # a saved file without a sidecar
    assert origin_of(Path("page.html"), page, Sidecar(), found.publisher).named == [OTHER]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_page_of_incsys_is_known_by_every_spelling_too(spelling: str) -> None:
    site = publishers.load("aryanews")
    case = CASES["farsonline/article-skin-a"]
    other = f"{site.base_url}/news/7"
    page = case.body.decode().replace("litUrlShort", "none").replace("<head>", f"<head>{spelling.format(other)}", 1)
    found = read_article(page.encode(), publisher=site, url=f"{site.base_url}/news/300100", article_id="300100")
    assert found == NoArticle("not-article", Reason.ANOTHER_ARTICLE, "7")


def test_canonical_links_come_before_og_urls_each_in_the_order_of_the_page() -> None:
    page = page_with("".join(SPELLINGS[at].format(f"{OTHER}{at}") for at in (4, 1, 6, 0)))
    _, index = indexed(page.encode())
    assert index is not None
    assert [address.removeprefix(OTHER) for _, address in own_addresses(index)] == ["1", "0", "4", "6"]
    assert {where for where, _ in own_addresses(index)} == {"link canonical", "meta og:url"}


def test_what_is_no_whole_address_is_passed_over() -> None:
    heads = '<link rel=canonical href="/fa/news/1"><link rel=canonical href="https://[x"><link rel=canonical>'
    _, index = indexed(page_with(heads + SPELLINGS[5].format(MORE)).encode())
    assert index is not None
    assert own_address(index) == MORE
    _, index = indexed(page_with('<link rel="canonicals" href="http://a.ir/"><meta name="xog:url" content=b>').encode())
    assert index is not None
    assert own_address(index) is None


def test_a_name_goes_before_an_address_and_an_address_before_what_the_page_says() -> None:
    body = page_with(SPELLINGS[0].format(OTHER)).encode()
    named = owner_of(body, known=KNOWN, name="isna")
    assert (named.publisher.key, named.url, named.why) == ("isna", OTHER, "isna, as told")
    assert owner_of(b"", known=KNOWN, name="isna").url == "https://www.isna.ir/"
    told = owner_of(body, known=KNOWN, url="https://www.isna.ir/news/1401022819999/x")
    assert (told.publisher.key, told.why) == ("isna", "isna, by the address given")
    with pytest.raises(UnknownPublisher, match="there is no publisher named 'isnaa'"):
        owner_of(body, known=KNOWN, name="isnaa")


def test_a_page_of_no_known_site_is_of_its_markups_family_or_of_nobody() -> None:
    body = page_with(SPELLINGS[0].format("https://nosuch.example/fa/news/8000000"))
    found = owner_of(body.encode(), known=KNOWN)
    assert (found.publisher.family, found.publisher.hosts[0]) == ("iransamaneh", "nosuch.example")
    assert found.why.startswith("a site of iransamaneh (its markup has ")
    plain = owner_of(b"<p>x</p>", known=KNOWN, url="https://nosuch.example.af/1")
    assert (plain.publisher.family, plain.publisher.tz) == ("unknown", "Asia/Kabul")
    assert owner_of(b"\0\xff", known=KNOWN).publisher is ANY_SITE


def test_an_address_of_no_host_is_an_error_of_who_gave_it_and_none_of_the_page() -> None:
    body = page_with(SPELLINGS[0].format("http://localhost/fa/news/1")).encode()
    assert owner_of(body, known=KNOWN).publisher.family == "unknown"
    with pytest.raises(MalformedPublisher, match="hosts"):
        owner_of(body, known=KNOWN, url="http://localhost/fa/news/1")
