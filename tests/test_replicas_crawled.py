"""The crawler against the replicas of four families: every page read, and all four sites crawled in one process."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from farscrawler import publishers
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom.replicas import SITES, Street
from tests.support import FAST, json_lines, run
from tests.support.extract_pages import article_of, no_article

if TYPE_CHECKING:
    from pathlib import Path

_EACH = 12


@pytest.mark.parametrize("family", SITES)
def test_every_field_of_every_page_is_read_right(family: str) -> None:
    site = SITES[family](Newsroom(31, 1_000, 600), weight=8_000)
    publisher = publishers.load(site.publisher_key)
    for one in site.articles()[::6]:
        body = site.respond(quote(site.path_for(one))).body
        found = asdict(article_of(body, None, publisher=publisher, form="article", url=site.url_for(one)))
        truth = site.answers(one)
        assert {name: found[name] for name in truth} == truth
        assert not [warning for warning in found["warnings"] if warning.startswith("timestamp")], found["warnings"]


@pytest.mark.parametrize("family", ["nastooh", "iransamaneh", "wordpress"])
def test_what_is_not_there_is_told_from_articles(family: str) -> None:
    site = SITES[family](Newsroom(31, 1_000, 600), weight=30_000)
    publisher = publishers.load(site.publisher_key)
    gap = next(str(at) for at in range(1_000, 1_600) if site.newsroom.story(at) is None)
    body = site.respond(publisher.url_for(gap, "article").removeprefix(publisher.base_url)).body
    outcome, _ = no_article(body, gap, publisher=publisher, form="article")
    assert outcome in ("missing", "not-article")


def test_four_families_are_crawled_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    sites = [
        site(Newsroom(50 + at, 2_000, 60, per_day=9, start="1402-03-01"), weight=0)
        for at, site in enumerate(SITES.values())
    ]
    with Street(sites) as street:
        words = [
            "crawl-all",
            *(site.publisher_key for site in sites),
            "-O",
            "{publisher}.jsonl",
            "-a",
            f"latest={_EACH}",
        ]
        for site, server in street:
            words += ["-a", f"{site.publisher_key}.base_url={server.url}"]
        for name, value in FAST.items():
            words += ["-s", f"{name}={value}"]
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        for site, server in street:
            wanted = {site.key_of(one): site.answers(one) for one in site.chronicle.newest(_EACH)}
            lines = {line["article_id"]: line for line in json_lines(tmp_path / f"{site.publisher_key}.jsonl")}
            assert set(lines) == set(wanted)
            for key, truth in wanted.items():
                assert {name: lines[key][name] for name in truth} == truth
            assert server.requests[0].path == "/robots.txt"
            assert len(server.pauses) == len(server.requests) - 1
            assert len(server.requests) < 4 * _EACH


def _crawl_all(street: Street, *arguments: str, folder: Path, **settings: float) -> None:
    words = ["crawl-all", *(site.publisher_key for site, _ in street), "-O", "{publisher}.jsonl", *arguments]
    for site, server in street:
        words += ["-a", f"{site.publisher_key}.base_url={server.url}"]
    for name, value in {**FAST, **settings}.items():
        words += ["-s", f"{name}={value}"]
    done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr


def test_a_year_of_four_families_by_the_best_door_of_each(tmp_path: Path) -> None:
    year = "1401"
    sites = [
        site(Newsroom(70 + at, 3_000, 60, per_day=0.11, start="1400-11-01"), weight=0)
        for at, site in enumerate(SITES.values())
    ]
    with Street(sites) as street:
        _crawl_all(street, "-a", f"since={year}", "-a", f"until={year}", folder=tmp_path)
        for site, server in street:
            wanted = {site.key_of(one): site.answers(one) for one in site.articles()}
            wanted = {
                key: truth for key, truth in wanted.items() if truth["published_jalali"].startswith(f"SH {year}/")
            }
            assert 15 < len(wanted) < len(site.articles())
            lines = {line["article_id"]: line for line in json_lines(tmp_path / f"{site.publisher_key}.jsonl")}
            assert set(lines) == set(wanted)
            for key, truth in wanted.items():
                assert {name: lines[key][name] for name in truth} == truth
            whole = [request.path for request in server.requests if request.status == HTTPStatus.OK]
            assert len(whole) == len(set(whole)), "something was fetched twice"  # 304s are lists asked once more


def test_each_host_is_left_its_pause_whatever_the_others_do(tmp_path: Path) -> None:
    delay = 0.4
    sites = [site(Newsroom(90 + at, 2_000, 30, per_day=9), weight=0) for at, site in enumerate(SITES.values())]
    with Street(sites) as street:
        _crawl_all(street, "-a", "latest=4", folder=tmp_path, DOWNLOAD_DELAY=delay, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        for _, server in street:
            assert len(server.pauses) > 4
            # The server sees a request late on a loaded machine, which takes from the next pause: only two requests at
            # once have none at all. All pauses together lose that time once, and a quarter of each by the jitter.
            assert min(server.pauses) > delay / 8, server.pauses
            assert sum(server.pauses) > len(server.pauses) * delay / 2, server.pauses
