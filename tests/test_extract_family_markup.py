"""Fields of families and sites where their real markup differs from what configurations say of it."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.publishers.model import ANY_SITE
from tests.support.engine_pages import TIME, closed, page, read, site
from tests.support.extract_pages import article_of

NASTOOH = publishers.load("khabaronline")
IRANSAMANEH = publishers.load("tabnak")
ISNA = publishers.load("isna")
PARSTODAY = publishers.load("parstoday")
TEXT = "<p>باغبان پیر نهال‌های گردو را پیش از باران کاشت.</p><p>کودکان آب چشمه را به باغچه رساندند.</p>"


def nastooh(crumbs: str, headline: str = "نهال‌های گردو در باغ مدرسه ریشه دواندند") -> str:
    return closed(
        f'<ol class="breadcrumb">{crumbs}</ol><article id="item"><div class="item-title"><h1 class="title">{headline}'
        '</h1></div><div class="item-nav"><div class="item-date"><span>۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵</span></div></div>'
        f'<div class="item-body"><div class="item-text" itemprop="articleBody">{TEXT}</div></div></article>',
        '<meta name="generator" content="www.nastooh.ir">',
    )


def section_of(crumbs: str, **more: str) -> str | None:
    return article_of(nastooh(crumbs, **more), "7", publisher=NASTOOH, form="article").section


@pytest.mark.parametrize(
    ("crumbs", "section"),
    [
        (
            '<li><a href="/">خانه</a></li><li><a itemprop="articleSection">کشاورزی</a></li><li><a>باغداری</a></li>',
            "باغداری",
        ),
        ('<li><a href="/">صفحه اصلی</a></li><li><a itemprop="articleSection">کشاورزی</a></li>', "کشاورزی"),
        ('<li><a href="/">خانه</a></li><li><a>کشاورزی</a></li><li class="active">آبیاری</li>', "آبیاری"),
        # The headline at the end of a path is no section, cut off with a mark or without one.
        ("<li><a>کشاورزی</a></li><li>نهال‌های گردو در باغ مدرسه ریشه دواندند</li>", "کشاورزی"),
        ("<li><a>کشاورزی</a></li><li>نهال‌های گردو در باغ…</li>", "کشاورزی"),
        ("<li><a>کشاورزی</a></li><li>نهال‌های گردو در باغ مدرسه</li>", "کشاورزی"),
        ('<li><a href="/">صفحه اصلی</a></li>', None),
    ],
)
def test_the_section_of_nastooh_is_the_last_label_of_its_breadcrumb(crumbs: str, section: str | None) -> None:
    assert section_of(crumbs) == section


def test_a_section_that_begins_the_headline_is_one() -> None:
    assert (
        section_of("<li><a>اخبار</a></li><li><a>باغداری</a></li>", headline="باغداری در دامنه رونق گرفت") == "باغداری"
    )


def iransamaneh(tools: str, more: str = "") -> str:
    return closed(
        f'<div style="direction: rtl;">{tools}<div class="news_nav news_id_c">کد خبر: ۷</div>'
        '<div class="news_nav news_pdate_c">تاریخ انتشار: ۲۳ بهمن ۱۳۸۹ - ۰۹:۰۵</div><h1 class="title">نهال گردو</h1>'
        f'<div class="body">{TEXT}</div></div>{more}',
    )


def test_a_section_path_among_dropped_tools_is_read() -> None:
    path = '<div class="news_path"><a>صفحه نخست</a> » <a>باغداری</a></div>'
    tools = f'<div class="news_tools">{path}<a>چاپ</a></div>'
    found = article_of(iransamaneh(tools), "7", publisher=IRANSAMANEH, form="article")
    assert found.section == "باغداری"
    assert "چاپ" not in found.body
    # The path outside of what is dropped goes first, and that of other articles is none.
    outside = '<div class="news_path"><a>صفحه نخست</a> » <a>کشاورزی</a></div>'
    assert article_of(iransamaneh(tools + outside), "7", publisher=IRANSAMANEH, form="article").section == "کشاورزی"
    others = f'<div class="related_news">{path}</div>'
    assert article_of(iransamaneh("", others), "7", publisher=IRANSAMANEH, form="article").section is None


@pytest.mark.parametrize(
    "code", ["17302", "۲۶۵ ۳۳", "265/33", "کد خبرنگار: ۳۰۰۵۷", "کد خبرنگار 30057", "خبرنگار: ۷۱۰۳۸", "/ن"]
)
def test_a_code_of_the_reporter_is_no_text(code: str) -> None:
    lead = "<p class=lead>لید.</p>"
    assert read(page(f"<p>{code}</p>")).body == ""
    assert read(page(f"<p>{code}</p>", above=lead)).body == "لید."
    assert read(page(f"<p>یک.</p><p>دو.</p><p>{code}</p>", above=lead)).body == "یک.\nدو."


@pytest.mark.parametrize(
    "text",
    ["خبرنگار: ۷۱۰۳۸ نفر آمدند", "۷۱۰۳۸ درخت", "<table><tr><td>درخت</td><td>۱۲۰۰</td></tr></table>", "شماره ۱۷۳۰۲."],
)
def test_numbers_that_are_text_stay(text: str) -> None:
    assert any(number in read(page(f"<div>{text}</div>")).body for number in ("۷۱۰۳۸", "۱۲۰۰", "۱۷۳۰۲"))


def test_the_lead_of_parstoday() -> None:
    body = (
        '<h1 class="item-title">نهال گردو</h1><div class="item-date">مهر ۱۲, ۱۴۰۵ ۱۹:۲۴ Asia/Tehran</div>'
        f'<p class="introtext">باغبانان دره به یاری هم آمدند.</p><div class="item-text">{TEXT}<p>ms</p></div>'
    )
    found = article_of(closed(body), "7", publisher=PARSTODAY, form="article")
    assert found.lead == "باغبانان دره به یاری هم آمدند."
    assert found.body.endswith("رساندند.")
    within = body.replace('<div class="item-text">', "").replace(
        '<p class="introtext">', '<div class="item-text"><p class="introtext">'
    )
    assert article_of(closed(within), "7", publisher=PARSTODAY, form="article").lead == found.lead


def isna(names: str, meta: str = "") -> list[str]:
    body = (
        '<article id="item"><div class="meta-news"><ul><li><span class="text-meta">۲۹ دی ۱۳۹۵ / ۱۴:۵۹</span></li>'
        f'{meta}</ul></div><h1 class="first-title">نهال گردو</h1>'
        f'<div class="item-text">{TEXT}<ul><li><strong>نخست</strong></li></ul></div>{names}'
        '<section class="box related list"><ul><li><strong>دیگران</strong></li></ul></section></article>'
    )
    return article_of(closed(body), "7", publisher=ISNA, form="article").authors


def test_the_authors_of_isna() -> None:
    both = "<ul><li>خبرنگار: <strong>مینا سروستانی</strong></li><li>دبیر: <strong>کاوه آرامش</strong></li></ul>"
    assert isna(both) == ["مینا سروستانی"]
    meta = '<li><span class="title-meta">خبرنگار :</span> <span class="text-meta">71038</span></li>'
    assert isna("", meta) == ["71038"]
    assert isna("") == []


BASES = [
    ("https://www.site.ir/news/7/x", "", "/a.jpg", "https://www.site.ir/a.jpg"),
    ("https://www.site.ir/news/7/x", "", "a.jpg", "https://www.site.ir/news/7/a.jpg"),
    ("http://site.ir/news/7", "", "/a.jpg", "http://site.ir/a.jpg"),
    ("http://site.ir/news/7", "", "//cdn.site.ir/a.jpg", "http://cdn.site.ir/a.jpg"),
    ("http://site.ir/news/7", '<base href="/fa/">', "a.jpg", "http://site.ir/fa/a.jpg"),
    ("http://site.ir/news/7", '<base href="http://media.site.ir/fa/">', "a.jpg", "http://media.site.ir/fa/a.jpg"),
    ("http://site.ir/news/7", '<base target="_blank"><base href=" /fa/x ">', "a.jpg", "http://site.ir/fa/a.jpg"),
    ("http://site.ir/news/7", '<base href="javascript:void(0)">', "/a.jpg", "http://site.ir/a.jpg"),
    ("http://site.ir/news/7", '<base href="http://[::1/">', "/a.jpg", "http://site.ir/a.jpg"),
]


@pytest.mark.parametrize(("url", "base", "src", "expected"), BASES)
def test_pictures_are_joined_to_the_address_of_the_page_and_its_base(
    url: str, base: str, src: str, expected: str
) -> None:
    picture = f'<p>یک.</p><img src="{src}"><p>دو.</p>'
    found = article_of(page(picture, head=base), "7", publisher=site(), form="article", url=url)
    assert [one["url"] for one in found.images] == [expected]
    meta = f'{base}<meta property="og:image" content="{src}">'
    of_meta = site("images = [\"meta[property='og:image']\"]\n")
    found = article_of(page("<p>یک.</p>", head=meta), "7", publisher=of_meta, form="article", url=url)
    assert [one["url"] for one in found.images] == [expected]


def test_a_picture_of_a_page_without_an_address_stays_as_printed() -> None:
    body = closed(
        f'<article><h1>نهال گردو در باغ</h1>{TIME}<div itemprop="articleBody">{TEXT * 4}<img src="/a.jpg"></div>'
        "</article>"
    )
    found = article_of(body, publisher=ANY_SITE, form="article", url=ANY_SITE.base_url + "/")
    assert [one["url"] for one in found.images] == ["/a.jpg"]
