"""Headline, text, lead, kicker, tags and section of pages of nobody."""

from __future__ import annotations

import pytest

from tests.support.general_pages import BODY, MOMENT, SENTENCES, TEXT, TIME, article_of, page

TITLE = "کتابخانه باز شد"
SAID = f"<meta property='og:title' content='{TITLE}'>"


def bare(inner: str, head: str = SAID, title: str = "سایت نمونه") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{inner}</body></html>"


HEADLINES = {
    "the site's name in a hidden h1": bare(
        f"<h1 style='display: none;'>سایت نمونه شهر</h1><h1>{TITLE}</h1>{TIME}{TEXT}"
    ),
    "the site's name in an h1 for nobody": bare(f"<h1 hidden>سایت نمونه شهر</h1><h1>{TITLE}</h1>{TIME}{TEXT}"),
    "an h1 that is aria-hidden": bare(f"<h1 aria-hidden=true>سایت نمونه شهر</h1><h1>{TITLE}</h1>{TIME}{TEXT}"),
    "the section's name in a seen h1": bare(f"<h1>فرهنگ و هنر امروز</h1><div><h1>{TITLE}</h1>{TIME}{TEXT}</div>"),
    "an h2 that og:title repeats": bare(f"<h1>فرهنگ و هنر امروز</h1><div><h2>{TITLE}</h2>{TIME}{TEXT}</div>"),
    "no h1 at all": bare(f"<div><h3>{TITLE}</h3>{TIME}{TEXT}</div>"),
    "og:title with the site's name": bare(
        f"<h1>اخبار تازه شهر</h1><h1>{TITLE}</h1>{TIME}{TEXT}",
        f"<meta property='og:title' content='{TITLE} | سایت نمونه'>",
    ),
    "microdata in any element": bare(
        f"<div itemscope itemtype='http://schema.org/NewsArticle'><b itemprop=author itemscope>"
        f"<i itemprop=name>سارا باغبان نیک</i></b><p itemprop=headline>{TITLE}</p>{TIME}"
        f"<div itemprop=articleBody>{TEXT}</div></div>",
    ),
    "the site's name is a part of the title too": bare(
        f"<h1>خبرهای شهر</h1><h1>{TITLE}</h1>{TIME}{TEXT}", "", f"{TITLE} | خبرهای شهر"
    ),
    "a span of an old system": bare(
        f"<table><tr><td><a href='/n/1'>{TITLE}</a></td></tr></table><table><tr><td><span class=x1>{TITLE}</span>"
        f"</td></tr><tr><td>{TIME}</td></tr><tr><td>{TEXT}</td></tr></table>",
        "",
        f"سایت نمونه - {TITLE}",
    ),
    "a teaser that repeats it": bare(
        f"<div><h3><a href='/n/1'>{TITLE}</a></h3></div><div class=n><div class=title>{TITLE}</div>{TIME}{TEXT}</div>",
    ),
    "a page that is an article as a whole": bare(f"<h1>{TITLE}</h1>{TIME}{TEXT}").replace(
        "<html>", "<html itemscope itemtype='http://schema.org/Article'>"
    ),
    "no title says it": bare(f"<h1>{TITLE}</h1>{TIME}{TEXT}", "", "سایت"),
    "og:title is the site's": bare(
        f"<header><h1><a href='/'>سایت نمونه شهر</a></h1></header><h1>{TITLE}</h1>{TIME}{TEXT}",
        "<meta property='og:title' content='سایت نمونه شهر'>",
        f"{TITLE} - سایت نمونه شهر",
    ),
}


@pytest.mark.parametrize("kind", HEADLINES)
def test_the_headline_is_what_the_page_calls_itself(kind: str) -> None:
    article = article_of(HEADLINES[kind])
    assert (article.headline, article.published_at, article.body) == (TITLE, MOMENT, BODY)


