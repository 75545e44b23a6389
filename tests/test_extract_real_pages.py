"""Real pages of two sites against what a reader sees in them; skipped where the references are not at hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.extract import article_links
from tests.support.extract_pages import HTML, article_of, no_article, shared

if TYPE_CHECKING:
    from farscrawler.outcomes.visit import FetchedArticle

PAGES = {"aryanews": "120200622120908039", "yjc": "7349926"}


def page(key: str) -> bytes:
    return (shared() / "pages" / key / f"{PAGES[key]}.html").read_bytes()


def gold(key: str) -> dict[str, Any]:
    text = (shared() / "pages" / key / f"{PAGES[key]}.gold.json").read_text(encoding="utf-8")
    values: dict[str, Any] = json.loads(text)
    return values


def read(key: str) -> FetchedArticle:
    return article_of(page(key), PAGES[key], publisher=publishers.load(key), form="article")


def seen(text: str) -> str:
    """Return what a reader sees: a no-break space looks like a space, and two of them like one."""
    return " ".join(text.replace("\u00a0", " ").split())


def test_aryanews() -> None:
    article, expected = read("aryanews"), gold("aryanews")
    assert article.kicker == expected["kicker"]
    assert article.headline == expected["headline"]
    assert article.lead is None
    assert article.dateline == "خبرگزاری آریا"
    assert article.body == "\n".join(expected["body"])
    assert article.published_text == expected["date_line"]
    assert article.published_at == expected["published"]
    assert article.section == "بانک، بيمه و بورس"
    assert article.images == [
        {
            "url": "http://www.aryanews.com/Incsys/Photo.aspx?image=/Uploads/news1/20200622120905336.jpg&width=300&height=225",
            "caption": None,
        },
    ]
    assert article.permalink == "http://www.aryanews.com/news/120200622120908039/"


def test_yjc() -> None:
    article, expected = read("yjc"), gold("yjc")
    assert (article.kicker, article.subtitle) == (None, None)
    assert article.headline == expected["headline"]
    assert article.lead == expected["lead"]
    assert [seen(line) for line in article.body.split("\n")] == [seen(line) for line in expected["body"]]
    assert expected["sign_off"] not in article.body
    assert article.published_text == expected["date_line"]
    assert article.published_at == expected["published"]
    assert article.published_precision == "minute"
    assert (article.section, article.tags) == ("یزد", ["قاچاق کالا", "مواد مخدر"])
    # The page's own modification time is a minute before its publication.
    assert article.modified_at is None
    assert article.warnings == ["modified-refused: before publication"]


@pytest.mark.parametrize("key", PAGES)
def test_the_page_is_not_another_article(key: str) -> None:
    expected = ("not-article", f"is article {PAGES[key]}")
    assert no_article(page(key), "5", publisher=publishers.load(key), form="article") == expected


@pytest.mark.parametrize("key", PAGES)
def test_a_real_page_cut_anywhere_is_never_an_article(key: str) -> None:
    body = page(key)
    for end in range(0, len(body) - 40, len(body) // 60):
        outcome, _ = no_article(body[:end], PAGES[key], publisher=publishers.load(key), form="article")
        assert outcome == "failed", end


@pytest.mark.parametrize(("key", "least"), [("aryanews", 20), ("yjc", 10)])
def test_the_articles_that_a_real_page_links_to(key: str, least: int) -> None:
    publisher = publishers.load(key)
    url = publisher.canonical_url(PAGES[key])
    found = article_links(page(key), publisher=publisher, url=url, content_type=HTML)
    assert len(found) >= least
    assert all(publisher.article_id(address) == article_id for article_id, address in found)
