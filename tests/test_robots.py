"""robots.txt: obeyed where it forbids, and no ban where it cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl
from tests.support.newsroom_tools import assert_all_right
from tests.support.pageserver import Answer
from tests.support.print_site import Site, stored, visits

if TYPE_CHECKING:
    from pathlib import Path


def test_what_robots_forbade_is_fetched_once_they_are_gone_and_an_error_page_has_no_rules(tmp_path: Path) -> None:
    rules = "User-agent: *\nDisallow: /\n"
    with Site([1, 2, 3]) as site:
        for status, last, articles in ((200, 2, set[int]()), (404, 2, {1, 2}), (500, 3, {1, 2, 3})):
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


def test_robots_that_cannot_be_read_are_no_ban(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    with Server(newsroom, robots="error") as server:
        done = crawl(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", cwd=tmp_path, RETRY_TIMES=0)
    assert done.returncode == 0, done.stderr
    assert_all_right(tmp_path, newsroom, range(newsroom.first_id, newsroom.newest_id + 1))
