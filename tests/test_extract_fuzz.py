"""Any bytes at all, and pages damaged in any way: an answer, never an exception, and never half an article."""

from __future__ import annotations

from dataclasses import asdict
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import extract as parsing
from farscrawler import publishers
from farscrawler.outcomes.visit import FetchedArticle
from tests.support.cases import Case, cases
from tests.support.examples import examples
from tests.support.extract_pages import FETCHED_AT

OUTCOMES = {"missing", "blocked", "not-article", "failed"}
#: One publisher of each family; hundreds of sites of one are read by the same engine.
KEYS = sorted({publisher.family: publisher.key for publisher in publishers.all_publishers()}.values())
# Read from a file once; the strategies pick among them.
PAGES = [case for case in cases() if "article" in case.expected]
PICKED = st.sampled_from(PAGES)
FORMS = st.sampled_from(["print", "article"])
quick = examples(75)


def answer(case: Case, body: bytes) -> FetchedArticle | parsing.NoArticle:
    expected = case.expected
    wanted = expected["article_id"]
    return ask(body, case.publisher, expected["form"], wanted, expected["content_type"], url=expected.get("url"))


def ask(
    body: bytes,
    publisher: publishers.Publisher,
    form: str,
    article_id: str | None,
    kind: str | None,
    *,
    url: str | None = None,
) -> FetchedArticle | parsing.NoArticle:
    url = url or publisher.base_url + "/x"
    found = parsing.read_page(
        body,
        publisher=publisher,
        form=form,
        url=url,
        article_id=article_id,
        content_type=kind,
    )
    if isinstance(found, parsing.NoArticle):
        assert found.outcome in OUTCOMES
        assert found.reason
        return found
    article = FetchedArticle(publisher=publisher.key, article_id=found.article_id, url=url, fetched_at=FETCHED_AT)
    article.page = found
    parsing.fill(article, found)
    assert article.headline
    assert article.published_text or publisher.rules.undated
    assert article_id in (None, article.article_id)
    return article


@quick
@given(st.binary(), st.sampled_from(KEYS), FORMS, st.none() | st.just("5"), st.none() | st.text())
def test_any_bytes(body: bytes, key: str, form: str, article_id: str | None, kind: str | None) -> None:
    ask(body, publishers.load(key), form, article_id, kind)


FRAGMENTS = st.sampled_from(
    [
        *("<div>", "</div>", "<p>", "<br>", "<table><tr><td>", "</table>", "<h1 class=title-news>", "<h1>", "</h1>"),
        *("<div class=main-news>", "<span class=category>", "<span class=date-created>", "<form action='/Fa/News/5/'>"),
        *("<div class='body'>", "<div class=news_pdate_c>", "<h1><a class=title>", "<article class=boxcolor>"),
        *("<div class=entry-content>", "<div id=ctl00_ContentPlaceHolder1_divNews>", "<dl class=article-info><dt><dd>"),
        *("<script>", "</script>", "<!--", "-->", "<pre>", "&nbsp;", "&#1777&#1779", "</body></html>", "<noscript>"),
        *(
            "پیام فارس",
            "پیام فارس - ",
            "شنبه 28 خرداد 1401 - 08:05:09",
            "انتهای پیام",
            "بستن چاپ",
            "تیتر",
            "متن.",
            "\n",
        ),
        *("http://www.Fars-Online.ir/Fa/News/5/x", "<a href='/Fa/News/6/'>", "</a>", "بیشتر بخوانید", "لینک کوتاه: x"),
        *(
            "<input id=ctl00_ContentPlaceHolder1_litUrlShort value='http://[/news/5/'>",
            "<img src='http://['>",
            "\u200c\u00a0",
        ),
    ],
)


@quick
@given(st.lists(FRAGMENTS, max_size=40), st.sampled_from(KEYS), FORMS)
def test_fragments_of_pages_in_any_order(parts: list[str], key: str, form: str) -> None:
    ask("".join(parts).encode(), publishers.load(key), form, "5", "text/html")


