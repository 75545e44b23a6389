"""Who crawls what in which process, and what parent and child say to each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from farscrawler.__main__ import asks_for_processes
from farscrawler.cli.commands.crawl_all import AT_ONCE, processes_for
from farscrawler.cluster.shares import Shares, host_of_url
from farscrawler.cluster.wire import Begun, CrawlOrder, Frames, frame

if TYPE_CHECKING:
    from farscrawler.cluster.wire import Order, Report


def test_each_publisher_is_taken_once_and_in_order() -> None:
    shares = Shares({"a": ["a.ir"], "b": ["b.ir"], "c": ["c.ir"]})
    assert [shares.take(1), shares.take(2), shares.take(1), shares.take(2)] == ["a", "b", "c", None]
    assert shares.waiting == 0


def test_a_host_is_asked_by_one_process_at_a_time() -> None:
    shares = Shares({"a": ["x.ir", "y.ir"], "b": ["y.ir", "z.ir"], "c": ["z.ir"], "d": ["d.ir"]})
    assert shares.take(1) == "a"
    assert [shares.take(2), shares.take(2)] == ["d", None]  # b and c share hosts with a, c through b
    assert shares.take(1) == "b"
    shares.leave("a")
    assert shares.take(2) is None
    shares.leave("b")
    assert shares.take(2) == "c"


def test_what_left_without_being_done_comes_first() -> None:
    shares = Shares({"a": ["a.ir"], "b": ["b.ir"]})
    assert shares.take(1) == "a"
    shares.leave("a")
    shares.again("a")
    assert shares.take(2) == "a"
    shares.clear()
    assert shares.take(2) is None


def test_publishers_of_one_service_are_one_group_and_those_without_a_host_none() -> None:
    shares = Shares({"a": ["web.archive.org:443"], "b": ["web.archive.org:443"], "c": [], "d": []})
    assert [shares.take(1), shares.take(2), shares.take(2), shares.take(2)] == ["a", "c", "d", None]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.IRNA.ir/x", "www.irna.ir:443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:8001", "127.0.0.1:8001"),
    ],
)
def test_host_of_url(url: str, host: str) -> None:
    assert host_of_url(url) == host


def test_frames_are_whole_however_they_are_cut() -> None:
    sent: list[Order | Report] = [CrawlOrder("irna", {"latest": "5"}), Begun("irna"), CrawlOrder("mehr")]
    data = b"".join(map(frame, sent))
    for size in (1, 3, 50, len(data)):
        frames = Frames()
        found = [one for at in range(0, len(data), size) for one in frames.feed(data[at : at + size])]
        assert found == sent
    assert Frames().feed(frame(sent[0])[:-1]) == []


def test_no_more_processes_than_pay() -> None:
    cores = len(os.sched_getaffinity(0))
    assert processes_for(1) == processes_for(AT_ONCE) == 1
    assert processes_for(AT_ONCE + 1) == min(2, cores)
    assert processes_for(100_000) == cores


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (["--processes", "2"], True),
        (["--all", "--processes=12"], True),
        (["--processes", "1"], False),
        (["--processes", "x"], False),
        (["--processes"], False),
        (["--at-once", "2"], False),
    ],
)
def test_the_server_of_forks_begins_early_where_several_processes_are_asked_for(words: list[str], asks: bool) -> None:
    assert asks_for_processes(["crawl-all", *words]) is asks
