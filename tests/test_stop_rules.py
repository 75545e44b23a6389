"""Asking again: what a site asks for with Retry-After, and when a run has asked enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.outcomes.judge import Verdict
from farscrawler.outcomes.stop_rules import EndReason, RunEnd, StopAfterFailures
from tests.support import crawl
from tests.support.pageserver import Answer
from tests.support.print_site import NOTHING, Site, everything, sentence, stored, visits

if TYPE_CHECKING:
    from pathlib import Path


ARTICLE = Verdict("article", "")
BLOCKED = Verdict("blocked", "HTTP 403")
FAILED = Verdict("failed", "HTTP 500")
DEAD = Verdict("failed", "the connection was refused", unreachable=True)


def test_patience_counts_in_a_row() -> None:
    patience = StopAfterFailures(blocked=2, failed=3, unreachable=2)
    assert [patience.add(v) for v in (BLOCKED, ARTICLE, BLOCKED)] == [None, None, None]
    assert patience.add(BLOCKED) == RunEnd(EndReason.BLOCKED, "2 in a row, the last one: HTTP 403")
    assert [patience.add(v) for v in (ARTICLE, FAILED, DEAD)] == [None, None, None]
    assert patience.add(FAILED) == RunEnd(EndReason.TOO_MANY_FAILURES, "3 in a row, the last one: HTTP 500")


def test_a_site_that_never_answered_is_unreachable_sooner() -> None:
    patience = StopAfterFailures(blocked=5, failed=20, unreachable=2)
    assert patience.add(DEAD) is None
    assert patience.add(DEAD) == RunEnd(EndReason.UNREACHABLE, "2 in a row, the last one: the connection was refused")


def test_a_site_in_maintenance_is_left_alone_and_nothing_it_answered_is_final(tmp_path: Path) -> None:
    words = ("-a", "ids=1-40")
    with Site(range(1, 41)) as site:
        site.instead = everything(NOTHING)
        done = crawl(site.url, *words, cwd=tmp_path, STOP_AFTER_SAME=6, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert done.returncode == 3
        assert "with the same page" in sentence(done)
        assert len(set(site.ids_asked())) <= 6 + 2
        assert {outcome for outcome, _ in visits(tmp_path).values()} == {"failed"}
        site.instead = lambda _: None
        done = crawl(site.url, *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert stored(tmp_path) == set(range(1, 41))


def test_what_was_in_flight_when_maintenance_was_noticed_is_owed_too(tmp_path: Path) -> None:
    with Site(range(1, 41)) as site:
        site.instead = everything(NOTHING)
        assert crawl(site.url, "-a", "ids=1-40", cwd=tmp_path).returncode == 3  # eight connections at a time
    assert {outcome for outcome, _ in visits(tmp_path).values()} == {"failed"}


def test_a_site_whose_unknown_ids_share_one_page_is_crawled_all_the_same(tmp_path: Path) -> None:
    def unknown(key: str) -> Answer | None:
        found = re.fullmatch(r"(?:print:|/Fa/News/)(\d+)/?", key)
        return NOTHING if found and int(found[1]) > 40 else None

    with Site(range(1, 41)) as site:
        site.instead = unknown
        done = crawl(site.url, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert stored(tmp_path) == set(range(1, 41))
        site.instead = everything(NOTHING)  # in maintenance the home page lists nothing
        assert crawl(site.url, cwd=tmp_path).returncode == 3


def test_a_site_that_has_answered_is_never_called_unreachable() -> None:
    dead = Verdict("failed", "the connection was refused", unreachable=True)
    patience = StopAfterFailures(blocked=5, failed=4, unreachable=2)
    assert [patience.add(verdict) for verdict in (Verdict("article", ""), dead, dead, dead)] == [None] * 4
    assert patience.add(dead) == RunEnd(
        EndReason.TOO_MANY_FAILURES, "4 in a row, the last one: the connection was refused"
    )


def test_a_site_that_asks_for_a_long_peace_gets_it_at_once(tmp_path: Path) -> None:
    with Site(range(1, 41)) as site:
        site.instead = everything(Answer(status=429, headers={"Retry-After": "86400"}))
        done = crawl(site.url, "-a", "ids=1-40", cwd=tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert done.returncode == 3
        assert "it asks us to wait 24 h 0 min" in sentence(done)
        assert len(site.ids_asked()) <= 2
