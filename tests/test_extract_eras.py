"""Pages of earlier systems of a site: told by their marks, by their addresses and hosts, and read as what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler import parse, publishers
from farscrawler.extract import NoArticle, read_article
from farscrawler.extract.explain import Evidence
from farscrawler.items import Article
from farscrawler.publishers.loader import read_text
from tests.support.engine_pages import closed
from tests.support.extract_pages import no_article

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher

TEXT = "<p>باغبان پیر نهال‌های گردو را پیش از باران کاشت.</p><p>کودکان آب چشمه را به باغچه رساندند.</p>"
BODY = "باغبان پیر نهال‌های گردو را پیش از باران کاشت.\nکودکان آب چشمه را به باغچه رساندند."
FETCHED = "2026-11-01T00:00:00Z"


def article(body: str, url: str, publisher: str | Publisher | None = None) -> Article:
    found = parse(body, url=url, publisher=publisher, fetched_at=FETCHED)
    assert isinstance(found, Article), found
    return found


def fars(date: str = "95/02/18 :: 01:14", machine: str = "2016-05-07T01:14:00.00+3:30") -> str:
    return closed(
        f'<div><span id="nwstxtdt" class="persian-num">{date}</span></div><span id="nwstxtInfoPane">'
        '<h1 class="nwstxtrotitr"></h1><h1 class="nwstxtinfotitle">نهال‌های گردو ریشه دواندند</h1></span>'
        '<span id="photoframe"><img src="/media/gerdu.jpg" alt="گردو"><div><h2>باغبانان دره به یاری هم آمدند.</h2>'
        f'</div></span><div class="nwstxtmainpane"><span id="nwstxtBodyPane">{TEXT}<p>انتهای پیام/</p></span></div>',
        f'<meta name="dc.Date" scheme="ISO8601" content="{machine}">'
        '<meta property="og:url" content="http://www.farsnews.com/newstext.php?nn=13950218000036">',
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://www.farsnews.com/newstext.php?nn=13950218000036",
        "http://farsnews.com/newstext.php?nn=13950218000036",
        "https://www.farsnews.ir/newstext.php?nn=13950218000036",
        "https://www.farsnews.ir/news/13950218000036/x",
    ],
)
def test_farsnews_of_2016_by_any_address(url: str) -> None:
    found = article(fars(), url)
    assert (found.publisher, found.article_id) == ("farsnews", "13950218000036")
    assert (found.headline, found.kicker) == ("نهال‌های گردو ریشه دواندند", None)
    assert (found.lead, found.body) == ("باغبانان دره به یاری هم آمدند.", BODY)
    assert found.published_at == "2016-05-07T01:14:00+04:30"
    assert [one["url"].rpartition("/")[2] for one in found.images] == ["gerdu.jpg"]


def test_farsnews_of_today_is_read_as_before() -> None:
    body = closed(
        f'<h1 class="title">نهال‌های گردو</h1><p class="lead">باغبانان.</p>'
        '<div class="publish-time">۱۸ اردیبهشت ۱۴۰۰ - ۱۰:۱۱</div>'
        f'<div class="nt-body">{TEXT}</div>'
    )
    assert article(body, "https://www.farsnews.ir/news/14000218000036/x").published_at == "2021-05-08T10:11:00+04:30"


def varzesh(info: str, machine: str = "2019-05-16T23:49:01.2300000&#x2B;04:30", times: bool = True) -> str:
    metas = f'<meta property="og:article:published_time" content="{machine}">' if times else ""
    return closed(
        f'<div class="news-page--news-info">{info}</div><h4 class="news-page--news-subtitle">در دامنه</h4>'
        '<h1 class="news-page--news-title">دوندگان به قله رسیدند</h1><p class="news-page--news-lead">لید کوتاه.</p>'
        f'<div class="news-page--news-text"><p>&nbsp;</p>{TEXT}</div>',
        metas,
    )


@pytest.mark.parametrize(
    "info",
    [
        "کد خبر: <span>d1Gjx</span> زمان: <span>23:55</span> <span>1398/02/26</span>",
        "کد خبر: <span>d1Gjx</span> زمان: <span>23:55 1398/02/26 &nbsp;</span> بازدید:<span> 25045 </span>",
    ],
)
def test_the_printed_time_of_varzesh3_is_that_of_the_last_change(info: str) -> None:
    found = article(varzesh(info), "https://www.varzesh3.com/news/d1Gjx/x")
    assert (found.article_id, found.headline, found.kicker) == ("d1Gjx", "دوندگان به قله رسیدند", "در دامنه")
    assert (found.lead, found.body) == ("لید کوتاه.", BODY)
    assert found.published_at == "2019-05-16T23:49:01+04:30"
    assert found.modified_at in ("2019-05-16T23:55:00+04:30", None)


def test_a_printed_time_of_varzesh3_alone_is_no_publication() -> None:
    body = varzesh("زمان: <span>23:55</span> <span>1398/02/26</span>", times=False)
    found = parse(body, url="https://www.varzesh3.com/news/d1Gjx/x", fetched_at=FETCHED)
    assert isinstance(found, NoArticle) or found.published_at is None


SITE = """\
[garden]
name = "باغ"
hosts = ["www.garden.ir"]
family = "nastooh"
[garden.eras.old]
until = 2018
hosts = ["www.garden.com"]
scheme = "http"
family = "custom"
[garden.eras.old.forms.article]
url = "/detail/{id}"
paths = ['/detail/(\\d+)(?:/[^/]*)?/?']
[garden.eras.old.selectors]
headline = [".titr"]
body = [".matn"]
published = [".tarikh"]
[garden.eras.old.rules]
junk = ["گزارش باغ"]
[garden.eras.before]
until = 2014
family = "iransamaneh"
"""
(GARDEN,) = read_text(SITE, "nastooh.toml")
OLD = closed(
    '<div class="titr">نهال گردو</div><div class="tarikh">۵ تیر ۱۳۹۷ - ۱۰:۱۱</div>'
    f'<div class="matn">{TEXT}<p>گزارش باغ</p></div>'
)
NEW = closed(
    '<article id="item"><h1 class="title">نهال گردو</h1><div class="item-date"><span>۵ تیر ۱۳۹۷ - ۱۰:۱۱</span></div>'
    f'<div class="item-text">{TEXT}<p>گزارش باغ</p></div></article>',
    '<meta name="generator" content="www.nastooh.ir">',
)


@pytest.mark.parametrize("url", ["http://www.garden.com/detail/7", "https://www.garden.ir/detail/7/x"])
def test_an_address_of_an_era_is_read_by_its_selectors_and_rules(url: str) -> None:
    found = article(OLD, url, GARDEN)
    assert (found.article_id, found.body) == ("old:7", BODY)
    assert found.url == "http://www.garden.com/detail/7"
    assert found.warnings == ["no-lead"]


def test_an_old_address_in_the_clothes_of_today() -> None:
    found = article(NEW, "http://www.garden.com/detail/7", GARDEN)
    assert found.headline == "نهال گردو"
    assert found.body == f"{BODY}\nگزارش باغ"  # the junk of then is none of today


def test_the_family_of_an_era_reads_its_page_and_its_code() -> None:
    page = (
        '<div id="news"><div class="news_nav news_id_c">کد خبر: {}</div>'
        '<div class="news_pdate_c">۵ تیر ۱۳۹۳ - ۱۰:۱۱</div>'
        f'<h1 class="title">نهال گردو</h1><div class="body">{TEXT}</div></div>'
    )
    url = "https://www.garden.ir/fa/news/7/x"
    found = article(closed(page.format("۷")), url, GARDEN)
    assert (found.article_id, found.body, found.warnings) == ("before:7", BODY, ["no-lead"])
    refused = no_article(closed(page.format("۸")), publisher=GARDEN, form="article", url=url)
    assert refused == ("not-article", "is article before:8")


def test_the_address_that_a_page_gives_as_its_own_is_of_its_era() -> None:
    body = OLD.replace("</head>", '<link rel="canonical" href="/detail/8/slug"></head>')
    refused = no_article(body, publisher=GARDEN, form="article", url="http://www.garden.com/detail/7")
    assert refused == ("not-article", "is article old:8")
    # Today's number is another article than the one of that number then.
    body = OLD.replace("</head>", '<link rel="canonical" href="https://www.garden.ir/news/777"></head>')
    refused = no_article(body, publisher=GARDEN, form="article", url="http://www.garden.com/detail/777")
    assert refused == ("not-article", "is article 777")


def test_what_is_no_article_of_any_era_is_none() -> None:
    for body in (closed("<h1>باغ</h1>"), closed(""), closed('<div class="titr">نهال گردو</div>')):
        found = parse(body, url="http://www.garden.com/detail/7", publisher=GARDEN)
        assert isinstance(found, NoArticle)


def test_the_story_of_tasnim_begins_below_the_name_of_the_service() -> None:
    body = closed(
        '<article><h1 class="title">نهال گردو</h1><ul class="list-inline">'
        '<li class="time">۳۰ ارديبهشت ۱۳۹۸ - ۲۲:۵۳</li></ul><h3 class="lead">لید.</h3>'
        f'<div class="story"><div class="hideTag"><a href="/x"> - اخبار باغ - </a></div>{TEXT}</div></article>'
    )
    assert article(body, "https://www.tasnimnews.com/fa/news/1398/02/30/2015910/x").body == BODY


def test_shana_and_isna_of_then() -> None:
    sampa = closed(
        '<h1>نهال گردو</h1><div class="naNewsDetail2DataTimeWrapper">۵ تیر ۱۳۹۷ - ۱۰:۱۱</div>'
        f'<div class="naNewsLeadWrapper">لید.</div><div class="naNewsDetail2BodyWrapper">{TEXT}</div>'
    )
    found = article(sampa, "http://www.shana.ir/fa/newsagency/282123/x")
    assert (found.article_id, found.lead, found.body) == ("sampa:282123", "لید.", BODY)
    cervees = closed(
        '<div class="titr">نهال گردو</div><div class="newsPubDate">۵ تیر ۱۳۹۳ - ۱۰:۱۱</div>'
        f'<div class="body">{TEXT}</div>'
    )
    for url in ("http://www.isna.ir/fa/news/93040500123/x", "https://www.isna.ir/news/93040500123/x"):
        assert article(cervees, url, publishers.load("isna")).body == BODY


def test_the_evidence_is_that_of_the_reading_that_counts() -> None:
    for body, url, place in (
        (OLD, "http://www.garden.com/detail/7", ".titr"),
        (NEW, "http://www.garden.com/detail/7", "h1.title"),
        (OLD.replace("titr", "x"), "http://www.garden.com/detail/7", None),
    ):
        evidence = Evidence()
        read_article(body.encode(), publisher=GARDEN, url=url, evidence=evidence)
        places = [one.where for one in evidence.items if one.field == "headline" and one.refused is None]
        assert places == ([] if place is None else [place])
