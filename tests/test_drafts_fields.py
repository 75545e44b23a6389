"""Selectors of a draft: what holds on all pages, what is dropped, and what is only hinted at."""

from __future__ import annotations

import pytest

from farscrawler.drafts.draft import SiteDraft, draft_site
from farscrawler.drafts.fetched import Fetched
from farscrawler.drafts.places import found_by, places_of
from farscrawler.extract import NoArticle
from farscrawler.extract.document import indexed
from tests.support.drafts import HOST, WORDS, at_once, drafted, page


def test_what_every_page_has_in_its_own_words_is_sure() -> None:
    draft = drafted({number: page(number) for number in range(1, 6)})
    assert draft.holds
    assert [one.fields["body"] for one in draft.trials] == ["same"] * 5
    assert draft.site.selectors["body"] == (".matn",)
    assert draft.site.selectors["headline"] == ("h1",)
    assert draft.site.selectors["published"] == (".stamp",)
    assert all(draft.fields[name].is_sure for name in ("body", "headline", "published"))
    assert "# sure: on 5 of 5 pages with it\nbody = " in draft.text


def test_a_selector_that_holds_on_one_page_alone_is_left_out_and_said() -> None:
    """Five ways to print the kicker: no place of one page finds anything on the others."""
    tags = {1: "h4", 2: "h5", 3: "h6", 4: "h3", 5: "h2"}
    draft = drafted(
        {
            number: page(number, head=f'<{tag} class="{"rutitr" if number == 1 else ""}">پیش از تیتر {number}</{tag}>')
            for number, tag in tags.items()
        }
    )
    assert sum(1 for one in draft.trials if one.values["kicker"][1]) > 1, "the general rules read several"
    assert "kicker" not in draft.site.selectors
    assert "# kicker: " in draft.text
    assert "alone; look for the line above the headline" in draft.text or "on most pages; look for" in draft.text


def test_what_stands_in_the_box_of_the_text_on_every_page_is_dropped() -> None:
    share = '<div class="hamrasani">این خبر را با دوستان خود در میان بگذارید و نظر خود را برای ما بنویسید.</div>'
    draft = drafted({number: page(number, inside=share) for number in range(1, 6)})
    assert draft.site.selectors["drop"] == (".hamrasani",)
    assert draft.holds
    assert all("در میان بگذارید" not in one.values["body"][0] for one in draft.trials)


def test_a_line_that_stands_apart_before_the_text_is_the_lead_and_one_above_the_headline_the_kicker() -> None:
    draft = drafted(
        {
            number: page(
                number,
                head=f'<div class="abc">در نشست شماره {number} روستا گفته شد</div>',
                before=f'<div class="xyz">{WORDS[number % 5]} در {number} روستا به خانه‌ها رسید و همه خوش شدند.</div>',
            )
            for number in range(1, 6)
        }
    )
    assert draft.site.selectors["kicker"] == (".abc",)
    assert draft.site.selectors["lead"] == (".xyz",)
    assert "it stands apart before the text" in draft.text
    assert all(one.values["lead"][0].endswith("خوش شدند.") for one in draft.trials)
    assert draft.holds


def test_what_reads_something_else_than_the_general_rules_is_doubtful() -> None:
    """A page of the form in which the box holds another thing: the table and the stanza say so."""
    pages = {number: page(number) for number in range(1, 5)}
    pages[5] = page(5).replace('<div class="matn">', '<div class="matn"><b>آگهی</b></div><div class="dastan">')
    draft = drafted(pages)
    odd = next(number for number, one in enumerate(draft.trials, 1) if one.url.endswith("/5"))
    assert draft.trials[odd - 1].fields["body"] in ("differs", "missing")
    assert f"# doubtful: read otherwise, or not at all, on page {odd}" in draft.text
    assert not draft.holds


