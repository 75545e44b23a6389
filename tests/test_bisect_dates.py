"""Ranges of days on sites that have nothing but numbers: exact, cheap, and whole after any death."""

from __future__ import annotations

import datetime as dt
import logging
import math
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from farscrawler.archive import Archive, Outcome
from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.base import Target
from farscrawler.frontier.bisect_dates import BisectDates
from farscrawler.frontier.id_walk import Margin, MarginWalk, gap_of
from farscrawler.frontier.timeline import GAP, Point, TimeRange
from tests.support.dated import date_of
from tests.support.desk import FARSONLINE
from tests.support.examples import examples
from tests.support.numbersite import BEGIN, YEAR, NumberDesk, NumberSite, random_span

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.items import Article


@pytest.fixture
def archive_place(tmp_path: Path) -> Path:
    """One backend is enough: what an archive says is the same in each, and tested there."""
    return tmp_path / "archive.db"


def beside(desk: NumberDesk, span: DateRange) -> int:
    """Count the requests that were not for ids between the first and the last article of the range; lists are."""
    right = desk.numbers.answer(span)
    return desk.lists + sum(not min(right) <= number <= max(right) for number in desk.asked)


def days(first: int, length: int) -> DateRange:
    """Return a range by its first day since the site's beginning."""
    begin = BEGIN.date() + dt.timedelta(days=first)
    return DateRange(begin, begin + dt.timedelta(days=length - 1))


@settings(examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    first=st.integers(5, 5 * YEAR - 15),
    length=st.integers(1, 10),
    disorder=st.sampled_from([0, 3, 8]),
    gaps=st.sampled_from([0.0, 0.1, 0.4]),
    wild=st.sampled_from([0.0, 0.01]),
    in_flight=st.sampled_from([1, 8]),
)
@example(seed=1026, first=1_631, length=1, disorder=0, gaps=0.4, wild=0.01, in_flight=1)  # a wrong date near the newest
def test_any_range_is_whole_and_cheap(  # noqa: PLR0917  # hypothesis gives them by name
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    first: int,
    length: int,
    disorder: int,
    gaps: float,
    wild: float,
    in_flight: int,
) -> None:
    site = NumberSite(seed=seed, disorder=disorder, gaps=gaps, wild=wild)
    span = days(first, length)
    with Archive(tmp_path_factory.mktemp("range") / "a.db", readonly=False) as archive:
        desk = NumberDesk(archive, site, in_flight)
        plan = desk.range(span)
        assert site.answer(span) <= desk.within(span)
        assert all(span.covers(a) for n in desk.within(span) if (a := site.article(n)))
        assert len(desk.asked) == len(set(desk.asked))
        assert beside(desk, span) <= 110  # a wrong date where it hurts most; the usual cost is measured elsewhere
        assert plan.pending == 0
        again = NumberDesk(archive, site)
        again.range(span)
        # The second time it is known better how far out of order the ids are: a margin may be a little wider.
        assert all(not span.covers(a) for n in again.asked if (a := site.article(n)))
        assert len(again.asked) <= 40
        assert {int(key) for key in again.stored} == desk.within(span)


@pytest.mark.parametrize("disorder", [0, 3, 8])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_a_range_costs_at_most_sixty_requests_beside_its_own_ids(archive: Archive, disorder: int, gaps: float) -> None:
    site = NumberSite(seed=3, disorder=disorder, gaps=gaps, wild=0.0005)
    span = days(1_000, 8)
    desk = NumberDesk(archive, site)
    desk.range(span)
    assert site.answer(span) == desk.within(span)
    assert beside(desk, span) <= 60


@pytest.mark.parametrize("seed", range(6))
def test_holes_silence_and_a_changing_pace(archive: Archive, seed: int) -> None:
    dice = random.Random(seed)
    first_id = dice.choice([1, 1_000, 60_000])
    begins = [first_id + dice.randrange(20_000, 180_000) for _ in range(3)]
    site = NumberSite(
        seed=seed,
        first_id=first_id,
        holes=tuple((begin, begin + int(10 ** dice.uniform(1, 4))) for begin in begins),
        silent=tuple((day, dice.uniform(1, 60)) for day in (200, 700, 1_200)),
        disorder=dice.choice([0, 8, 20]),
        gaps=dice.choice([0.0, 0.1, 0.4]),
        wild=dice.choice([0.0, 0.01]),
        pace=dice.choice([0.6, 1, 2]),
    )
    span = random_span(dice, dice.choice([1, 3, 9]))
    desk = NumberDesk(archive, site, dice.choice([1, 8]))
    plan = desk.range(span)
    assert plan.shortfall is None
    assert site.answer(span) <= desk.within(span)
    assert len(desk.asked) < len(site.answer(span)) / (1 - site.gaps) + 500


