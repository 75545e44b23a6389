"""robots.txt: obeyed where it forbids, no ban where it is not there, and one for now where it cannot be read."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import brotli
import pytest
from scrapy import Request
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.test import get_crawler

from farscrawler.middlewares.robots import SharedRobotsTxtMiddleware, rules_for
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl
from tests.support.newsroom_tools import assert_all_right
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.print_site import Site, sentence, stored, visits
from tests.support.rawserver import RawServer, answer, endless

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def test_what_robots_forbade_is_fetched_once_they_are_gone_and_an_error_page_has_no_rules(tmp_path: Path) -> None:
    rules = "User-agent: *\nDisallow: /\n"
    with Site([1, 2, 3]) as site:
        for status, last, articles in ((200, 2, set[int]()), (404, 2, {1, 2}), (403, 3, {1, 2, 3})):
            site.answers["/robots.txt"] = Answer(rules, status=status, headers={"Content-Type": "text/plain"})
            done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path, RETRY_TIMES=0)
            assert stored(tmp_path) == articles, status
            if status == 200:
                assert site.ids_asked() == []
                assert {outcome for outcome, _ in visits(tmp_path).values()} == {"skipped"}
            else:
                assert done.returncode == 0, done.stderr


def test_robots_that_forbid_are_obeyed(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    with Server(newsroom, robots="disallow") as server:
        done = crawl(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", cwd=tmp_path)
        assert [entry.path for entry in server.requests] == ["/robots.txt"]
    assert done.returncode == 0
    assert "10 skipped" in done.stderr


def test_robots_that_cannot_be_read_mean_wait_and_then_the_addresses_stay_pending(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    ids = f"ids={newsroom.first_id}-{newsroom.newest_id}"
    with Server(newsroom, robots="error") as server:
        done = crawl(server.url, "-a", ids, cwd=tmp_path, RETRY_TIMES=2)
        assert [entry.path for entry in server.requests] == ["/robots.txt"] * 3
    assert done.returncode == 3
    assert "the last one: robots.txt cannot be read, HTTP 500" in sentence(done)
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", ids, cwd=tmp_path).returncode == 0
    assert_all_right(tmp_path, newsroom, range(newsroom.first_id, newsroom.newest_id + 1))


def test_a_site_that_is_busy_for_a_moment_is_crawled(tmp_path: Path) -> None:
    with Site([1, 2]) as site:
        busy = [Answer(status=503, headers={"Retry-After": "0"})] * 2
        site.instead = lambda key: busy.pop() if busy and key == "/robots.txt" else None
        done = crawl(site.url, "-a", "ids=1-2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert stored(tmp_path) == {1, 2}


def test_who_is_asked_too_often_has_not_said_what_is_allowed(tmp_path: Path) -> None:
    with Site([1]) as site:
        site.answers["/robots.txt"] = Answer(status=429)
        done = crawl(site.url, "-a", "ids=1", cwd=tmp_path, RETRY_TIMES=0)
    assert done.returncode == 3
    assert visits(tmp_path) == {1: ("failed", "robots.txt cannot be read, HTTP 429")}


def test_rules_of_many_hosts_are_forgotten_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    crawler = get_crawler(
        settings_dict={"ROBOTSTXT_OBEY": True, "ROBOTSTXT_MAXSIZE": 512_000, "ROBOTSTXT_MAX_DELAY": 300}
    )
    rules = SharedRobotsTxtMiddleware(crawler)
    asked: list[str] = []

    async def fetched(request: Request) -> None:
        asked.append(request.url)
        rules._hold(urlsplit(request.url).netloc, 512_000)

    async def ask(*hosts: int) -> None:
        for host in hosts:
            await rules.robot_parser(Request(f"http://{host}.ir/"))

    monkeypatch.setattr(rules, "_fetched", fetched)  # the net is not needed here
    asyncio.run(ask(*range(9), 8, 7, 6, 0))
    assert asked == [f"http://{host}.ir/" for host in (*range(9), 0)]
    assert len(rules._asking) == 3


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_the_first_500_kb_count(tmp_path: Path, coding: str) -> None:
    """What comes later does not, of a file that never ends; nor does it cost more than the part that is read."""
    begin = b"User-agent: *\nDisallow: /Incsys/PrtNews.aspx?l=Fa&code=1&\n"
    rest = b"# nothing\n" * 60_000 + b"Disallow: /\n"
    body = {"": bytes, "gzip": gzip.compress, "br": brotli.compress}[coding](begin + rest + b"#" * 10**7)
    headers = [f"Content-Encoding: {coding}"] if coding else ["Content-Length: 999999999999"]

    def script(path: str) -> Iterable[bytes]:
        if path == "/robots.txt":
            yield answer(body, *headers)
            yield from () if coding else endless(b"#", most=10**8)
        else:
            yield answer(print_page(2).encode())

    with RawServer(script) as server:
        done = crawl(server.url, "-a", "ids=1-2", cwd=tmp_path)
        assert server.sent < 20_000_000
    assert done.returncode == 0, done.stderr
    assert {key: outcome for key, (outcome, _) in visits(tmp_path).items()} == {1: "skipped", 2: "article"}


def test_a_redirect_of_robots_is_followed_where_it_may_be(tmp_path: Path) -> None:
    forbid = Answer("User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})
    with PageServer({"/robots.txt": forbid}) as inside, Site([1]) as site:
        private = f"http://127.1:{inside.url.rpartition(':')[2]}/robots.txt"
        for to, outcome in ((private, "article"), ("/robots.txt", "article"), ("/rules", "skipped")):
            site.answers = {"/robots.txt": Answer(status=302, headers={"Location": to}), "/rules": forbid}
            site.asked.clear()
            done = crawl(site.url, "-a", "ids=1", "-s", f"ARCHIVE={outcome}{len(to)}.db", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert ("1 new" in done.stderr) is (outcome == "article"), to
            assert site.asked.count("/robots.txt") <= 6
        assert inside.asked == []


AGENT = "farscrawler/0.2.0 (+mailto:me@example.org)"


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["User-agent: *", "Disallow: /a"], ["User-agent: *", "Disallow: /a"]),
        (
            ["User-agent: x", "Disallow: /a", "user agent FarsCrawler/9", "Allow /"],
            ["User-agent: farscrawler", "Allow /"],
        ),
        (["User-agent: x", "User-agent: *", "Disallow: /a"], ["User-agent: *", "Disallow: /a"]),
        (["User-agent: fars", "Disallow: /a"], []),
        (["\ufeffUser-agent: *", "# no", "Sitemap: /s", "", "Disallow: /a"], ["User-agent: *", "Disallow: /a"]),
        (["User-agent: *", "User-agent: *", "Disalow: /a"], ["User-agent: *", "Disalow: /a"]),
    ],
)
def test_only_the_groups_for_us_are_read(lines: list[str], kept: list[str]) -> None:
    assert rules_for("\r\n".join(lines).encode(), AGENT).decode().splitlines() == kept


@pytest.mark.parametrize(
    "body",
    [
        b"\n" * 512_000,
        b"User-agent: *\n" + b"Disallow: /*a*b*c$\n" * 30_000,
        # Protego stores each rule for each agent of its group: 210 million here.
        b"".join(b"User-agent: a%d\n" % n for n in range(14_000)) + b"User-agent: *\n" + b"Disallow: /x\n" * 15_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 250_000,
    ],
)
def test_no_robots_txt_holds_the_process_for_long(body: bytes) -> None:
    before = time.process_time()
    rules = ProtegoRobotParser(rules_for(body[:512_000], AGENT), None)
    rules.allowed("https://www.fars-online.ir/" + "a" * 1_900, AGENT)
    assert time.process_time() - before < 2  # a quarter of a second on an idle machine, and 210 million take a minute