SHORT = "<ul><li>شیراز</li><li>تهران</li></ul>"
TABLE = "<table><tr><td>گل</td><td>۲</td></tr><tr><td>کارت</td><td>۱</td></tr></table>"
FIRST, SECOND, THIRD, FOURTH = (f"<p>{one}</p>" for one in SENTENCES)

#: Texts, and the lines that are kept between the first two sentences, or behind the last.
TEXTS = {
    "a short list": (FIRST + SHORT + SECOND + THIRD + FOURTH, ["شیراز", "تهران"]),
    "a small table": (FIRST + TABLE + SECOND + THIRD + FOURTH, ["گل", "۲", "کارت", "۱"]),
    "a heading": (FIRST + "<h3>قفسه‌ها</h3>" + SECOND + THIRD + FOURTH, ["قفسه‌ها"]),
    "a quotation": (FIRST + "<blockquote>بوی نان</blockquote>" + SECOND + THIRD + FOURTH, ["بوی نان"]),
    "a short paragraph": (FIRST + "<p>همین.</p>" + SECOND + THIRD + FOURTH, ["همین."]),
    "a list of links": (FIRST + "<ul><li><a href='/1'>یک خبر دیگر</a></li></ul>" + SECOND + THIRD + FOURTH, []),
    "a hidden paragraph": (
        FIRST + "<p hidden>پنهان</p><p style='visibility:hidden'>پنهان</p>" + SECOND + THIRD + FOURTH,
        [],
    ),
    "an inner style that hides nothing": (
        FIRST + "<p style='display:block'>پیدا است.</p>" + SECOND + THIRD + FOURTH,
        ["پیدا است."],
    ),
    "a caption": (
        FIRST
        + "<div class=image-box><img src='/a.jpg'><p class=photo-caption>عکس از کتابخانه</p></div>"
        + SECOND
        + THIRD
        + FOURTH,
        [],
    ),
    "a figure": (
        FIRST + "<figure><img src='/a.jpg'><figcaption>کتابخانه</figcaption></figure>" + SECOND + THIRD + FOURTH,
        [],
    ),
    "shares": (FIRST + "<ul class=share-links><li>تلگرام</li><li>بله</li></ul>" + SECOND + THIRD + FOURTH, []),
}


#: Kinds, in a text that the page itself names as such and in one that it does not; then it names these too.
NAMED = "itemprop=articleBody"
PLACES = [(kind, "") for kind in TEXTS] + [(kind, NAMED) for kind in TEXTS if kind not in ("a list of links", "shares")]


@pytest.mark.parametrize(("kind", "said"), PLACES)
def test_what_stands_between_paragraphs_is_text_or_not(kind: str, said: str) -> None:
    text, kept = TEXTS[kind]
    article = article_of(page(TIME, text=f"<div {said}>{text}</div>"))
    assert article.body.split("\n") == [SENTENCES[0], *kept, *SENTENCES[1:]]


