"""Saved pages and WARC files, attacked: what went wrong once, each by a run as a user makes it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.discovery.span import parse_span
from tests.replica_crawls import crawl, days, exported
from tests.replica_sites import ListSite, PagedSite, ReplicaSite, SitemapSite, stories
from tests.saved import contents
from tests.support import json_lines, run

if TYPE_CHECKING:
    from pathlib import Path

WEEK = parse_span("1402-07-10", "1402-07-16")
AGENCY = stories(WEEK.first - dt.timedelta(5), WEEK.last + dt.timedelta(5), seed=5)


@pytest.mark.parametrize("kind", [ListSite, SitemapSite, PagedSite])
def test_a_range_of_days_is_rebuilt_from_its_warcs_with_its_addresses(kind: type[ReplicaSite], tmp_path: Path) -> None:
    """Where articles are asked at the addresses that lists print, a rebuild has those, and robots.txt is no article."""
    span = days("1402-07-10", "1402-07-16")
    with kind(AGENCY) as site:
        done = crawl(site, tmp_path, *span, WARC="out")
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path) == sorted(site.truth(WEEK))
        for line in json_lines(tmp_path / "news.jsonl"):
            assert line["url"] == site.address(site.by_key[line["article_id"]])
    live = (tmp_path / "news.jsonl").read_bytes()
    (tmp_path / "archive.db").rename(tmp_path / "live.db")
    words = ["crawl", "replica", "-s", "PUBLISHERS=sites", "-a", "pages=out", *span]
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " failed" not in done.stderr
    assert contents(tmp_path / "archive.db") == contents(tmp_path / "live.db")
    assert sorted((tmp_path / "news.jsonl").read_bytes().splitlines()) == sorted(live.splitlines())
