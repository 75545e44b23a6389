"""Which days are harvested: by the runs of an archive, and by the ids in it; and what coverage makes of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.runs import RunRecord
from farscrawler.coverage import Gap
from farscrawler.coverage.gaps import merged
from farscrawler.coverage.harvested import Days, Harvest
from farscrawler.coverage.html import page
from farscrawler.coverage.reasons import PHRASES, in_persian
from farscrawler.coverage.survey import survey
from farscrawler.days import DateRange, parse_date_range
from farscrawler.extract import Reason
from farscrawler.outcomes.judge import Refusal
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, run
from tests.support.coverage_harvest import NOW, SITE

if TYPE_CHECKING:
    from pathlib import Path

#: Three years of ten ids a day: a month of it is a small part.
NEWSROOM = Newsroom(first_id=3_000, count=11_000, per_day=10, start="1399-01-01")
MONTH = ("1400-05-01", "1400-05-31")


def ran(arguments: dict[str, str], at: str, end: str | None = "finished", code: int | None = 0) -> RunRecord:
    return RunRecord(run=1, arguments=arguments, started_at=f"{at}T20:00:00+00:00", end_reason=end, exit_code=code)


def harvested(*runs: RunRecord) -> list[str]:
    return [str(part) for part in Harvest.of_runs(runs, "Asia/Tehran").days.ranges]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"since": "1401-02", "until": "1401-02"}, ["1401-02-01 – 1401-02-31"]),
        ({"since": "1405-09-01"}, ["1405-09-01 – 1405-09-09"]),  # up to the day of the run, which begins at 20:30
        ({"since": "1405-09-01", "until": "1406-01-01"}, ["1405-09-01 – 1405-09-09"]),
        ({"until": "1401-02-05"}, ["… – 1401-02-05"]),
        ({"since": "1406"}, []),
        ({"since": "1401", "until": "1401", "source": "wayback"}, ["1401-01-01 – 1405-09-09"]),
        ({"source": "wayback"}, ["… – 1405-09-09"]),
        ({"source": "commoncrawl"}, []),
        ({"source": "wayback", "ids": "1-5"}, []),
        ({"pages": "saved", "since": "1401", "until": "1401"}, []),
        ({"urls": "@urls.txt"}, []),
        ({"latest": "50"}, []),
        ({"reparse": "pages"}, []),
        ({"since": "who knows"}, []),
        ({}, []),  # the first incremental run takes the newest articles only
    ],
)
def test_a_run_that_came_to_its_end_has_harvested_its_days(arguments: dict[str, str], expected: list[str]) -> None:
    assert harvested(ran(arguments, "2026-11-30")) == expected
    for end, code in ((None, None), ("interrupted", 130), ("too many failures: 20 in a row", 3), ("finished", 1)):
        assert harvested(ran(arguments, "2026-11-30", end, code)) == []
    assert harvested(ran(arguments, "2026-11-30", "not all was found: a list", 3)) == []
    # Each address was asked for: those that failed are pending.
    assert harvested(ran(arguments, "2026-11-30", "finished", 3)) == expected


def test_the_incremental_crawl_has_harvested_the_days_between_its_runs() -> None:
    first, second, third = (ran({}, f"2026-11-{day}") for day in (10, 14, 20))
    assert harvested(first, second) == ["1405-08-20 – 1405-08-23"]
    killed = ran({"refresh": "7d"}, "2026-11-16", None, None)
    assert harvested(first, second, killed, third) == ["1405-08-20 – 1405-08-29"]
    assert harvested(killed, third) == []
    gave_up = ran({}, "2026-11-16", "not all was found: nothing leads there", 3)
    assert harvested(first, second, gave_up, third) == ["1405-08-20 – 1405-08-23", "1405-08-26 – 1405-08-29"]


def test_the_day_of_a_run_is_harvested_and_was_not_over() -> None:
    found = Harvest.of_runs([ran({"since": "1405-09-01"}, "2026-11-30")], "Asia/Tehran")
    day = dt.date(2026, 11, 30)
    assert day in found.days
    assert day not in found.over
    assert day - dt.timedelta(days=1) in found.over


def test_a_clock_that_was_wrong_at_the_start_harvests_no_days_to_come() -> None:
    wrong = RunRecord(
        run=1, arguments={"since": "1405"}, started_at="2040-01-01T00:00:00+00:00",
        ended_at="2026-11-30T20:00:00+00:00", end_reason="finished", exit_code=0,
    )  # fmt: skip
    assert harvested(wrong) == ["1405-01-01 – 1405-09-09"]
    assert harvested(dataclasses.replace(wrong, started_at="soon")) == []


def test_days_as_a_set() -> None:
    day = dt.date(2026, 1, 1)
    days = Days([DateRange(day, day), DateRange(day + dt.timedelta(days=1), day + dt.timedelta(days=3))])
    assert len(days.ranges) == 1
    assert days.hold((day.toordinal(), day.toordinal() + 3))
    assert not days.hold((day.toordinal(), day.toordinal() + 4))
    assert not days.hold((dt.date.min.toordinal(), day.toordinal()))
    assert Days([DateRange(), DateRange(day, day)]).hold((1, dt.date.max.toordinal()))


def test_wanted_ids_are_ranges_around_what_nobody_asked_for() -> None:
    barriers = [Gap(first=10, last=20, after=None, before=None), Gap(first=40, last=50, after=None, before=None)]
    assert list(merged([(1, 1), (5, 7), (30, 30), (22, 25), (60, 60)], barriers)) == [
        range(1, 8), range(22, 31), range(60, 61),
    ]  # fmt: skip
    assert list(merged([], barriers)) == []


# -- a month of three years, harvested on a replica -------------------------------------------------------------------


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month")
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "--since", MONTH[0], "--until", MONTH[1], "--archive", "news.db", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def covered(folder: Path, *words: str) -> dict[str, Any]:
    done = run("coverage", "farsonline", "--json", "--archive", "news.db", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_month_that_was_harvested_flags_nothing_outside_of_it(month: Path) -> None:
    found = covered(month)
    assert len(found["days"]) > 500  # the search has met articles far off
    assert found["harvested"][0]["since"] <= MONTH[0]
    within = [day for day in found["days"] if MONTH[0] <= day["day"] <= MONTH[1]]
    assert len(within) == 31
    assert all(day["harvested"] and not day["flagged"] for day in within)
    outside = [day for day in found["days"] if not day["harvested"]]
    assert len(outside) > 500
    assert not any(day["flagged"] for day in found["days"])
    assert sum(one["not_harvested"] for one in found["months"]) == len(outside)
    assert sum(one["empty"] for one in found["months"]) == 0
    assert found["ids"]["never_asked"] > 1_000
    assert not any(gap["harvested"] for gap in found["ids"]["gaps"])
    assert found["advice"] == []


def test_the_table_and_the_page_have_another_word_for_it(month: Path) -> None:
    done = run("coverage", "farsonline", "--archive", "news.db", "--html", "page.html", cwd=month)
    assert done.returncode == 0, done.stderr
    text = (month / "page.html").read_text(encoding="utf-8")
    assert re.search(r'<i class="n" title="[^"]+برداشت‌نشده"', text)
    assert "به وقت تهران" in text
    done = run("coverage", "farsonline", "--archive", "news.db", cwd=month)
    table = done.stdout
    assert "not harvested" in table
    assert re.search(r"^14\d\d/\d\d \w+ – 14\d\d/\d\d \w+ ", table, re.MULTILINE)  # one line for all of them
    assert "farscrawler crawl" not in table
    assert "never requested" in table
    assert "Ids of harvested days" not in table
    days = run("coverage", "farsonline", "--archive", "news.db", "--days", cwd=month).stdout
    assert "1400/05/01" in days
    assert "not harvested" in days


def test_what_is_pending_is_asked_for_by_a_command_that_works_as_printed(month: Path, tmp_path: Path) -> None:
    (tmp_path / "news.db").write_bytes((month / "news.db").read_bytes())
    with Archive(tmp_path / "news.db", readonly=False) as archive:
        rows = archive.db.execute(
            "SELECT article_id FROM articles WHERE published_date LIKE '2021-08-0%' ORDER BY article_id LIMIT 3"
        ).fetchall()
        for (key,) in rows:
            archive.db.execute("DELETE FROM articles WHERE article_id = ?", (key,))
            archive.db.execute("DELETE FROM changes WHERE article_id = ?", (key,))
            archive.db.execute("UPDATE visits SET outcome = 'failed', reason = 'HTTP 503' WHERE key = ?", (key,))
    ids = sorted(int(key) for (key,) in rows)
    found = covered(tmp_path)
    (command,) = found["advice"]
    words = shlex.split(command)
    assert words[:5] == ["farscrawler", "crawl", "farsonline", "--ids", f"{ids[0]}-{ids[-1]}"]
    assert words[5:7] == ["--archive", "news.db"]
    assert words[7] == "--base-url"
    with Server(NEWSROOM, weight=2_000) as server:
        words[8] = server.url  # the one it was harvested from has ended
        done = run(*words[1:], *crawl_words("")[4:], cwd=tmp_path)
        asked = {int(code[1]) for one in server.requests if (code := re.search(r"code=(\d+)", one.path))}
    assert done.returncode == 0, done.stderr
    assert asked == set(ids)
    assert covered(tmp_path)["advice"] == []
    # What a project file gives is not repeated.
    (tmp_path / "farscrawler.toml").write_text(f'archive = "news.db"\nbase_url = "{words[8]}"\n', encoding="utf-8")
    with Archive(tmp_path / "news.db", readonly=False) as archive:
        archive.db.execute("UPDATE visits SET outcome = 'failed' WHERE key = ?", (rows[0][0],))
        archive.db.execute("DELETE FROM articles WHERE article_id = ?", (rows[0][0],))
    done = run("coverage", "farsonline", cwd=tmp_path)
    assert f"\n  farscrawler crawl farsonline --ids {rows[0][0]}\n" in done.stdout


def test_a_day_without_an_id_left_out_is_harvested_whoever_asked(tmp_path: Path) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "--ids", "4000-4059,4120-4179", "--archive", "news.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = covered(tmp_path)
    assert len(found["harvested"]) == 2  # and the days between them are not
    assert any(not day["harvested"] for day in found["days"][1:-1])
    assert found["advice"] == []
    assert not any(day["flagged"] for day in found["days"])


def test_every_reason_has_its_persian_words() -> None:
    for reason in (*Reason, *Refusal):
        assert in_persian(str(reason)) is not None, reason
    assert in_persian("HTTP 503") == ("پاسخ HTTP", "۵۰۳")
    assert in_persian("redirected to /error.aspx") == ("هدایت به", "/error.aspx")
    assert in_persian("a word of the site") is None
    assert not [text for text in PHRASES.values() if re.search(r"[يك]", text)]


def test_an_archive_that_other_hands_have_filled_has_runs_that_say_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.db.execute(
            "INSERT INTO runs (publisher, arguments, version, host, pid, started_at, end_reason, exit_code)"
            " VALUES ('farsonline', '{\"since\": 5}', 'x', 'x', 1, 'soon', 'finished', 0)"
        )
        assert survey(archive, SITE, parse_date_range("1401", "1401"), now=NOW) is None


def test_the_page_has_the_time_of_the_site(month: Path) -> None:
    with Archive(month / "news.db", readonly=True) as archive:
        report = survey(archive, SITE, DateRange(), now=dt.datetime(2026, 11, 23, 22, tzinfo=dt.UTC))
    assert report is not None
    assert report.made_at == "2026-11-24T01:30:00+03:30"
    assert "۱۴۰۵/۰۹/۰۳ ساعت ۰۱:۳۰ به وقت تهران" in page(report)
