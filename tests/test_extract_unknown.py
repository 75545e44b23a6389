"""Pages of sites without a stanza: what is read of them, what is refused, and a crawl of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.errors import BadArgumentError
from farscrawler.extract import NoArticle, general
from farscrawler.extract.document import Document, decode, parse
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.items import Article
from farscrawler.publishers.model import ANY_SITE
from tests.support import FAST, json_lines, run
from tests.support.cases import cases
from tests.support.general_pages import TEXT, TIME, article_of, page, read
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path


def test_a_page_of_nobodys_is_read_to_the_letter() -> None:
    article = article_of(page())
    assert article.article_id == "www.example.org/a"
    assert article.headline == "کتابخانه باز شد"
    assert article.published_at == "2022-10-04T19:24:00+03:30"
    assert article.published_text == "سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴"
    assert article.body.split("\n") == re.findall("<p>(.*?)</p>", TEXT)


def test_machine_fields_and_the_printed_line_confirm_each_other() -> None:
    head = "<meta property='article:published_time' content='2022-10-04T15:54:10Z'>"
    assert article_of(page(head=head)).published_at == "2022-10-04T19:24:00+03:30"
    assert article_of(page("", head=head)).published_at == "2022-10-04T19:24:10+03:30"
    other = "<meta property='article:published_time' content='2022-10-01T15:54:10Z'>"
    article = article_of(page(head=other))
    assert article.published_at is None
    assert any(warning.startswith("timestamps-disagree") for warning in article.warnings)


@pytest.mark.parametrize(
    "middle",
    [
        TIME + "<span>چهارشنبه ۱۳ مهر ۱۴۰۱ - ۱۰:۰۰</span>",  # two times, and nothing says which one holds
        "<p>در ۱۲ مهر ۱۴۰۱ ساعت ۱۹:۲۴ بود که درِ کتابخانه محله پس از سال‌ها به روی همسایگان باز شد و همه آمدند.</p>",
        "<div>۱۲ مهر - ۱۹:۲۴</div>",
        "<div>سه‌شنبه ۱۳ مهر ۱۴۰۱ - ۱۹:۲۴</div>",  # it was a Wednesday
    ],
)
def test_a_time_that_is_not_certain_is_none(middle: str) -> None:
    article = article_of(page(middle, head="<meta property='og:type' content='article'>"))
    assert (article.published_at, article.published_jalali) == (None, None)


def test_the_time_of_an_update_and_those_of_others_are_not_taken() -> None:
    middle = TIME + "<div>آخرین به‌روزرسانی: ۱۴ مهر ۱۴۰۱ - ۰۸:۰۰</div>"
    below = "<div class='related-posts'><a href='/x'>خبری دیگر</a> <span>۱۵ مهر ۱۴۰۱ - ۰۹:۰۰</span></div>"
    assert article_of(page(middle, text=TEXT + below)).published_at == "2022-10-04T19:24:00+03:30"


def test_a_foreign_page_without_a_zone_gives_its_day_alone() -> None:
    text = "".join(f"<p>{'The small library opened its doors again after a long winter of repairs. ' * 2}</p>" * 3)
    head = "<meta property='article:published_time' content='{}'>"
    article = article_of(page("", head=head.format("2024-05-03T10:00:00"), title="The library opened", text=text))
    assert (article.published_at, article.published_jalali, article.published_precision) == (
        None,
        "SH 1403/02/14",
        "day",
    )
    article = article_of(page("", head=head.format("2024-05-03T10:00:00Z"), title="The library opened", text=text))
    assert article.published_at == "2024-05-03T13:30:00+03:30"


def test_a_site_of_another_persian_country_has_its_own_zone() -> None:
    # 19:24 in Kabul; the archive writes every moment with Tehran's offset.
    assert article_of(page(), "https://news.example.af/a").published_at == "2022-10-04T18:24:00+03:30"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page("", text=TEXT[: TEXT.index("<p>کتابدار")]), "no time, and nothing says that it is an article"),
        (page(text="<p>کوتاه.</p>"), "no text"),
        (
            page(
                text="".join(
                    f"<p><a href='/n/{i}'>تیتر خبر شماره {i} که در این فهرست آمده است</a></p>" for i in range(30)
                )
            ),
            "no text",
        ),
        (b"<html><body><p>x</p></body></html>", "no headline and timestamp"),
    ],
)
def test_what_is_no_article(body: bytes, reason: str) -> None:
    found = read(body)
    assert isinstance(found, NoArticle)
    assert (found.outcome, found.text) == ("not-article", reason)


def test_a_page_cut_off_is_owed() -> None:
    found = read(page()[:-30])
    assert isinstance(found, NoArticle)
    assert found.outcome == "failed"


def test_no_fixture_without_an_article_is_one_to_the_general_rules() -> None:
    """Pages with articles are in tests/test_accuracy.py."""
    seen = 0
    for case in cases():
        expected = case.expected
        # Of a page of nobody's nobody knows which article it should be.
        reason = expected.get("no_article", ("", ""))[1]
        if expected.get("form") != "article" or not reason or reason.startswith("is article"):
            continue
        text = decode(case.body, expected.get("content_type")).text
        root, _ = parse(text.encode("utf-8", "replace"))
        assert root is not None
        document = Document(
            publisher=ANY_SITE, form="article", url="https://x.ir/a", article_id="x.ir/a", text=text, root=root
        )
        assert isinstance(general.read_fields(document), NoArticle), case.name
        seen += 1
    assert seen


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_page_is_too_odd(junk: bytes) -> None:
    for body in (junk, page().replace(b"<main>", b"<main>" + junk)):
        assert isinstance(read(body), (Article, NoArticle))


@pytest.mark.parametrize(
    ("url", "article_id"),
    [
        ("https://www.x.ir/a/b?utm_source=t&b=2&a=1#f", "www.x.ir/a/b?a=1&b=2"),
        ("http://X.ir", "x.ir/"),
        ("http://x.ir/خبر", "x.ir/%D8%AE%D8%A8%D8%B1"),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000/x"),
        ("ftp://x.ir/a", None),
        ("http://localhost/a", None),
        ("http://[::1/", None),
        ("http://x.ir:port/", None),
        ("x.ir/a", None),
        ("https://x.ir/" + "a" * 3000, None),
    ],
)
def test_the_id_of_a_page_from_anywhere_is_its_address(url: str, article_id: str | None) -> None:
    assert ANY_SITE.article_id(url) == article_id
    assert ANY_SITE.owns(url) == (article_id is not None)
    assert (ANY_SITE.form_of(url) == "article") == (article_id is not None)


def test_only_named_addresses_are_crawled() -> None:
    for asked in ({}, {"latest": "5"}, {"ids": "1-5"}, {"since": "1401"}):
        with pytest.raises(BadArgumentError, match="urls="):
            parse_arguments(ANY_SITE, asked)


def test_a_crawl_of_pages_from_anywhere(tmp_path: Path) -> None:
    answers = {
        "/one": Answer(page()),
        "/two": Answer(page(title="دومین خبر")),
        "/moved": Answer(status=301, headers={"Location": "/two-new"}),
        "/two-new": Answer(page(title="خبر جابه‌جا شده")),
        "/list": Answer(page("", text="<p><a href='/one'>یک</a></p>")),
        "/robots.txt": Answer("User-agent: *\nDisallow: /secret\n", headers={"Content-Type": "text/plain"}),
        "/secret": Answer(page()),
    }
    with PageServer(answers) as server:
        urls = [f"{server.url}/{name}" for name in ("one?utm_source=x", "two", "moved", "list", "none", "secret")]
        (tmp_path / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        words = ["crawl", "news", "-a", "urls=@urls.txt", "-O", "news.jsonl"]
        for name, value in FAST.items():
            words += ["-s", f"{name}={value}"]
        first = run(*words, cwd=tmp_path)
        assert first.returncode == 0, first.stderr
        rows = {row["article_id"].partition("/")[2]: row for row in json_lines(tmp_path / "news.jsonl")}
        assert {key: row["headline"] for key, row in rows.items()} == {
            "one": "کتابخانه باز شد",
            "two": "دومین خبر",
            "moved": "خبر جابه‌جا شده",
        }
        assert all(row["publisher"] == "news" and row["published_at"] for row in rows.values())
        assert rows["one"]["url"] == urls[0]
        asked = len(server.asked)
        assert "/secret" not in server.asked
        again = run(*words, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert server.asked[asked:] == ["/robots.txt"]
        assert len(json_lines(tmp_path / "news.jsonl")) == len(rows)
