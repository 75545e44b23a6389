"""Pages that were invented to be misread: what a reader sees in them, held against what is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from farscrawler.extract.document import indexed
from farscrawler.extract.family import detect_in
from farscrawler.publishers.model import ANY_SITE
from tests.support.engine_pages import SELECTORS, TIME, closed, page, read, site
from tests.support.extract_pages import article_of, no_article

if TYPE_CHECKING:
    from farscrawler.outcomes.visit import FetchedArticle

LONG = "جمله‌ای از متن خبر که آن اندازه بلند است که کسی آن را تیتر یا برچسب نگیرد و باز هم چند کلمه دارد. " * 3
HOTLINK = '<img src="https://www.other.ir/files/fa/news/1402/1/1.jpg">'


@pytest.mark.parametrize("cell", ["td", "th"])
def test_the_last_figures_of_a_table_are_no_reporters_code(cell: str) -> None:
    rows = f"<tr><td>سکه</td><td>۳۰۱۲۳</td></tr><tr><td>نیم سکه</td><{cell}>15123</{cell}></tr>"
    text = f"<p>قیمت‌ها.</p><table>{rows}</table>"
    assert read(page(text)).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"
    assert read(page(f"{text}<p>17302</p>")).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"


def test_a_reporters_code_in_a_table_of_layout_is_one() -> None:
    assert read(page("<table><tr><td>یک.<br>دو.<br>17302</td></tr></table>")).body == "یک.\nدو."


def test_a_picture_of_another_site_brings_no_family_with_it() -> None:
    head = '<meta name=generator content="WordPress 6.4">'
    time = "<span class=publish-date>۱۲ مهر ۱۴۰۲ - ۱۰:۱۱</span>"
    body = closed(
        f"<article class=post><h1 class='entry-title title-news'>تیتر</h1>{time}"
        f"<div class=entry-content><p>{HOTLINK}{LONG}</p></div></article>",
        head,
    )
    text, index = indexed(body.encode())
    assert index is not None
    detected = detect_in(index, text)
    assert detected is not None
    assert detected.family == "wordpress"
    article = article_of(body, publisher=ANY_SITE, form="article", url="https://a.ir/1")
    assert article.body == LONG.strip()


def test_a_picture_of_another_site_takes_no_text_from_a_page_of_no_family() -> None:
    time = "<span class=publish-date>۱۲ مهر ۱۴۰۲ - ۱۰:۱۱</span>"
    body = closed(f"<h1 class=title-news>تیتر</h1>{time}<div class=x><p>{HOTLINK}{LONG}</p><p>{LONG}</p></div>")
    article = article_of(body, publisher=ANY_SITE, form="article", url="https://a.ir/1")
    assert article.body == f"{LONG.strip()}\n{LONG.strip()}"
    assert article.published_at == "2023-10-04T10:11:00+03:30"


WORDPRESS = '<meta name=generator content="WordPress 6.4">'
OTHERS_TIME = "2020-01-01T10:00:00+03:30"
OWN_TIME = "2024-05-01T10:00:00+03:30"


def anywhere(inner: str, head: str = "") -> FetchedArticle:
    return article_of(closed(inner, head), publisher=ANY_SITE, form="article", url="https://a.ir/news/1")


def wordpress(inner: str, head: str = "") -> FetchedArticle:
    text = f"<div class=entry-content><p>{LONG}</p></div>"
    body = closed(f"<article class=post><h1 class=entry-title>تیتر</h1>{inner}{text}</article>", WORDPRESS + head)
    return article_of(body, "titr", publisher=site(family="wordpress", selectors=""), form="article")


def asam(inner: str, beside: str) -> FetchedArticle:
    body = closed(f"<article><h1>تیتر</h1>{inner}<div id=echo_detail><p>{LONG}</p></div></article>{beside}")
    return article_of(body, "77", publisher=site(family="asam", selectors=""), form="article")


def linked_data(**said: str) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **said})}</script>'


OWN_LINE = "<span class=post-date>۱۲ مهر ۱۴۰۳ - ۱۰:۱۱</span>"
OWN_MOMENT = "2024-10-03T10:11:00+03:30"


def test_the_time_of_a_reviewed_film_is_not_the_articles() -> None:
    film = linked_data(**{"@type": "Movie", "name": "فیلم", "datePublished": "2019-05-01"})
    assert wordpress(OWN_LINE, film).published_at == OWN_MOMENT
    assert anywhere(f"<h1>نقد فیلم</h1><p>{LONG}</p>", film + ARTICLE).published_at is None


ARTICLE = "<meta property=og:type content=article>"


def test_a_lone_article_in_json_ld_may_be_another_one() -> None:
    kind = {"@type": "NewsArticle", "headline": "خبری دیگر", "datePublished": OTHERS_TIME}
    other = linked_data(**kind, url="https://www.site.ir/digar/")
    article = wordpress(OWN_LINE, other)
    assert (article.published_at, article.warnings) == (OWN_MOMENT, ["no-lead"])
    for own in ({"url": "https://www.site.ir/titr/"}, {"headline": "تیتر"}, {"url": ""}):
        assert (
            wordpress("", linked_data(**{**kind, "url": "https://www.site.ir/digar/", **own})).published_at
            == OTHERS_TIME
        )


@pytest.mark.parametrize(
    "time",
    [
        f"<meta itemprop=datePublished content={OTHERS_TIME}>",
        f"<time itemprop=datePublished datetime={OTHERS_TIME}>۱۱ دی ۱۳۹۸</time>",
    ],
)
def test_microdata_of_a_teaser_is_not_the_articles(time: str) -> None:
    teaser = f"<div itemscope itemtype=https://schema.org/Article><a itemprop=url href=/x>دیگر</a>{time}</div>"
    text = f"<main><h1>تیتر</h1><p>{LONG}</p></main>"
    assert anywhere(teaser + text, ARTICLE).published_at is None
    own = f"<div itemscope><meta itemprop=datePublished content={OWN_TIME}></div>"
    assert anywhere(teaser + own + text, ARTICLE).published_at == "2024-05-01T10:00:00+03:30"


@pytest.mark.parametrize(
    "line",
    [
        "<span class=post-date>آخرین بروزرسانی: ۱۲ مهر ۱۴۰۳ - ۱۰:۱۱</span>",
        "<div><b>تاریخ به‌روزرسانی:</b><span class=post-date>۱۲ مهر ۱۴۰۳ - ۱۰:۱۱</span></div>",
    ],
)
def test_a_time_that_says_it_is_of_an_update_is_no_publication(line: str) -> None:
    article = wordpress(line)
    assert article.published_at is None
    assert "timestamp-refused: it is the time of an update" in article.warnings
    own = "<time class=published>۱ مهر ۱۴۰۳ - ۹:۰۰</time>"
    assert wordpress(line + own).published_at == "2024-09-22T09:00:00+03:30"
    both = "<span class=post-date>تاریخ انتشار: ۱۲ مهر ۱۴۰۳ - ۱۰:۱۱</span>"
    assert wordpress(both).published_at == OWN_MOMENT


def test_times_of_other_articles_are_not_the_articles() -> None:
    own = "<span class=news_time>۲ ساعت پیش</span>"
    other = f"<time datetime={OTHERS_TIME}>۱۱ دی ۱۳۹۸</time>"
    for beside in (f"<aside>{other}</aside>", f"<div class=related-news>{other}</div>", f"<ul id=latest>{other}</ul>"):
        assert asam(own, beside).published_at == "2026-11-23T09:30:00+03:30"
    entries = "".join(
        f"<li><time datetime=2020-01-0{day}T10:00:00+03:30>{day} دی ۱۳۹۸</time></li>" for day in range(1, 5)
    )
    assert asam(own, f"<ul class=more>{entries}</ul>").published_at == "2026-11-23T09:30:00+03:30"
    assert asam("", other).published_at == OTHERS_TIME


def test_the_name_of_the_site_is_no_headline() -> None:
    name = "<header><h1><a href=/>سایت نمونه</a></h1></header>"
    assert read(page("<p>یک.</p>").replace("<h1>", f"{name}<h1>")).headline == "تیتر"
    head = '<meta property="og:site_name" content="سایت نمونه">'
    article = anywhere(f"{name}<div class=x><h1>تیتر</h1>{TIME}<p>{LONG}</p></div>", head)
    assert (article.headline, article.published_at) == ("تیتر", "2023-06-26T10:11:00+03:30")


def test_the_entries_of_a_live_report_are_all_text() -> None:
    entries = "".join(
        f"<div class=entry><b>۱۰:{i}۰</b><div class=text><p>رویداد {i}.</p></div></div>" for i in range(1, 4)
    )
    body = closed(f"<h1>تیتر</h1>{TIME}<div class=live>{entries}</div>")
    assert read(body).body == "رویداد 1.\nرویداد 2.\nرویداد 3."
    linked = entries.replace("<b>", "<a href=/news/8>").replace("</b>", "</a>")
    assert read(body.replace(entries, linked)).body == "رویداد 1."


def test_a_box_of_the_text_for_narrow_screens_is_no_second_text() -> None:
    assert (
        read(page("<p>یک.</p><p>دو.</p>", below="<div class='text mobile'><p>یک.</p><p>دو.</p></div>")).body
        == "یک.\nدو."
    )
    assert read(page("<p>یک.</p>", below="<div class=text><p>دو.</p></div>")).body == "یک.\nدو."


def test_a_lead_of_two_paragraphs_is_whole() -> None:
    leads = "<p class=lead>لید یک.</p><p class=lead>لید دو.</p>"
    article = read(page("<p>یک.</p><p>دو.</p>", leads))
    assert (article.lead, article.body) == ("لید یک. لید دو.", "یک.\nدو.")
    article = read(page(f"{leads}<p>یک.</p><p>دو.</p>"))
    assert (article.lead, article.body) == ("لید یک. لید دو.", "یک.\nدو.")
    narrow = "<p class=lead>لید یک و دیگر.</p><p class=lead>لید یک…</p>"
    assert read(page("<p>یک.</p><p>دو.</p>", narrow)).lead == "لید یک و دیگر."
    apart = "<p class=lead>لید یک.</p><b>عکس</b><p class=lead>لید دو.</p>"
    assert read(page(f"{apart}<p>یک.</p>")).body == "عکس\nلید دو.\nیک."


def test_the_beginning_of_the_headline_is_no_section() -> None:
    path = "<ul class=path><li><a href=/>خانه</a><li><a href=/s>سیاست</a><li><a href=#>{}</a></ul>"
    selectors = SELECTORS + 'section = [".path a"]\n'
    for last, section in (("تی...", "سیاست"), ("تیتر", "سیاست"), ("مجلس…", "مجلس…")):
        body = page("<p>یک.</p>", path.format(last))
        assert article_of(body, "7", publisher=site(selectors=selectors), form="article").section == section


WIDGET = (
    "<div class=widget><div class=title-news><a href=https://www.other.ir/fa/news/1>خبر بیگانه</a></div>"
    "<span class=news_pdate_c>۱ فروردین ۱۳۹۸ - ۱۲:۰۰</span><div class=body>خلاصه بیگانه</div></div>"
)
TITLE = "<meta property=og:title content='باران در شهر بارید - سایت'>"


@pytest.mark.parametrize("beside", ["{widget}{article}", "{article}{widget}"])
@pytest.mark.parametrize(
    ("box", "head"),
    [
        ("class=entry-content", f"{WORDPRESS}<link rel='https://api.w.org/' href=/wp-json/>"),
        ("id=echo_detail", TITLE),
        ("itemprop=articleBody", f"{TITLE}<meta property=article:published_time content=2023-06-26T10:11:00+03:30>"),
    ],
)
def test_a_widget_of_another_site_is_not_the_article(beside: str, box: str, head: str) -> None:
    time = "<time class='entry-date published' datetime=2023-06-26T10:11:00+03:30>۵ تیر ۱۴۰۲ - ۱۰:۱۱</time>"
    headline = "<h1 class=entry-title>باران در شهر بارید</h1>"
    text = f"<article class=post>{headline}{time}<div {box}><p>{LONG}</p></div></article>"
    article = anywhere(beside.format(widget=WIDGET, article=text), head)
    assert (article.headline, article.body) == ("باران در شهر بارید", LONG.strip())
    assert article.published_at == "2023-06-26T10:11:00+03:30"


def test_a_widget_of_another_site_makes_no_article_of_a_page_that_is_none() -> None:
    head = "<meta property=og:title content='درباره ما و کار ما'>"
    page_of_none = closed(f"{WIDGET}<h1>درباره ما و کار ما</h1><p>کوتاه.</p>", head)
    assert no_article(page_of_none, publisher=ANY_SITE, form="article", url="https://a.ir/1")[0] == "not-article"


def test_a_title_that_is_the_sites_name_tells_nothing_of_the_headline() -> None:
    own = WIDGET.replace("https://www.other.ir/fa/news/1", "/fa/news/1")
    for logo in ("", "<h1><a href=/>خبرگزاری نمونه ایران</a></h1>"):
        article = anywhere(f"{logo}{own}", "<meta property=og:title content='خبرگزاری نمونه ایران'>")
        assert (article.headline, article.body) == ("خبر بیگانه", "خلاصه بیگانه")
