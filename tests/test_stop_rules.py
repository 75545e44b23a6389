"""Asking again: what a site asks for with Retry-After, and when a run has asked enough."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from farscrawler.extract import NoArticle, Reason
from farscrawler.middlewares.retry import retry_after
from farscrawler.outcomes.judge import Verdict, judge_answer
from farscrawler.outcomes.stop_rules import EndReason, RunEnd, StopAfterFailures
from tests.support import crawl, crawl_words, start
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 23, 8, 0, 0, tzinfo=dt.UTC)
ARTICLE = Verdict("article", "")
BLOCKED = Verdict("blocked", "HTTP 403")
FAILED = Verdict("failed", "HTTP 500")
DEAD = Verdict("failed", "the connection was refused", unreachable=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("۱۲", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


class ImpatientServer(PageServer):
    """Refuses an address so many times, and notes when each request came."""

    def __init__(self, refusals: list[Answer]) -> None:
        super().__init__({"print:1": Answer(print_page(1))})
        self.refusals = refusals
        self.moments: list[float] = []

    def answer(self, key: str) -> Answer:
        if not key.startswith("print:"):
            return super().answer(key)
        self.moments.append(time.monotonic())
        return self.refusals.pop(0) if self.refusals else super().answer(key)


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_a_site_asks_for_is_kept(tmp_path: Path, status: int) -> None:
    with ImpatientServer([Answer(status=status, headers={"Retry-After": "1"})] * 2) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second, third = server.moments
    assert second - first >= 0.95
    assert third - second >= 0.95


def test_a_site_that_asks_for_too_much_is_left_for_a_later_run(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=429, headers={"Retry-After": "86400"})]) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path)
        assert done.returncode == 3
        assert "1 blocked" in done.stderr
        assert len(server.moments) == 1
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path).returncode == 0


def test_a_run_that_waits_for_a_site_still_leaves_when_told(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=503, headers={"Retry-After": "120"})]) as server:
        process = start(*crawl_words(server.url, "-a", "ids=1-3"), cwd=tmp_path, stderr=subprocess.PIPE)
        until = time.monotonic() + 30
        while not server.moments and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)  # not the two minutes that the site has asked for
        assert process.returncode == 130, said
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path).returncode == 0


def test_a_site_that_keeps_refusing_is_blocked(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=429)] * 50) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path, RETRY_TIMES=2)
    assert (done.returncode, len(server.moments)) == (3, 3)
    assert "1 blocked" in done.stderr


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


@pytest.mark.parametrize(
    ("status", "location", "page", "outcome"),
    [
        (200, None, NoArticle("not-article", Reason.LIST), "not-article"),
        (200, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "missing"),
        (404, None, NoArticle("not-article", Reason.NO_HEADLINE), "missing"),
        (410, None, NoArticle("failed", Reason.CUT_OFF), "missing"),
        (403, None, NoArticle("not-article", Reason.NO_HEADLINE), "blocked"),
        (429, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "blocked"),
        (500, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "failed"),
        (502, None, NoArticle("not-article", Reason.NO_HEADLINE), "failed"),
        (302, "http://www.fars-online.ir/Error.aspx", NoArticle("failed", Reason.EMPTY_BODY), "missing"),
        (404, None, NoArticle("blocked", Reason.ARVANCLOUD), "blocked"),
    ],
)
def test_outcomes_by_status(status: int, location: str | None, page: NoArticle, outcome: str) -> None:
    assert judge_answer(status, location, page, announced_empty=False).outcome == outcome


def test_an_empty_body_is_missing_only_where_the_server_meant_it() -> None:
    page = NoArticle("failed", Reason.EMPTY_BODY)
    assert judge_answer(200, None, page, announced_empty=True).outcome == "missing"
    assert judge_answer(200, None, page, announced_empty=False).outcome == "failed"
    assert judge_answer(500, None, page, announced_empty=True).outcome == "failed"