def test_the_ends_of_a_range_may_lie_in_a_hole(archive: Archive) -> None:
    """One run of 9,000 missing ids ends where the range begins, another begins where it ends."""
    site = NumberSite(disorder=2)
    span = days(900, 3)
    ids = sorted(site.answer(span))
    site = NumberSite(disorder=2, holes=((ids[30] - 9_000, ids[30]), (ids[-30], ids[-30] + 9_000)))
    desk = NumberDesk(archive, site)
    desk.range(span)
    assert desk.within(span) == site.answer(span) != set()
    assert beside(desk, span) < 300


def test_the_next_range_costs_less(archive: Archive) -> None:
    site = NumberSite(disorder=6, gaps=0.1, wild=0.0005)
    first, following, overlapping = days(1_000, 6), days(1_006, 6), days(1_003, 6)
    desk = NumberDesk(archive, site)
    desk.range(first)
    before = beside(desk, first)
    after = NumberDesk(archive, site)
    after.range(following)
    assert site.answer(following) == after.within(following)
    assert beside(after, following) <= 0.7 * before
    assert not set(after.asked) & set(desk.asked)
    third = NumberDesk(archive, site)
    third.range(overlapping)
    assert site.answer(overlapping) == third.within(overlapping)
    assert third.asked == []
    assert third.lists == 0


def test_whoever_fetched_it_belongs_to_the_range(archive: Archive) -> None:
    """Articles stored by other crawls are told of at the start, strays with a wrong date among them."""
    site = NumberSite(wild=0.01)
    span = days(1_000, 30)
    stray = next(n for n in range(1, 30_000) if site.is_wild(n) and span.covers(site.article(n) or pytest.fail("gap")))
    desk = NumberDesk(archive, site)
    desk.range(DateRange(*(2 * (site.turn(stray).date(),))))  # the day on which the stray's id was given out
    assert stray in desk.asked
    later = NumberDesk(archive, site, 8)
    later.range(span)
    assert str(stray) in later.stored
    assert stray not in later.asked
    assert site.answer(span) <= later.within(span)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_died_is_continued_and_nothing_is_asked_twice(archive: Archive, seed: int) -> None:
    """Deaths while probing, inside and in the margins: the whole costs what one run costs."""
    dice = random.Random(seed)
    site = NumberSite(seed=seed, disorder=dice.choice([0, 6]), gaps=0.1, wild=0.005)
    span = random_span(dice, 4)
    asked: list[int] = []
    moments = [1, 2, 3, 5, 8, *(dice.randint(1, 150) for _ in range(4)), None]
    for moment in moments:
        desk = NumberDesk(archive, site, dice.choice([1, 4]))
        desk.range(span, die_after=moment)
        asked += desk.asked
    assert site.answer(span) == desk.within(span)
    in_flight = 4 * len(moments)  # what was being fetched at a death is fetched again
    assert len(asked) - len(set(asked)) <= in_flight


@pytest.mark.parametrize("outcome", ["failed", "blocked"])
def test_what_failed_is_asked_again(archive: Archive, outcome: Outcome) -> None:
    site = NumberSite(disorder=3)
    span = days(700, 2)
    sick = set(sorted(site.answer(span))[20:90:7])
    desk = NumberDesk(archive, site, outcome=lambda number: outcome if number in sick else None)
    desk.range(span)
    assert desk.within(span) == site.answer(span) - sick
    again = NumberDesk(archive, site)
    again.range(span)
    assert set(again.asked) == sick
    assert again.within(span) == site.answer(span)


def test_every_probe_may_fail(archive: Archive) -> None:
    """A site that answers nothing for a while: the search ends, and the next run finds the range."""
    site = NumberSite(disorder=3)
    span = days(700, 2)
    desk = NumberDesk(archive, site, outcome=lambda _: "failed")
    desk.range(span)
    assert 0 < len(desk.asked) <= 300
    again = NumberDesk(archive, site)
    again.range(span)
    assert again.within(span) == site.answer(span)


class Undated(NumberSite):
    """Every ninth article prints no date that can be read."""

    def article(self, number: int) -> Article | None:
        found = super().article(number)
        if found is not None and number % 9 == 0:
            found.published_at = found.published_precision = None
            date_of(found, None)
        return found