@quick
@given(PICKED, st.data())
def test_a_page_cut_at_any_byte_is_never_a_shorter_article(case: Case, data: st.DataObject) -> None:
    body = case.body
    whole = answer(case, body)
    assert isinstance(whole, FetchedArticle)
    cut = answer(case, body[: data.draw(st.integers(0, len(body)))])
    if isinstance(cut, FetchedArticle):
        for name in (
            "kicker",
            "headline",
            "dateline",
            "lead",
            "body",
            "permalink",
            "section",
            "images",
            "published_text",
        ):
            assert getattr(cut, name) == getattr(whole, name), name
    else:
        # Whatever the cut left is asked for again: nothing of it is final.
        assert cut.outcome == "failed"


@quick
@given(PICKED, st.data())
def test_damaged_pages_are_answered(case: Case, data: st.DataObject) -> None:
    body = bytearray(case.body)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 40))
        body[at : at + length] = data.draw(st.binary(max_size=8))
    answer(case, bytes(body))


@quick
@given(PICKED, st.data())
def test_pages_with_tags_dropped_are_answered(case: Case, data: st.DataObject) -> None:
    chance = Random(data.draw(st.integers(0, 2**32)))  # a draw for each of a thousand tags takes most of the time
    kept = [part for part in case.body.split(b"<") if chance.random() < 0.5 or len(part) > 40]
    answer(case, b"<".join(kept))


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_the_same_page_gives_the_same_article(case: Case) -> None:
    one, two = (answer(case, case.body) for _ in range(2))
    assert isinstance(one, FetchedArticle)
    assert isinstance(two, FetchedArticle)
    assert asdict(one) == asdict(two)


@pytest.mark.parametrize(
    "hostile",
    [
        b"</body" * 60_000,
        b"<script>" + b"</body" * 60_000,
        b"<!--" * 60_000,
        b"<a href='/Fa/News/5/'>" * 6_000,
        b"<p>" * 25_000,
        b"<br>" * 25_000,
        b"&nbsp;" * 60_000,
        b" \t" * 200_000,
        ("پیام فارس - " * 20_000).encode(),
        ("انتهای پیام " * 20_000).encode(),
        ("<p>انتهای پیام" * 6_000).encode(),
        ("<p>شنبه 28 خرداد 1401 - 08:05:09" * 3_000).encode(),
        ("<p>http://www.Fars-Online.ir/Fa/News/5/" * 3_000).encode(),
        ("لینک: " + "\u200e" * 300_000).encode(),
        ("<p>www.fars-online.ir/Fa/News/5/" + "\u00a0بستن" * 300).encode() * 300,
        ("<p>" + "\u00a0" * 100_000 + "/").encode(),
        ("<p>" + "a." * 200_000 + "/").encode(),
        ("<p>تیتر<p>امروز 10:20" * 3_000).encode(),
        b"<div><span></span>" * 1_000 + b"<div></div>" * 12_000,
        b"<input value='//a'>" * 10_000,
        b"<p " + b" ".join(b"a%d" % n for n in range(60_000)) + b">",
        b'<a b="' * 60_000,
        b"<script><a '" * 60_000,
        b"<div class='" + b"title-news main-news " * 20_000 + b"'>",
        b"\xd8" * 200_000,
    ],
    ids=lambda body: body[:12].decode("utf-8", "replace"),
)
def test_hostile_pages_are_answered(hostile: bytes) -> None:
    """Large enough that anything quadratic, or recursive, would be noticed by whoever waits for this test."""
    turn = len(hostile) % 4  # each family meets a quarter of them, and that of the first site, which they aim at, all
    for publisher in map(publishers.load, sorted({*KEYS[turn::4], "farsonline"})):
        for form in publisher.forms:
            ask(hostile, publisher, form, "5", "text/html; charset=utf-8")
