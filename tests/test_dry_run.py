"""`--dry-run`: what a crawl would cost, against what the same crawl then costs."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.frontier.outlook import SAMPLE, sample
from farscrawler.testing.newsroom import Newsroom, Server
from farscrawler.testing.newsroom.replicas import SITES, Street
from tests.support import FAST, crawl, run

if TYPE_CHECKING:
    from pathlib import Path

NEWSROOM = Newsroom(first_id=3_000, count=11_000, per_day=10, start="1399-01-01")
FAST_WORDS = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]


def summary(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def within_a_quarter(estimated: float, real: float) -> bool:
    return 0.75 * real <= estimated <= 1.25 * real


def disk(folder: Path) -> int:
    """Return the bytes of the archive and of the kept pages, as SQLite counts them."""
    with Archive(folder / "archive.db", readonly=True) as archive:
        pages = archive.db.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    size: int = pages[0]
    return size + (folder / "archive.pages.db").stat().st_size


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        (["--ids", "4000-4079"], None),
        (["--since", "1400-05-01", "--until", "1400-05-10"], None),
        (["--latest", "40"], None),
        ([], "how much is newer"),
    ],
)
def test_an_estimate_among_ids_is_what_the_crawl_then_costs(
    tmp_path: Path, words: list[str], unknown: str | None
) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        dry = summary(crawl(server.url, *words, "--dry-run", "--summary", "json", cwd=tmp_path))
        made = len(server.requests)
        real = summary(crawl(server.url, *words, "--summary", "json", cwd=tmp_path))
    estimate = dry["estimate"]
    assert dry["end_reason"] == "estimated"
    assert dry["requests"] == made <= 20
    assert within_a_quarter(estimate["articles"], real["new"])
    assert within_a_quarter(estimate["requests"], real["requests"])
    assert (estimate["unknown"] or "").startswith(unknown or "")
    assert bool(estimate["unknown"]) == bool(unknown)


def test_a_dry_run_begins_nothing(tmp_path: Path) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "--dry-run", "-O", "news.jsonl", "--metrics", "run.prom", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("farsonline: at most 100 articles to fetch, about 12")
        assert "DOWNLOAD_DELAY" in done.stdout or "at a time" in done.stdout
        assert done.stdout.rstrip().endswith("requests were made for it: 1 for robots.txt, 1 for lists.")
        assert not (tmp_path / "news.jsonl").exists()
        assert not (tmp_path / "run.prom").exists()
        with Archive(tmp_path / "archive.db", readonly=True) as archive:
            assert archive.db.execute("SELECT count(*) FROM floors").fetchone()[0] == 0  # no watermark was set
            assert archive.db.execute("SELECT end_reason, exit_code FROM runs").fetchone() == ("estimated", 0)
        done = crawl(server.url, "--ids", "4000-4005", "--dry-run", cwd=tmp_path)
        assert "at most 6 articles to fetch, about 7 requests" in done.stdout
        assert done.stdout.rstrip().endswith("No request was made.")
        done = crawl(server.url, "--since", "1500", "--dry-run", cwd=tmp_path)
        assert done.stdout.startswith("farsonline: about 0 articles to fetch, about 0 requests,")
        assert "1500-01-01 – … lies in the future" in crawl(server.url, "--since", "1500", cwd=tmp_path).stderr


@pytest.mark.parametrize("words", [["--since", "1400-05-01", "--until", "1400-05-03"], ["--since", "1402-01-05"]])
def test_a_harvested_range_costs_nothing_and_neither_does_its_estimate(tmp_path: Path, words: list[str]) -> None:
    """The margins beside it were walked through too: their ids are not expected again."""
    with Server(NEWSROOM, weight=2_000) as server:
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
        made = len(server.requests)
        estimate = summary(crawl(server.url, *words, "--dry-run", "--summary", "json", cwd=tmp_path))["estimate"]
        of_dry_run = len(server.requests) - made
        real = summary(crawl(server.url, *words, "--summary", "json", cwd=tmp_path))
    assert real["new"] == estimate["articles"] == 0
    assert of_dry_run <= real["requests"]
    assert estimate["requests"] <= real["requests"] + 1


def test_what_is_settled_is_not_in_it_and_the_archive_says_how_large_an_article_is(tmp_path: Path) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        assert crawl(server.url, "--ids", "4000-4079", cwd=tmp_path).returncode == 0
        with Archive(tmp_path / "archive.db", readonly=False) as archive:  # of the pace that the machine had
            archive.db.execute(
                "UPDATE runs SET started_at = '2026-01-01T10:00:00+00:00', ended_at = '2026-01-01T10:02:00+00:00'"
            )
        before = disk(tmp_path)
        words = ("--ids", "4000-4179")
        dry = summary(crawl(server.url, *words, "--dry-run", "--summary", "json", cwd=tmp_path))
        real = summary(crawl(server.url, *words, "--summary", "json", cwd=tmp_path))
    estimate = dry["estimate"]
    assert estimate["requests"] == 101
    assert not estimate["at_most"]
    assert within_a_quarter(estimate["articles"], real["new"])
    assert within_a_quarter(estimate["bytes"], disk(tmp_path) - before)
    assert "the archive's own size" in estimate["size"]
    assert (estimate["pace"], estimate["seconds"]) == ("1.5 s a request, as in run 1", 151.5)


SOURCES = [
    ("nastooh", "archive"),
    ("nastooh", "sitemaps"),
    ("asam", "sitemaps"),
    ("wordpress", "sitemaps"),
    ("wordpress", "pages"),
]


@pytest.mark.parametrize(("family", "source"), SOURCES)
def test_an_estimate_by_lists_is_what_the_crawl_then_costs(tmp_path: Path, family: str, source: str) -> None:
    site = SITES[family](Newsroom(50, 2_000, 140, per_day=3, start="1402-03-01"), weight=0)
    with Street([site]) as street:
        words = ["crawl", site.publisher_key, "--base-url", street[site.publisher_key].url, "--via", source]
        words += ["--since", "1402-03-10", "--until", "1402-03-31", *FAST_WORDS]
        dry = summary(run(*words, "--dry-run", "--summary", "json", cwd=tmp_path))
        real = summary(run(*words, "--summary", "json", cwd=tmp_path))
    estimate = dry["estimate"]
    assert real["new"] > 40
    assert within_a_quarter(estimate["articles"], real["new"])
    assert within_a_quarter(estimate["requests"], real["requests"])
    assert estimate["lists"] > 0
    assert estimate["unknown"] is None
    # While it runs, the lists of a week tell how long the rest takes.
    if real["estimate"] is not None:
        assert within_a_quarter(real["estimate"]["articles"], real["new"] + sum(dry["counts"].values()))


@pytest.mark.parametrize("count", [1, 13, 14, 15, 31, 97, 366, 3_650])
def test_a_sample_has_every_day_of_the_week(count: int) -> None:
    chosen = list(sample(count))
    assert chosen == sorted(set(chosen))
    assert 0 <= chosen[0] <= chosen[-1] < count
    assert len(chosen) == count or SAMPLE - 3 <= len(chosen) <= SAMPLE
    if count >= 31:
        assert {at % 7 for at in chosen} == set(range(7))
        assert max(b - a for a, b in pairwise(chosen)) < count / 5


def test_all_of_several_are_estimated(tmp_path: Path) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        words = ["crawl-all", "farsonline", "--base-url", server.url, "--ids", "4000-4009", "--dry-run", *FAST_WORDS]
        done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("farsonline: at most 10 articles to fetch")
