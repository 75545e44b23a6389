"""What people mix up: replica and site, settings and arguments, names and levels; each ends with a sentence."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.cli.given import judge_settings, own_settings, scrapys_settings
from farscrawler.errors import BadArgumentError
from farscrawler.extensions.mixups import check_origin, origin_of
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, run
from tests.support.records import AT, article

if TYPE_CHECKING:
    from pathlib import Path

HERE = "http://127.0.0.1:9"
SITE: dict[str, str] = {"latest": "3"}
REPLICA = {"latest": "3", "base_url": HERE}


def _ran(archive: Archive, arguments: dict[str, str], *keys: str, counts: dict[str, int] | None = None) -> Ledger:
    """Write down a run with its articles; without ``counts`` it was killed."""
    ledger = Ledger(archive, "farsonline")
    number = ledger.begin_run(arguments, AT)
    for key in keys:
        archive.save(
            Visit(publisher="farsonline", key=key, url="http://x/", outcome="article", at=AT),
            article(key),
        )
    archive.flush()
    if counts is not None:
        ledger.end_run(number, at=AT, reason="finished", exit_code=0, counts=counts)
    return ledger


@pytest.mark.parametrize(
    ("before", "now", "refused"),
    [
        (SITE, REPLICA, True),
        (REPLICA, SITE, True),
        (REPLICA, {"base_url": "http://localhost:8000"}, False),  # a newsroom has another port each time
        (REPLICA, {"base_url": "http://[::1]:8000"}, False),
        (SITE, {"base_url": "https://mirror.example"}, False),  # a mirror has the site's articles
        ({"base_url": "https://mirror.example"}, REPLICA, True),
        ({"pages": "saved"}, REPLICA, True),
        ({"pages": "saved", "base_url": HERE}, SITE, False),  # the address at which they were taken
        (REPLICA, {"pages": "saved"}, False),
        ({"source": "wayback"}, REPLICA, True),
        (REPLICA, {"source": "wayback"}, False),
    ],
)
def test_a_run_of_a_replica_and_one_of_the_site_go_into_archives_of_their_own(
    archive: Archive, before: dict[str, str], now: dict[str, str], refused: bool
) -> None:
    ledger = _ran(archive, before, "1", counts={"article": 1})
    if not refused:
        check_origin(ledger, now)
        return
    with pytest.raises(BadArgumentError, match="--archive "):
        check_origin(ledger, now)


def test_only_runs_that_met_articles_count_and_killed_ones_do(archive: Archive) -> None:
    check_origin(Ledger(archive, "farsonline"), REPLICA)  # an empty archive
    _ran(archive, SITE, counts={"failed": 3})
    ledger = _ran(archive, REPLICA, "1", counts={"article": 1})
    check_origin(ledger, REPLICA)
    _ran(archive, SITE, "2")
    with pytest.raises(BadArgumentError, match="run 3"):
        check_origin(ledger, REPLICA)
    check_origin(Ledger(archive, "yjc"), REPLICA)  # another publisher's runs say nothing


def test_saved_pages_beside_a_replica_may_be_its_own(archive: Archive) -> None:
    _ran(archive, REPLICA, "1", counts={"article": 1})
    check_origin(_ran(archive, {"source": "wayback"}, "2", counts={"article": 1}), REPLICA)


def test_the_newsroom_is_kept_out_of_an_archive_of_the_site(tmp_path: Path) -> None:
    with Server(Newsroom(count=10), weight=2_000) as server:
        assert crawl(server.url, "-a", "latest=2", cwd=tmp_path).returncode == 0
        with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
            db.execute("UPDATE runs SET arguments = ?", (json.dumps(SITE),))
        asked = len(server.requests)
        done = crawl(server.url, "-a", "latest=2", cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert "holds articles of farsonline itself (run 1" in done.stderr
        assert "--archive try.db" in done.stderr
        assert len(server.requests) == asked
        assert crawl(server.url, "-a", "latest=2", "-s", "ARCHIVE=try.db", cwd=tmp_path).returncode == 0
    done = run("crawl", "farsonline", "-s", "ARCHIVE=try.db", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "those of the site itself would mix with them" in done.stderr


@pytest.mark.parametrize("command", [["crawl", "farsonline", "-a", "ids=1", "-a", f"base_url={HERE}"], ["show"]])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-s", "ARCHIV=x.db"], "-s ARCHIV: there is no such setting. Did you mean ARCHIVE?"),
        (["-s", "archive=x.db"], "Did you mean ARCHIVE?"),
        (["-s", "latest=5"], "latest is an argument of a crawl; write --latest "),
        (["-L", "loud"], "-L loud: there is no such log level; levels are CRITICAL, ERROR"),
        (["-s", "LOG_LEVEL=loud"], "no such log level"),
    ],
)
def test_names_that_are_slips_of_ours_are_refused_by_every_command(
    command: list[str], words: list[str], sentence: str, tmp_path: Path
) -> None:
    done = run(*command, *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_nobody_knows_is_only_said_and_a_level_may_be_in_any_case(tmp_path: Path) -> None:
    with Server(Newsroom(count=10), weight=2_000) as server:
        words = ["-L", "debug", "-s", "MY_EXTENSION_KEY=5", "-s", "CLOSESPIDER_ITEMCONT=3"]
        done = crawl(server.url, "-a", "latest=2", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "-s MY_EXTENSION_KEY: neither farscrawler nor Scrapy has such a setting." in done.stderr
    assert "Did you mean CLOSESPIDER_ITEMCOUNT?" in done.stderr
    assert "DEBUG: Scraped from" in done.stderr
    shown = run("show", "farsonline", "-L", "info", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr


def test_a_setting_given_as_an_argument_is_told_where_it_goes(tmp_path: Path) -> None:
    done = run("crawl", "farsonline", "-a", "ARCHIVE=x.db", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Settings are given with -s: -s ARCHIVE=" in done.stderr


def test_no_setting_there_is_counts_as_a_slip_and_prefixed_ones_are_the_users() -> None:
    known = own_settings() | scrapys_settings()
    assert judge_settings(known) == ([], [])
    for name in own_settings():
        wrong, unknown = judge_settings([f"EXAMPLE_{name}"])
        assert (wrong, len(unknown)) == ([], 1), name
        wrong, _ = judge_settings([name[:-1]])
        assert wrong or name[:-1] in known or len(name) < 6, name


@pytest.mark.parametrize(
    ("arguments", "origin"),
    [({}, "site"), ({"base_url": "http://127.1.2.3:80"}, "replica"), ({"base_url": "http://10.0.0.5"}, "site")],
)
def test_the_origin_of_a_run_is_told_by_its_arguments(arguments: dict[str, Any], origin: str) -> None:
    assert origin_of(arguments) == origin
