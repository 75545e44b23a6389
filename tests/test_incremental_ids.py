"""What an attack on whole crawls found, held by real crawls: wild lists, maintenance, refusals, failures, ends."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.ledger import Known
from tests.support import crawl
from tests.support.pageserver import Answer
from tests.support.print_site import NOTHING, WALL, Site, execute, floor, sentence, stored, visits

if TYPE_CHECKING:
    from pathlib import Path


def test_a_wild_id_on_the_home_page_leads_nobody_away(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with Site(range(951, 1001), [*range(961, 1001), 999_999_999, int("9" * 18), int("9" * 20)]) as site:
        assert "9" * 20 in str(site.answer("/").body)
        done = crawl(site.url, "-a", "latest=3", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert stored(tmp_path) == {998, 999, 1000}
        site.articles.add(1001)
        for folder in (fresh, tmp_path):  # the very first crawl, and one that knows some articles
            done = crawl(site.url, cwd=folder, FIRST_IDS=10, PROBE_MISSES=5)
            assert done.returncode == 0, done.stderr
            assert (floor(folder) or 0) <= 1001
            assert 1001 in stored(folder)
        assert max(site.ids_asked()) == 1006
    assert stored(fresh) == set(range(991, 1002))


@pytest.mark.parametrize("first", [["-a", "ids=61-104"], ["-a", "latest=20"]])
def test_what_was_no_article_near_the_newest_is_asked_again_once_published(tmp_path: Path, first: list[str]) -> None:
    late = {85, 95, 102}
    with Site(set(range(61, 101)) - late) as site:
        site.answers = {"print:95": NOTHING, "/Fa/News/95/": NOTHING, "print:102": NOTHING, "/Fa/News/102/": NOTHING}
        site.answers["print:90"] = Answer(status=503)
        done = crawl(site.url, *first, cwd=tmp_path, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr  # 90 is owed
        assert visits(tmp_path)[95][0] == "not-article"
        assert visits(tmp_path)[85][0] == "missing"
        site.answers = {}
        site.articles |= late
        site.ids_asked()
        done = crawl(site.url, cwd=tmp_path, PROBE_MISSES=5)
        assert done.returncode == 0, done.stderr
        assert late | {90} <= stored(tmp_path)
        # and of those that were stored none was fetched again
        assert {number for number in site.ids_asked() if number <= 100} == {85, 90, 95}


@pytest.mark.parametrize(
    ("home", "words", "kind", "detail"),
    [
        (Answer(status=403), ["-a", "latest=3"], "blocks us", "HTTP 403"),
        (WALL, [], "blocks us", "Cloudflare challenge"),
        (
            NOTHING,
            ["-a", "latest=3"],
            "answers, and",
            "names no article; base_url has to serve the pages of farsonline.",
        ),
        (Answer("<html><body>خطا</body></html>", status=500), [], "cannot be reached", "HTTP 500"),
    ],
)
def test_a_home_page_that_lists_nothing_is_said_and_is_not_success(
    tmp_path: Path, home: Answer, words: list[str], kind: str, detail: str
) -> None:
    with Site(range(1, 41)) as site:
        site.answers["/"] = home
        done = crawl(site.url, *words, cwd=tmp_path, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr
        assert kind in sentence(done)
        assert detail in sentence(done)
        assert site.ids_asked() == []
    assert visits(tmp_path) == {}


def test_a_home_page_without_links_does_not_end_a_crawl_that_knows_where_it_was(tmp_path: Path) -> None:
    with Site(range(1, 21)) as site:
        assert crawl(site.url, cwd=tmp_path, PROBE_MISSES=3).returncode == 0
        site.articles |= {21, 22}
        site.answers["/"] = NOTHING
        done = crawl(site.url, cwd=tmp_path, PROBE_MISSES=3)
        assert done.returncode == 0, done.stderr
    assert {21, 22} <= stored(tmp_path)


def aged(folder: Path, *, first: int, last: int) -> None:
    """Move the visits into the past: by hours, the first ones and the last ones."""
    moved = ", ".join(
        f"{name} = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-{hours} hours')"
        for name, hours in (("first_at", first), ("last_at", last))
    )
    execute(folder, f"UPDATE visits SET {moved}")  # noqa: S608  # hours of this module


def test_an_idle_run_leaves_known_misses_in_peace_until_their_age_has_grown(tmp_path: Path) -> None:
    with Site(set(range(61, 101)) - {85, 95}) as site:
        words = {"FIRST_IDS": 40, "PROBE_MISSES": 10, "EDGE_IDS": 30, "REFRESH_HOURS": 0}
        assert crawl(site.url, cwd=tmp_path, **words).returncode == 0
        misses = {85, 95, *range(101, 111)}
        site.ids_asked()
        aged(tmp_path, first=1, last=1)  # what a run an hour ago met for the first time
        assert crawl(site.url, cwd=tmp_path, **words).returncode == 0
        assert set(site.ids_asked()) == misses
        aged(tmp_path, first=9, last=1)
        assert crawl(site.url, cwd=tmp_path, **words).returncode == 0
        assert set(site.ids_asked()) == {101, 102, 103}
        # the next ones are found at once, and what stands behind them too; a late one when its age has grown
        site.articles |= {85, *range(101, 107)}
        aged(tmp_path, first=9, last=1)
        assert crawl(site.url, cwd=tmp_path, **words).returncode == 0
        assert stored(tmp_path) >= set(range(101, 107))
        assert 85 not in stored(tmp_path)
        aged(tmp_path, first=12, last=3)
        assert crawl(site.url, cwd=tmp_path, **words).returncode == 0
        assert 85 in stored(tmp_path)


def test_a_miss_is_asked_nine_times_in_its_first_day_by_hourly_runs() -> None:
    begin = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    known = Known("missing", "print", begin.isoformat(), begin.isoformat(), None, None, provisional=True, url="")
    asked = []
    for hours in range(1, 25):
        at = begin + dt.timedelta(hours=hours)
        if not known.rests(at):
            asked.append(hours)
            known.last_at = at.isoformat()
    assert asked == [1, 2, 3, 4, 6, 8, 11, 15, 20]
    known.last_at = (begin + dt.timedelta(days=90)).isoformat()  # by a wrong clock
    assert not known.rests(begin + dt.timedelta(days=2))
    known.provisional = False
    assert not known.rests(begin + dt.timedelta(minutes=61))  # it is final, and not asked for another reason
