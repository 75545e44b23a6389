"""`farscrawler fixture`, and the scrambling of pages: nothing of what was written survives, all that is read stays."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.extract.document import decode
from farscrawler.testing.fixtures import expected_of, scramble, survivors
from farscrawler.testing.fixtures.scramble import SIGN, words_of
from farscrawler.testing.fixtures.words import WORD, Inventor, is_nobodys
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom.replicas import SITES, server
from tests.support import SHARED, run
from tests.support.cases import FIXTURES, Case, cases

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases()
PAGES = [case for case in CASES if "article" in case.expected]
REAL = sorted((SHARED / "pages").glob("*/*.html")) if SHARED.is_dir() else []
SHAPE = re.compile(r"[^\W\d_]")


def shape(value: object) -> object:
    """Return a text, or texts, with every letter as one sign: what scrambling must leave."""
    if isinstance(value, list):
        return [shape(one) for one in value]
    return SHAPE.sub("x", value) if isinstance(value, str) else value


def left_of(text: str, page: str) -> set[str]:
    """Return the words of a text that are written on a page, labels of every site left out."""
    return {word for word in WORD.findall(text) if len(word) > 2} & words_of(page)


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_no_word_survives_and_the_page_reads_as_before(case: Case) -> None:
    page = decode(case.body, case.expected["content_type"]).text
    made = scramble(page, seed=case.name)
    assert survivors(page, made) == []
    assert SIGN in made
    text = case.expected["article"].get("body") or case.expected["article"]["headline"]
    assert left_of(text, made) == set()


@pytest.mark.parametrize("name", ["yjc/article-2020", "yjc/article", "isna/news", "khabaronline/news"])
def test_what_is_read_from_a_scrambled_page_has_the_shape_of_the_original(name: str) -> None:
    (case,) = (one for one in CASES if one.name == name)
    page = decode(case.body).text
    asked = {
        "publisher": case.publisher,
        "form": case.expected["form"],
        "url": case.publisher.url_for(case.expected["article_id"], case.expected["form"]),
        "content_type": "text/html; charset=utf-8",
        "fetched_at": "2026-11-23T08:00:00+00:00",
    }
    before, after = expected_of(page.encode(), **asked), expected_of(scramble(page, seed="1").encode(), **asked)
    for times in ("published_text", "published_at", "published_jalali", "published_precision", "modified_at"):
        assert before["article"].get(times) == after["article"].get(times)
    read, made = before["article"], after["article"]
    assert set(read) == set(made)
    assert read["headline"] != made["headline"]
    for field in ("headline", "lead", "kicker", "section", "tags"):
        assert shape(read.get(field)) == shape(made.get(field)), field
    assert [len(line) for line in read["body"].split("\n")] == [len(line) for line in made["body"].split("\n")]
    assert read["body"].count("\u200c") == made["body"].count("\u200c")


@pytest.mark.parametrize("page", REAL, ids=[path.stem for path in REAL])
def test_no_word_of_a_real_page_survives(page: Path) -> None:
    text = decode(page.read_bytes()).text
    made = scramble(text)
    assert survivors(text, made) == []
    assert len(words_of(made)) > 100
    gold = page.with_suffix(".gold.json")  # another page's body holds words that this one's invented words may be
    if gold.is_file():
        body = json.loads(gold.read_text(encoding="utf-8"))["body"]
        assert left_of(" ".join(body), made) == set()


def test_words_of_an_encoded_relative_address_are_exchanged_in_any_attribute() -> None:
    """Two of the real pages name their own address without a host in og:url, with the headline as its slug."""
    word = quote("پرسپولیس")
    page = f'<html><head><meta property="og:url" content="/fa/news/2015910/{word}-{word}"></head><body></body></html>'
    made = scramble(page, seed="1")
    assert survivors(page, made) == []
    assert word not in made
    assert re.search(r'content="/fa/news/2015910/(%[0-9A-F]{2}){16}-(%[0-9A-F]{2}){16}"', made)


def test_markup_dates_addresses_and_labels_stay() -> None:
    page = (
        '<!-- 10908952 --><html><head><title>باغ و باران</title><style>.باغ{}</style><script src="/a.js">var x = "باغ";'
        '</script><meta property="og:type" content="article"><meta name="keywords" content="garden, باغ">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "باغ و باران", "datePublished": '
        '"2022-05-18T14:55:00+04:30", "url": "https://www.yjc.ir/fa/news/1/باغ-و-باران"}</script></head>'
        '<body class="body news"><!-- NEWS LEAD --><!-- نوشته باغبان -->'
        '<div class="news_nav" onclick=\'go("/fa/print/1")\'>'
        "<span>تاریخ انتشار:</span> ۲۸ ارديبهشت ۱۴۰۱ - ۱۴:۵۵</div>"
        "<h1><a href='/fa/news/1/%D8%A8%D8%A7%D8%BA' title='باغ'>"
        "باغ و باران&zwnj;ها</a></h1>"
        "<p>Garden می‌رود به 12 باغ &#1576;&#1575;&#1594; &amp; https://www.yjc.ir/00Uq3C</p>"
        "<a href='/a-long-plain-name/'>x</a><p>انتهای پیام/</p></body></html>"
    )
    made = scramble(page, seed="a")
    for kept in (
        *("<!-- 10908952 -->", "<!-- NEWS LEAD -->", 'class="body news"', 'go("/fa/print/1")', 'content="article"'),
        *("تاریخ انتشار:", "۲۸ ارديبهشت ۱۴۰۱ - ۱۴:۵۵", "2022-05-18T14:55:00+04:30", "https://www.yjc.ir/fa/news/1/"),
        *(
            "https://www.yjc.ir/00Uq3C",
            "&zwnj;",
            "&amp;",
            " 12 ",
            "انتهای پیام/",
            '"@type": "NewsArticle"',
            'src="/a.js"',
        ),
    ):
        assert kept in made, kept
    for gone in (
        "باغ",
        "باران",
        "Garden",
        "garden",
        "var x",
        "%D8%A8%D8%A7%D8%BA",
        "باغبان",
        "a-long-plain-name",
        "&#1576",
    ):
        assert gone not in made, gone
    # The same word is the same everywhere: what repeats the headline still does.
    headline = re.search(r"<title>(.*?)</title>", made)
    assert headline is not None
    assert made.count(headline[1]) == 3
    assert scramble(page, seed="a") == made != scramble(page, seed="b")


@given(st.text(alphabet="ابپیکيكمنوه باغ \u200c<>=\"'&;abcXYZ123/!-", max_size=120))
def test_any_text_is_scrambled_without_an_error(text: str) -> None:
    made = scramble(f"<p>{text}</p>", seed="s")
    assert survivors(f"<p>{text}</p>", made) == []


@given(st.text(alphabet="ابپتثجچیکيكىabcdefXYZ", min_size=3, max_size=12))
def test_an_invented_word_has_the_shape_of_the_original(word: str) -> None:
    made = Inventor([word], "s").word(word)
    assert len(made) == len(word)
    assert made.lower() != word.lower()
    assert [letter.isascii() for letter in made] == [letter.isascii() for letter in word]


def test_what_is_nobodys_is_told() -> None:
    for text in (
        "۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵",
        "انتهای پیام/ن",
        "کد خبر:",
        "تاریخ انتشار: ",
        "123",
        " - ",
        "بیشتر بخوانید:",
    ):
        assert is_nobodys(text), text
    for text in ("باغ", "در ۱۲ مهر ۱۴۰۲ باران آمد", "پایان گزارش هفتگی باغ"):
        assert not is_nobodys(text), text


def test_the_command_makes_a_case_that_replays(tmp_path: Path) -> None:
    page = FIXTURES / "yjc" / "article" / "page.html"
    words = ("fixture", str(page), "--publisher", "yjc", "--case", "news-1", "--folder", "cases")
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "rewrite page.html in words of your own" in done.stdout
    folder = tmp_path / "cases" / "yjc" / "news-1"
    assert (folder / "page.html").read_text(encoding="utf-8") == page.read_text(encoding="utf-8")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    known = json.loads((page.parent / "expected.json").read_text(encoding="utf-8"))
    assert expected["article"] == known["article"]
    assert (expected["family"], expected["form"], expected["article_id"]) == ("iransamaneh", "article", "8123456")
    again = run(*words, cwd=tmp_path)
    assert again.returncode == 2
    assert "--force writes over it" in again.stderr
    forced = run(*words, "--force", "--scramble", cwd=tmp_path)
    assert forced.returncode == 0, forced.stderr
    assert "rewrite" not in forced.stdout
    made = (folder / "page.html").read_text(encoding="utf-8")
    assert survivors(page.read_text(encoding="utf-8"), made) == []
    scrambled = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert scrambled["article"]["published_at"] == known["article"]["published_at"]
    assert shape(scrambled["article"]["headline"]) == shape(known["article"]["headline"])
    assert scrambled["article"]["headline"] != known["article"]["headline"]


def test_the_command_fetches_an_address_once(tmp_path: Path) -> None:
    site = SITES["iransamaneh"](Newsroom(5, 100, 40), weight=0)
    quickly = ("-s", "RETRY_BACKOFF=0.01", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
    one = site.articles()[3]
    with server(site) as running:
        words = (
            "--publisher",
            "yjc",
            "--case",
            "live",
            "--folder",
            ".",
            "--url",
            f"https://www.yjc.ir/fa/news/{one.number}",
        )
        done = run("fixture", f"{running.url}/fa/news/{one.number}", *words, *quickly, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [entry.path for entry in running.requests] == ["/robots.txt", f"/fa/news/{one.number}"]
        expected = json.loads((tmp_path / "yjc" / "live" / "expected.json").read_text(encoding="utf-8"))
        assert expected["article"]["headline"] == one.headline
        assert expected["article"]["published_at"] == site.answers(one)["published_at"]
        gap = next(at for at in range(100, 140) if site.newsroom.story(at) is None)
        done = run(
            "fixture",
            f"{running.url}/fa/news/{gap}",
            *words[:2],
            "--case",
            "gap",
            "--folder",
            ".",
            *quickly,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        expected = json.loads((tmp_path / "yjc" / "gap" / "expected.json").read_text(encoding="utf-8"))
        assert expected["no_article"] == ["missing", "soft 404"]
        assert "no article (missing, soft 404) is read from it" in done.stdout
    gone = run("fixture", f"{running.url}/fa/news/1", *words[:2], "--case", "down", *quickly, cwd=tmp_path)
    assert gone.returncode == 1
    assert "no page came" in gone.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["page.html", "--case", "x"], "--publisher NAME"),
        (["page.html", "--publisher", "yjc", "--case", "Über"], "a name of a-z, 0-9 and -"),
        (["page.html", "--publisher", "yjcc", "--case", "x"], "no publisher named 'yjcc'"),
        (["page.html", "--publisher", "yjc", "--case", "x"], "cannot be read"),
        (["here.html", "--publisher", "yjc", "--case", "x", "--form", "poem"], "has no form poem"),
    ],
)
def test_a_mistake_is_a_sentence(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "here.html").write_text("<html><body>x</body></html>", encoding="utf-8")
    done = run("fixture", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(tmp_path.glob("tests"))
