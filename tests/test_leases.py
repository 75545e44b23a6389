"""Harvests cut into leases, what a job may ask for, and what becomes of it after each kind of end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.archive.jobs import Job
from farscrawler.cluster.jobs import check_job, words_of
from farscrawler.cluster.leases import MOST, id_ranges, leases, months, warc_files
from farscrawler.cluster.settling import HELD_PAUSE, MACHINE_PAUSE, STORAGE_PAUSE, judge
from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError, PublisherError
from farscrawler.frontier.id_ranges import parse_ids
from farscrawler.outcomes.stop_rules import EndReason
from farscrawler.schedule.plan import CrawlResult

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 3, 25)  # 5 Farvardin 1405
CATALOGUE = publishers.installed()


def test_days_are_cut_into_jalali_months() -> None:
    found = leases({"since": "1403-12-10", "via": "sitemaps"}, None, TODAY)
    assert found[0] == {"via": "sitemaps", "since": "1403-12-10", "until": "1403-12-30"}  # of a leap year
    assert found[1] == {"via": "sitemaps", "since": "1404-01-01", "until": "1404-01-31"}
    assert found[-1] == {"via": "sitemaps", "since": "1405-01-01", "until": "1405-01-05"}  # today
    assert len(found) == 14


@given(st.dates(dt.date(1950, 1, 1), dt.date(2040, 1, 1)), st.integers(0, 2_000))
def test_months_hold_every_day_once(first: dt.date, length: int) -> None:
    whole = DateRange(first, first + dt.timedelta(days=length))
    days = [day for start, end in months(whole) for day in DateRange(start, end).days()]
    assert days == list(whole.days())


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=5), st.integers(1, 60))
def test_ranges_of_ids_hold_every_id_once_in_their_order(parts: list[tuple[int, int]], size: int) -> None:
    ids = parse_ids(",".join(f"{a}-{b}" for a, b in parts))
    pieces = [parse_ids(text) for text in id_ranges(ids, size)]
    assert [number for piece in pieces for number in piece] == list(ids)
    assert all(len(piece) <= size for piece in pieces)


def test_what_is_no_harvest_is_one_job() -> None:
    assert leases({}, None, TODAY) == [{}]
    assert leases({"latest": "5"}, None, TODAY) == [{"latest": "5"}]
    assert leases({"since": "1401", "until": "1402"}, "none", TODAY) == [{"since": "1401", "until": "1402"}]


@pytest.mark.parametrize(
    ("arguments", "lease", "said"),
    [
        ({"ids": "1-5"}, "month", "--lease month cuts days"),
        ({"since": "1401"}, "500", "--lease 500 cuts ids"),
        ({"until": "1401"}, None, "--until alone has no beginning"),
        ({"since": "1409"}, None, "lies in the future"),
        ({}, "month", "cuts nothing here"),
        ({"ids": "1-5"}, "0", "write month, a number of ids, or none"),
        ({"ids": f"1-{MOST + 1}"}, "1", "more than 10,000 jobs"),
    ],
)
def test_leases_that_do_not_fit_are_refused(arguments: dict[str, str], lease: str | None, said: str) -> None:
    with pytest.raises(BadArgumentError, match=said):
        leases(arguments, lease, TODAY)


def test_a_lease_is_a_crawl_that_can_be_asked_for() -> None:
    for part in leases({"since": "1403-12-10"}, None, TODAY):
        check_job(Job("crawl", "irna", part), CATALOGUE)
        assert parse_date_range(part["since"], part["until"]).first.year >= 2025


def test_the_words_of_a_crawl() -> None:
    job = Job("crawl", "irna", {"ids": "1-5", "form": "print"})
    assert words_of(job, CATALOGUE, None) == [
        *("crawl", "irna", "--nolog", "--summary", "json", "-a", "ids=1-5", "-a", "form=print")
    ]


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job("browse", "irna"), "there is no job 'browse'"),
        (Job("crawl", "irna", {"base_url": "http://127.0.0.1"}), "names files or addresses, which a job may not"),
        (Job("crawl", "irna", {"pages": "/etc"}), "names files or addresses"),
        (Job("crawl", "irna", {"urls": "@/etc/passwd"}), "names files or addresses"),
        (Job("crawl", "irna", {"ids": "@/etc/passwd"}), "a job names no file"),
        (Job("crawl", "irna", {"-s": "X=1"}), "takes no argument -s"),
        (Job("crawl", "irna", {"ids": "x"}), "is no id or range"),
        (Job("reparse", "irna", {"ids": "1"}), "takes no argument ids"),
        (Job("reparse", "irna", {"warc": "../../etc/passwd"}), "a file within the folder of the setting WARC"),
        (Job("reparse", "irna", {"warc": "/etc/passwd"}), "a file within the folder of the setting WARC"),
        (Job("reparse", "irna", {"warc": ""}), "a file within the folder of the setting WARC"),
    ],
)
def test_a_job_names_no_settings_files_or_addresses(job: Job, said: str) -> None:
    with pytest.raises(BadArgumentError, match=said):
        words_of(job, CATALOGUE, "warc")


def test_a_publisher_that_this_machine_does_not_know_is_said() -> None:
    with pytest.raises(PublisherError, match="there is no publisher named 'nowhere'"):
        words_of(Job("crawl", "nowhere"), CATALOGUE, None)


def test_files_to_reparse_are_those_of_the_publisher_and_strangers(tmp_path: Path) -> None:
    names = (
        "irna-20260101T000000Z-00001.warc.gz",
        "isna-20260101T000000Z-00001.warc.gz",
        "irna-20260102T000000Z-00001.warc.gz.open",
        "other.warc.gz",
        "page.html",
    )
    (tmp_path / "1404").mkdir()
    for name in names:
        (tmp_path / "1404" / name).write_bytes(b"")
    found = warc_files(tmp_path, "irna", CATALOGUE.names())
    assert sorted(found) == ["1404/irna-20260101T000000Z-00001.warc.gz", "1404/other.warc.gz"]
    job = Job("reparse", "irna", {"warc": found[0]})
    assert words_of(job, CATALOGUE, str(tmp_path))[-2:] == ["--warc", str(tmp_path / found[0])]
    with pytest.raises(BadArgumentError, match="the setting WARC must name a folder that all workers see"):
        words_of(Job("reparse", "irna", {"warc": "gone.warc.gz"}), CATALOGUE, str(tmp_path))
    with pytest.raises(BadArgumentError, match="this machine has no folder of WARC files"):
        words_of(job, CATALOGUE, None)


def ended(code: int, reason: str | None = None, *, stopped: bool = False) -> CrawlResult:
    return CrawlResult(begun=0.0, ended=1.0, exit_code=code, end_reason=reason, stopped=stopped)


def test_what_becomes_of_a_job() -> None:
    job = Job("crawl", "irna", attempts=3)
    assert judge(job, ended(0), 2) == ("done", 0.0)
    assert judge(job, ended(75), 2) == ("queued", HELD_PAUSE)
    assert judge(job, ended(130, stopped=True), 2) == ("queued", 0.0)
    assert judge(job, ended(-9, stopped=True), 2) == ("queued", 0.0)
    lost = ended(1, EndReason.STORAGE_FAILED.value)
    assert judge(job, lost, 0) == ("queued", STORAGE_PAUSE)
    assert judge(job, lost, 1).pause > STORAGE_PAUSE
    assert judge(job, lost, 2).state == "failed"  # it asked the site once a minute for ever else
    assert judge(job, ended(2), 0, ran=False).state == "failed"  # no machine can do it
    assert judge(job, ended(2), 0) == ("queued", MACHINE_PAUSE)  # another machine may
    assert judge(job, ended(2), 2).state == "failed"
    assert judge(job, ended(3, "blocked"), 0).state == "failed"
    first, second = judge(job, ended(-9), 0), judge(job, ended(-9), 1)
    assert (first.state, second.state) == ("queued", "queued")
    assert 0 < first.pause < second.pause
    assert judge(job, ended(130), 2).state == "failed"  # by another hand than ours, for the third time


def test_what_becomes_of_a_job_that_its_adder_asks_again() -> None:
    job = Job("crawl", "irna", attempts=0)
    assert [judge(job, ended(code), 0).state for code in (0, 1, 2, 3, 75)] == ["done", *["failed"] * 4]
    assert judge(job, ended(130, stopped=True), 0) == ("queued", 0.0)
