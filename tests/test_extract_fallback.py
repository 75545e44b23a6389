"""Pages that their publisher's stanza does not fit: who reads them, with which warning, and what stays refused."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from farscrawler.extract import NoArticle, read_article
from farscrawler.items import Article
from tests.support.cases import cases
from tests.support.engine_pages import SELECTORS, site
from tests.support.general_pages import BODY, MOMENT, TEXT, TIME, TITLE

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher
    from tests.support.cases import Case

URL = "https://www.site.ir/news/7"
#: Fixtures without an article, and the share of those with one that are read with a spoiled stanza.
LEAST_NONE = 15
LEAST_READ = 0.8
OWN = f"<link rel=canonical href='{URL}'>"
ISO = "<meta property='article:published_time' content='2022-10-04T19:24:00+03:30'>"
LINKS = "".join(f"<li><a href='/news/{i}'>سرخط خبر شماره {i} از جایی دیگر</a></li>" for i in range(20, 40))
# Links to fewer articles than a list has.
MENU = "".join(f"<li><a href='/news/{i}'>خبر {i}</a></li>" for i in (1, 2, 3))
NASTOOH = (
    "<article id=item><div class=item-nav><div class=item-date><span>۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</span></div></div>"
    f"<h1 class=title>{TITLE}</h1><div class=item-body><div class=item-text>{TEXT}</div></div></article>"
)
NASTOOH_MARK = "<meta name=generator content=www.nastooh.ir>"


def page(inner: str, head: str = OWN, title: str = TITLE, menu: str = MENU) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{inner}"
        f"<ul class=menu>{menu}</ul></body></html>"
    ).encode()


def story(title: str = TITLE, time: str = TIME, text: str = TEXT, heading: str = "h1") -> str:
    return f"<div class=new><{heading}>{title}</{heading}>{time}<div class=z>{text}</div></div>"


def read(
    body: bytes, publisher: Publisher | None = None, *, article_id: str = "7", content_type: str | None = None
) -> Article | NoArticle:
    return read_article(
        body,
        publisher=publisher or site(),
        url=f"https://www.site.ir/news/{article_id}",
        article_id=article_id,
        content_type=content_type,
        fetched_at="2026-11-23T08:00:00+00:00",
    )


#: Stanzas that do not fit, and the reason of their refusal.
UNFIT = {
    "no timestamp": (SELECTORS.replace('".date"', '".news-date"').replace('".text"', '".z"'), story()),
    "empty template": (SELECTORS, story()),
    "list of articles": (SELECTORS.replace('"h1"', '".headline"'), story()),
}


@pytest.mark.parametrize("reason", UNFIT)
def test_the_general_rules_read_what_the_stanza_does_not(reason: str) -> None:
    selectors, inner = UNFIT[reason]
    article = read(page(inner, menu=LINKS if "list" in reason else MENU), site(selectors=selectors))
    assert isinstance(article, Article), article
    assert (article.article_id, article.headline, article.published_at, article.body) == ("7", TITLE, MOMENT, BODY)
    assert f"general-rules: {reason}" in article.warnings


def test_another_familys_rules_come_before_the_general_ones() -> None:
    article = read(page(NASTOOH, OWN + NASTOOH_MARK), site(selectors=SELECTORS.replace('".date"', '".news-date"')))
    assert isinstance(article, Article)
    assert (article.published_at, article.body) == (MOMENT, BODY)
    assert article.warnings[0] == "family-changed: nastooh instead of custom"


def test_a_family_without_its_stanzas_selectors_comes_before_the_general_rules() -> None:
    publisher = site(family="nastooh", selectors='[site.selectors]\npublished = [".news-date"]\n')
    article = read(page(NASTOOH, OWN + NASTOOH_MARK), publisher)
    assert isinstance(article, Article)
    assert (article.published_at, article.body) == (MOMENT, BODY)
    assert article.warnings[0] == "stanza-passed-over: nastooh; no timestamp"


def test_a_page_that_its_stanza_fits_bears_no_such_warning() -> None:
    inner = f"<h1>{TITLE}</h1><span class=date>۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</span><div class=text>{TEXT}</div>"
    article = read(page(inner))
    assert isinstance(article, Article)
    assert article.warnings == ["no-lead"]


CLOCK = "<div class=clock>دوشنبه ۲ آذر ۱۴۰۵ - ۱۱:۳۰</div>"
BROKEN = SELECTORS.replace('".date"', '".news-date"').replace('".text"', '".z"')

#: What stays refused: selectors, page, outcome and reason.
REFUSED = {
    "no time anywhere": (BROKEN, page(story(time="")), "not-article: no timestamp"),
    "a page clock alone": (BROKEN, page(CLOCK + story(time="")), "not-article: no timestamp"),
    "two times": (BROKEN, page(story(time=f"{TIME}<b>۱۳ مهر ۱۴۰۱ - ۱۰:۰۰</b>")), "not-article: no timestamp"),
    "a time refused": (BROKEN, page(story(time="<b>سه‌شنبه ۱۳ مهر ۱۴۰۱ - ۱۰:۰۰</b>")), "not-article: no timestamp"),
    "a relative time": (BROKEN, page(story(time="<b>۲ ساعت قبل</b>")), "not-article: no timestamp"),
    "another article": (SELECTORS, page(story(), OWN.replace("/7", "/8")), "missing: empty template"),
    "an empty template with a clock and a list": (
        SELECTORS,
        page(f"{CLOCK}<h1></h1><div class=text></div><ul>{MENU}</ul>", "", "سایت نمونه"),
        "missing: empty template",
    ),
    "an empty template that names the address asked for": (
        SELECTORS,
        page(f"{CLOCK}<h1>سایت نمونه</h1><div class=text></div><ul>{MENU}</ul>", OWN + ISO, "سایت نمونه"),
        "missing: empty template",
    ),
    "an empty template with a teaser's text": (
        SELECTORS,
        page(f"<h1></h1><div class=text></div>{story('خبر تازه‌ای دیگر')}", OWN, "سایت نمونه"),
        "missing: empty template",
    ),
    "a template that does not say what it is": (SELECTORS, page(story(), ""), "missing: empty template"),
    "a home page": (
        SELECTORS.replace('"h1"', '".headline"'),
        page(story(heading="h2"), "<link rel=canonical href='/'><meta property=og:type content=website>", menu=LINKS),
        "not-article: list of articles",
    ),
    "a service page": (
        SELECTORS.replace('"h1"', '".headline"'),
        page(story(), "<link rel=canonical href='/service/3'>", menu=LINKS),
        "not-article: list of articles",
    ),
    "a soft 404": (BROKEN, page(story() + "<p>صفحه مورد نظر یافت نشد</p>"), "missing: soft 404"),
    "a short text": (BROKEN, page(story(text="<p>کوتاه است.</p>")), "not-article: no timestamp"),
    "a headline that no title repeats": (BROKEN, page(story("خبر نامربوط دیگری")), "not-article: no timestamp"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_the_refusal_stands(kind: str) -> None:
    selectors, body, said = REFUSED[kind]
    found = read(body, site(selectors=selectors))
    assert isinstance(found, NoArticle), found
    assert f"{found.outcome}: {found.text}" == said


def test_a_wall_stays_a_wall_and_a_cut_page_owed() -> None:
    wall = b"<html><head><title>Just a moment...</title></head><body><div id=cf-chl-x></div></body></html>"
    found = read(wall)
    assert isinstance(found, NoArticle)
    assert found.outcome == "blocked"
    cut = read(page(story())[:-30])
    assert isinstance(cut, NoArticle)
    assert cut.outcome == "failed"


def _spoiled(publisher: Publisher) -> Publisher:
    """Return a publisher whose selectors of headline, text and time find nothing."""
    nothing = dict.fromkeys(("headline", "body", "published"), (".nosuch",))
    return replace(publisher, selectors=MappingProxyType({**publisher.selectors, **nothing}))


def test_no_fixture_without_an_article_becomes_one_by_other_rules() -> None:
    none = [case for case in cases() if "no_article" in case.expected]
    assert len(none) >= LEAST_NONE
    for case in none:
        found = _read_case(case)
        assert isinstance(found, NoArticle), case.name


def test_fixtures_are_read_by_other_rules_without_a_wrong_moment_or_headline() -> None:
    every = [case for case in cases() if "article" in case.expected and case.expected["form"] == "article"]
    some = every[::3]
    read = 0
    for case in some:
        found = _read_case(case)
        if isinstance(found, NoArticle):
            continue
        read += 1
        wanted = case.expected["article"]
        assert found.headline == wanted["headline"], case.name
        assert (found.published_at or "")[:16] in ("", (wanted.get("published_at") or "")[:16]), case.name
    assert read >= LEAST_READ * len(some)


def _read_case(case: Case) -> Article | NoArticle:
    expected = case.expected
    return read_article(
        case.body,
        publisher=_spoiled(case.publisher),
        url=expected.get("url") or f"{case.publisher.base_url}/",
        fetched_at=expected.get("fetched_at", "2026-11-23T08:00:00+00:00"),
        **{key: expected[key] for key in ("form", "article_id", "content_type")},
    )
