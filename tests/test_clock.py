"""A wrong clock: noticed by the site's answers or the archive, and said; nothing counts as fresh by it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from farscrawler.frontier.clock import Clock, Heard, machine_now
from tests.support import FAST, crawl, run
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


@pytest.mark.parametrize("days", [-40, 40, 365 * 73, -365 * 36])
def test_a_site_alone_against_the_machine_raises_a_doubt_and_dates_nothing(tmp_path: Path, days: int) -> None:
    """It may lie, or have no battery: its time is in the sentence, and nowhere else."""
    with FarSite(ALL) as site:
        site.off = days * DAY
        done = incremental(site, tmp_path)
        assert done.returncode == 0, done.stderr
        said = "one of the two is wrong. Nothing of this run counts as fresh"
        heard = days > -365 * 30  # 1990 is no time that a server can mean
        assert done.stderr.count(said) == 2 * heard  # when it was noticed, and in the last sentence
        assert (said in done.stderr.splitlines()[-1]) is heard
        assert all(abs(moment - machine_now()) < DAY for moment in moments(tmp_path))
        assert stored(tmp_path) == set(ALL)
        later = str((machine_now() + site.off).year)
        assert later == str(machine_now().year) or later.encode() not in (tmp_path / "archive.db").read_bytes()
        # The next run goes on as usual.
        site.articles.add(6)
        site.listed.insert(0, 6)
        again = incremental(site, tmp_path, REFRESH_EVERY=0)
        assert again.returncode == 0, again.stderr
        assert set(site.ids_asked()) == {*ALL, 6}


STANZA = """
[mine]
name = "سایت من"
hosts = ["www.mine.example"]
family = "custom"
[mine.forms.article]
url = "/news/{id}"
paths = ["/news/([0-9]+)"]
[mine.selectors]
headline = ["h1"]
body = ["#text"]
published = ["#date"]
"""
RELATIVE = (
    "<html><body><h1>پل تازه شهر باز شد</h1><i id=date>۲ ساعت قبل</i><div id=text><p>متن خبر.</p></div></body></html>"
)


def test_by_a_doubtful_clock_no_relative_time_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.toml").write_text(STANZA, encoding="utf-8")
    settings = [part for name, value in {**FAST, "PUBLISHERS": "mine"}.items() for part in ("-s", f"{name}={value}")]
    with FarSite([]) as site:
        site.answers = {f"/news/{number}": Answer(RELATIVE) for number in (1, 2)}
        for number, off in ((1, 0), (2, 40)):
            site.off = off * DAY
            words = ("crawl", "mine", "-a", f"base_url={site.url}", "-a", f"ids={number}")
            done = run(*words, *settings, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        rows = db.execute("SELECT article_id, published_at IS NULL, warnings FROM articles ORDER BY 1").fetchall()
    assert [row[:2] for row in rows] == [("1", 0), ("2", 1)]
    assert "timestamp-refused: relative without a fetch time" in rows[1][2]


def test_with_the_archive_as_a_witness_the_time_of_the_site_is_stored(tmp_path: Path) -> None:
    with FarSite(ALL) as site:
        assert incremental(site, tmp_path).returncode == 0
        # A run of 39 days later.
        execute(tmp_path, "UPDATE runs SET ended_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', ended_at, '+39 days')")
        site.off = 40 * DAY
        done = incremental(site, tmp_path)
        assert done.returncode == 0, done.stderr
        assert (
            "about 40 days later; others agree with the site. This run stores its time; set the clock." in done.stderr
        )
        assert sorted(site.ids_asked()) == list(ALL)
    assert all(abs(moment - machine_now() - site.off) < DAY for moment in moments(tmp_path))


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
        assert "and the archive has a run of 2099-01-01 00:00 UTC: one of the two is wrong." in done.stderr
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


def heard(clock: Clock, *answers: tuple[str, float]) -> list[str]:
    """Return what is thought of the clock after each answer of a host whose clock is so many days off."""
    said = []
    for host, days in answers:
        clock.hear(host, format_datetime(machine_now() + days * DAY, usegmt=True))
        off = round((clock.moment() - machine_now()) / DAY)
        said.append("doubtful" if clock.doubtful else f"off {off}" if off else "right")
    return said


def test_answers_have_to_agree() -> None:
    assert heard(Clock(), ("a", 9), ("a", 9)) == ["right", "doubtful"]
    assert heard(Clock(), ("a", 9), ("a", 0), ("a", 9), ("a", 9)) == ["right"] * 3 + ["doubtful"]
    assert heard(Clock(), ("a", 0.6), ("a", 0.6), ("a", -0.6)) == ["right"] * 3  # local time as UTC
    assert heard(Clock(), ("a", 9), ("a", 9), ("a", 0), ("a", 0)) == ["right", "doubtful", "right", "right"]


def test_two_hosts_know_better_than_the_machine_and_one_that_lies_is_outvoted() -> None:
    said = heard(Clock(), ("a", 9), ("a", 9), ("b", 9), ("b", 9))
    assert said == ["right", "doubtful", "doubtful", "off 9"]
    assert heard(Clock(), ("a", 9), ("a", 9), ("b", 0), ("b", 0)) == ["right", "doubtful", "doubtful", "right"]
    assert heard(Clock(), ("a", 9), ("a", 9), ("b", -9), ("b", -9))[-1] == "doubtful"
    shared: Heard = {}
    heard(Clock(heard=shared), ("a", 9), ("a", 9))
    assert heard(Clock(heard=shared), ("b", 9), ("b", 9)) == ["doubtful", "off 9"]


def test_no_number_of_hosts_takes_memory() -> None:
    shared: Heard = {}
    heard(Clock(heard=shared), *((str(host), 0) for host in range(300)))
    assert len(shared) == 100


@pytest.mark.parametrize("newest", ["", "yesterday", "2099-01-01", "2099-13-01T00:00:00+00:00", None])
def test_an_archive_that_names_no_moment_says_nothing(newest: str | None) -> None:
    assert not Clock(newest).doubtful


def test_who_tells_the_time_is_believed_before_the_archive() -> None:
    clock = Clock("2099-01-01T00:00:00+00:00")
    assert clock.is_behind
    assert heard(clock, ("a", 0), ("a", 0)) == ["doubtful", "right"]
    assert clock.sentence is None
    assert not Clock((machine_now() + DAY / 2).isoformat()).doubtful
    # It says a time that is before the archive too, and so is no witness against the machine.
    assert heard(Clock("2099-01-01T00:00:00+00:00"), ("a", 9), ("a", 9)) == ["doubtful", "doubtful"]


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
    assert not clock.doubtful


def test_an_answer_of_a_cache_says_how_old_it_is() -> None:
    clock = Clock()
    old = format_datetime(machine_now() - 9 * DAY, usegmt=True)
    for _ in range(3):
        clock.hear("a", old, str(9 * 86_400))
    assert not clock.doubtful
    clock.hear("a", old, "9" * 400)
    assert not clock.doubtful