WHOLE = {
    "a text for narrow screens alone": page(TIME, text=f"<div class='hidden-lg visible-xs'>{TEXT}</div>"),
    "a page that hides itself until it is loaded": page(TIME).replace(b"<main>", b"<main style='visibility:hidden'>"),
    "a text that a button unfolds": page(TIME, text=f"<div style='display:none'>{TEXT}</div>"),
    "a crumb path above the text": page(
        TIME, text=f"<div class=bread-crumb><a href='/'>خانه</a> » <a href='/b'>فرهنگ</a></div>{TEXT}"
    ),
    "a link to the section above the text": page(TIME, text=f"<div><a href='/b'>- اخبار فرهنگ -</a></div>{TEXT}"),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_the_whole_text_is_read_and_nothing_else(kind: str) -> None:
    assert article_of(WHOLE[kind]).body == BODY


LEAD = "گشایش کتابخانه‌ای در انبار یک نانوایی، خبر خوش این هفته محله بود."


@pytest.mark.parametrize(
    "lead",
    [
        f"<p class=lead>{LEAD}</p>",
        f"<div class=news-page--news-lead>{LEAD}</div>",
        f"<h2 class=entry-sub-title>{LEAD}</h2>",
        f"<div class=post_excerpt><p>{LEAD}</p></div>",
        f"<div id=NewsSummary class=summary>{LEAD}</div>",
    ],
)
def test_a_lead_is_told_by_its_name(lead: str) -> None:
    article = article_of(page(f"{TIME}{lead}"))
    assert (article.lead, article.body, article.published_at) == (LEAD, BODY, MOMENT)


def test_a_lead_is_what_the_description_repeats() -> None:
    head = f"<meta name=description content='{LEAD}'>"
    article = article_of(page(f"{TIME}<div class=x3>{LEAD}</div>", head=head))
    assert (article.lead, article.body) == (LEAD, BODY)


def test_the_first_paragraph_is_no_lead_though_the_description_repeats_it() -> None:
    article = article_of(page(head=f"<meta name=description content='{SENTENCES[0]}'>"))
    assert (article.lead, article.body) == (None, BODY)


def test_leads_of_teasers_are_none() -> None:
    teasers = "".join(
        f"<div class=t><a href='/{i}'>خبر {i}</a><p class=lead>چکیده خبر شماره {i} است.</p></div>" for i in "abc"
    )
    article = article_of(page(below=f"<div class=latest-news>{teasers}</div>"))
    assert (article.lead, article.body) == (None, BODY)


@pytest.mark.parametrize(
    "kicker",
    [
        "<div class=rutitr>در محله:</div>",
        "<h4 class=news-page--subtitle>در محله:</h4>",
        "<h6>در محله:</h6>",
        "<p class=overtitle>در محله:</p>",
    ],
)
def test_a_kicker_is_told_by_its_name_or_place(kicker: str) -> None:
    article = article_of(page().replace(b"<h1>", f"{kicker}<h1>".encode()))
    assert (article.kicker, article.headline, article.body) == ("در محله:", TITLE, BODY)


def test_the_section_in_a_heading_is_no_kicker() -> None:
    assert article_of(page().replace(b"<h1>", "<h4><a href='/b'>فرهنگ</a></h4><h1>".encode())).kicker is None


OWN = "<a rel='Index, Tag' href='/tag/1'>نان</a> <a rel='Index, Tag' href='/tag/2'>گردو</a>"
HOT = "<a rel=tag href='/tag/9'>داغ یک</a><a rel=tag href='/tag/8'>داغ دو</a>"


@pytest.mark.parametrize(
    ("above", "text", "below", "tags"),
    [
        (f"<header>{HOT}</header>", f"{TEXT}<div class=tags>{OWN}</div>", "", ["نان", "گردو"]),
        (
            "",
            f"{TEXT}<ul class=tag-list><li>{OWN.replace('</a> ', '</a></li><li>')}</li></ul>",
            f"<aside>{HOT}</aside>",
            ["نان", "گردو"],
        ),
        (f"<div class=hot-tags>{HOT}</div>", TEXT, "", []),
        ("", TEXT, f"<div class=trend-box><h3>داغ‌ترین‌ها</h3>{HOT}</div>", []),
        ("", f"{TEXT}<div class=keywords><a href='/k/1'>نان</a>، <a href='/k/2'>گردو</a></div>", "", ["نان", "گردو"]),
    ],
)
def test_tags_are_those_of_the_article(above: str, text: str, below: str, tags: list[str]) -> None:
    article = article_of(page(above=above, text=text, below=below))
    assert article.tags == tags
    assert article.body.split("\n")[:4] == list(SENTENCES)


def test_the_section_is_read_of_a_path_and_for_machines() -> None:
    path = "<ol class=breadcrumb><li><a href='/'>خانه</a></li><li><a href='/c'>فرهنگ</a></li></ol>"
    assert article_of(page(above=path)).section == "فرهنگ"
    assert article_of(page(head="<meta property='og:article:section' content='فرهنگ'>")).section == "فرهنگ"
