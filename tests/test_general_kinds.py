"""Pages of nobody that are no article, and articles that look like them."""

from __future__ import annotations

import pytest

from farscrawler.extract import NoArticle
from tests.support.general_pages import BODY, MOMENT, SENTENCES, TEXT, TIME, article_of, page, read

ARTICLE = "<meta property='og:type' content='article'>"
WEBSITE = "<meta property='og:type' content='website'>"
HOME = "<link rel=canonical href='https://www.example.org/'>"
TEASER = [
    f"<div class=t><h2><a href='/news/{i}'>سرخط خبر شماره {i} که در این فهرست آمده است</a></h2>"
    f"<p>چکیده خبر {i}: {SENTENCES[i % 4]}</p>"
    f"<span class=d>۱۲ مهر ۱۴۰۱ - ۱۹:{i:02}</span></div>"
    for i in range(20)
]
TEASERS = "".join(TEASER)
LINKS = "".join(f"<li><a href='/news/{i}'>سرخط خبر شماره {i} که در این فهرست آمده است</a></li>" for i in range(30))
POSTS = "".join(
    f"<div class='post hentry'><h3 class=post-title><a href='/p/{i}'>نوشته شماره {i} درباره کتابخانه</a></h3>"
    f"<span>۱{i} مهر ۱۴۰۱ - ۱۹:۲۴</span>{TEXT.replace('کتابدار', f'کتابدار {i}')}</div>"
    for i in range(6)
)
SCORES = "".join(
    f"<tr><td>تیم سرخ {i}</td><td>{i % 4} - {i % 3}</td><td>تیم سبز {i}</td><td>۱۹:{i + 10}</td></tr>"
    for i in range(30)
)
DAY = "<meta property='article:published_time' content='2022-10-04T15:54:00Z'>"

NO_ARTICLE = {
    "a home page by its address and type": page(TIME, head=WEBSITE + HOME, text=TEASERS),
    "a home page with a time for machines": page("", head=WEBSITE + HOME + DAY, text=TEASERS),
    "a home page by its headline": page(TIME, title="صفحه اصلی خبرگزاری نمونه", head=DAY, text=TEASERS),
    "a home page with a long greeting": page(TIME, head=WEBSITE + HOME, text=TEXT),
    "a section of teasers": page(TIME, head=WEBSITE, title="اخبار فرهنگ و هنر", text=TEASERS),
    "a section of links": page(TIME, title="اخبار فرهنگ و هنر", text=f"<ul>{LINKS}</ul>"),
    "a section that a machine dates": page("", head=DAY, title="اخبار فرهنگ و هنر", text=TEASERS),
    "a blog's first page with whole posts": page("", head=DAY, title="نوشته‌های من و تو", text=POSTS),
    "a table of live scores": page(TIME, head=WEBSITE, title="نتایج زنده فوتبال", text=f"<table>{SCORES}</table>"),
    "teasers in rows of three": page(
        "",
        head=DAY,
        title="اخبار فرهنگ و هنر",
        text="".join(f"<div class=row>{''.join(TEASER[i : i + 3])}</div>" for i in range(0, 9, 3)),
    ),
    "the first page of a site that calls itself an article": page(
        "", head=DAY + ARTICLE, title="خبرهای تازه شهر", text=TEASERS
    ),
    "teasers as articles": page(
        TIME,
        title="آخرین خبرهای کتابخانه",
        text=TEASERS.replace("<div class=t", "<article class=t").replace("</div>", "</article>"),
    ),
}


@pytest.mark.parametrize("kind", NO_ARTICLE)
def test_a_list_or_home_page_is_no_article(kind: str) -> None:
    found = read(NO_ARTICLE[kind])
    assert isinstance(found, NoArticle), found
    assert found.outcome == "not-article"


def test_the_first_page_of_a_site_is_no_article_wherever_it_says_to_be() -> None:
    for url in (
        "https://www.example.org/",
        "https://www.example.org",
        "https://www.example.org/fa/",
        "https://x.ir/index.html",
    ):
        found = read(page(TIME), url)
        assert isinstance(found, NoArticle), url
        assert found.text == "home page"


ARTICLES = {
    "og:type website": page(TIME, head=WEBSITE),
    "every page of the site names the home page as its address": page(TIME, head=HOME),
    "an article among thirty links": page(TIME, below=f"<div class=more><ul>{LINKS}</ul></div>"),
    "an article with teasers below": page(TIME, below=f"<section class=boxes>{TEASERS}</section>"),
    "an article about a live blog": page(TIME, title="گزارش زنده از گشایش کتابخانه"),
    "an article with a score in its text": page(TIME, text=f"{TEXT}<p>بازی ۲ - ۱ تمام شد و ساعت ۱۹:۳۰ همه رفتند.</p>"),
    "a blog by its number in the query": page(TIME, head="<link rel=canonical href='https://www.example.org/?p=123'>"),
}


@pytest.mark.parametrize("kind", ARTICLES)
def test_an_article_that_looks_like_a_list_or_home_page_is_one(kind: str) -> None:
    article = article_of(ARTICLES[kind])
    assert article.published_at == MOMENT
    assert article.body.startswith(BODY)
    assert "سرخط خبر شماره" not in article.body


def test_a_poem_of_short_lines_is_a_text() -> None:
    lines = [f"بهار آمد و باغ خندید {i}" for i in range(20)]
    article = article_of(page(TIME, text=f"<p>{'<br>'.join(lines)}</p>"))
    assert article.body.split("\n") == lines


def test_a_report_that_leads_to_others_in_its_text_is_an_article() -> None:
    text = "".join(
        f"<p>{one} <a href='/n/{i}'>بخش {i} این گزارش</a> را بخوانید.</p>" for i, one in enumerate(SENTENCES * 2)
    )
    assert article_of(page(TIME, text=text)).published_at == MOMENT


def test_a_page_about_the_site_is_no_article() -> None:
    found = read(page("", title="درباره ما"))
    assert isinstance(found, NoArticle)
    assert found.text == "page about the site"


def test_a_page_without_a_time_is_an_article_by_its_shape() -> None:
    article = article_of(page(""))
    assert (article.headline, article.body) == ("کتابخانه باز شد", BODY)
    assert (article.published_at, article.published_jalali) == (None, None)
    assert "no-timestamp" in article.warnings


OTHER_TITLE = page("").replace("<title>کتابخانه باز شد".encode(), "<title>نشریه محله و شهر".encode())
#: Pages of running prose without a time that are no article for all that.
NOT_SAID = {
    "the rules of the site": (page("", title="قوانین و مقررات سایت"), "https://www.example.org/a"),
    "a page of contacts": (page("", title="Contact us", text=TEXT), "https://www.example.org/a"),
    "by its address": (page(""), "https://www.example.org/fa/about-us"),
    "by the address of a section": (page(""), "https://www.example.org/fa/tags/"),
    "no title repeats the headline": (OTHER_TITLE, "https://www.example.org/a"),
    "two paragraphs": (page("", text="".join(f"<p>{one}</p>" for one in SENTENCES[:2])), "https://www.example.org/a"),
}


@pytest.mark.parametrize("kind", NOT_SAID)
def test_prose_without_a_time_is_no_proof_of_an_article(kind: str) -> None:
    body, url = NOT_SAID[kind]
    found = read(body, url)
    assert isinstance(found, NoArticle), found
    assert found.text == "no time, and nothing says that it is an article"
