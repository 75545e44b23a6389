"""Servers that mean harm, disks that fail, and how a run shows itself; each in a process of its own."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit import check
from farscrawler.cli.commands.show import line, plain
from farscrawler.extensions.progress import progress_line
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import command, crawl, crawl_words, environment, json_lines, run, start
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    from pathlib import Path

_PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def test_bombs_floods_and_endless_bodies_cost_little(tmp_path: Path) -> None:
    newsroom = Newsroom(count=20)
    hostile = dict(zip(newsroom.ids(), ("bomb", "endless", "cookies", "headers"), strict=False))
    words = crawl_words(
        "", "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 10}
    )
    with Server(newsroom, hostile=hostile) as server:
        words[3] = f"base_url={server.url}"
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, *command(*words)],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode in (0, 3), done.stderr
    assert int(done.stderr.split()[-1]) < 300_000  # KiB; the bomb alone would be 256 MiB more
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        stored = {int(article.article_id) for article in archive.articles()}
        rows = archive.db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    assert stored == set(newsroom.ids()) - set(hostile)
    known = {int(key): (outcome, reason) for key, outcome, reason in rows}
    for number, kind in hostile.items():
        assert known[number][0] in ("failed", "not-article", "missing"), (kind, known[number])
        assert known[number][1]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]/", "//10.0.0.1/", "file:///etc/passwd"]
)
def test_no_redirect_leads_off_the_site(tmp_path: Path, target: str) -> None:
    with PageServer({"print:1": Answer(status=302, headers={"Location": target})}) as server:
        done = crawl(server.url, "-a", "ids=1", "-a", "form=print", cwd=tmp_path, RETRY_TIMES=0)
    assert "Traceback" not in done.stderr
    db = sqlite3.connect(tmp_path / "archive.db")
    outcome, reason = db.execute("SELECT outcome, reason FROM visits").fetchone()
    db.close()
    assert outcome in ("blocked", "missing"), reason


def test_nothing_of_a_page_becomes_a_file_name_or_a_command(tmp_path: Path) -> None:
    evil = "../../evil; touch owned $(touch owned) `touch owned` <script>x</script>"
    page = print_page(1, headline=evil.replace("<", "&lt;"))
    with PageServer({"print:1": Answer(page)}) as server:
        assert crawl(server.url, "-a", "ids=1", "-o", "x.jsonl", "-o", "x.csv", cwd=tmp_path).returncode == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"archive.db", "archive.db.farsonline.lock", "x.jsonl", "x.csv"}
    assert json_lines(tmp_path / "x.jsonl")[0]["headline"] == evil


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a tiny disk")
@pytest.mark.parametrize("what", ["archive", "export"])
def test_a_full_disk_ends_the_run_with_a_sentence_and_a_whole_archive(tmp_path: Path, what: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no tiny disk can be mounted here")
    try:
        newsroom = Newsroom(count=900)
        words = ["-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o"]
        archive_path = disk / "archive.db" if what == "archive" else tmp_path / "archive.db"
        export = tmp_path / "x.jsonl" if what == "archive" else disk / "x.jsonl"
        with Server(newsroom) as server:
            done = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert ("the disk is full" if what == "archive" else "No space left on device") in done.stderr
            with Archive(archive_path, readonly=True) as archive:
                assert check(archive) == []
            # with room again, the same command goes on and ends whole
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
            again = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert again.returncode == 0, again.stderr
        ids = [int(line["article_id"]) for line in json_lines(export)]
        assert sorted(ids) == newsroom.ids()
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_disk_that_refuses_writes_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    newsroom = Newsroom(count=400)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))"
        done = run(*words, cwd=tmp_path, first=limit)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "the disk failed" in done.stderr
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            assert check(archive) == []
        assert crawl(server.url, *words[4:6], cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert sorted(int(a.article_id) for a in archive.articles()) == newsroom.ids()


def test_a_second_signal_leaves_at_once_and_loses_nothing(tmp_path: Path) -> None:
    page = Answer(print_page(1))
    newsroom = Newsroom(count=100)
    with Server(newsroom) as server, PageServer({"print:1": page}):
        words = crawl_words(
            server.url,
            "-a",
            f"ids={newsroom.first_id}-{newsroom.newest_id}",
            settings={"DOWNLOAD_DELAY": 3, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY_JITTER": 0},
        )
        process = start(*words, cwd=tmp_path, stderr=subprocess.PIPE)
        until = time.monotonic() + 30
        while server.count("/Incsys") < 1 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        time.sleep(0.4)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130, said
        assert time.monotonic() - begun < 2.5  # sooner than the next request would have come
        fast = crawl(server.url, *words[4:6], cwd=tmp_path)
        assert fast.returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        assert sorted(int(a.article_id) for a in archive.articles()) == newsroom.ids()


def test_progress_is_live_on_a_terminal_and_silent_in_a_pipe(tmp_path: Path) -> None:
    newsroom = Newsroom(count=300)
    with Server(newsroom) as server:
        words = crawl_words(
            server.url,
            "-a",
            f"ids={newsroom.first_id}-{newsroom.newest_id}",
            settings={"DOWNLOAD_DELAY": 0.01, "CONCURRENT_REQUESTS_PER_DOMAIN": 1},
        )
        ours, theirs = pty.openpty()
        process = start(*words, cwd=tmp_path, env={**environment(), "TERM": "xterm", "COLUMNS": "120"}, stderr=theirs)
        os.close(theirs)
        seen = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the terminal was hung up: the process has ended
                break
            if not data:
                break
            seen += data
        os.close(ours)
        assert process.wait(timeout=30) == 0
        assert b" owed, " in seen
        assert b"/s" in seen
        assert "new articles" in seen.decode()
        piped = crawl(server.url, "-a", "ids=1-3", cwd=tmp_path)
    assert "/s" not in piped.stderr


def test_progress_line() -> None:
    assert progress_line({}, owed=None, seconds=0) == "0 done, 0.0/s"
    assert (
        progress_line({"article": 110, "missing": 10}, owed=2880, seconds=120)
        == "120 done, 2,880 owed, 1.0/s, 48 min 0 s left (110 article, 10 missing)"
    )


def test_a_headline_gives_no_orders_to_a_terminal() -> None:
    article = Article(
        publisher="farsonline", article_id="1", url="u", headline="\x1b]0;owned\x07\x9b2J تیتر", published_jalali=None
    )
    shown = line(article, 100)
    assert not [c for c in shown if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0]
    assert "تیتر" in shown
    assert plain(article).endswith(article.headline)  # a pipe gets the text as it is
