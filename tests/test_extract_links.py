"""The articles that home, section and list pages link to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.extract import article_links

FARSONLINE, YJC = publishers.load("farsonline"), publishers.load("yjc")


def ids(
    markup: str, url: str = "http://www.fars-online.ir/", publisher: publishers.Publisher = FARSONLINE
) -> list[str]:
    found = article_links(markup.encode(), publisher=publisher, url=url)
    assert all(address == publisher.canonical_url(article_id) for article_id, address in found)
    return [article_id for article_id, _ in found]


@pytest.mark.parametrize(
    "href",
    [
        '"/Fa/News/267403/"گل”-و"-گلاب"',
        "/Fa/News/267403/گل-و-گلاب",
        "'/fa/news/267403'",
        "'http://www.Fars-Online.ir/Fa/News/267403/x'",
        "https://www.payamefars.ir/FA/NEWS/267403/",
        "//fars-online.ir/news/267403/",
        "/Incsys/PrtNews.aspx?l=Fa&amp;code=267403&amp;k=0",
        "'/Fa/News/267403/گل-/-گلاب'",
        "/Fa/News/267403/%DA%AF%D9%84/",
        "' /Fa/News/267403/x#comments '",
    ],
)
def test_every_form_of_an_address_gives_the_id(href: str) -> None:
    assert ids(f"<p>x</p><a class=x href={href}>گل</a>") == ["267403"]


@pytest.mark.parametrize(
    "href",
    [
        "https/t.me/x",
        "/fa/News/18017/https/t.me/x",
        "/fa/News/18017/https:/t.me/x",
        "/fa/News/18017/x/www.t.me/x",
        "http://www.fars-online.ir/fa/News/18017/https/t.me/https/t.me/x",
        "http://other.ir/Fa/News/5/",
        "/Service/4/x",
        "javascript:void(0)",
        "mailto:a@b.ir",
        "#",
        "",
        "http://[",
    ],
)
def test_other_links_give_none(href: str) -> None:
    assert ids(f"<a href='{href}'>x</a>", "http://www.fars-online.ir/fa/News/18017/https/t.me/y/") == []


def test_each_id_once_in_the_order_of_the_page() -> None:
    links = "".join(f"<li><a href='/Fa/News/{i}/x'>{i}</a>" for i in (9, 3, 9, 7, 3))
    assert ids(f"<ul>{links}</ul><a name=x>") == ["9", "3", "7"]


def test_relative_links_of_another_family() -> None:
    hrefs = ("/fa/news/5/x", "/en/news/6", "/fa/archive?p=2", "/fa/photos/7")
    page = "".join(f"<a href='{href}'>x</a>" for href in hrefs)
    assert ids(page, "https://www.yjc.ir/", YJC) == ["5", "6", "7"]


@given(st.binary())
def test_any_bytes_may_be_asked(body: bytes) -> None:
    assert isinstance(article_links(body, publisher=FARSONLINE, url="http://www.fars-online.ir/"), list)
