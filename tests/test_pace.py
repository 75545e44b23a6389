"""The pace that robots.txt asks for, as the site sees it: no gap between two requests is ever shorter."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from farscrawler.spiders.pace import AskedPace, Paces, asked_pace
from tests.support import FAST, crawl, crawl_words, run, start, wait_until
from tests.support.fleet_sites import own_folder
from tests.support.pageserver import Answer
from tests.support.print_site import Site, sentence, stored, visits

if TYPE_CHECKING:
    from pathlib import Path

FLOOR = 0.3
EVERYONE = "User-agent: *\n"


class Watched(Site):
    """A site that notes when each request came."""

    def __init__(self, articles: list[int], rules: str = f"{EVERYONE}Crawl-delay: {FLOOR}\n") -> None:
        super().__init__(articles)
        self.moments: list[float] = []
        self.answers["/robots.txt"] = Answer(rules, headers={"Content-Type": "text/plain"})

    def answer(self, key: str) -> Answer:
        self.moments.append(time.monotonic())
        return super().answer(key)

    def shortest(self) -> float:
        return min(later - earlier for earlier, later in pairwise(self.moments))


def test_no_gap_is_shorter_whatever_is_asked_for(tmp_path: Path) -> None:
    """Robots.txt, the home page, pages, a redirect and a retry, with settings that would ask eight at a time."""
    with Watched([1, 2, 3, 4]) as site:
        site.answers["print:9"] = Answer(
            status=302, headers={"Location": f"{site.url}/Incsys/PrtNews.aspx?l=Fa&code=9&k=1"}
        )
        busy = [Answer(status=503, headers={"Retry-After": "0"})]
        site.instead = lambda key: busy.pop() if busy and key == "print:3" else None
        done = crawl(site.url, "-a", "latest=4", cwd=tmp_path, REDIRECT_MAX_TIMES=1)
        assert done.returncode == 0, done.stderr
        assert len(site.moments) == 7  # robots.txt, the home page, four pages, one of them twice
        assert crawl(site.url, "-a", "ids=9", cwd=tmp_path, REDIRECT_MAX_TIMES=1).returncode == 3
        assert len(site.moments) == 10  # robots.txt, and a redirect that is followed once
    assert stored(tmp_path) == {1, 2, 3, 4}
    of_one_run = [site.moments[:7], site.moments[7:]]
    for moments in of_one_run:
        assert min(later - earlier for earlier, later in pairwise(moments)) >= FLOOR
    assert "0.3 s after each request to 127.0.0.1" in done.stderr


def test_publishers_of_one_host_share_its_pace(tmp_path: Path) -> None:
    own_folder(tmp_path / "own", "north", "south")
    fast = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
    with Watched([1, 2, 3], f"{EVERYONE}Request-rate: 10/3s\n") as site:
        words = ["crawl-all", "north", "south", "-s", "PUBLISHERS=own", "-a", f"base_url={site.url}", "-a", "ids=1-3"]
        done = run(*words, *fast, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert len(site.moments) == 8
    # Both ask for robots.txt before anybody knows what is in it.
    rest = site.moments[1:]
    assert min(later - earlier for earlier, later in pairwise(rest)) >= FLOOR


def test_a_pause_counts_for_those_that_wait_for_their_turn(tmp_path: Path) -> None:
    with Watched([1, 2]) as site:
        busy = [Answer(status=503, headers={"Retry-After": "1"})]
        site.instead = lambda key: busy.pop() if busy and key == "print:1" else None
        done = crawl(site.url, "-a", "ids=1-2", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        _, refused, after, *_ = site.moments
    assert after - refused >= 0.95


def test_the_group_for_us_counts_before_that_of_everyone(tmp_path: Path) -> None:
    rules = f"User-agent: farscrawler\nCrawl-delay: {FLOOR}\n\n{EVERYONE}Crawl-delay: 200\n"
    with Watched([1, 2], rules) as site:
        assert crawl(site.url, "-a", "ids=1-2", cwd=tmp_path).returncode == 0
    assert len(site.moments) == 3
    assert site.shortest() >= FLOOR


def test_a_site_that_asks_for_more_than_is_kept_is_not_asked(tmp_path: Path) -> None:
    with Watched([1, 2], f"{EVERYONE}Crawl-delay: 0.4\n") as site:
        for arguments in ("ids=1-2", "latest=2"):
            done = crawl(site.url, "-a", arguments, cwd=tmp_path, ROBOTSTXT_MAX_DELAY=0.39)
            assert done.returncode == 3
            said = sentence(done)
            assert "is not crawled: 127.0.0.1" in said
            assert "asks for 0.4 s between two requests (Crawl-delay: 0.4 in its robots.txt)" in said
            assert "same command again" not in done.stderr
        assert set(site.asked) == {"/robots.txt"}
        assert visits(tmp_path) == {}
        site.moments.clear()
        assert crawl(site.url, "-a", "ids=1-2", cwd=tmp_path, ROBOTSTXT_MAX_DELAY=0.4).returncode == 0
    assert stored(tmp_path) == {1, 2}
    assert site.shortest() >= 0.4


def test_a_crawl_that_waits_for_its_turn_leaves_when_told(tmp_path: Path) -> None:
    with Watched([1, 2], f"{EVERYONE}Crawl-delay: 170\n") as site:
        with start(*crawl_words(site.url, "-a", "ids=1-2"), cwd=tmp_path, stderr=subprocess.PIPE) as process:
            wait_until(lambda: site.asked == ["/robots.txt"], process)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=100)
        assert process.returncode == 130, said
        assert site.asked == ["/robots.txt"]
        assert crawl(site.url, "-a", "ids=1-2", cwd=tmp_path, ROBOTSTXT_OBEY=False).returncode == 0


def test_the_estimate_knows_the_pace(tmp_path: Path) -> None:
    with Watched([1, 2, 3], f"{EVERYONE}Crawl-delay: 0.5\n") as site:
        done = crawl(site.url, "--latest", "3", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "s a request, by Crawl-delay: 0.5 in its robots.txt" in done.stdout


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("", 0.0),
        ("User-agent: *\nDisallow: /x", 0.0),
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\ncrawl delay 2.5 # slowly", 2.5),
        ("User-agent: *\nRequest-rate: 1/5", 5.0),
        ("User-agent: *\nRequest-rate: 30/1m", 2.0),
        ("User-agent: *\nRequest-rate: 1/2m 0800-1700\nRequest-rate: 1/1 1700-0800", 120.0),
        ("User-agent: *\nCrawl-delay: 3\nRequest-rate: 1/20s", 20.0),
        ("User-agent: *\nCrawl-delay: 3\nUser-agent: *\nCrawl-delay: 1", 3.0),
        ("User-agent: farscrawler\nDisallow: /x\nUser-agent: *\nCrawl-delay: 9", 0.0),
        ("User-agent: *\nUser-agent: farscrawler\nCrawl-delay: 9", 9.0),
        ("User-agent: *\nCrawl-delay: 0", 0.0),
        ("User-agent: *\nRequest-rate: 0/5\nRequest-rate: 5/0\nCrawl-delay: -1", 0.0),
    ],
)
def test_asked_pace(rules: str, seconds: float) -> None:
    assert asked_pace(rules).seconds == seconds


def test_a_line_that_says_no_pace_is_named_and_short() -> None:
    found = asked_pace(f"User-agent: *\nCrawl-delay: soon\x1b[2J\nRequest-rate: often\nCrawl-delay: {'9' * 500_000}")
    assert found.seconds == 0.0
    assert found.unread[:2] == ("Crawl-delay: soon\\x1b[2J", "Request-rate: often")
    assert max(map(len, found.unread)) <= 80


def test_the_robots_txt_that_was_read_last_counts_and_hosts_are_told_apart() -> None:
    paces = Paces()
    paces.ask("https://a.ir/", AskedPace(9.0, "Crawl-delay: 9"), read_at=2.0)
    paces.ask("http://a.ir/x", AskedPace(), read_at=1.0)
    assert paces.asked("http://A.ir:80/y").seconds == 9.0
    assert paces.asked("http://a.ir:8000/").seconds == paces.asked("http://www.a.ir/").seconds == 0.0
    paces.ask("http://a.ir/", AskedPace(1.0), read_at=3.0)
    assert paces.asked("https://a.ir/").seconds == 1.0


async def _meet(paces: Paces, url: str) -> None:
    async with paces.turn(url, lambda: False):
        pass


def test_hosts_whose_pause_is_over_are_forgotten() -> None:
    async def meet_many(paces: Paces) -> None:
        async with paces.turn("http://busy.ir/", lambda: False):
            await _meet(paces, "http://slow.ir/")
            paces.ask("http://slow.ir/", AskedPace(1_000.0), read_at=1.0)
            for number in range(2_000):
                await _meet(paces, f"http://{number}.ir/")
            assert {"slow.ir", "busy.ir"} <= paces._hosts.keys()
            assert len(paces._hosts) <= 1_000

    asyncio.run(meet_many(Paces()))


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("3s", 3.0), ("2,5", 2.5), ("۳", 3.0), ("۲٫۵ ثانیه", 2.5), ("4 seconds", 4.0), ("1e9", 0.0), ("3 m", 0.0)],
)
def test_a_pause_in_any_digits_is_kept_and_no_other_unit_is_guessed(line: str, seconds: float) -> None:
    asked = asked_pace(f"user-agent: *\nCrawl-delay: {line}\n")
    assert asked.seconds == seconds
    assert bool(asked.unread) == (seconds == 0.0)
