"""The replica of the first site: its stories and their answers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.items import FIELD_NAMES
from farscrawler.testing.newsroom import Newsroom, Story, answers, words
from farscrawler.testing.newsroom.story import PRINT_MARKUPS, SKINS
from tests.support.examples import examples
from tests.support.newsroom_tools import STORIES, stories_of


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
        assert re.fullmatch(r"SH (1397|1398|1399|1400|1401)/06/30 23:\d\d:\d\d", truth["published_jalali"])
        assert truth["published_precision"] == "second"
    assert all(answers(story)["published_at"] is not None for story in STORIES)


def test_no_article_falls_into_a_double_hour_unless_asked() -> None:
    options: dict[str, Any] = {"start": "1399-06-29", "per_day": 480, "count": 1_400}
    hours = {
        edges: Counter(
            truth["published_at"] is None for truth in map(answers, stories_of(Newsroom(**options, dst_edges=edges)))
        )
        for edges in (False, True)
    }
    assert hours[False][True] == 0
    assert hours[True][True] > 30
    days = [story.published.date() for story in stories_of(Newsroom(**options))]
    assert len(set(days)) == 4


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


def test_the_answers_need_nothing_of_the_readers() -> None:
    """Only the table of time zones is shared with them, which tests/test_zones.py holds against Tehran's history."""
    code = (
        "import sys, farscrawler.testing.newsroom, farscrawler.testing.newsroom.truth\n"
        "mine = [n for n in sys.modules if n.startswith('farscrawler.')]\n"
        "print(sorted(n for n in mine if not n.startswith('farscrawler.testing')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(done.stdout)) <= {"farscrawler._version", "farscrawler.errors", "farscrawler.zones"}


def test_the_answers_are_fields_of_the_schema_in_its_order() -> None:
    for form in ("print", "article"):
        names = list(answers(STORIES[0], form))
        assert names == [name for name in FIELD_NAMES if name in names]
    with pytest.raises(ValueError, match="form must be"):
        answers(STORIES[0], "rss")


@given(article_id=st.integers(1_000, 400_000), seed=st.integers(0, 2**31))
@examples(150)
def test_answers_agree_with_themselves(article_id: int, seed: int) -> None:
    newsroom = Newsroom(seed, first_id=article_id, count=399_001, gap_rate=0.0)
    story = newsroom.story(article_id)
    assert story is not None
    truth, other = answers(story, "print"), answers(story, "article")
    for name in ("kicker", "headline", "dateline", "lead", "body", "published_at", "published_jalali"):
        assert truth[name] == other[name]
    _, day, clock = truth["published_jalali"].split(" ")
    instant = datetime.fromisoformat(truth["published_at"])
    assert instant == story.published
    assert jdatetime.date(*map(int, day.split("/"))).togregorian() == instant.date()
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
