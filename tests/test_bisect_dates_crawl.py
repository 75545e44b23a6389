"""Whole crawls of ranges: a newsroom of 200,000 ids out of order, killed processes, files that must be exact."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from farscrawler.days import parse_date_range
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, run
from tests.support.killing import Hold, kill_on_hold
from tests.support.rangecrawls import Truth, asked, assert_exact, five_years

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_RUN_SECONDS = 120
#: Weight of the home page; print pages have none.
_WEIGHT = 5_000


def words(since: str, until: str) -> tuple[str, ...]:
    """Return the words that ask for a range and its export."""
    return ("-a", f"since={since}", "-a", f"until={until}", "-O", "news.jsonl")


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(five_years())


def test_two_days_of_five_years_are_exact_and_the_two_after_them_cost_less(tmp_path: Path, truth: Truth) -> None:
    costs = []
    with Server(truth.newsroom, weight=_WEIGHT) as server:
        for since, until in (("1400-01-06", "1400-01-07"), ("1400-01-08", "1400-01-09")):
            before = len(server.requests)
            done = crawl(server.url, *words(since, until), cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            wanted = assert_exact(tmp_path, truth, parse_date_range(since, until), "news.jsonl")
            assert f"{len(wanted):,} articles, in ids {wanted[0]:,} – {wanted[-1]:,}, and " in done.stderr
            requests = len(server.requests) - before  # robots.txt and the home page too
            inside = sum(wanted[0] <= number <= wanted[-1] for number in asked(server, before))
            costs.append(requests - inside)
        assert set(Counter(asked(server)).values()) == {1}
    assert costs[0] <= 60
    assert costs[1] <= 0.7 * costs[0]
    # Wrong dates lie between these ids, and are stored, and in no range.
    assert any(truth.newsroom.is_wild(number) for number in asked(server))


def test_a_range_in_the_future_asks_nothing_and_a_site_that_is_down_is_owed(tmp_path: Path) -> None:
    done = crawl("http://127.0.0.1:9", "-a", "since=1480", cwd=tmp_path)
    assert (done.returncode, "lies in the future" in done.stderr) == (0, True), done.stderr
    done = crawl("http://127.0.0.1:9", "-a", "since=1400", cwd=tmp_path, RETRY_TIMES=0)
    assert done.returncode == 3


def test_a_negative_margin_is_a_bad_setting(tmp_path: Path) -> None:
    done = crawl("http://127.0.0.1:9", "-a", "since=1400", cwd=tmp_path, RANGE_MARGIN_HOURS=-1)
    assert (done.returncode, "RANGE_MARGIN_HOURS" in done.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--disorder=-1", "--disorder=many", "--wild=2"])
def test_a_bad_newsroom_option_is_a_sentence(tmp_path: Path, option: str) -> None:
    done = run("newsroom", "--port", "0", option, cwd=tmp_path)
    assert done.returncode == 2
    assert option.split("=", maxsplit=1)[0].strip("-") in done.stderr


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_while_probing_inside_and_in_the_margins(tmp_path: Path, truth: Truth, seed: int) -> None:
    """Kill -9 at a random moment of each stage: in the end nothing is lost, doubled or wrong."""
    dice = random.Random(seed)
    span = parse_date_range("1399-08-10", "1399-08-10")
    ids = truth.within(span)
    own = range(ids[0], ids[-1] + 1)

    def articles(number: int) -> Callable[[list[int]], bool]:
        return lambda seen: len(seen) >= number

    def left(number: int) -> Callable[[list[int]], bool]:
        return lambda seen: len(own) - len(set(seen) & set(own)) <= number

    stages = [
        articles(dice.randint(1, 8)),  # while probing
        articles(dice.randint(8, 14)),  # while probing, or just inside
        left(dice.randint(20, len(own) - 40)),  # inside
        left(dice.randint(1, 8)),  # in the margins: they begin well within the range, where the search has ended
        left(0),  # beyond the last article
    ]
    kills = 0
    with Server(truth.newsroom, weight=_WEIGHT) as server:
        crawled = crawl_words(server.url, *words("1399-08-10", "1399-08-10"), settings={"DOWNLOAD_DELAY": 0.01})
        for stage in stages:
            hold = Hold(server.site, "respond", partial(_has_come, server, stage))
            kills += kill_on_hold(hold, *crawled, cwd=tmp_path)
        done = run(*crawled, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        wanted = assert_exact(tmp_path, truth, span, "news.jsonl")
        times = Counter(asked(server))
        assert kills >= len(stages) - 1  # beyond the last article there may be nothing left to ask
        assert all(number in times for number in range(wanted[0], wanted[-1] + 1))
        # In flight or in an open batch at each kill; the archive commits 50 rows at once, or every two seconds.
        assert sum(times.values()) - len(times) <= kills * (50 + 2 * 8)


def _has_come(server: Server, stage: Callable[[list[int]], bool]) -> bool:
    return stage(asked(server))


def test_a_newsroom_out_of_order_answers_as_it_prints() -> None:
    newsroom = Newsroom(count=3_000, disorder=6, wild=0.01, per_day=150)
    plain = Newsroom(count=3_000, per_day=150)
    assert newsroom.ids() == plain.ids()
    wild = [number for number in newsroom.ids() if newsroom.is_wild(number)]
    assert 10 < len(wild) < 60
    moved = []
    for number in newsroom.ids()[:400]:
        story, turn = newsroom.story(number), plain.published(number)
        assert story is not None
        assert turn is not None
        assert newsroom.published(number) == story.published
        if not newsroom.is_wild(number):
            moved.append((story.published - turn).total_seconds())
    assert min(moved) >= 0
    assert 5 * 3_600 < max(moved) <= 6 * 3_600
    assert all(
        (at := newsroom.published(number)) is not None and at.year < 2010 for number in wild
    )  # it begins in 2017
    assert plain.published(plain.newest_id + 1) is None