def test_articles_without_a_date_are_stored_and_said(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    site = Undated(disorder=3)
    span = days(700, 2)
    desk = NumberDesk(archive, site)
    with caplog.at_level(logging.WARNING, "farscrawler"):
        plan = desk.range(span)
    wanted = {number for number in site.answer(span) if number % 9}
    assert desk.within(span) == wanted
    assert plan.shortfall is None  # asking again would not help
    undated = [number for number in desk.asked if number % 9 == 0]
    assert f"{len(undated)} articles there have no date that can be read" in caplog.text
    assert archive.article("farsonline", str(undated[0])) is not None


def test_where_only_days_are_printed_the_days_around_are_looked_through(archive: Archive) -> None:
    site = NumberSite(precision="day", disorder=5)
    span = days(700, 2)
    desk = NumberDesk(archive, site)
    desk.range(span)
    assert desk.within(span) == site.answer(span)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (dt.date(2011, 1, 1), dt.date(2011, 3, 1), "nothing was published in 1389-10-11 – 1389-12-10"),
        (dt.date(2023, 1, 1), dt.date(2023, 3, 1), "nothing was published in 1401-10-11 – 1401-12-10"),
        (dt.date(2018, 4, 20), dt.date(2018, 4, 22), "nothing was published in 1397-01-31 – 1397-02-02"),
    ],
)
def test_a_range_in_which_there_is_nothing(
    archive: Archive, caplog: pytest.LogCaptureFixture, first: dt.date, last: dt.date, said: str
) -> None:
    """Before the first article, after the newest one, and in a month without any."""
    site = NumberSite(first_id=1_000, silent=((380, 30),))
    desk = NumberDesk(archive, site)
    with caplog.at_level(logging.INFO, "farscrawler"):
        plan = desk.range(DateRange(first, last))
    assert said in caplog.text
    assert "beside it lie the articles" in caplog.text
    assert plan.shortfall is None
    assert len(desk.asked) < 150


def test_the_future_is_not_asked_for(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    desk = NumberDesk(archive, NumberSite())
    with caplog.at_level(logging.INFO, "farscrawler"):
        desk.range(parse_date_range("1499-01-01", None))
    assert (desk.asked, desk.lists) == ([], 0)
    assert "1499-01-01 – … lies in the future" in caplog.text


def test_open_ends_reach_the_first_and_the_newest_article(archive: Archive) -> None:
    site = NumberSite(first_id=5_000, count=3_000, gaps=0.1, disorder=5)
    early = NumberDesk(archive, site, 8)
    early.range(DateRange(last=BEGIN.date() + dt.timedelta(days=400)))
    wanted = {n for n in range(5_000, 8_000) if (at := site.published(n)) and at < BEGIN + dt.timedelta(days=401)}
    assert early.within(DateRange(last=BEGIN.date() + dt.timedelta(days=400))) == wanted
    late = NumberDesk(archive, site, 8)
    since = DateRange(first=BEGIN.date() + dt.timedelta(days=1_500))
    plan = late.range(since)
    wanted = {n for n in range(5_000, 8_000) if (at := site.published(n)) and at.date() in since}
    assert late.within(since) == wanted
    # Near the newest an article may yet appear: those misses are asked again, and only they.
    again = NumberDesk(archive, site)
    again.range(since)
    assert all(site.published(n) is None and plan.provisional(Target(key=str(n), form="print")) for n in again.asked)
    assert {site.newest + 1, site.newest + 20} <= set(again.asked)


class Imported(NumberSite):
    """Early ids hold a few articles of the year 1400: all the archive knows of it at first."""

    ids = range(9_000, 9_012)

    def published(self, number: int) -> dt.datetime | None:
        if number in self.ids:
            return BEGIN + dt.timedelta(days=1_500, minutes=7 * number % 5_000)
        return super().published(number)


def test_wrong_dates_that_agree_lead_astray_for_a_while_only(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    site = Imported(disorder=3)
    day = site.turn(9_000).date()
    NumberDesk(archive, site).range(DateRange(day, day))  # the twelve are in the archive now
    span = days(1_500, 4)
    desk = NumberDesk(archive, site, 4)
    with caplog.at_level(logging.INFO, "farscrawler"):
        desk.range(span)
    right = site.answer(span)
    assert right <= desk.within(span)
    assert len(desk.asked) < len(right) + 250
    assert {int(key) for key in desk.stored} <= set(Imported.ids)


def test_a_site_whose_ids_say_nothing_of_time_is_refused(archive: Archive) -> None:
    desk = NumberDesk(archive, NumberSite())
    desk.publisher = replace(FARSONLINE, sources=replace(FARSONLINE.sources, ids=False))
    with pytest.raises(BadArgumentError, match="its ids do not grow with time"):
        BisectDates(desk, days(1, 1), "print", edge=200, margin_hours=4, margin_limit=48, probe_most=10)


def test_where_nine_ids_of_ten_are_missing_a_run_of_them_is_no_gap() -> None:
    dice = random.Random(7)
    there = {number: Point(number, number * 600.0, number * 600.0) for number in range(1, 2000) if dice.random() < 0.1}
    margin = Margin(TimeRange(-math.inf, 1e9), -1, hours=24, limit=96, disorder=lambda: 0.0)
    walk = MarginWalk(margin, 1999, 2000, gap=gap_of(20, 200)).ids()
    met, number = set(), next(walk, None)
    while number is not None:
        met.add(number)
        try:
            number = walk.send(there.get(number))
        except StopIteration:
            break
    assert set(there) <= met
    assert gap_of(180, 200) == gap_of(0, 0) == GAP
