"""Drafts from real pages against what a reader sees on them; skipped where the references are not at hand.

Each is drafted as a site on a system of its own, though some have one: the selectors that come of it are measured.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.drafts.draft import CUSTOM, SiteDraft, draft_site
from farscrawler.drafts.fetched import Fetched
from farscrawler.extract import NoArticle, read_article
from tests.support.drafts import at_once
from tests.support.extract_pages import shared

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.items import Article

#: Of each field so many of the eight pages that have it are read as a reader sees it: the floor of what was measured.
FLOORS = {"headline": 8, "kicker": 7, "lead": 8, "published": 8, "body": 8}


def pages() -> list[Path]:
    """Return the real article pages that have a gold file beside them."""
    folder = shared() / "pages"
    every = (one for name in ("real", "yjc", "aryanews") for one in (folder / name).glob("*.html"))
    return sorted(one for one in every if one.with_suffix(".gold.json").exists())


def read(file: Path) -> tuple[Article, dict[str, Any], SiteDraft]:
    """Return what the drafted stanza reads of a page, what a reader sees on it, and the draft."""
    gold: dict[str, Any] = json.loads(file.with_suffix(".gold.json").read_text(encoding="utf-8"))
    url = gold.get("url") or (f"https://www.{file.parent.name}.example/news/{file.stem}")
    page = Fetched(url, 200, file.read_bytes())
    draft = at_once(draft_site(page, fetch=None, most=1, family=CUSTOM))
    assert isinstance(draft, SiteDraft), (file.name, draft)
    article = read_article(page.body, publisher=draft.site, url=url)
    assert not isinstance(article, NoArticle), (file.name, article.text)
    assert not [one for one in article.warnings if one.startswith("general-rules")], "the stanza itself reads it"
    return article, gold, draft


def seen(text: str | None) -> str:
    return " ".join((text or "").replace("\u00a0", " ").split())


def right(field: str, article: Article, gold: dict[str, Any]) -> bool:
    """Whether a field is as a reader sees it; the gold files of two folders differ in their keys."""
    if field == "published":  # to the minute: the printed lines have no seconds
        wanted = gold.get("published_at") or gold.get("published") or ""
        return (article.published_at or "")[:16] == wanted[:16]
    if field == "body":
        first = gold.get("first_body_line") or (gold.get("body") or [""])[0]
        return seen(article.body).startswith(seen(first)[:60])
    wanted = (
        {seen(gold.get(field)), seen(gold.get(f"{field}_alt"))} if gold.get(f"{field}_alt") else {seen(gold.get(field))}
    )
    return seen(getattr(article, field)) in wanted


def test_the_selectors_of_one_real_page_read_what_a_reader_sees() -> None:
    files = pages()
    assert len(files) == 8
    scores = dict.fromkeys(FLOORS, 0)
    wrong = []
    for file in files:
        article, gold, draft = read(file)
        for field in scores:
            is_right = right(field, article, gold)
            scores[field] += is_right
            wrong += [] if is_right else [(file.name, field, draft.site.selectors.get(field))]
    assert all(scores[field] >= floor for field, floor in FLOORS.items()), (scores, wrong)


@pytest.mark.parametrize("name", ["blogspot_home_no_article", "farsnews_home_2017", "varzesh3_home_2018"])
def test_a_real_home_page_makes_no_draft(name: str) -> None:
    body = (shared() / "pages" / "lists" / f"{name}.html").read_bytes()
    found = at_once(draft_site(Fetched("https://www.home.example/", 200, body), fetch=None, most=1, family=CUSTOM))
    assert isinstance(found, NoArticle)
