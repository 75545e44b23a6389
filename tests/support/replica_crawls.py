"""Crawls of the replicas of tests/support/replica_sites.py, each in a process of its own, and what they brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.days import day_of
from tests.support import FAST, json_lines, run
from tests.support.killing import Hold, kill_on_hold

if TYPE_CHECKING:
    import datetime as dt
    import subprocess
    from pathlib import Path

    from farscrawler.days import DateRange
    from tests.support.replica_sites import ReplicaSite


def words(site: ReplicaSite, folder: Path, *more: str, **settings: Any) -> list[str]:
    """Return the words of a crawl of a replica."""
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "sites" / "iransamaneh.toml").write_text(site.stanza, encoding="utf-8")  # of that family
    given = ["crawl", "replica", "-a", f"base_url={site.url}", "-s", "PUBLISHERS=sites"]
    for name, value in {**FAST, **settings}.items():
        given += ["-s", f"{name}={value}"]
    return [*given, *more]


def crawl(site: ReplicaSite, folder: Path, *more: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Crawl a replica, the log of what was asked begun anew."""
    site.asked.clear()
    site.statuses.clear()
    return run(*words(site, folder, *more, **settings), cwd=folder)


def days(since: str, until: str) -> list[str]:
    return ["-a", f"since={since}", "-a", f"until={until}", "-O", "news.jsonl"]


def exported(folder: Path) -> list[str]:
    return sorted(line["article_id"] for line in json_lines(folder / "news.jsonl"))


def stored(folder: Path) -> dict[str, dt.date | None]:
    with Archive(folder / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        return {article.article_id: day_of(article) for article in archive.articles("replica")}


def assert_exact(site: ReplicaSite, folder: Path, span: DateRange) -> dict[str, dt.date | None]:
    """The export is the known answer, and the archive holds no more than what lies a day beside it, or is undated."""
    truth = site.truth(span)
    assert exported(folder) == sorted(truth)
    held = stored(folder)
    assert {key for key, day in held.items() if day is not None and day in span} == truth
    for key, day in held.items():
        assert day == (site.by_key[key].day if site.by_key[key].dated else None)
    return {key: day for key, day in held.items() if key not in truth}


def kill_at(site: ReplicaSite, folder: Path, requests: int, *more: str) -> bool:
    """Start a crawl, kill -9 its session when the site has been asked so often, and tell whether it was alive."""
    site.asked.clear()
    hold = Hold(site, "respond", lambda: len(site.asked) >= requests)
    return kill_on_hold(hold, *words(site, folder, *more), cwd=folder)
