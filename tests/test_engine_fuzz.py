"""Pages of every family damaged at random, cut short, and made to be slow: no exception and no half article."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.items import Article
from farscrawler.parsing import NoArticle, Page, fill, recognise
from tests.cases import Case, cases

CASES = [case for case in cases() if "article" in case.expected]
#: One case a family and a few of single sites.
SOME = list({case.publisher.family: case for case in CASES}.values()) + CASES[::12]
DEEP = "<div class='title lead body news_pdate_c news_path item-text echo_detail'>"
HOSTILE = {
    "a field in every element": "<i class='title lead subtitle body tags_title news_path'>x</i>" * 8_000,
    "a field around every other": f"{DEEP * 1_200}<h1 class=title>x</h1>{'<a class=title>y</a>' * 5_000}",
    "a list without end": f"<ul class='list-inline breadcrumb'>{'<li><a>x</a></li>' * 12_000}</ul>",
    "times without end": "<time datetime='2020-01-01T00:00:00Z'>x</time>" * 8_000,
    "pictures without end": f"<div class=body>{'<figure><img src=a></figure>' * 8_000}</div>",
    "json-ld without end": f"<script type='application/ld+json'>{{\"headline\": {'[' * 5_000}</script>",
}


def read(case: Case, body: bytes) -> Page | NoArticle:
    expected, publisher = case.expected, case.publisher
    return recognise(
        body,
        publisher=publisher,
        form=expected["form"],
        url=expected.get("url", publisher.base_url + "/"),
        article_id=expected["article_id"],
        content_type=expected["content_type"],
    )


def filled(page: Page) -> Article:
    article = Article(publisher="x", article_id=page.article_id, url=page.url, fetched_at="2026-11-23T08:00:00+00:00")
    fill(article, page)
    return article


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
@settings(max_examples=12, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_a_damaged_page_never_raises(case: Case, data: st.DataObject) -> None:
    body = case.body
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 400)))
        body = (
            body[:start]
            + data.draw(st.sampled_from((b"", body[start:end] * 2, b"<", b'"', b"</div>", b"\xff")))
            + body[end:]
        )
    found = read(case, body)
    if isinstance(found, Page):
        assert filled(found).headline


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_cut_anywhere_is_never_an_article(case: Case) -> None:
    body = case.body
    end = body.lower().rfind(b"</body")
    for at in range(len(body) // 9, max(end, 1), len(body) // 9):
        found = read(case, body[:at])
        assert isinstance(found, NoArticle), at
        assert found.outcome == "failed", (at, found)


@pytest.mark.parametrize("name", ["yjc", "khabaronline", "ilna", "ensafnews", "bbc", "tarafdari"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_page_made_to_be_slow_is_read_to_its_end(name: str, kind: str) -> None:
    publisher = publishers.load(name)
    body = f"<html><body>{HOSTILE[kind]}</body></html>".encode()
    found = recognise(
        body, publisher=publisher, form="article", url=publisher.base_url, article_id="5", content_type=None
    )
    assert isinstance(found, NoArticle)
