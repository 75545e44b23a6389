"""A wrong clock: noticed by the site's answers or the archive, and said; nothing counts as fresh by it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from farscrawler.frontier.clock import Clock, machine_now
from tests.support import crawl
from tests.support.pageserver import Answer
from tests.support.print_site import Site, execute, sentence, stored

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

DAY = dt.timedelta(days=1)
ALL = range(1, 6)


class FarSite(Site):
    """A site whose clock is ``off`` from this machine's, which is as if that clock were off the other way."""

    off = dt.timedelta(0)

    def answer(self, key: str) -> Answer:
        found = super().answer(key)
        date = format_datetime(machine_now() + self.off, usegmt=True)
        return Answer(found.body, found.status, {**found.headers, "Date": date})


def moments(folder: Path) -> list[dt.datetime]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return [dt.datetime.fromisoformat(row[0]) for row in db.execute("SELECT last_at FROM visits")]


def incremental(site: Site, folder: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    site.asked.clear()
    given = {"PROBE_MISSES": 0, "EDGE_IDS": 0, "REFRESH_HOURS": 24 * 365 * 20, "REFRESH_EVERY": 3_600, **settings}
    return crawl(site.url, cwd=folder, **given)


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_that_the_site_contradicts_is_said_and_its_time_is_not_stored(tmp_path: Path, days: int) -> None:
    with FarSite(ALL) as site:
        site.off = days * DAY
        done = incremental(site, tmp_path)
        assert done.returncode == 0, done.stderr
        way = "ahead" if days < 0 else "behind"
        said = f"about 40 days {way}. This run stores the site's time; set the clock."
        assert done.stderr.count(said) == 2  # when it was noticed, and in the last sentence
        assert said in done.stderr.splitlines()[-1]
        for moment in moments(tmp_path):
            assert abs(moment - machine_now() - site.off) < DAY
        # The clock is set: nothing is in the way of the visits that are due.
        site.off = dt.timedelta(0)
        again = incremental(site, tmp_path)
        assert sorted(site.ids_asked()) == list(ALL)
        assert again.returncode == 0, again.stderr
    assert all(abs(moment - machine_now()) < DAY for moment in moments(tmp_path))


def test_visits_that_a_wrong_clock_has_dated_are_no_hindrance(tmp_path: Path) -> None:
    with FarSite(ALL) as site:
        assert incremental(site, tmp_path).returncode == 0
        site.ids_asked()
        assert incremental(site, tmp_path).returncode == 0
        assert site.ids_asked() == []  # REFRESH_EVERY
        execute(
            tmp_path,
            "UPDATE visits SET last_at = '2099-01-01T00:00:00+00:00', first_at = '2099-01-01T00:00:00+00:00'",
            "UPDATE runs SET started_at = '2099-01-01T00:00:00+00:00', ended_at = '2099-01-01T00:00:00+00:00'",
        )
        done = incremental(site, tmp_path)
        assert done.returncode == 0, done.stderr
        assert "and the archive has a run of 2099-01-01T00:00:00+00:00: one of the two is wrong." in done.stderr
        assert "clock" not in done.stderr.splitlines()[-1]  # the site has told the time meanwhile
        assert sorted(site.ids_asked()) == list(ALL)
    assert all(moment < machine_now() + DAY for moment in moments(tmp_path))


def test_a_clock_before_the_archive_that_nobody_sets_right_visits_nothing_again(tmp_path: Path) -> None:
    with FarSite(ALL) as site:
        assert incremental(site, tmp_path).returncode == 0
        execute(tmp_path, "UPDATE runs SET ended_at = '2099-01-01T00:00:00+00:00'")
        site.articles.add(6)
        site.listed.insert(0, 6)
        site.off = -100 * 365 * DAY  # no clock of a server: it says nothing
        done = incremental(site, tmp_path, REFRESH_EVERY=0)
        assert site.ids_asked() == [6]
    assert stored(tmp_path) == {*ALL, 6}
    assert done.returncode == 3
    assert "no stored article was visited again. The clock of this machine says" in sentence(done)


def heard(clock: Clock, *answers: tuple[str, float]) -> list[bool]:
    """Return whether the clock is wrong after each answer of a host whose clock is so many days off."""
    said = []
    for host, days in answers:
        clock.hear(host, format_datetime(machine_now() + days * DAY, usegmt=True))
        said.append(clock.wrong)
    return said


def test_answers_have_to_agree() -> None:
    assert heard(Clock(), ("a", 9), ("a", 9)) == [False, True]
    assert heard(Clock(), ("a", 9), ("a", 0), ("a", 9), ("a", 9)) == [False, False, False, True]
    assert heard(Clock(), ("a", 0.6), ("a", 0.6), ("a", -0.6)) == [False] * 3  # local time as UTC
    assert heard(Clock(), ("a", 9), ("a", 9), ("a", 0), ("a", 0)) == [False, True, True, False]
    # Of many hosts most have to agree: one that lies is none of the others' business.
    assert heard(Clock(hosts=2), ("a", 9), ("a", 9), ("b", 0), ("b", 0)) == [False] * 4
    assert heard(Clock(hosts=2), ("a", 9), ("a", 9), ("b", 9), ("b", 9)) == [False, False, False, True]


def test_who_tells_the_time_is_believed_before_the_archive() -> None:
    clock = Clock("2099-01-01T00:00:00+00:00")
    assert (clock.wrong, clock.unknown) == (True, True)
    assert heard(clock, ("a", 0), ("a", 0)) == [True, False]
    assert clock.sentence is None
    assert Clock((machine_now() + DAY / 2).isoformat()).wrong is False


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Mon, 99 Nov 99999999999 08:00:00 GMT",
        "\x00" * 99,
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 23 Nov 2026 08:00:00 +999999999999999",
    ],
)
def test_a_date_that_is_none_says_nothing(date: str | None) -> None:
    clock = Clock()
    for _ in range(3):
        assert clock.hear("a", date) is None
    assert clock.wrong is False


def test_an_answer_of_a_cache_says_how_old_it_is() -> None:
    clock = Clock()
    old = format_datetime(machine_now() - 9 * DAY, usegmt=True)
    for _ in range(3):
        clock.hear("a", old, str(9 * 86_400))
    assert clock.wrong is False
    clock.hear("a", old, "9" * 400)
    assert clock.wrong is False
