"""The form of a site's addresses, by one article's and those of its links."""

from __future__ import annotations

import pytest

from farscrawler.drafts.addresses import form_of, is_moment
from farscrawler.drafts.sample import links_of
from farscrawler.extract.document import indexed
from tests.support.extract_pages import shared

HOST = "https://www.site.example"
MENU = ["/", "/about", "/section/3/economy", "/tag/نان", "/contact.html"]


def drafted(path: str, *others: str) -> tuple[str | None, str, str | None]:
    """Return template, pattern and id of the form of an address among others."""
    draft = form_of(HOST + path, [HOST + one for one in (*others, *MENU)])
    assert draft is not None
    (pattern,) = draft.paths
    return draft.url, pattern, draft.id_of(HOST + path)


@pytest.mark.parametrize(
    ("path", "others", "form"),
    [
        ("/news.php?id=412", [f"/news.php?id={n}" for n in range(5)], ("/news.php?id={id}", r"/news\.php", "412")),
        ("/news-412.html", [f"/news-41{n}.html" for n in range(5)], ("/news-{id}.html", r"/news-(\d+)\.html", "412")),
        ("/story/412", [f"/story/41{n}" for n in range(5)], ("/story/{id}", r"/story/(\d+)/?", "412")),
        (
            "/story/412/some-words",
            [f"/story/41{n}/words-{n}" for n in range(5)],
            ("/story/{id}", r"/story/(\d+)(?:/[^/]*)?/?", "412"),
        ),
        (
            "/economy/412345-some-words/",
            [f"/sport/41234{n}-words/" for n in range(6, 10)],
            (None, r"/[^/]+/(\d+)(?:[-_][^/]*)?/?", "412345"),
        ),
        (
            "/some-long-words-412345",
            [f"/other-words-41234{n}" for n in range(6, 10)],
            (None, r"/(?:[^/]*[-_])?(\d+)/?", "412345"),
        ),
        (
            "/note/some-words.html",
            [f"/note/words-{n}-x.html" for n in "abcd"],
            ("/note/{id}.html", r"/note/([^/]+?)\.html", "some-words"),
        ),
        (
            "/fa/1404/08/12/some-words.html",
            [f"/fa/1404/08/1{n}/words-{n}.html" for n in range(5)],
            ("/fa/{id}.html", r"/fa/(1[34]\d\d/\d\d?/\d\d?/[^/]+?)\.html", "1404/08/12/some-words"),
        ),
        (
            "/news/1404/08/12/412/some-words",
            [f"/news/1404/08/1{n}/41{n}/words" for n in range(5)],
            ("/news/{id}", r"/news/(1[34]\d\d/\d\d?/\d\d?/[^/]+/[^/]+)/?", "1404/08/12/412/some-words"),
        ),
    ],
)
def test_the_form_is_what_all_addresses_share(
    path: str, others: list[str], form: tuple[str | None, str, str | None]
) -> None:
    assert drafted(path, *others) == form


def test_no_page_of_the_menu_has_the_form_of_an_article() -> None:
    others = [f"{HOST}/story/41{n}/words-{n}" for n in range(5)]
    draft = form_of(f"{HOST}/story/412/some-words", [*others, *(HOST + one for one in MENU)])
    assert draft is not None
    assert draft.seen == 4, "four others, and none of the menu"
    assert [one for one in MENU if draft.id_of(HOST + one) is not None] == []


@pytest.mark.parametrize(
    ("path", "name"),
    [("/1404/08/12/some-words/", "jalali-date"), ("/2025/11/03/some-words/", "gregorian-date")],
)
def test_a_form_that_has_a_name_keeps_it(path: str, name: str) -> None:
    other = path.replace("some", "other")
    draft = form_of(HOST + path, [HOST + other])
    assert draft is not None
    assert draft.named == name


def test_a_short_address_is_one_to_be_proved() -> None:
    long = form_of(f"{HOST}/story/412/some-words", [f"{HOST}/story/41{n}/words" for n in range(5)])
    short = form_of(f"{HOST}/story/412", [f"{HOST}/story/41{n}" for n in range(5)])
    assert long is not None
    assert short is not None
    assert (long.shortened, short.shortened) == (True, False)


@pytest.mark.parametrize("url", ["https://[::1", f"{HOST}/", HOST, "https://www.site.example/?"])
def test_an_address_without_a_form_has_none(url: str) -> None:
    assert form_of(url, [f"{HOST}/story/1"]) is None


def test_an_address_alone_is_seen_alone() -> None:
    draft = form_of(f"{HOST}/story/412", [])
    assert draft is not None
    assert draft.seen == 0


def test_long_numbers_are_moments() -> None:
    assert is_moment("14040812103000")
    assert not is_moment("4123456")
    assert not is_moment("some-words-that-are-long")


@pytest.mark.parametrize(
    ("home", "address", "form"),
    [
        ("farsnews_home_2017", "http://www.farsnews.com/newstext.php?nn=", "/newstext.php?nn={id}"),
        ("varzesh3_home_2018", "https://www.varzesh3.com/news/1", "/news/{id}"),
    ],
)
def test_real_home_pages_prove_the_form_of_their_articles(home: str, address: str, form: str) -> None:
    body = (shared() / "pages" / "lists" / f"{home}.html").read_bytes()
    _, index = indexed(body)
    assert index is not None
    links = [url for url, _ in links_of(index, address) if url.split("/")[2] == address.split("/")[2]]
    draft = form_of(next(url for url in links if url.startswith(address)), links)
    assert draft is not None
    assert draft.url == form
    assert draft.seen >= 30
