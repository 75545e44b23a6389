"""The counters of a run are Scrapy's stats: any collector, the periodic log, the summary and the metrics read them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler import settings as own_settings
from farscrawler.archive import Archive, Visit
from farscrawler.outcomes.stats import MEANINGS
from farscrawler.spiders.loader import spider_class
from farscrawler.webarchives.service import manners
from tests.support import crawl
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.stats import FILE

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

OWN = "tests.support.stats.FileStats"


def site_of(*ids: int) -> PageServer:
    return PageServer({f"print:{number}": Answer(print_page(number)) for number in ids})


def counted(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    own = [name for name in found if name.startswith("farscrawler/")]
    assert all(name in MEANINGS or f"{name.rpartition('/')[0]}/" in MEANINGS for name in own)
    return {name: value for name, value in found.items() if name.startswith("farscrawler/")}


def test_a_collector_of_the_users_own_gets_every_counter(tmp_path: Path) -> None:
    with site_of(1, 2, 3, 4) as site:
        site.answers["print:6"] = Answer(status=500)
        first = crawl(site.url, "-a", "ids=1-6", "--summary", "json", cwd=tmp_path, STATS_CLASS=OWN, RETRY_TIMES=0)
        assert first.returncode == 3, first.stderr
        assert counted(tmp_path) == {
            "farscrawler/addresses/article": 4,
            "farscrawler/addresses/missing": 1,
            "farscrawler/addresses/failed": 1,
            "farscrawler/articles/new": 4,
            "farscrawler/articles/revised": 0,
            "farscrawler/pending": 0,
            "farscrawler/end_reason": "finished",
            "farscrawler/exit_code": 3,
        }
        said = json.loads(first.stdout)
        assert (said["new"], said["owed"], said["counts"]) == (4, 1, {"article": 4, "missing": 1, "failed": 1})
        site.answers["print:6"] = Answer(print_page(6))
        second = crawl(site.url, "-a", "ids=1-6", "--metrics", "run.prom", cwd=tmp_path, STATS_CLASS=OWN)
        assert second.returncode == 0, second.stderr
        assert counted(tmp_path) == {
            "farscrawler/addresses/article": 1,
            "farscrawler/articles/new": 1,
            "farscrawler/articles/revised": 0,
            "farscrawler/known/articles": 4,
            "farscrawler/known/settled": 1,
            "farscrawler/pending": 0,
            "farscrawler/end_reason": "finished",
            "farscrawler/exit_code": 0,
        }
    assert 'farscrawler_run_articles_new{publisher="farsonline"} 1\n' in (tmp_path / "run.prom").read_text("utf-8")


def test_the_periodic_log_of_scrapy_shows_the_counters(tmp_path: Path) -> None:
    extensions = {**own_settings.EXTENSIONS, "scrapy.extensions.periodic_log.PeriodicLog": 500}
    with site_of(1, 2, 3, 4) as site:
        done = crawl(
            site.url, "-a", "ids=1-4", cwd=tmp_path, EXTENSIONS=json.dumps(extensions), LOGSTATS_INTERVAL=60,
            PERIODIC_LOG_STATS=json.dumps({"include": ["farscrawler/"]}),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    logged = re.findall(r"^.*? INFO: (\{\n.*?\n  \})$", done.stderr, re.DOTALL | re.MULTILINE)
    said = json.loads(logged[-1])["stats"]
    assert said["farscrawler/addresses/article"] == said["farscrawler/articles/new"] == 4
    assert said["farscrawler/end_reason"] == "finished"


def test_exit_codes_do_not_hang_on_a_collector_that_keeps_nothing(tmp_path: Path) -> None:
    dummy = "scrapy.statscollectors.DummyStatsCollector"
    with site_of(1, 2) as site:
        site.answers["print:3"] = Answer(status=500)
        assert crawl(site.url, "-a", "ids=1-3", cwd=tmp_path, STATS_CLASS=dummy, RETRY_TIMES=0).returncode == 3
        site.answers["print:3"] = Answer(print_page(3))
        assert crawl(site.url, "-a", "ids=1-3", cwd=tmp_path, STATS_CLASS=dummy).returncode == 0


def test_what_is_not_committed_is_known_by_outcome(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        first = Visit(publisher="p", key="1", url="u", outcome="missing", at="2026-11-23T08:00:00+00:00")
        archive.save(first)
        archive.save(replace(first, key="2", outcome="failed"))
        archive.save(replace(first, key="2", outcome="failed", corrects="not-article"))
        before = archive.uncommitted()
        assert before == {"missing": 1, "failed": 2, "not-article": -1}
        archive.flush()
        assert archive.uncommitted() == {}
        assert archive.committed == before


@pytest.mark.parametrize("source", ["wayback", "commoncrawl"])
def test_settings_that_a_web_archive_needs_give_way_to_those_of_the_command_line(source: str) -> None:
    given = Settings()
    given.setmodule(own_settings)
    given.set("DOWNLOAD_DELAY", 0.5, "project")  # meant for sites
    given.set("DOWNLOAD_TIMEOUT", 7.0, "cmdline")
    cls = spider_class(publishers.load("farsonline"))
    crawler = Crawler(cls, given)
    cls.from_crawler(crawler, source=source)
    needed = manners(source, given)
    assert needed["DOWNLOAD_DELAY"] != 0.5
    for name, value in needed.items():
        assert crawler.settings.get(name) == (7.0 if name == "DOWNLOAD_TIMEOUT" else value)
