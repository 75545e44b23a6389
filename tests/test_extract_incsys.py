"""Article pages of the families: the skins, their traps, and what is no article in them."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract.incsys import SKINS
from farscrawler.extract.reader import reader_of
from tests.support.extract_pages import article_of, no_article, print_page

ARYANEWS, YJC = publishers.load("aryanews"), publishers.load("yjc")
SHORT = "<input value='http://www.Fars-Online.ir/news/7/' id='ctl00_ContentPlaceHolder1_litUrlShort'>"


def closed(inner: str) -> str:
    return f"<!DOCTYPE html><html><head><title>x</title></head><body>{inner}</body></html>"


def skin_a(
    text: str = "یک.", *, kicker: str = "روتیتر:", clock: str = "6 تير 1401 - 12:09:08 ق.ظ", after: str = SHORT
) -> str:
    return closed(
        "<div id=content-news class=section-category><div class=section-name><a>اجتماعي</a> :: <a>شهري</a></div>"
        f"<span class=category>{kicker}</span><h1 class=title-news>تیتر</h1><span class=date-created>{clock}</span>"
        f"<div class=main-news>{text}</div><span class=category>نه</span>{after}</div>",
    )


def skin_1(text: str = "<p>یک.</p>") -> str:
    return closed(
        "<article class='post status-publish'><span class=entry-cat>فرهنگي</span><h1 class=the_title>تیتر</h1>"
        "<div class=entry-meta><ul><li>دوشنبه 6 تير 1401 - 10:11:12<li>x</ul></div>"
        f"<div class=entry-content>{text}</div></article>{SHORT}",
    )


def skin_2(text: str = "<p>یک.</p>", lead: str = "") -> str:
    return closed(
        "<div id=ctl00_ContentPlaceHolder1_divNews><h2>روتیتر:</h2><h1>تیتر</h1>"
        "<dl class=article-info><dt>x</dt><dd>دوشنبه 6 تير 1401 - 10:11:12</dd></dl>"
        f"{lead}{text}</div>{SHORT}",
    )


def yjc(**parts: str) -> str:
    use = {
        "title": "<h1 class=Htags><a class=title>تیتر</a></h1>",
        "clock": "۶ تير ۱۴۰۱ - ۱۰:۱۱",
        "body": "<p>یک.</p>",
    } | parts
    return closed(
        f"<div class=rutitr_body></div><div class=title>{use['title']}</div><div class=subtitle>لید.</div>"
        f"<div class=news_pdate_c><span class=news_nav_title>تاریخ انتشار:</span> {use['clock']}</div>"
        f"<div class=body>{use['body']}</div>{use.get('after', '')}",
    )


@pytest.mark.parametrize("page", [skin_a(), skin_1(), skin_2()])
def test_a_lone_paragraph_is_body_in_every_skin(page: str) -> None:
    article = article_of(page, "7", form="article")
    assert (article.headline, article.lead, article.body) == ("تیتر", None, "یک.")
    assert article.permalink == "http://www.Fars-Online.ir/news/7/"


def test_print_and_article_page_of_one_article_agree() -> None:
    texts = ["پیام فارس - شیراز - لید.", "دوم.", "سوم."]
    address = "http://www.Fars-Online.ir/Fa/News/7/تیتر"
    printed = article_of(print_page(["روتیتر:", "تیتر", "دوشنبه 6 تير 1401 - 10:11:12", *texts, address]), "7")
    blank = "<p>&nbsp;</p>"
    for page in (
        skin_a("<br>".join(texts)),
        skin_2("".join(f"<p>{text}</p>" for text in texts)),
        skin_2("".join(f"<p>{text}</p>" for text in texts[1:]), f"<div class=newslid>{texts[0]}</div>{blank}"),
    ):
        article = article_of(page, "7", form="article")
        for name in ("kicker", "headline", "dateline", "lead", "body"):
            assert getattr(article, name) == getattr(printed, name), name
    assert (printed.dateline, printed.lead, printed.body) == ("پیام فارس - شیراز", "لید.", "دوم.\nسوم.")


def test_a_kicker_is_only_what_stands_above_the_body() -> None:
    assert article_of(skin_a(kicker=" \n "), "7", form="article").kicker is None


def test_a_heading_below_the_headline_of_skin_2_is_text_and_no_kicker() -> None:
    page = skin_2("<h2>میان تیتر</h2><p>یک.</p>").replace("<h2>روتیتر:</h2>", "")
    article = article_of(page, "7", form="article")
    assert (article.kicker, article.body) == (None, "میان تیتر\nیک.")


def test_pictures_are_absolute_once_each_and_captions_only_where_printed() -> None:
    box = "<div class=image-news><img src='/a.jpg&amp;width=3' alt='نه'>زیر عکس</div>"
    others = "<img src=//cdn.ir/b.jpg><img src=/a.jpg&width=3>یک.<img><img src=' '><img src='http://['>"
    article = article_of(skin_a(box + others), "7", form="article")
    assert article.images == [
        {"url": "http://www.fars-online.ir/a.jpg&width=3", "caption": "زیر عکس"},
        {"url": "http://cdn.ir/b.jpg", "caption": None},
    ]
    assert article.body == "یک."


def test_a_section_is_the_last_label_of_its_path() -> None:
    assert article_of(skin_a(), "7", form="article").section == "شهري"
    unlinked = skin_a().replace("<a>اجتماعي</a> :: <a>شهري</a>", "اجتماعي :: شهري")
    assert article_of(unlinked, "7", form="article").section == "شهري"
    assert article_of(skin_1(), "7", form="article").section == "فرهنگي"
    assert article_of(skin_2(), "7", form="article").section is None


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (skin_a(clock=" "), ("not-article", "no timestamp")),
        (skin_a().replace(">تیتر<", "> <"), ("missing", "empty template")),
        (skin_a().replace("</body></html>", ""), ("failed", "cut off: page not closed")),
        (skin_a().replace("</body></html>", "<script>'</body>'</script>"), ("failed", "cut off: page not closed")),
        (skin_a().replace("</body></html>", "<!-- </body> -->"), ("failed", "cut off: page not closed")),
        (skin_a().replace("h1", "h3"), ("not-article", "unknown layout")),
        (skin_1().replace("the_title", "x"), ("not-article", "unknown layout")),
        (skin_a("").replace("h1", "h3"), ("missing", "empty template")),
        (closed("<form action='/Fa/News/7/x'><p>قاب</p></form>"), ("missing", "empty template")),
        (closed("<form action='/Fa/News/7/x'><h1>تیتر</h1></form>"), ("not-article", "unknown layout")),
        (closed("<form action='http://['><h1>تیتر</h1></form>"), ("not-article", "no headline and timestamp")),
        (closed("".join(f"<a href=/Fa/News/{i}/>x</a>" for i in range(1, 6))), ("not-article", "list of articles")),
        (
            closed("<article class=boxcolor><h2 class=the_title>entry-content</h2></article>"),
            ("not-article", "no headline and timestamp"),
        ),
    ],
)
def test_article_addresses_that_answer_no_article(page: str, expected: tuple[str, str]) -> None:
    assert no_article(page, "7", form="article") == expected


def test_a_page_that_closes_before_a_script_is_whole() -> None:
    page = skin_a().replace("</body></html>", "</BODY></HTML ><script>var x = '</body>'</script>")
    assert article_of(page, "7", form="article").body == "یک."


def test_a_print_address_may_answer_with_the_article_page_and_its_empty_template() -> None:
    assert article_of(skin_a(), "7", form="print").section == "شهري"
    assert no_article(skin_a(clock="").replace(">تیتر<", "><"), "7", form="print") == ("missing", "empty template")


def test_a_timestamp_element_with_an_unreadable_text_is_still_an_article() -> None:
    article = article_of(skin_a(clock="به تازگی"), "7", form="article")
    assert article.published_text == "به تازگی"
    assert article.published_at is None
    assert article.warnings[-1].startswith("timestamp-refused: ")


def test_the_id_of_the_page_itself() -> None:
    assert no_article(skin_a(), "8", form="article") == ("not-article", "is article 7")
    head = "<link rel=canonical href='/Fa/News/9/x'>"
    page = skin_a(after="").replace("<title>", head + "<title>")
    assert no_article(page, "7", form="article") == ("not-article", "is article 9")
    assert article_of(page, None, form="article").article_id == "9"
    assert no_article(skin_a(after=""), None, form="article") == ("not-article", "no article id")


def test_single_elements_of_another_skin_hide_no_article() -> None:
    box = "<div class=box><h1 class=title-news>خبر دیگر</h1><span class=date-created>1 تير 1401 - 10:00</span></div>"
    for page in (skin_1(), skin_2("<p>یک.</p>")):
        for with_box in (page.replace("<body>", f"<body>{box}"), page.replace("</body>", f"{box}</body>")):
            article = article_of(with_box, "7", form="article")
            assert (article.headline, article.body) == ("تیتر", "یک.")
            assert article.published_text == "دوشنبه 6 تير 1401 - 10:11:12"


def test_yjc_variants() -> None:
    for title in ("<h1 class=Htags><a class=title>تیتر</a></h1>", "<h1>تیتر</h1>", "<h1 class=title>تیتر</h1>"):
        article = article_of(yjc(title=title), "7", publisher=YJC, form="article")
        assert (article.kicker, article.headline, article.lead, article.body) == (None, "تیتر", "لید.", "یک.")
        assert article.published_text == "۶ تير ۱۴۰۱ - ۱۰:۱۱"
    renamed = yjc().replace("class=title>", "class=x>").replace("<h1 class=Htags>", "<h1 class=title-news>")
    assert article_of(renamed, "7", publisher=YJC, form="article").headline == "تیتر"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (yjc(clock=""), ("not-article", "no timestamp")),
        (yjc(title="", clock="", body=""), ("missing", "empty template")),
        (yjc().replace("</body></html>", ""), ("failed", "cut off: page not closed")),
        (yjc(after="<link rel=canonical href='https://www.yjc.ir/fa/news/8/'>"), ("not-article", "is article 8")),
        (
            yjc(after="<div class=news_id_c><span class=news_nav_title>کد خبر:</span> ۸</div>"),
            ("not-article", "is article 8"),
        ),
        (closed("".join(f"<a href=/fa/news/{i}/>x</a>" for i in range(1, 6))), ("not-article", "list of articles")),
        (closed("<p>x</p>"), ("not-article", "no headline and timestamp")),
    ],
)
def test_yjc_pages_without_an_article(page: str, expected: tuple[str, str]) -> None:
    assert no_article(page, "7", publisher=YJC, form="article") == expected


def test_a_body_element_of_class_body_is_no_text_container() -> None:
    page = yjc().replace("<body>", "<body class=body>")
    assert article_of(page, "7", publisher=YJC, form="article").body == "یک."


def test_every_skin_is_sought_only_where_its_words_stand() -> None:
    for page, index in ((skin_a(), 0), (skin_1(), 1), (skin_2(), 2)):
        assert [any(mark in page for mark in skin.marks) for skin in SKINS] == [i == index for i in range(3)]


def test_an_unknown_family_is_an_import_error() -> None:
    with pytest.raises(LookupError):
        reader_of("nosuch")


def test_the_dateline_of_a_site_without_leads_stays_in_the_body() -> None:
    page = skin_a("خبرگزاری آریا - یک.<br>دو.", after="")
    article = article_of(page, "7", publisher=ARYANEWS, form="article")
    assert (article.dateline, article.lead, article.body) == ("خبرگزاری آریا", None, "خبرگزاری آریا - یک.\nدو.")
