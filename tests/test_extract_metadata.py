"""JSON-LD as sites write it: nested, broken, and about other articles too."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.extract.metadata import JsonLd, read_jsonld

ARTICLE = {"@type": "NewsArticle", "headline": "تیتر", "datePublished": "2023-06-26T05:00:00Z"}


def published(*scripts: str, headline: str | None = "تیتر", article_id: str | None = "7") -> str | None:
    found = read_jsonld(scripts, headline, article_id)
    return found.published if found else None


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([{"@type": "Organization"}, ARTICLE]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": [ARTICLE]}),
        json.dumps({**ARTICLE, "@type": ["Article", "NewsArticle"]}),
        json.dumps({**ARTICLE, "@type": "WebPage"}),
        f"<!-- {json.dumps(ARTICLE)} -->",
        f"// <![CDATA[\n{json.dumps(ARTICLE)}\n// ]]>",
        json.dumps(ARTICLE)[:-1] + ",}",
        json.dumps(ARTICLE) + ";",
        json.dumps({**ARTICLE, "description": "دو\nخط\tو"}, ensure_ascii=False)
        .replace("\\n", "\n")
        .replace("\\t", "\t"),
        '{"@type": "NewsArticle", "headline": "او گفت: "سلام"", "datePublished": "2023-06-26T05:00:00Z"}',
    ],
    ids=[
        "plain",
        "array",
        "graph",
        "nested",
        "two types",
        "page",
        "comment",
        "cdata",
        "comma",
        "semicolon",
        "controls",
        "quote",
    ],
)
def test_an_article_is_found_however_it_is_wrapped(script: str) -> None:
    assert published(script) == "2023-06-26T05:00:00Z"


def test_of_several_scripts_the_article_is_read() -> None:
    assert published(json.dumps({"@type": "BreadcrumbList"}), json.dumps(ARTICLE)) == "2023-06-26T05:00:00Z"


def test_among_several_articles_the_page_own_is_told_by_headline_or_address() -> None:
    other = {**ARTICLE, "headline": "دیگر", "datePublished": "2020-01-01T00:00:00Z"}
    assert published(json.dumps([other, ARTICLE])) == "2023-06-26T05:00:00Z"
    own = {**ARTICLE, "url": "https://x.ir/news/7/"}
    assert (
        published(json.dumps([{**other, "url": "https://x.ir/news/8/"}, own]), headline=None)
        == ARTICLE["datePublished"]
    )
    assert published(json.dumps([other, ARTICLE]), headline=None, article_id=None) is None


def test_articles_that_a_list_or_a_comment_holds_are_others() -> None:
    other = {**ARTICLE, "datePublished": "2020-01-01T00:00:00Z"}
    assert published(json.dumps({"@type": "ItemList", "itemListElement": [other]})) is None
    assert published(json.dumps({**ARTICLE, "comment": [{"@type": "Comment", **other}]})) == ARTICLE["datePublished"]


def test_the_key_of_the_headline_in_both_spellings() -> None:
    found = read_jsonld([json.dumps({"@type": "NewsArticle", "headLine": "تیتر"})], None, None)
    assert found is not None
    assert found.headline == "تیتر"


def test_a_script_that_says_two_times_in_broken_json_says_none() -> None:
    assert published('{"headline": "الف" "datePublished": "2020-01-01", "x": {"datePublished": "2021-01-01"}') is None


@given(st.recursive(st.none() | st.text() | st.integers(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)))
def test_any_json_is_survived(value: object) -> None:
    found = read_jsonld([json.dumps({"headline": value, "datePublished": value, "@graph": value})], "x", "1")
    assert found is None or isinstance(found, JsonLd)


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    read_jsonld([f'"datePublished"{text}'], None, None)
    read_jsonld([f'{{"datePublished": "{text}', "[" * 3000 + '"headline"'], None, None)