def test_a_short_address_is_taken_where_the_site_shows_the_same_article_there() -> None:
    def linked(body: str) -> str:
        return body.replace("/story/", "/story/").replace('">خبر دیگر', '/x-y">خبر دیگر')

    pages = {f"{HOST}/story/{n}/x-y": linked(page(n)) for n in range(1, 9)}
    for shows, url in ((True, "/story/{id}"), (False, None)):
        answers = pages | ({f"{HOST}/story/{n}": linked(page(n)) for n in range(1, 9)} if shows else {})

        async def fetch(asked: str, answers: dict[str, str] = answers) -> Fetched:
            return Fetched(asked, 200, answers[asked].encode()) if asked in answers else Fetched(asked, 404)

        first = Fetched(f"{HOST}/story/1/x-y", 200, pages[f"{HOST}/story/1/x-y"].encode())
        draft = at_once(draft_site(first, fetch=fetch, most=3))
        assert isinstance(draft, SiteDraft)
        assert draft.site.forms["article"].url == url
        assert ("does not show the article" in draft.text) is (not shows)
        assert draft.site.sources.ids is shows


def test_without_a_fetch_nothing_is_asked_and_a_short_address_stays_unproved() -> None:
    body = page(1).replace('">خبر دیگر', '/x-y">خبر دیگر').encode()
    draft = at_once(draft_site(Fetched(f"{HOST}/story/1/x-y", 200, body), fetch=None, most=1))
    assert isinstance(draft, SiteDraft)
    assert draft.asked == 0
    assert draft.site.forms["article"].url is None
    assert "# seen on one page alone" in draft.text
    assert not any(one.is_sure for one in draft.fields.values())


def test_a_page_that_is_no_article_makes_no_draft() -> None:
    found = at_once(draft_site(Fetched(f"{HOST}/x", 200, b"<html><body><p>x</p></body></html>"), fetch=None, most=1))
    assert isinstance(found, NoArticle)


@pytest.mark.parametrize(
    ("markup", "selector"),
    [
        ('<div id="post-4123" class="col-md-8 matn"><p>x</p></div>', ".matn"),
        ('<div itemprop="articleBody" class="a"><p>x</p></div>', "[itemprop=articleBody]"),
        ('<div id="khabar"><p>x</p></div>', "#khabar"),
        ('<section class="dar"><div class="col-md-8"><p>x</p></div></section>', ".dar > .col-md-8"),
    ],
)
def test_the_first_place_is_in_words_of_the_sites_own(markup: str, selector: str) -> None:
    _, index = indexed(f"<html><body><div class='z'>y</div>{markup}</body></html>".encode())
    assert index is not None
    element = next(one for one in index.tagged("p")).getparent()
    assert element is not None
    first, *others = places_of(element)
    assert (first.selector, first.named) == (selector, True)
    for place in (first, *others):
        assert element in found_by(place.selector, index), place


#: What a hostile page puts where a stanza would have it: quotation marks, braces, ends of lines, orders to a terminal.
_HOSTILE = "a'b\"c\\d]\n[evil]\x1b[31m{x}\u202e"


def test_nothing_that_a_page_says_breaks_out_of_its_place_in_the_stanza() -> None:
    names = "".join(
        f'<div class="{_HOSTILE.replace(chr(34), "")}" id="x{{}}" align="{"z" * 99}">نوشته {n}</div>' for n in range(3)
    )
    head = f"<meta property='og:site_name' content='نام\n[evil]\u007f'>{names}"
    feeds = '<link rel="alternate" type="application/rss+xml" href="/rss/{jy}">'
    links = '<a href="/story/%0A%5Bevil%5D%27/7">الف</a><a href="/archive/1404/08/12/{x}">ب</a>'
    bodies = {
        number: page(number, head=head, inside=links, box="matn " + "q" * 99).replace("</title>", f"</title>{feeds}")
        for number in range(1, 6)
    }
    draft = drafted(bodies)
    assert draft.site.key == "site"
    assert draft.site.name == "www.site.example", "a name with an end of a line is none"
    assert [line for line in draft.text.splitlines() if line.startswith("[")] == [
        "[site]", "[site.forms.article]", "[site.selectors]", "[site.doors]",
    ]  # fmt: skip
    assert "\n[evil]" not in draft.text
    assert all(one.isprintable() or one in "\n\u200c" for one in draft.text)
    assert draft.site.sources.feeds == ()


def test_an_address_with_an_end_of_a_line_in_it_makes_a_stanza_all_the_same() -> None:
    url = f"{HOST}/khabar%0A%27x/412"
    draft = at_once(draft_site(Fetched(url, 200, page(1).encode()), fetch=None, most=1))
    assert isinstance(draft, SiteDraft)
    assert draft.site.article_id(url) == "412"
