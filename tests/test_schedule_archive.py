"""The schedule in the archive: its records, what it reads of articles, and the lags that follow."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.schedule import (
    ScheduleRecord,
    articles_by_hour,
    first_runs,
    scheduled,
    store_schedule,
    take_watch_lock,
)
from farscrawler.days import jalali, stored_jalali
from farscrawler.errors import DamagedArchiveError, HeldError
from farscrawler.items import Article
from farscrawler.schedule.lag import WATCH_METRICS, Lag, as_dict, render_watch_metrics, status_of
from farscrawler.schedule.profile import hour_number
from tests.support import run
from tests.support.archives import sqlite_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)
TEHRAN = dt.timezone(dt.timedelta(hours=3.5))
RECORD = ScheduleRecord(publisher="north", since=NOW.timestamp() - 86_400, due_at=NOW.timestamp() + 60, cost=3.5)


def add(archive: Archive, number: int, published: dt.datetime, fetched: dt.datetime, **more: Any) -> None:
    local = published.astimezone(TEHRAN)
    day = jalali(local.date())
    values: dict[str, Any] = {
        "publisher": "north", "article_id": str(number), "url": f"https://north.example/{number}",
        "headline": f"خبر {number}", "body": "متن", "fetched_at": fetched.isoformat(timespec="seconds"),
        "published_at": local.isoformat(timespec="seconds"), "published_precision": "second",
        "published_jalali": stored_jalali(f"{day}T{local:%H:%M:%S}"), "content_hash": str(number), **more,
    }  # fmt: skip
    article = Article(**values)
    visit = Visit(
        publisher=article.publisher, key=str(number), url=article.url, outcome="article", tries=1, at=article.fetched_at
    )
    archive.save(visit, article)
    archive.flush()


def ago(**more: float) -> dt.datetime:
    return NOW - dt.timedelta(**more)


def test_a_record_comes_back_as_it_was_and_a_newer_one_takes_its_place(archive: Archive) -> None:
    other = replace(RECORD, publisher="south", kind="hard", reason="south.example blocks us", failures=3, asked_at=5.0)
    store_schedule(archive, RECORD, other)
    store_schedule(archive, replace(RECORD, requests=7, day="2026-11-30"))
    assert scheduled(archive) == {"north": replace(RECORD, requests=7, day="2026-11-30"), "south": other}


def test_a_row_that_we_have_not_written_is_told_of(archive_file: Archive) -> None:
    store_schedule(archive_file, RECORD)
    archive_file.db.execute("UPDATE schedule SET due_at = 'soon'")
    with pytest.raises(DamagedArchiveError, match=r"due_at of north in the schedule is no number\. Delete that row"):
        scheduled(archive_file)


def test_articles_are_counted_by_the_hour_in_tehran(archive: Archive) -> None:
    for number in range(3):
        add(archive, number, ago(hours=2, minutes=number), NOW)
    add(archive, 3, ago(hours=30), NOW)
    add(archive, 4, ago(days=9), NOW)
    day = jalali(ago(days=1).date())
    add(archive, 5, NOW, NOW, published_jalali=stored_jalali(f"{day}"), published_precision="day")
    found = articles_by_hour(archive, "north", ago(days=3).date())
    assert found.pop(hour_number(ago(hours=2, minutes=1).timestamp())) == 3
    hour = hour_number(ago(hours=30).timestamp())
    assert found.pop(hour) == pytest.approx(1 + 1 / 24)
    assert list(found.values()) == pytest.approx([1 / 24] * 23)  # a day without an hour is spread over it
    assert articles_by_hour(archive, "south", ago(days=3).date()) == {}


def test_first_runs(archive: Archive) -> None:
    for at in ("2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"):
        Ledger(archive, "north").begin_run({}, at)
    assert first_runs(archive) == {"north": dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp()}


def test_a_crawl_begins_as_fast_after_the_runs_of_years(archive_file: Archive) -> None:
    """What it reads of earlier runs is found by an index: hundreds of sites make millions of runs a year."""
    ledger = Ledger(archive_file, "north")
    for _ in range(3):
        number = ledger.begin_run({}, "2026-11-01T00:00:00+00:00")
        ledger.end_run(number, at="2026-11-01T00:05:00+00:00", reason="finished", exit_code=0, counts={})
    seen: list[str] = []
    sqlite_of(archive_file).set_trace_callback(seen.append)
    assert ledger.newest_run_at() == "2026-11-01T00:05:00+00:00"
    assert ledger.broken_since() is None
    assert ledger.last_run() is not None
    assert list(ledger.runs_with_articles()) == []
    first_runs(archive_file)
    sqlite_of(archive_file).set_trace_callback(None)
    assert len(seen) >= 5
    for statement in seen:
        for plan in archive_file.db.execute(f"EXPLAIN QUERY PLAN {statement}"):
            assert not re.match("SCAN runs(?! USING COVERING INDEX)", plan[3]), (statement, plan[3])


def test_lags_are_of_first_storings_of_articles_published_since_the_first_run(archive: Archive) -> None:
    store_schedule(archive, RECORD)
    for number, minutes in enumerate((5, 10, 15, 20)):
        add(archive, number, ago(hours=10), ago(hours=10) + dt.timedelta(minutes=minutes))
    add(archive, 0, ago(hours=10), NOW, headline="دیگر", content_hash="revised")  # its first storing counts
    add(archive, 10, ago(days=2), NOW)  # published before the first run
    add(archive, 11, ago(hours=3), NOW, published_precision="hour")
    add(archive, 12, ago(hours=-5), NOW)  # dated later than it was stored
    add(archive, 13, ago(hours=1), NOW, publisher="south")  # nobody watches it
    status = status_of(archive, NOW.timestamp(), overdue_after=3600)
    assert status.lag == Lag(5, 600.0, 1200.0)
    assert status.lags == {"north": status.lag}
    assert status.overdue == frozenset()
    later = status_of(archive, NOW.timestamp() + 3661, overdue_after=3600)
    assert later.overdue == {"north"}
    assert status_of(archive, NOW.timestamp() + 30 * 86_400, overdue_after=3600).lag == Lag(0, None, None)


def test_metrics_and_json_say_the_same(archive: Archive) -> None:
    store_schedule(archive, replace(RECORD, kind="hard", failures=2, day="2026-11-30", requests=9, reason="blocked"))
    add(archive, 1, ago(hours=1), ago(minutes=50))
    status = status_of(archive, NOW.timestamp(), overdue_after=3600)
    text = render_watch_metrics(status)
    assert set(WATCH_METRICS) == {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert 'farscrawler_watch_lag_seconds{quantile="0.95"} 600.0\n' in text
    assert 'farscrawler_watch_failing{kind="hard"} 1\n' in text
    said = as_dict(status, requests_per_day=100)
    assert said["requests_today"] == 9
    assert said["lag"] == {"articles": 1, "median": 600.0, "p95": 600.0}
    (north,) = said["publishers"]
    assert (north["last"], north["failures"], north["due_at"]) == ("hard", 2, "2026-11-30T12:01:00+00:00")


def test_one_watch_at_a_time(archive: Archive) -> None:
    lock = take_watch_lock(archive)
    with Archive(archive.path, readonly=False) as other, pytest.raises(HeldError, match="another `farscrawler watch`"):
        take_watch_lock(other)
    lock.release()


def test_the_status_of_an_archive_that_was_never_watched_and_of_one_that_is_overdue(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        pass
    done = run("watch", "--status", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "was never watched" in done.stderr
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        store_schedule(archive, replace(RECORD, due_at=1.0e9, asked_at=1.0e9, kind="temporary", failures=4))
    done = run("watch", "--status", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.startswith("north\toverdue by ")
    assert "\ttemporary (4 times)\t" in done.stdout
    assert "1 publisher is overdue (north)" in done.stderr
    done = run("watch", "--status", "--json", cwd=tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout)["overdue"] == ["north"]


def test_the_status_of_some_publishers_and_of_crawls_that_have_begun(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        now = time.time()
        known = replace(RECORD, publisher="farsonline", since=now - 86_400, due_at=now - 60, asked_at=now - 50)
        other = replace(known, publisher="aryanews", due_at=now - 40, asked_at=None)
        store_schedule(archive, known, other)
    done = run("watch", "--status", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = {line.split("\t")[0]: line.split("\t") for line in done.stdout.splitlines()}
    assert rows["farsonline"][1:3] == ["begun", "none yet"]
    assert rows["aryanews"][1:3] == ["now", "none yet"]
    one = run("watch", "--status", "--json", "farsonline", cwd=tmp_path)
    assert [(row["publisher"], row["begun"]) for row in json.loads(one.stdout)["publishers"]] == [("farsonline", True)]
    unknown = run("watch", "--status", "598", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "598: not watched" in unknown.stderr


def test_an_older_archive_has_an_empty_schedule_until_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive(path, readonly=False):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE schedule; DROP INDEX runs_by_publisher")
        db.execute("PRAGMA user_version = 4")
        db.commit()
    with Archive(path) as archive:
        assert scheduled(archive) == {}
    with Archive(path, readonly=False) as archive:
        store_schedule(archive, RECORD)
        assert scheduled(archive) == {"north": RECORD}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("watch",), "--all takes all sites that are known"),
        (("watch", "farsonline", "--json"), "--json is a form of --status"),
        (("watch", "--status", "--once"), "--status shows all publishers that are watched, or those that are named"),
        (("watch", "farsonline", "--all"), "name publishers, a family, or --all"),
        (("watch", "farsonline", "--at-once", "0"), "--at-once takes a number of at least 1"),
        (("watch", "farsonlin"), "Did you mean farsonline or"),
        (("watch", "farsonline", "-s", "WATCH_MIN_INTERVAL=0"), "WATCH_MIN_INTERVAL=0: it must be more than 0 seconds"),
        (("watch", "farsonline", "-s", "WATCH_MAX_INTERVAL=9"), "must not be shorter than WATCH_MIN_INTERVAL (300)"),
        (("watch", "farsonline", "-s", "WATCH_OVERDUE_AFTER=inf"), "must not be negative or endless"),
    ],
)
def test_wrong_words_are_told_of_before_an_archive_is_made(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run(*words, "-s", "BASE_URL=http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
