"""The loop of a watch with crawls of the test's own: clocks that are set, days that are spent, and what it learns."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.schedule import ScheduleRecord, scheduled
from farscrawler.schedule.budget import Limits
from farscrawler.schedule.local_crawls import LocalCrawls
from farscrawler.schedule.plan import CrawlResult
from farscrawler.schedule.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from farscrawler.schedule.contract import Crawl

NOW = 1_796_029_200.0
#: Due at once, so that nothing is waited for.
RECORD = ScheduleRecord(publisher="north", since=NOW, due_at=NOW - 5, asked_at=NOW - 100, read_at=NOW - 100, cost=3.0)


class Clock:
    """A wall clock that goes on by ``jump`` when it is read a second time."""

    def __init__(self, jump: float) -> None:
        self.jump = jump
        self.read = 0

    def __call__(self) -> float:
        self.read += 1
        return NOW if self.read == 1 else NOW + self.jump


@pytest.fixture
def bell() -> Iterator[int]:
    ours, theirs = os.pipe()
    yield ours
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("jump", "expected"),
    [
        (7200.0, ("The clock went on by 2 h 0 min", -7205.0)),  # overdue: it is asked at once
        (-7200.0, ("The clock went back by 2 h 0 min", 95.0)),  # its pause begins anew
        (30.0, (None, -35.0)),
    ],
)
def test_a_jump_of_the_clock(
    jump: float,
    expected: tuple[str | None, float],
    tmp_path: Path,
    bell: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said, due_in = expected
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        watcher = Watcher(archive, ["north"], Limits(300.0, 3600.0, 100.0), 1, LocalCrawls(), clock=Clock(jump))
        watcher.records = {"north": RECORD}
        watcher._wait(bell)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ([said] if said else [])
    assert watcher.records["north"].due_at - (NOW + jump) == pytest.approx(due_in)


def test_a_watch_whose_day_is_spent_says_so_once_and_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        watcher = Watcher(archive, ["north"], Limits(300.0, 3600.0, 100.0), 1, LocalCrawls(), clock=Clock(0.0))
        watcher.records = {"north": replace(RECORD, day="2026-11-30", requests=100)}
        assert not watcher._may_spend(NOW)
        assert not watcher._may_spend(NOW + 60)
        assert len(caplog.records) == 1
        assert watcher._may_spend(NOW + 86_400)


class Ended:
    """A crawl that has ended already, with thirteen requests for articles and one other."""

    asked_to_end = 0
    has_ended = True

    def __init__(self, publisher: str, begun: float) -> None:
        self.publisher = publisher
        self.begun = begun

    def end_in_order(self) -> None:
        raise AssertionError("it has ended")

    kill = end_in_order

    def end(self, ended: float) -> CrawlResult:
        return CrawlResult(begun=self.begun, ended=ended, exit_code=0, requests=14, articles=13, new=13)


class EndedCrawls(LocalCrawls):
    def start(self, publishers: Sequence[str], now: float) -> list[Crawl]:
        return [Ended(name, now) for name in publishers]


class Endless:
    """A crawl that is at work; what it is told is kept."""

    has_ended = False
    publisher = "north"

    def __init__(self) -> None:
        self.begun = NOW
        self.asked_to_end = 0
        self.kills = 0

    def end_in_order(self) -> None:
        self.asked_to_end += 1

    def kill(self) -> None:
        self.kills += 1

    def end(self, ended: float) -> CrawlResult:  # noqa: ARG002  # the contract's
        raise AssertionError("it is at work")


def test_a_crawl_that_takes_too_long_has_its_time_to_end_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has slept for a night asks its crawls to end when it wakes, and would kill them at once."""
    crawl = Endless()
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        watcher = Watcher(archive, ["north"], Limits(300.0, 3600.0, 100.0), 1, LocalCrawls(), clock=Clock(86_400.0))
        watcher._at_work = {"north": crawl}
        for _ in range(4):
            watcher._settle_ended()
        assert (crawl.asked_to_end, crawl.kills) == (1, 0)
        monkeypatch.setattr("farscrawler.schedule.watcher.time.monotonic", lambda: float("inf"))
        watcher._settle_ended()
    assert (crawl.asked_to_end, crawl.kills) == (1, 1)


def test_a_watch_learns_how_many_requests_a_day_takes_for_articles(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        found = []
        for at in (NOW, NOW + 86_400):
            watcher = Watcher(archive, ["north"], Limits(300.0, 3600.0, 1000.0), 1, EndedCrawls(), clock=lambda: at)  # noqa: B023
            assert watcher.run(once=True) == 0
            found.append(scheduled(archive)["north"])
    assert [one.article_requests > 0 for one in found] == [False, True]  # the first crawl has no time before it
    assert [one.requests for one in found] == [14, 14]


def test_what_crawls_at_work_will_take_of_the_budget_is_not_given_to_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        watcher = Watcher(archive, ["north"], Limits(300.0, 3600.0, 100.0), 9, LocalCrawls(), clock=Clock(0.0))
        record = replace(RECORD, day="2026-11-30", requests=90, article_requests=864_000.0, cost=5.0)
        watcher.records = {"north": record}
        assert watcher._may_spend(NOW)
        watcher._at_work = {"north": Ended("north", NOW)}
        assert not watcher._may_spend(NOW)  # a thousand requests for what came in 100 seconds
    assert caplog.records == []  # they are not spent yet
