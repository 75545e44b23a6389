"""Captures that wait to be asked for: the newest of each content first, and those known to be no good."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from farscrawler.archive import Archive
from farscrawler.archive.captures import ListedCaptures, RejectedCaptures
from farscrawler.frontier.id_ranges import parse_ids
from farscrawler.frontier.web_archive import older, target_of
from farscrawler.webarchives.capture import Capture
from tests.support.examples import examples
from tests.support.webarchives import CAPTURE, FARSONLINE, URL

if TYPE_CHECKING:
    from pathlib import Path


@examples(60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["print", "article"]),
            st.integers(0, 9),
            st.sampled_from(["X", "Y", None]),
        ),
        max_size=30,
    ),
    st.sampled_from([None, "print", "article"]),
    st.integers(1, 4),
)
def test_listed_captures_keep_the_newest_of_each_content(
    taken: list[tuple[str, str, int, str | None]], form: str | None, limit: int
) -> None:
    captures = [
        (key, form_, Capture(f"http://{key}", f"202{at}", f"s{number}", digest))
        for number, (key, form_, at, digest) in enumerate(taken)
    ]
    listed = ListedCaptures()
    listed.add(captures)
    assert [key for keys in listed.article_ids() for key in keys] == sorted({key for key, _, _ in captures})
    assert listed.count() == len({key for key, _, _ in captures})
    for key in "abc":
        newest: dict[str, tuple[str, Capture]] = {}
        for other, form_, capture in captures:
            content = capture.digest or capture.source
            if other == key and (
                content not in newest
                or (capture.at, capture.source) > (newest[content][1].at, newest[content][1].source)
            ):
                newest[content] = (form_, capture)
        expected = sorted(newest.values(), key=lambda one: (one[0] == form, one[1].at, one[1].source), reverse=True)
        assert listed.newest(key, form=form, limit=limit) == [capture for _, capture in expected][:limit]
    listed.close()


def test_captures_that_are_no_good_are_known_again(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        tried = RejectedCaptures(archive, "farsonline")
        tried.add("7", source="s1", source_at="t", outcome="blocked", reason="wall", at="t")
        tried.add("7", source="s1", source_at="t", outcome="missing", reason="soft 404", at="u")
        assert tried.among(["s1", "s2"]) == {"s1"}
        assert RejectedCaptures(archive, "yjc").among(["s1"]) == set()
        assert archive.db.execute("SELECT key, outcome, reason FROM captures").fetchall() == [
            ("7", "missing", "soft 404")
        ]


def test_where_no_address_can_be_made_of_the_id_the_captured_one_stays() -> None:
    newer, first = replace(CAPTURE, at="2021-01-01T00:00:00+00:00"), CAPTURE
    target = target_of(FARSONLINE, "7", (newer, first))
    assert (target.url, target.form, target.source_at) == (None, "article", newer.at)
    form = replace(FARSONLINE.forms["article"], url=None)
    slugs = replace(FARSONLINE, forms=MappingProxyType({"article": form}), default_form="article")
    target = target_of(slugs, "7", (newer, first))
    assert target.url == URL
    following = older(slugs, target)
    assert following is not None
    assert (following.source_at, following.captures) == (first.at, (first,))
    assert older(slugs, following) is None


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=6), st.integers(0, 70))
def test_an_id_is_among_those_asked_for_or_not(spans: list[tuple[int, int]], number: int) -> None:
    ids = parse_ids(",".join(f"{a}-{b}" for a, b in spans))
    assert (number in ids) == (number in list(ids))
