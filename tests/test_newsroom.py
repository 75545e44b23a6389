"""The replica of the first site: its stories, its answers, its pages, and what its server does over a real socket."""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import unicodedata
import zlib
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urljoin

import jdatetime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from farscrawler.commands.newsroom import Command
from farscrawler.items import FIELD_NAMES
from farscrawler.newsroom import Faults, Newsroom, Server, Story, answers, hostile, words
from farscrawler.newsroom.faults import CHARSETS, CODINGS, FAILURES, NAMES, Dice
from farscrawler.newsroom.press import GAPS
from farscrawler.newsroom.site import Site, article_id_of
from farscrawler.newsroom.story import PRINT_MARKUPS, SKINS
from farscrawler.newsroom.truth import folded

if TYPE_CHECKING:
    from collections.abc import Iterator


def stories_of(newsroom: Newsroom) -> list[Story]:
    return [story for at in newsroom.ids() if (story := newsroom.story(at)) is not None]


NEWSROOM = Newsroom()
STORIES = stories_of(NEWSROOM)
PRINT = "/Incsys/PrtNews.aspx?l=Fa&code={}&k=0"


class Raw(NamedTuple):
    """What came over a socket until it closed: head, body, and whether the connection was reset."""

    head: str
    body: bytes
    reset: bool

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        found = re.search(rf"^{name}: (.*)$", self.head, re.MULTILINE | re.IGNORECASE)
        return found[1].strip() if found else None


def raw_get(server: Server, target: str, *headers: str, method: str = "GET", limit: int = 10**9) -> Raw:
    data, reset = b"", False
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        lines = [f"{method} {target} HTTP/1.1", "Host: www.Fars-Online.ir", "Connection: close", *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        try:
            while len(data) < limit and (block := client.recv(65_536)):
                data += block
        except ConnectionResetError:
            reset = True
    head, _, body = data.partition(b"\r\n\r\n")
    return Raw(head.decode("latin-1"), body, reset)


def visible(html: str) -> str:
    """The text of a page with neither scripts nor comments, every tag a line break, whitespace folded."""
    html = re.sub(r"(?s)<!--.*?-->|<(script|style|head)\b.*?</\1>", "\n", html)
    return "\n".join(folded(unescape(line)) for line in re.sub(r"<[^<>]+>", "\n", html).split("\n"))


# Stories


def test_the_same_numbers_make_the_same_stories() -> None:
    again = Newsroom()
    backwards = [again.story(story.article_id) for story in reversed(STORIES)]
    assert backwards[::-1] == STORIES
    other = Newsroom(seed=7)
    assert sum(other.story(story.article_id) != story for story in STORIES) == len(STORIES)


def test_a_story_does_not_depend_on_how_many_were_published_at_once() -> None:
    small, large = Newsroom(count=500, per_day=155), Newsroom(count=5_000, per_day=155)
    assert all(small.story(at) == large.story(at) for at in small.ids())


@pytest.mark.parametrize("options", [{}, {"dst_edges": True}, {"per_day": 155}, {"per_day": 5000, "count": 4000}])
def test_timestamps_rise_strictly_with_the_ids(options: dict[str, Any]) -> None:
    newsroom = Newsroom(**options)
    newsroom.publish(300)
    found = [story.published for story in stories_of(newsroom)]
    assert len(found) > 2_000
    assert all(one < two for one, two in pairwise(found))


def test_the_days_cover_summer_time_and_the_years_after_it() -> None:
    offsets = Counter[tuple[int, str]]()
    for story in STORIES:
        at = answers(story)["published_at"]
        assert at is not None
        offsets[int(at[:4]), at[-6:]] += 1
    assert STORIES[0].published.isoformat() < "2017-10-22T12"
    assert {year for year, offset in offsets if offset == "+04:30"} == {2018, 2019, 2020, 2021, 2022}
    assert offsets[2023, "+03:30"] > 100
    assert offsets[2024, "+03:30"] > 100
    assert STORIES[-1].published.isoformat() < "2025-04-30"


def test_articles_after_the_first_ones_follow_at_the_sites_own_pace() -> None:
    newsroom = Newsroom()
    before = newsroom.newest(1)[0].published
    newsroom.publish(1_550)
    assert timedelta(days=9) < newsroom.newest(1)[0].published - before < timedelta(days=12)


def test_a_double_hour_keeps_its_jalali_time_and_has_no_instant() -> None:
    newsroom = Newsroom(dst_edges=True)
    doubtful = [
        truth
        for at in newsroom.ids()
        if (story := newsroom.story(at)) is not None and (truth := answers(story))["published_at"] is None
    ]
    # One for each autumn from 1397 to 1401, gaps of the ids apart.
    assert len(doubtful) >= 3
    for truth in doubtful:
        assert re.fullmatch(r"(1397|1398|1399|1400|1401)-06-30T23:\d\d:\d\d", truth["published_jalali"])
        assert truth["published_precision"] == "second"
    assert all(answers(story)["published_at"] is not None for story in STORIES)


@pytest.mark.parametrize("day", ["1396-13-01", "1396-07-31x", "yesterday", "1400-12-30", ""])
def test_a_day_that_does_not_exist_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="not a Jalali day"):
        Newsroom(start=day)


