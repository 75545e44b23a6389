"""Asking again: the pauses that a site asks for with Retry-After, and how often it is asked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.middlewares.retry import retry_after
from tests.support import crawl
from tests.support.pageserver import Answer, ImpatientServer

if TYPE_CHECKING:
    from pathlib import Path


NOW = dt.datetime(2026, 11, 23, 8, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 07:00:00 GMT", None),
        ("Mon, 23 Nov 2026 08:00:00 GMT", None),
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


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_a_site_asks_for_is_kept(tmp_path: Path, status: int) -> None:
    with ImpatientServer([Answer(status=status, headers={"Retry-After": "1"})] * 2) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second, third = server.moments
    assert second - first >= 0.95
    assert third - second >= 0.95


def test_a_moment_that_is_over_asks_for_no_pause_and_the_usual_one_is_kept(tmp_path: Path) -> None:
    past = Answer(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    with ImpatientServer([past] * 2) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path, RETRY_BACKOFF=0.8)
    assert done.returncode == 0, done.stderr
    first, second, third = server.moments
    assert second - first >= 0.6  # less a quarter, by chance
    assert third - second >= 1.2


def test_a_site_that_asks_for_too_much_is_left_for_a_later_run(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=429, headers={"Retry-After": "86400"})]) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path)
        assert done.returncode == 3
        assert "1 blocked" in done.stderr
        assert len(server.moments) == 1
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path).returncode == 0


def test_a_site_that_keeps_refusing_is_blocked(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=429)] * 50) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path, RETRY_TIMES=2)
    assert (done.returncode, len(server.moments)) == (3, 3)
    assert "1 blocked" in done.stderr


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 23 Nov 2026 08:00:00 +999999999999999",
        "Mon, 99 Nov 99999999999 08:00:00 GMT",
        "Mon, 23 Nov 0 -0000",
        "\x00",
    ],
)
def test_an_absurd_retry_after_is_ignored(value: str) -> None:
    assert retry_after(value, NOW) is None
