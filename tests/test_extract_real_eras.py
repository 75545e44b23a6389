"""Real pages of other years, and real home pages, with what a reader sees in them; skipped without the references."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import parse, publishers
from farscrawler.extract import NoArticle, article_links
from farscrawler.items import Article
from tests.support import SHARED
from tests.support.extract_pages import HTML, shared

if TYPE_CHECKING:
    from pathlib import Path

REAL = SHARED / "pages" / "real"
LISTS = SHARED / "pages" / "lists"
PAGES = sorted(one.stem for one in REAL.glob("*.html")) or ["none"]
#: What a link to an article looks like on each home page, and the address of the page.
HOMES = {
    "farsnews_home_2017": ("farsnews", "http://www.farsnews.com/", r"^/newstext\.php\?nn=(\d+)"),
    "varzesh3_home_2018": ("varzesh3", "http://www.varzesh3.com/", r"^https?://www\.varzesh3\.com/news/(\d+)"),
}


def page(folder: Path, name: str) -> bytes:
    shared()
    return (folder / f"{name}.html").read_bytes()


def gold(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((REAL / f"{name}.gold.json").read_text(encoding="utf-8"))
    return values


def seen(text: str | None) -> str | None:
    """Return what a reader sees: a no-break space looks like a space, and two of them like one."""
    return " ".join(text.replace("\u00a0", " ").split()) if text else None


def is_instant(article: Article, *instants: str | None) -> bool:
    """Whether an article is of one of these instants, as exactly as its page prints it."""
    assert article.published_at is not None
    found = dt.datetime.fromisoformat(article.published_at)
    right = [dt.datetime.fromisoformat(one) for one in instants if one]
    if article.published_precision == "minute":
        right = [one.replace(second=0) for one in right]
    return found in right


@pytest.mark.parametrize("name", PAGES)
def test_a_real_page(name: str) -> None:
    body, expected = page(REAL, name), gold(name)
    url = (REAL / f"{name}.html.url").read_text(encoding="utf-8").strip()
    article = parse(body, url=url, fetched_at="2026-11-01T00:00:00Z")
    assert isinstance(article, Article), article
    assert seen(article.headline) == seen(expected["headline"])
    assert seen(article.kicker) == seen(expected["kicker"])
    assert seen(article.lead) in (seen(expected["lead"]), seen(expected["lead_alt"]))
    assert [seen(line) for line in article.body.split("\n")] == [seen(line) for line in expected["body"]]
    assert is_instant(article, expected["published_at"], expected["published_alt"])


@pytest.mark.parametrize("name", HOMES)
def test_every_article_link_of_a_real_home_page(name: str) -> None:
    key, url, link = HOMES[name]
    body, publisher = page(LISTS, name), publishers.load(key)
    hrefs = re.findall(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"']+)""", body.decode())
    wanted = dict.fromkeys(one[1] for href in hrefs if (one := re.match(link, href.strip())))
    assert len(wanted) > 100
    found = [key for key, _ in article_links(body, publisher=publisher, url=url, content_type=HTML)]
    assert found == list(wanted)


@pytest.mark.parametrize("name", HOMES)
def test_a_real_home_page_is_no_article_and_not_missing(name: str) -> None:
    key, url, _ = HOMES[name]
    for address in (url, f"{url}?x=1", f"{url}news/13930418000036"):
        found = parse(page(LISTS, name), url=address, publisher=key, fetched_at="2026-11-01T00:00:00Z")
        assert isinstance(found, NoArticle), found
        assert found.outcome == "not-article", found.text