@pytest.mark.parametrize(
    "options",
    [{"count": 0}, {"first_id": 0}, {"gap_rate": 1.0}, {"gap_rate": -0.1}, {"markup": "frames"}, {"count": 10**9}],
)
def test_numbers_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|do not fit"):
        Newsroom(**options)


def test_every_quirk_occurs_in_two_thousand_ids() -> None:
    quirks = Counter(quirk for story in STORIES for quirk in story.quirks)
    expected = [
        "headline-plain",
        "headline-quotes",
        "headline-special",
        "headline-date",
        "headline-short",
        "headline-double-space",
        "text-lead",
        "text-single",
        "text-plain",
        "text-bare",
        "dateline-city",
        "short-body",
        "usual-body",
        "long-body",
        "farsi-yeh",
        "arabic-yeh",
        "zwnj-kept",
        "zwnj-spaced",
        "zwnj-glued",
        "digits-ascii",
        "digits-persian",
        "digits-arabic",
        "nbsp-inside",
        "double-space",
        "html-special",
    ]
    assert set(quirks) == set(expected)
    assert min(quirks.values()) >= 40, quirks


def test_the_quirks_are_in_the_text_and_not_only_said() -> None:
    def text(story: Story) -> str:
        return " ".join((story.headline, story.kicker or "", story.opening or "", *story.paragraphs))

    marks = {
        "nbsp-inside": "\u00a0",
        "double-space": "  ",
        "html-special": "&",
        "arabic-yeh": "ي",
        "headline-quotes": '"',
    }
    for quirk, mark in marks.items():
        assert all(mark in text(story) for story in STORIES if quirk in story.quirks), quirk
    assert any("”" in story.headline and '"' in story.headline for story in STORIES)
    assert any("\u200c" in text(story) for story in STORIES if "zwnj-kept" in story.quirks)
    assert not any("\u200c" in text(story) for story in STORIES if "zwnj-kept" not in story.quirks)
    assert all(
        "  " in story.headline and "--" in story.slug for story in STORIES if "headline-double-space" in story.quirks
    )
    for name, digits in (("persian", "۰۱۲۳۴۵۶۷۸۹"), ("arabic", "٠١٢٣٤٥٦٧٨٩")):
        assert any(set(digits) & set(text(story)) for story in STORIES if f"digits-{name}" in story.quirks)
        assert any(set(digits) & set(story.print_timestamp) for story in STORIES)


def test_every_layout_markup_and_skin_occurs_with_its_marks() -> None:
    assert Counter(story.layout for story in STORIES).keys() == {"1396", "1401", "1404"}
    assert Counter(story.print_markup for story in STORIES).keys() == set(PRINT_MARKUPS)
    assert Counter(story.skin for story in STORIES).keys() == set(SKINS)
    early = [story for story in STORIES if story.layout == "1396"]
    for mark in ("AM", "PM", "ق.ظ", "ب.ظ"):
        assert any(story.print_timestamp.endswith(mark) for story in early)
    assert any(story.agency for story in early)
    late = [story for story in STORIES if story.layout == "1404"]
    assert all(story.kicker is None and len(story.paragraphs) == 1 and story.end_mark is None for story in late)
    assert any(story.dateline is None for story in late)
    assert any(story.dateline is not None for story in late)
    usual = [story for story in STORIES if story.layout == "1401"]
    assert {story.end_mark for story in usual} == {None, *words.END_MARKS}
    assert {story.kicker is None for story in usual} == {True, False}
    assert {story.separator for story in STORIES if story.dateline} == set(words.SEPARATORS)


