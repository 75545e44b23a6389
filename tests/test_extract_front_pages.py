"""Home pages, lists and pages about the site are no articles, whatever they call themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler import parse, publishers
from farscrawler.extract import NoArticle, article_links
from farscrawler.extract.service_pages import is_service_page
from farscrawler.items import Article
from tests.support.engine_pages import closed

if TYPE_CHECKING:
    from collections.abc import Callable

NASTOOH = "https://www.khabaronline.ir/news/7000/x"
IRANSAMANEH = "https://www.tabnak.ir/fa/news/7000/x"
DRUPAL = "https://www.rajanews.com/news/7000/x"
TEXT = "<p>باغبان پیر نهال‌های گردو را پیش از باران کاشت.</p><p>کودکان آب چشمه را به باغچه رساندند.</p>"


def links(count: int, path: str = "/news/{}/x", headline: str = "سرخط {}") -> str:
    return "".join(f'<li><a href="{path.format(8000 + i)}">{headline.format(i)}</a></li>' for i in range(count))


def nastooh(
    headline: str,
    *,
    text: str = TEXT,
    head: str = "",
    crumbs: str = "",
    more: str = "",
    date: str = "۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵",
) -> str:
    return closed(
        f'<ol class="breadcrumb">{crumbs}</ol><article id="item"><h1 class="title">{headline}</h1>'
        f'<div class="item-nav"><div class="item-date"><span>{date}</span></div></div>'
        f'<div class="item-body"><div class="item-text">{text}</div></div></article><ul>{more}</ul>',
        f'<meta name="generator" content="www.nastooh.ir">{head}',
    )


def iransamaneh(headline: str, text: str = TEXT, head: str = "", more: str = "") -> str:
    return closed(
        '<div id="news"><div class="news_nav news_pdate_c">تاریخ انتشار: ۲۳ بهمن ۱۳۸۹ - ۰۹:۰۵</div>'
        f'<h1 class="title">{headline}</h1><div class="body">{text}</div></div><ul>{more}</ul>',
        head,
    )


def drupal(headline: str, text: str = TEXT, head: str = "", more: str = "") -> str:
    return closed(
        f'<div class="node"><h1 class="title">{headline}</h1>'
        '<span class="date-display-single">۲۳ بهمن ۱۳۹۹ - ۰۹:۰۵</span>'
        f'<div class="field-name-body">{text}</div></div><ul>{more}</ul>',
        f'<meta name="generator" content="Drupal 7">{head}',
    )


MAKERS: dict[str, tuple[Callable[..., str], str]] = {
    "nastooh": (nastooh, NASTOOH),
    "iransamaneh": (iransamaneh, IRANSAMANEH),
    "drupal": (drupal, DRUPAL),
}


def refused(body: str, url: str) -> tuple[str, str]:
    found = parse(body, url=url)
    assert isinstance(found, NoArticle), found
    return found.outcome, found.text


@pytest.mark.parametrize("family", MAKERS)
@pytest.mark.parametrize(
    "headline",
    [
        *("درباره ما", "دربارهٔ ما", "تماس با ما", "ارتباط با ما", "تبلیغات", "فرصت‌های شغلی"),
        *("فرصت هاي شغلي", " تماس با ما: ", "درباره‌ی ما"),
        *("درباره NAME", "تماس با NAME", "تبلیغات در NAME", "درباره ما | NAME", "ارتباط با ما - NAME"),
    ],
)  # fmt: skip
def test_pages_about_the_site_are_no_articles(family: str, headline: str) -> None:
    make, url = MAKERS[family]
    name = {"nastooh": "خبرآنلاین", "iransamaneh": "تابناک", "drupal": publishers.load("rajanews").name}[family]
    assert refused(make(headline.replace("NAME", name)), url) == ("not-article", "page about the site")


@pytest.mark.parametrize("family", MAKERS)
@pytest.mark.parametrize(
    "headline",
    [
        "درباره ما چه می‌گویند؟", "تماس با ما را قطع نکنید", "تبلیغات انتخاباتی از فردا آغاز می‌شود", "درباره باران",
        "فرصت‌های شغلی تازه در کارخانه نساجی", "ارتباط با ماه قطع شد", "تماس با خانواده‌های باغبانان", "همکاری با مدرسه",
    ],
)  # fmt: skip
def test_an_article_whose_headline_only_holds_such_words_is_an_article(family: str, headline: str) -> None:
    make, url = MAKERS[family]
    found = parse(make(headline), url=url)
    assert isinstance(found, Article), found
    assert found.headline == headline


def test_a_label_of_the_path_tells_it_too_but_sections_of_news_do_not() -> None:
    crumb = "<li><a>خانه</a></li><li><a>{}</a></li>"
    about = nastooh("خبرآنلاین در یک نگاه", crumbs=crumb.format("درباره ما"))
    assert refused(about, NASTOOH) == ("not-article", "page about the site")
    for section in ("تبلیغات", "فرصت‌های شغلی"):
        found = parse(nastooh("شرکت بافندگی آگهی داد", crumbs=crumb.format(section)), url=NASTOOH)
        assert isinstance(found, Article), found
        assert found.section == section


def test_a_page_about_the_site_needs_no_date_to_be_one() -> None:
    assert refused(nastooh("تماس با ما", date=""), NASTOOH) == ("not-article", "page about the site")
    assert refused(nastooh("تماس با ما", text="", date=""), NASTOOH) == ("not-article", "page about the site")


def test_names_that_the_page_gives_its_site() -> None:
    irna = publishers.load("irna")
    assert is_service_page("درباره ایرنا", None, irna)
    assert is_service_page("تماس با باغ", None, irna, ["باغ"])
    assert not is_service_page("تماس با باغ", None, irna)


HOMES = [
    '<link rel="canonical" href="https://www.khabaronline.ir/">',
    '<link rel="canonical" href="//khabaronline.ir">',
    '<link rel="canonical" href="www.khabaronline.ir/">',
    '<meta property="og:url" content="khabaronline.ir">',
    '<meta property="og:url" content="/">',
    '<meta property="og:url" content="http://www.khabaronline.ir/index.aspx">',
    '<meta property="og:url" content="https://www.khabaronline.ir/fa/">',
]
ARTICLE_METAS = (
    '<meta property="og:type" content="article"><meta property="article:published_time" content="2020-02-18T03:25:00Z">'
)


@pytest.mark.parametrize("home", HOMES)
def test_a_home_page_that_calls_itself_an_article_is_none(home: str) -> None:
    first = '<a href="/news/8003/x">باغبانان به دره رسیدند</a>'
    more = links(12)
    for body in (
        nastooh(first, head=home + ARTICLE_METAS, more=more),  # the first headline, with its teaser
        nastooh("خبرآنلاین، آخرین خبرها", text="", head=home + ARTICLE_METAS, more=more),
        nastooh("باغبانان به دره رسیدند", text="", head=home + ARTICLE_METAS, more=f"<li>{first}</li>{more}"),
    ):
        for url in (NASTOOH, "https://www.khabaronline.ir/"):
            outcome, reason = refused(body, url)
            assert outcome == "not-article"
            assert reason in ("home page", "list of articles")


def test_a_home_page_without_an_address_of_its_own() -> None:
    first = '<a href="/news/8003/x">باغبانان به دره رسیدند</a>'
    assert refused(nastooh(first, text="", head=ARTICLE_METAS, more=links(12)), NASTOOH)[1] == "list of articles"
    many = nastooh("خبرآنلاین، آخرین خبرها", text="", head=ARTICLE_METAS, more=links(110))
    assert refused(many, NASTOOH)[1] == "list of articles"


def test_a_living_home_page_is_never_missing() -> None:
    frame = '<article id="item"><h1 class="title"></h1><div class="item-text"></div></article>'
    for body in (closed(frame + links(12)), closed(f"<h1 class=title>نان</h1>{links(12)}"), closed(frame)):
        for url in ("https://www.khabaronline.ir/", "https://www.khabaronline.ir/fa"):
            assert refused(body, url)[0] == "not-article"
    # Where an article was asked for, a home page says that it is one, or links to more than any article page does.
    for home in HOMES:
        assert refused(closed(frame + links(12), home), NASTOOH) == ("not-article", "list of articles")
    assert refused(closed(frame + links(80)), NASTOOH) == ("not-article", "list of articles")
    assert refused(closed(frame + links(40)), NASTOOH) == ("missing", "empty template")
    assert refused(closed(frame + links(2), HOMES[0]), NASTOOH) == ("missing", "empty template")


def test_a_home_page_that_is_cut_off_is_asked_again() -> None:
    home = nastooh("خبرآنلاین", text="", head=HOMES[0], more=links(30))
    assert refused(home, NASTOOH) == ("not-article", "list of articles")
    assert refused(home.partition("</body>")[0], NASTOOH)[0] == "failed"


def test_a_teaser_called_like_a_notice_makes_no_page_missing() -> None:
    notice = "خبر مورد نظر یافت نشد"
    assert refused(closed(links(12) + f'<a href="/news/9000/x">{notice}</a>'), NASTOOH) == (
        "not-article",
        "list of articles",
    )
    assert refused(closed(links(12) + f"<p>{notice}</p>"), NASTOOH) == ("missing", "soft 404")


@pytest.mark.parametrize("home", ["", *HOMES])
def test_an_article_beside_many_others_is_one(home: str) -> None:
    """Some sites name their home page on every page; a headline is a link to its own article, under any address."""
    for headline in (
        "باغبانان به دره رسیدند",
        '<a href="/news/7000/slug">باغبانان به دره رسیدند</a>',
        '<a href="https://khabaronline.ir/photo/7000">باغبانان به دره رسیدند</a>',
    ):
        body = nastooh(headline, head=home + ARTICLE_METAS, more=links(90))
        found = parse(body, url=NASTOOH)
        assert isinstance(found, Article), found
        assert found.headline == "باغبانان به دره رسیدند"
    # A report in pictures has no text, and fewer links than any home page.
    found = parse(nastooh("باغ در قاب", text="", head=ARTICLE_METAS, more=links(60)), url=NASTOOH)
    assert isinstance(found, Article), found


def test_an_own_address_without_a_scheme_is_read() -> None:
    head = '<meta property="og:url" content="www.khabaronline.ir/news/{}/x">'
    found = parse(nastooh("باغ در باران", head=head.format(7000)), url=NASTOOH)
    assert isinstance(found, Article), found
    assert refused(nastooh("باغ در باران", head=head.format(7001)), NASTOOH) == ("not-article", "is article 7001")


def test_a_link_called_like_a_page_about_the_site_is_none_to_an_article() -> None:
    labels = ("درباره ما", "تماس با خبرآنلاین", "فرصت‌های شغلی", "درباره ما چه می‌گویند؟", "تبلیغات انتخاباتی", "")
    body = closed("".join(f'<a href="/news/{7000 + i}/x"><b>{label}</b></a>' for i, label in enumerate(labels)))
    khabaronline = publishers.load("khabaronline")
    found = article_links(body.encode(), publisher=khabaronline, url="https://www.khabaronline.ir/")
    assert [article_id for article_id, _ in found] == ["7003", "7004", "7005"]


@pytest.mark.parametrize(
    ("base", "href"),
    [
        ('<base href="http://khabaronline.ir/">', "detail/763123/Economy"),
        ('<base href="/detail/">', "763123"),
        ('<base href="http://[::1/">', "/detail/763123"),
        ('<base href="javascript:void(0)">', "/detail/763123"),
        ("", "https://web.archive.org/web/20180301100416/http://www.khabaronline.ir/detail/763123/Economy"),
    ],
)
def test_links_are_joined_to_the_base_of_a_page(base: str, href: str) -> None:
    body = closed(f'<a href="{href}">باغبانان به دره رسیدند</a>', base)
    khabaronline = publishers.load("khabaronline")
    found = article_links(body.encode(), publisher=khabaronline, url="https://www.khabaronline.ir/service/5")
    assert found == [("dorhost:763123", "https://www.khabaronline.ir/detail/763123")]
