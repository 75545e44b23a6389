"""`-s WARC=`: every answer is kept, and an archive can be rebuilt from what was kept, whatever died meanwhile."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.days import parse_date_range
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import crawl, crawl_words, json_lines, run
from tests.support.commands import PATIENCE
from tests.support.killing import kill_at_barrier
from tests.support.newsroom_tools import young_newsroom
from tests.support.pageserver import Answer
from tests.support.replica_crawls import crawl as crawl_replica
from tests.support.replica_crawls import days, exported
from tests.support.replica_sites import ListSite, PagedSite, ReplicaSite, SitemapSite, stories
from tests.support.saved import contents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path


#: All that can go wrong on the way, so often that every kind happens, and nothing that only costs time.
FAULTS = Faults(
    unavailable=0.05,
    too_many=0.03,
    reset_early=0.02,
    reset_midway=0.02,
    cut=0.03,
    cut_silently=0.03,
    challenge=0.02,
    wrong_type=0.03,
    off_site=0.02,
    cp1256=0.2,
    odd_label=0.1,
    no_label=0.1,
    gzip=0.3,
    deflate=0.1,
    retry_after=0,
)
#: What a retry overcomes.
LIGHT = Faults(unavailable=0.05, too_many=0.03, reset_early=0.02, cp1256=0.2, gzip=0.3, retry_after=0)
_ROUNDS = 6
WEEK = parse_date_range("1402-07-10", "1402-07-16")
AGENCY = stories(WEEK.first - dt.timedelta(5), WEEK.last + dt.timedelta(5), seed=5)


def warcs(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def records(folder: Path) -> Iterator[tuple[str, dict[str, str], int | None]]:
    """Yield type, headers and HTTP status of every record that warcio finds."""
    for path in warcs(folder):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                status = record.http_headers and record.http_headers.get_statuscode()
                yield (
                    record.rec_type,
                    dict(record.rec_headers.headers),
                    int(status) if status and status.isdigit() else None,
                )


def warcio(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warcio.cli", *words], capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def rebuild(cwd: Path, *more: str) -> str:
    """Rebuild the archive of a folder from its WARC files alone, and give what was said."""
    (cwd / "archive.db").rename(cwd / "live.db")
    done = run("crawl", "farsonline", "-a", "pages=out", *more, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    with Archive(cwd / "archive.db", readonly=True) as archive:
        assert check(archive) == []
    return done.stderr


class MovingSite(PagedSite):
    """Half of its articles have moved to the address without the slash."""

    def found(self, target: str, headers: Message) -> Answer:
        path = unquote(urlsplit(target).path)
        key = self.key_of(target)
        if key is not None and int(key[-1]) % 2 == 0 and path.endswith("/"):
            return Answer(status=301, headers={"Location": quote(path.rstrip("/"))})
        return super().found(target, headers)


def test_an_archive_is_rebuilt_from_its_warcs_row_by_row(tmp_path: Path) -> None:
    newsroom = young_newsroom(150)
    words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
    more: dict[str, Any] = {
        "WARC": "out/deep",
        "WARC_MAX_BYTES": 60_000,
        "STOP_AFTER_FAILED": 500,
        "STOP_AFTER_BLOCKED": 500,
        "DOWNLOAD_TIMEOUT": 60,  # no answer stalls here: one given up on a loaded machine would be missing in the count
    }
    with Server(newsroom, FAULTS, weight=4000) as server:
        for _ in range(_ROUNDS):
            done = crawl(server.url, *words, cwd=tmp_path, **more)
            assert done.returncode in (0, 3), done.stderr
            if done.returncode == 0:
                break
        faults = server.stats()["faults"]
        answered = len(server.requests)
        bodiless = sum(entry.status == 302 for entry in server.requests)  # nothing of these can be cut
        assert done.returncode == 0, done.stderr
    for number in newsroom.ids()[3:40:6]:
        newsroom.revise(number)
    with Server(newsroom, LIGHT, weight=4000) as server:  # looks again, at another address: 304s and revisions
        done = crawl(server.url, *words, "-a", "refresh=7d", cwd=tmp_path, **more, REFRESH_EVERY=0)
        assert done.returncode == 0, done.stderr
        answered += len(server.requests)
        broken = server.stats()["faults"].get("reset_early", 0)
    assert all(faults[name] for name in ("unavailable", "cut", "cut_silently", "gzip", "cp1256", "challenge")), faults

    folder = tmp_path / "out/deep"
    files = warcs(folder)
    assert len(files) > 3
    assert all(path.name.endswith(".warc.gz") and path.stat().st_size < 60_000 + 30_000 for path in files)
    checked = warcio("check", *map(str, files))
    assert (checked.returncode, checked.stdout) == (0, "")
    index = warcio("index", "-f", "offset,warc-type,http:status", *map(str, files))
    kinds = Counter(json.loads(line)["warc-type"] for line in index.stdout.splitlines())
    assert kinds["warcinfo"] == len(files)
    broken += sum(faults[name] for name in ("reset_early", "reset_midway", "cut"))
    assert kinds["response"] + kinds["revisit"] == kinds["request"]
    assert answered - broken <= kinds["request"] <= answered - broken + bodiless
    found = list(records(folder))
    assert {status for kind, _, status in found if kind == "response"} >= {200, 302, 404, 429, 503}
    unchanged = {(status, headers["WARC-Profile"]) for kind, headers, status in found if kind == "revisit"}
    assert unchanged == {(304, "http://netpreserve.org/warc/1.1/revisit/server-not-modified")}
    urls = {headers["WARC-Target-URI"] for kind, headers, _ in found if kind == "response"}
    assert f"{server.url}/robots.txt" in urls

    said = rebuild(tmp_path, "-O", "out.jsonl")
    live, rebuilt = contents(tmp_path / "live.db"), contents(tmp_path / "archive.db")
    assert len(live["articles"]) == len(newsroom.ids())
    assert len(live["revisions"]) == 7
    for table, rows in live.items():
        assert rebuilt[table] == rows, [pair for pair in zip(rows, rebuilt[table], strict=True) if pair[0] != pair[1]]
    assert "HTTP 503" in said
    # and once more: nothing is stored twice
    again = run("crawl", "farsonline", "-a", "pages=out", cwd=tmp_path)
    assert again.returncode == 0
    assert "0 new articles" in again.stderr
    assert contents(tmp_path / "archive.db") == live


def test_a_file_says_who_wrote_it_and_how(tmp_path: Path) -> None:
    newsroom = Newsroom(count=3)
    with Server(newsroom) as server:
        words = ("-a", f"ids={newsroom.first_id}", "-s", "CONTACT=mailto:x@example.org", "-s", "ROBOTSTXT_OBEY=False")
        assert crawl(server.url, *words, cwd=tmp_path, WARC="out").returncode == 0
    (path,) = warcs(tmp_path / "out")
    text = gzip.decompress(path.read_bytes()).decode()
    for line in (
        "software: farscrawler/", "format: WARC file version 1.1", "robots: ignore", "operator: mailto:x@example.org",
        "http-header-user-agent: farscrawler/", "(+mailto:x@example.org)", "isPartOf: farsonline",
        f"base-url: {server.url}", f"WARC-Filename: {path.name}", "WARC-IP-Address: 127.0.0.1",
    ):  # fmt: skip
        assert line in text, line
    db = sqlite3.connect(tmp_path / "archive.db")
    (fetched,) = db.execute("SELECT fetched_at FROM articles").fetchone()
    db.close()
    assert f"WARC-Date: {fetched.replace('+00:00', 'Z')}" in text


def test_every_stored_article_is_in_the_warcs_whenever_the_crawl_is_killed(tmp_path: Path) -> None:
    newsroom = Newsroom(count=120)
    dice = random.Random(3)
    kills = left_open = 0
    with Server(newsroom, Faults(gzip=0.3, cp1256=0.2, unavailable=0.03, retry_after=0)) as server:
        words = crawl_words(
            server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}",
            settings={"WARC": "out", "WARC_MAX_BYTES": 40_000, "CONCURRENT_REQUESTS_PER_DOMAIN": 2},
        )  # fmt: skip
        for _ in range(3):
            place = "farscrawler.saved.warc_writer:WarcFolder.write"
            kills += kill_at_barrier(*words, cwd=tmp_path, place=place, call=dice.randint(15, 35))
            left_open += len(list((tmp_path / "out").glob("*.open")))
            if (tmp_path / "archive.db").exists():
                _every_page_is_kept(tmp_path)
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        asked = len([entry for entry in server.requests if "code=" in entry.path and entry.status != 503])
    assert kills == 3
    # A page that was kept is not fetched again: only the four that were on their way at each kill.
    assert asked <= 120 + 4 * kills
    assert left_open
    assert not list((tmp_path / "out").glob("*.open"))
    assert warcio("check", *map(str, warcs(tmp_path / "out"))).returncode == 0
    rebuild(tmp_path)
    assert contents(tmp_path / "archive.db") == contents(tmp_path / "live.db")
    assert len(contents(tmp_path / "live.db")["articles"]) == len(newsroom.ids())


def _every_page_is_kept(cwd: Path) -> None:
    """Hold what the archive has, while files are still open and torn, against what the WARC files have."""
    with Archive(cwd / "archive.db", readonly=True) as archive:
        stored = {(a.article_id, a.fetched_at, a.content_hash) for a in archive.articles("farsonline")}
    copy = cwd / "copy.db"
    copy.unlink(missing_ok=True)
    done = run("crawl", "farsonline", "-a", "pages=out", "-s", "ARCHIVE=copy.db", cwd=cwd)
    if not stored and done.returncode == 3:
        return
    assert done.returncode == 0, done.stderr
    with Archive(copy, readonly=True) as archive:
        kept = {(a.article_id, a.fetched_at, a.content_hash) for a in archive.articles("farsonline")}
    copy.unlink()
    assert stored <= kept


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a tiny disk")
def test_a_full_disk_ends_the_run_and_nothing_is_stored_without_its_page(tmp_path: Path) -> None:
    disk = tmp_path / "out"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no tiny disk can be mounted here")
    try:
        newsroom = Newsroom(count=120)
        words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        with Server(newsroom) as server:
            done = crawl(server.url, *words, cwd=tmp_path, WARC="out")
            assert done.returncode == 1, done.stderr
            assert "the disk is full" in done.stderr
            assert "Traceback" not in done.stderr
            with Archive(tmp_path / "archive.db", readonly=True) as archive:
                assert check(archive) == []
                assert list(archive.articles())  # the disk was not full before the first commit
            _every_page_is_kept(tmp_path)
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
            assert crawl(server.url, *words, cwd=tmp_path, WARC="out").returncode == 0
        rebuild(tmp_path)
        assert contents(tmp_path / "archive.db") == contents(tmp_path / "live.db")
        assert len(contents(tmp_path / "live.db")["articles"]) == len(newsroom.ids())
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("WARC=taken", "the folder cannot be used"),
        ("WARC_MAX_BYTES=0", "it must be at least 1"),
    ],
)
def test_a_folder_that_cannot_be_used_is_said_before_anything_is_fetched(
    tmp_path: Path, setting: str, sentence: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    done = run("crawl", "farsonline", "-a", "ids=1", "-a", "base_url=http://127.0.0.1:9", "-s", setting, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr


@pytest.mark.parametrize("kind", [ListSite, SitemapSite, PagedSite, MovingSite])
def test_a_range_of_days_is_rebuilt_from_its_warcs_with_its_addresses(kind: type[ReplicaSite], tmp_path: Path) -> None:
    """Where articles are asked at the addresses that lists print, a rebuild has those, and robots.txt is no article."""
    span = days("1402-07-10", "1402-07-16")
    with kind(AGENCY) as site:
        done = crawl_replica(site, tmp_path, *span, WARC="out")
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path) == sorted(site.truth(WEEK))
        for line in json_lines(tmp_path / "news.jsonl"):
            assert line["url"] == site.address(site.by_key[line["article_id"]])
    live = (tmp_path / "news.jsonl").read_bytes()
    (tmp_path / "archive.db").rename(tmp_path / "live.db")
    words = ["crawl", "replica", "-s", "PUBLISHERS=sites", "-a", "pages=out", *span]
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " failed" not in done.stderr
    assert contents(tmp_path / "archive.db") == contents(tmp_path / "live.db")
    assert sorted((tmp_path / "news.jsonl").read_bytes().splitlines()) == sorted(live.splitlines())