def test_the_markup_can_be_fixed() -> None:
    newsroom = Newsroom(markup="table", count=50)
    assert {story.print_markup for at in newsroom.ids() if (story := newsroom.story(at)) is not None} == {"table"}


# Answers


def test_the_answers_need_nothing_of_the_readers() -> None:
    code = (
        "import sys, farscrawler.newsroom, farscrawler.newsroom.truth\n"
        "mine = [n for n in sys.modules if n.startswith('farscrawler.')]\n"
        "print([n for n in mine if not n.startswith('farscrawler.newsroom')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_answers_are_fields_of_the_schema_in_its_order() -> None:
    for form in ("print", "article"):
        names = list(answers(STORIES[0], form))
        assert names == [name for name in FIELD_NAMES if name in names]
    with pytest.raises(ValueError, match="form must be"):
        answers(STORIES[0], "rss")


@given(article_id=st.integers(1_000, 400_000), seed=st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_answers_agree_with_themselves(article_id: int, seed: int) -> None:
    newsroom = Newsroom(seed, first_id=article_id, count=399_001, gap_rate=0.0)
    story = newsroom.story(article_id)
    assert story is not None
    truth, other = answers(story, "print"), answers(story, "article")
    for name in ("kicker", "headline", "dateline", "lead", "body", "published_at", "published_jalali"):
        assert truth[name] == other[name]
    day, _, clock = truth["published_jalali"].partition("T")
    instant = datetime.fromisoformat(truth["published_at"])
    assert instant == story.published
    assert jdatetime.date(*map(int, day.split("-"))).togregorian() == instant.date()
    assert clock == f"{instant:%H:%M:%S}"
    for text in (truth["kicker"], truth["headline"], truth["lead"], *truth["body"].split("\n")):
        assert text is None or (text == text.strip(" \u00a0") and "  " not in text and "\n" not in text and text)
    assert truth["lead"] is None or not truth["lead"].startswith(truth["dateline"])


def test_a_lone_paragraph_is_body_with_its_dateline() -> None:
    lone = [story for story in STORIES if "text-single" in story.quirks and story.dateline]
    for story in lone:
        truth = answers(story)
        assert truth["lead"] is None
        assert "\n" not in truth["body"]
        assert truth["body"].startswith(truth["dateline"])


def test_a_dateline_alone_is_neither_lead_nor_body() -> None:
    for story in (story for story in STORIES if "text-bare" in story.quirks):
        truth = answers(story)
        assert truth["lead"] is None
        assert truth["dateline"]
        assert not truth["body"].startswith(truth["dateline"])


# Pages


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


# Change


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


# The server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Newsroom(), weight=0) as running:
        yield running


def with_faults(**faults: Any) -> Server:
    return Server(Newsroom(count=300), Faults(**faults), weight=20_000)


def good_page(target: str) -> bytes:
    return Site(Newsroom(count=300), weight=20_000).respond(target).body


FIRST = NEWSROOM.ids()[0]


def test_one_connection_serves_many_requests_pipelined_too(server: Server) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    sockets = set()
    for story in STORIES[:30]:
        client.request("GET", PRINT.format(story.article_id))
        response = client.getresponse()
        assert story.permalink in unescape(response.read().decode())
        sockets.add(id(client.sock))
    client.close()
    assert len(sockets) == 1
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        request = f"GET {PRINT.format(FIRST)} HTTP/1.1\r\nHost: any.example\r\n"
        raw.sendall(f"{request}\r\n{request}\r\n{request}Connection: close\r\n\r\n".encode())
        data = b"".join(iter(lambda: raw.recv(65_536), b""))
    assert data.count(b"HTTP/1.1 200 OK") == 3


def test_requests_are_logged_and_counted() -> None:
    with Server(Newsroom(count=50), weight=0) as one:
        raw_get(one, "/Fa/News/1/x")
        raw_get(one, PRINT.format(FIRST))
        raw_get(one, "/nowhere", method="HEAD")
        assert one.requests[1:] == [("GET", PRINT.format(FIRST), 200), ("HEAD", "/nowhere", 404)]
        assert (one.count(), one.count("/Incsys/"), one.count("/x")) == (3, 1, 0)
        assert one.stats()["kinds"] == {"article": 1, "other": 1, "print": 1}


def test_head_has_no_body_and_other_methods_are_refused(server: Server) -> None:
    answer = raw_get(server, PRINT.format(FIRST), method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.header("Content-Length") or 0) > 500
    assert raw_get(server, "/", method="DELETE").status == 405


@pytest.mark.parametrize("noise", [b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / SPDY/1\r\n\r\n"])
def test_what_is_no_request_is_answered_400(server: Server, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(noise)
        assert raw.recv(1_000).startswith(b"HTTP/1.1 400 ")


def test_an_endless_head_ends_the_connection(server: Server) -> None:
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=10) as raw, pytest.raises(OSError, match=r"reset|pipe"):
        raw.sendall(b"x" * 50_000_000)


def test_the_trap_is_always_the_same_article(server: Server) -> None:
    url = f"/fa/News/{FIRST}/slug"
    page = raw_get(server, url).body
    for _ in range(5):
        trap = re.search(rb'href="(https/t\.me/[^"]*)"', raw_get(server, url).body)
        assert trap is not None
        deeper = urljoin(url, trap[1].decode())
        assert len(deeper) > len(url)
        url = deeper
        assert raw_get(server, url).body == page


def test_a_conditional_request_is_answered_304_until_the_article_changes() -> None:
    with Server(Newsroom(count=50), weight=0) as one:
        target = PRINT.format(FIRST)
        first = raw_get(one, target)
        etag, modified = first.header("ETag"), first.header("Last-Modified")
        assert etag
        assert modified
        assert parsedate_to_datetime(modified) == stories_of(one.newsroom)[0].published
        assert raw_get(one, target, f"If-None-Match: {etag}").status == 304
        assert raw_get(one, target, f"If-Modified-Since: {modified}").status == 304
        assert raw_get(one, target, "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT").status == 200
        assert raw_get(one, target, "If-Modified-Since: yesterday").status == 200
        assert raw_get(one, target, 'If-None-Match: "x"', f"If-Modified-Since: {modified}").status == 200
        one.newsroom.revise(FIRST)
        changed = raw_get(one, target, f"If-None-Match: {etag}")
        assert changed.status == 200
        assert changed.header("ETag") != etag
        assert raw_get(one, target, f"If-Modified-Since: {modified}").status == 200
    with Server(Newsroom(count=50), weight=0, validators=False) as one:
        answer = raw_get(one, target, f"If-None-Match: {etag}")
        assert (answer.status, answer.header("ETag"), answer.header("Last-Modified")) == (200, None, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "8.8.8.8", "example.org", ""])  # noqa: S104  # refused
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Server(Newsroom(count=1), host=host)


def test_a_taken_port_is_an_error_at_once(server: Server) -> None:
    with pytest.raises(OSError, match="in use"), Server(Newsroom(count=1), port=server.port):
        pytest.fail("two servers hold one port")


# Faults


def test_503_and_429_say_so() -> None:
    with with_faults(unavailable=1) as one:
        assert raw_get(one, PRINT.format(FIRST)).status == 503
    forms = set()
    with with_faults(too_many=1, retry_after=7) as one:
        for at in range(FIRST, FIRST + 12):
            answer = raw_get(one, PRINT.format(at))
            assert answer.status == 429
            after = answer.header("Retry-After")
            assert after is not None
            if after.isdigit():
                forms.add("seconds")
                assert after == "7"
            else:
                forms.add("date")
                assert parsedate_to_datetime(after).tzinfo is not None
    assert forms == {"seconds", "date"}


def test_a_reset_comes_before_a_byte_or_in_the_middle_of_the_body() -> None:
    target = f"/Fa/News/{FIRST}/"
    with with_faults(reset_early=1) as one:
        assert raw_get(one, target) == Raw("", b"", reset=True)
    with with_faults(reset_midway=1) as one:
        answer = raw_get(one, target)
    assert answer.reset
    assert 0 < len(answer.body) < int(answer.header("Content-Length") or 0)
    assert good_page(target).startswith(answer.body)


def test_a_cut_body_is_shorter_than_its_length_or_has_none() -> None:
    target = f"/Fa/News/{FIRST}/"
    for fault in ("cut", "cut_silently"):
        with with_faults(**{fault: 1}) as one:
            answer = raw_get(one, target)
        assert not answer.reset
        assert 0 < len(answer.body) < len(good_page(target))
        assert good_page(target).startswith(answer.body)
        length = answer.header("Content-Length")
        assert length == (str(len(good_page(target))) if fault == "cut" else None)


def test_a_stall_sends_the_head_and_nothing_more() -> None:
    with with_faults(stall=1, stall_seconds=0.2) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    assert answer.status == 200
    assert int(answer.header("Content-Length") or 0) > 0
    assert answer.body == b""


def test_a_drip_delivers_everything_and_the_connection_goes_on() -> None:
    with with_faults(drip=1, drip_seconds=0.1) as one:
        client = http.client.HTTPConnection("127.0.0.1", one.port, timeout=10)
        for at in Newsroom(count=300).ids()[:2]:
            client.request("GET", PRINT.format(at))
            assert client.getresponse().read() == good_page(PRINT.format(at))
        client.close()


def test_the_page_comes_in_windows_1256_or_under_a_label_that_is_none_or_missing() -> None:
    for target in (PRINT.format(FIRST), f"/Fa/News/{FIRST}/", "/"):
        page = good_page(target).decode()
        with with_faults(cp1256=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html; charset=windows-1256"
        assert "ی" not in answer.body.decode("cp1256")
        expected = page.replace("charset=utf-8", "charset=windows-1256")
        assert unescape(answer.body.decode("cp1256")) == unescape(expected)
        with with_faults(odd_label=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html; charset=windows-utf-8"
        assert answer.body.decode() == page.replace("charset=utf-8", "charset=windows-utf-8")
        with with_faults(no_label=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html"
        assert answer.body.decode() == page.replace("; charset=utf-8", "")


def test_the_page_comes_packed_only_for_who_accepts_it() -> None:
    target = PRINT.format(FIRST)
    for coding, unpack in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        with with_faults(**{coding: 1}) as one:
            answer = raw_get(one, target, "Accept-Encoding: gzip, deflate")
            assert answer.header("Content-Encoding") == coding
            assert unpack(answer.body) == good_page(target)
            plain = raw_get(one, target)
            assert plain.header("Content-Encoding") is None
            assert plain.body == good_page(target)


def test_a_challenge_is_a_page_at_200_in_presentation_forms() -> None:
    with with_faults(challenge=1) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    text = answer.body.decode()
    assert answer.status == 200
    assert len(answer.body) < 5_000
    assert "در حال انتقال به سایت" not in text
    assert "در حال انتقال به سایت مورد نظر هستید" in unicodedata.normalize("NFKC", text)
    assert (answer.header("Set-Cookie") or "").startswith("__arcsjsc=")


def test_the_type_is_wrong_or_the_redirect_leads_elsewhere() -> None:
    with with_faults(wrong_type=1) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    assert not (answer.header("Content-Type") or "").startswith("text/html")
    assert answer.body == good_page(PRINT.format(FIRST))
    with with_faults(off_site=1) as one:
        places = {raw_get(one, PRINT.format(at)).header("Location") for at in range(FIRST, FIRST + 12)}
    assert places == {"http://127.0.0.1:1/", "http://example.invalid/"}


@pytest.mark.parametrize("fault", FAILURES)
def test_after_patience_failures_in_a_row_an_address_answers(fault: str) -> None:
    for patience in (0, 1, 3):
        dice = Dice(replace(Faults.parse(f"{fault}=1"), patience=patience))
        drawn = [dice.draw("/x").failure for _ in range(2 * patience + 2)]
        assert drawn == 2 * [*[fault] * patience, None]


def test_draws_depend_on_seed_address_and_attempt_alone() -> None:
    targets = [f"/{at}" for at in range(200)]

    def draws(seed: int, order: list[str]) -> dict[str, list[str | None]]:
        dice = Dice(replace(Faults.parse("all=0.05"), seed=seed))
        return {target: [dice.draw(target).failure for _ in range(4)] for target in order}

    assert draws(1, targets) == draws(1, targets[::-1])
    assert draws(1, targets) != draws(2, targets)
    assert len({tuple(drawn) for drawn in draws(1, targets).values()}) > 10


def test_each_fault_is_drawn_about_as_often_as_asked() -> None:
    dice = Dice(Faults.parse("all=0.04,patience=1000"))
    drawn: Counter[str | None] = Counter()
    for at in range(5_000):
        draw = dice.draw(f"/{at}")
        drawn.update((draw.failure, draw.charset, draw.coding, "drip" if draw.drip else None))
    assert set(drawn) == {None, *NAMES}
    assert all(140 < drawn[name] < 260 for name in NAMES), drawn


def test_robots_txt_is_never_spoilt() -> None:
    with with_faults(unavailable=1) as one:
        assert raw_get(one, "/robots.txt").status == 200


def test_faults_are_read_from_one_word_or_a_list() -> None:
    assert {name: getattr(Faults.parse("all"), name) for name in NAMES} == dict.fromkeys(NAMES, 0.03)
    assert Faults.parse("cut=0.5, seed=9,stall_seconds=0.1") == Faults(cut=0.5, seed=9, stall_seconds=0.1)
    assert Faults.parse("all=0.01,cut=0.1") == replace(Faults.parse("all=0.01"), cut=0.1)


@pytest.mark.parametrize(
    "text",
    ["", "cut", "cut=often", "cut=2", "cut=-1", "rain=0.1", "cut=0.6,stall=0.6", "all=0.2", "patience=-1", "cut=nan"],
)
def test_bad_faults_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|number|no such|needs|negative|named|sum"):
        Faults.parse(text)


def test_the_groups_name_every_fault_once() -> None:
    assert sorted(NAMES) == sorted({*FAILURES, *CHARSETS, *CODINGS, "drip"})


# Control and hostile answers


def test_control_paths_publish_revise_and_count() -> None:
    with Server(Newsroom(count=50), weight=0, control=True) as one:

        def ask(target: str) -> tuple[int, dict[str, object]]:
            answer = raw_get(one, target)
            return answer.status, json.loads(answer.body)

        raw_get(one, PRINT.format(FIRST))
        raw_get(one, "/")
        status, published = ask("/-/publish?n=5")
        assert (status, published["newest_id"]) == (200, 1_054)
        assert one.newsroom.newest_id == 1_054
        assert ask(f"/-/revise?id={FIRST}") == (200, {"article_id": FIRST, "revision": 1})
        status, stats = ask("/-/stats")
        assert stats["kinds"] == {"home": 1, "print": 1}
        assert (stats["requests"], stats["first_id"], stats["newest_id"]) == (2, 1_000, 1_054)
        assert ask("/-/publish?n=0")[0] == 400
        assert ask("/-/publish?n=x")[0] == 400
        assert ask("/-/publish?n=99999999")[0] == 400
        assert ask("/-/revise?id=5")[0] == 404
        assert ask("/-/revise")[0] == 400
        assert ask("/-/other")[0] == 404


def test_without_control_its_paths_do_not_exist(server: Server) -> None:
    newest = server.newsroom.newest_id
    assert raw_get(server, "/-/publish?n=5").status == 404
    assert raw_get(server, "/-/hostile/bomb").status == 404
    assert server.newsroom.newest_id == newest


def test_the_bomb_unpacks_to_far_more_than_it_weighs() -> None:
    with Server(Newsroom(count=1), control=True) as one:
        answer = raw_get(one, "/-/hostile/bomb")
    assert answer.header("Content-Encoding") == "gzip"
    assert len(answer.body) < hostile.BOMB_BYTES / 500
    unpacker = zlib.decompressobj(wbits=31)
    assert len(unpacker.decompress(answer.body, 1024 * 1024)) == 1024 * 1024
    assert len(answer.body) // len(gzip.compress(b"<p> " * 262_144, 9, mtime=0)) == hostile.BOMB_BYTES // 1024**2


def test_the_endless_body_goes_on_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Newsroom(count=1), control=True) as one:
        some = raw_get(one, "/-/hostile/endless", limit=2_000_000)
        assert len(some.body) > 1_900_000
        assert some.header("Content-Length") is None
        monkeypatch.setattr(hostile, "ENDLESS_BYTES", 300_000)
        whole = raw_get(one, "/-/hostile/endless")
        assert 200_000 < len(whole.body) < 400_000


def test_floods_of_cookies_and_headers() -> None:
    with Server(Newsroom(count=1), control=True) as one:
        assert raw_get(one, "/-/hostile/cookies").head.count("Set-Cookie: ") == hostile.COOKIES
        assert raw_get(one, "/-/hostile/headers").head.count("X-Flood-") == hostile.HEADERS


def test_an_article_can_be_made_hostile() -> None:
    with Server(Newsroom(count=5), hostile={1_002: "cookies"}) as one:
        assert "Set-Cookie" in raw_get(one, PRINT.format(1_002)).head
        assert "Set-Cookie" in raw_get(one, "/Fa/News/1002/x").head
        assert "Set-Cookie" not in raw_get(one, PRINT.format(1_001)).head
    with pytest.raises(ValueError, match="no such hostile"):
        Server(Newsroom(count=5), hostile={1: "rude"})


# The command


def start(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "farscrawler", "newsroom", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    port_file = tmp_path / "port"
    process = start("--port", "0", "--count", "40", "--first-id", "7", "--control", "--port-file", str(port_file))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(port_file.read_text())
        assert f"http://127.0.0.1:{port} " in line
        assert f"farscrawler crawl farsonline -a base_url=http://127.0.0.1:{port}" in line
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/-/stats")
        assert json.load(client.getresponse())["newest_id"] == 46
        process.send_signal(ending)
        assert process.wait(20) == 0
        client.close()
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_a_sentence_and_exit_code_1(server: Server) -> None:
    process = start("--port", str(server.port))
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.strip() == f"farscrawler: port {server.port} is in use; try --port 0"


def test_a_bad_value_is_a_sentence_and_exit_code_2() -> None:
    process = start("--count", "many")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "--count must be a whole number" in errors


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("port", "70000"),
        ("port", "-1"),
        ("seed", "x"),
        ("first_id", "0"),
        ("count", "1.5"),
        ("weight", "-1"),
        ("faults", "rain=1"),
    ],
)
def test_bad_values_are_usage_errors(option: str, value: str) -> None:
    given_options = {
        "port": "0",
        "count": "5",
        "first_id": "1",
        "seed": "1",
        "weight": "0",
        "faults": None,
        "control": False,
        "port_file": None,
    }
    with pytest.raises(UsageError):
        Command().run([], argparse.Namespace(**given_options | {option: value}))
    with pytest.raises(UsageError):
        Command().run(["extra"], argparse.Namespace(**given_options))


def test_the_docs_name_every_option_fault_and_hostile_kind() -> None:
    docs = (Path(__file__).resolve().parents[1] / "docs" / "newsroom.md").read_text(encoding="utf-8")
    parser = argparse.ArgumentParser(add_help=False)
    command = Command()
    command.settings = Settings()
    command.add_options(parser)
    group = next(each for each in parser._action_groups if each.title == "Newsroom")
    options = {action.option_strings[0] for action in group._group_actions}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", docs, re.MULTILINE))
    named = set(re.findall(r"`([a-z_0-9]+)`", "".join(re.findall(r"^\| (`[a-z_0-9`, ]+`) \|", docs, re.MULTILINE))))
    assert named == set(NAMES)
    assert set(re.findall(r"/-/hostile/([a-z]+)", docs)) == set(hostile.KINDS)
