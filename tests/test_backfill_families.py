"""A range of days on the replicas of four families, by every source that each has, held against their known answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler import publishers
from farscrawler.days import DateRange
from farscrawler.testing.newsroom.replicas import Street, families
from tests.support import FAST, json_lines, run

if TYPE_CHECKING:
    from pathlib import Path

#: The sources that lead to days long past; robots.txt forbids the archive of IranSamaneh.
SOURCES = [
    ("nastooh", "archive"),
    ("nastooh", "sitemaps"),
    ("iransamaneh", "sitemaps"),
    ("asam", "sitemaps"),
    ("wordpress", "sitemaps"),
    ("wordpress", "pages"),
]


@pytest.mark.parametrize(("family", "source"), SOURCES)
def test_every_source_of_every_family_gives_exactly_the_known_answer(family: str, source: str, tmp_path: Path) -> None:
    (site,) = families([family], count=200)
    articles = list(site.articles())
    days = sorted(one.local.date() for one in articles)
    middle = days[len(days) // 2]
    span = DateRange(middle - dt.timedelta(days=20), middle + dt.timedelta(days=20))
    truth = sorted(str(site.key_of(one)) for one in articles if one.local.date() in span)
    assert truth
    assert source in publishers.load(site.publisher_key).sources.names
    with Street([site]) as street:
        words = ["crawl", site.publisher_key, "-a", f"base_url={street[site.publisher_key].url}", "-O", "news.jsonl"]
        words += ["-a", f"since={span.first}", "-a", f"until={span.last}", "-a", f"via={source}"]
        for name, value in FAST.items():
            words += ["-s", f"{name}={value}"]
        done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(line["article_id"] for line in json_lines(tmp_path / "news.jsonl")) == truth
