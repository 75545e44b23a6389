"""The newsroom's pages hold what its answers say, lists, gaps and traps among them, and change as told."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote

import pytest

from farscrawler.testing.newsroom import Newsroom, answers, words
from farscrawler.testing.newsroom.press import GAPS
from farscrawler.testing.newsroom.site import Site, article_id_of
from farscrawler.testing.newsroom.truth import folded
from tests.support.newsroom_tools import NEWSROOM, PRINT, STORIES


def visible(html: str) -> str:
    """The text of a page with neither scripts nor comments, every tag a line break, whitespace folded."""
    html = re.sub(r"(?s)<!--.*?-->|<(script|style|head)\b.*?</\1>", "\n", html)
    return "\n".join(folded(unescape(line)) for line in re.sub(r"<[^<>]+>", "\n", html).split("\n"))


@pytest.mark.parametrize("form", ["print", "article"])
def test_every_answer_stands_on_its_page(form: str) -> None:
    site = Site(NEWSROOM, weight=0)
    for story in STORIES:
        target = PRINT.format(story.article_id) if form == "print" else f"/Fa/News/{story.article_id}/"
        html = site.respond(target).body.decode()
        assert words.SYNTHETIC in html
        lines = visible(html).split("\n")
        text = "\n".join(lines)
        truth = answers(story, form)
        for name in ("headline", "kicker", "section", "agency", "published_text"):
            assert truth[name] is None or truth[name] in lines, (name, story)
        assert truth["dateline"] is None or truth["dateline"] in text
        paragraphs = [truth["lead"], *truth["body"].split("\n")]
        assert all(paragraph is None or paragraph in text for paragraph in paragraphs)
        for image in truth["images"]:
            assert image["url"].removeprefix("http://www.fars-online.ir") in html
            assert image["caption"] is None or image["caption"] in lines
        assert all(tag in lines for tag in truth["tags"])
        assert truth["permalink"] in (lines if form == "print" else html)


def test_the_print_page_has_its_lines_in_the_order_of_the_real_one() -> None:
    for story in STORIES:
        lines = [
            line
            for line in visible(Site(NEWSROOM).respond(PRINT.format(story.article_id)).body.decode()).split("\n")
            if line
        ]
        truth = answers(story)
        expected = [words.SITE_NAME] if story.layout != "1404" else []
        expected += filter(None, (truth["kicker"], truth["headline"], truth["published_text"], truth["agency"]))
        expected += filter(None, (None if story.opening is None else folded(story.opening),))
        expected += truth["body"].split("\n")
        expected += filter(None, (story.end_mark, truth["permalink"]))
        expected += ["بستن", "چاپ"] if story.layout != "1404" else []
        assert lines == expected, story


def test_a_print_page_weighs_about_four_kilobytes_and_an_article_page_what_was_asked() -> None:
    site = Site(NEWSROOM)
    sizes = [len(site.respond(PRINT.format(story.article_id)).body) for story in STORIES]
    assert 3_000 < sum(sizes) / len(sizes) < 6_000
    sizes = [len(site.respond(f"/Fa/News/{story.article_id}").body) for story in STORIES[:60]]
    assert all(68_000 < size < 85_000 for size in sizes)
    light = Site(NEWSROOM, weight=0)
    assert max(len(light.respond(f"/Fa/News/{story.article_id}").body) for story in STORIES[:60]) < 40_000


def test_skin_a_has_the_traps_of_the_real_page() -> None:
    story = next(story for story in STORIES if story.skin == "A" and story.kicker and story.picture)
    html = Site(NEWSROOM).respond(f"/Fa/News/{story.article_id}/").body.decode()
    assert html.count('class="category"') == 3
    assert re.search(r"<br/> --><br/>\s*</div>", html)
    assert html.count('<div class="main-news">') == 2  # the article's own, and one in a script
    assert '<form method="post"' in html
    assert 'href="https/t.me/' in html
    assert 'value="http://www.Fars-Online.ir/news/' in html


def test_lists_give_the_newest_articles_by_differently_spelt_links() -> None:
    html = Site(NEWSROOM, weight=0).respond("/").body.decode()
    found = re.findall(r'href="((?:https?://[\w.-]+)?/(?i:fa/news)/(\d+)/[^" >]*)', html)
    newest = [story.article_id for story in reversed(STORIES)][:40]
    assert [int(number) for _, number in found] == newest
    assert len({href.partition("/News")[0].partition("/news")[0].partition("/NEWS")[0] for href, _ in found}) >= 6
    assert re.search(r'href="[^"]*/\d+/[^">]*"[^">]+”', html)
    assert 'href="https/t.me/' in html


@pytest.mark.parametrize(
    "path", ["/Service/2/x", "/NewsAll/21/بازار", f"/newsall/21/{quote('بازار')}", "/Archive/آرشيو"]
)
def test_section_lists_hold_their_own_section(path: str) -> None:
    html = Site(NEWSROOM, weight=0).respond(path).body.decode()
    found = [NEWSROOM.story(int(number)) for number in re.findall(r"(?i)<h3><a href=\"[^\"]*?/news/(\d+)/", html)]
    assert len(found) == 30
    number = re.search(r"/(\d+)/", path)
    if number is not None:
        assert all(story is not None and int(number[1]) in story.section for story in found)


@pytest.mark.parametrize(
    "target",
    [
        "/Fa/News/1003/",
        "/fa/NEWS/1003",
        "/news/1003/",
        '/Fa/News/1003/"raw”-slug',
        f"/Fa/News/1003/{quote('سلام')}?x=1",
        "/fa/News/1003/https/t.me/https/t.me/x",
        "/incsys/prtnews.aspx?k=0&CODE=1003&l=Fa",
        "/Incsys/PrtNews.aspx?code=1003",
    ],
)
def test_an_id_is_found_in_every_form_of_address(target: str) -> None:
    assert article_id_of(target) == 1003


@pytest.mark.parametrize("target", ["/", "/Fa/News/", "/Fa/News/x", "/Incsys/PrtNews.aspx?k=1003", "/xnews/1003/"])
def test_other_addresses_have_no_id(target: str) -> None:
    assert article_id_of(target) is None


def test_each_of_the_three_kinds_of_gap_occurs_within_and_above_the_ids() -> None:
    site = Site(NEWSROOM, weight=0)
    inside = [at for at in range(1_000, NEWSROOM.newest_id) if NEWSROOM.story(at) is None]
    assert 100 < len(inside) < 230
    for ids in (inside, range(NEWSROOM.newest_id + 1, NEWSROOM.newest_id + 40), range(1, 40)):
        assert {NEWSROOM.gap(at) for at in ids} == set(GAPS)
        for at in ids:
            for target in (PRINT.format(at), f"/Fa/News/{at}/x"):
                response = site.respond(target)
                if NEWSROOM.gap(at) == "404":
                    assert response.status == 404
                elif NEWSROOM.gap(at) == "redirect":
                    assert (response.status, response.headers) == (302, (("Location", "/Error.aspx"),))
                else:
                    assert response.status == 200
                    assert b'<h1 class="title-news">\n</h1>' in response.body
    error = site.respond("/Error.aspx")
    assert error.status == 200
    assert "یافت نشد" in error.body.decode()


@pytest.mark.parametrize(
    ("robots", "status", "text"),
    [("allow", 200, "Disallow:\n"), ("disallow", 200, "Disallow: /\n"), ("error", 500, "")],
)
def test_robots_txt_says_what_was_asked(robots: str, status: int, text: str) -> None:
    response = Site(NEWSROOM, robots=robots).respond("/robots.txt")
    assert response.status == status
    assert response.body.decode().endswith(text)
    with pytest.raises(ValueError, match="robots must be"):
        Site(NEWSROOM, robots="maybe")


def test_revising_changes_one_paragraph_and_the_answers_with_it() -> None:
    newsroom = Newsroom(count=100)
    for article_id in newsroom.ids()[:40]:
        before = newsroom.story(article_id)
        assert before is not None
        bodies = {answers(before)["body"]}
        for revision in (1, 2):
            after = newsroom.revise(article_id)
            assert after == newsroom.story(article_id)
            assert after.revision == revision
            assert replace(after, paragraphs=before.paragraphs, revision=0) == before
            bodies.add(answers(after)["body"])
            assert answers(after)["body"].split("\n")[-1] in visible(
                Site(newsroom).respond(PRINT.format(article_id)).body.decode()
            )
        assert len(bodies) == 3
    with pytest.raises(LookupError):
        newsroom.revise(newsroom.newest_id + 1)


def test_publishing_hands_out_the_next_ids_and_changes_no_earlier_page() -> None:
    newsroom = Newsroom(count=60)
    site = Site(newsroom, weight=0)
    pages = {at: site.respond(f"/Fa/News/{at}/").body for at in newsroom.ids()}
    home = site.respond("/").body
    fresh = newsroom.publish(50)
    assert newsroom.newest_id == 1_109
    assert 40 <= len(fresh) <= 50
    assert {at: site.respond(f"/Fa/News/{at}/").body for at in pages} == pages
    assert site.respond("/").body != home
    assert str(max(fresh)).encode() in site.respond("/").body
    with pytest.raises(ValueError, match="at least one"):
        newsroom.publish(0)
