"""Signals at any moment: while the program loads, crawls, waits and ends."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, environment, run, start, wait_until
from tests.support.commands import PATIENCE, Command
from tests.support.fleet_sites import own_folder
from tests.support.pageserver import Answer, ImpatientServer


def test_a_signal_while_the_program_is_still_loading_leaves_with_130(tmp_path: Path) -> None:
    # -X importtime names each module once it is loaded, into a pipe that holds forty lines: so the program waits for us
    # within a page of the module, on any machine.
    for module in ("scrapy.settings", "farscrawler.archive.store", "farscrawler.spiders.site_client"):
        words = crawl_words("http://127.0.0.1:9", "-a", "ids=1-3", settings={"RETRY_TIMES": 0})
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "farscrawler", *words], cwd=tmp_path, env=environment(),
            stderr=subprocess.PIPE, bufsize=0, pipesize=4096,
        )  # fmt: skip
        assert process.stderr is not None
        with process.stderr as lines:
            assert any(line.rstrip().endswith(f" {module}".encode()) for line in lines), module
            process.send_signal(signal.SIGINT)
            said = b"".join(lines).decode()
        assert "Traceback" not in said, (module, said[-2000:])
        # Within exec() of a text, as dataclasses use it, CPython ends by the signal itself: 130 to a shell as well.
        assert process.wait(PATIENCE) in (130, -signal.SIGINT)


#: From the first line of the command to the first request: Scrapy takes signals over in between.
STARTING = (
    "scrapy.cmdline:_get_commands_dict",
    "scrapy.crawler:AsyncCrawlerProcess.crawl",
    "scrapy.crawler:Crawler._apply_settings",
    "scrapy.crawler:CrawlerProcessBase._setup_reactor",
    "farscrawler.extensions.run:Run.__init__",
    "farscrawler.extensions.run:Run._open",
    "scrapy.core.engine:ExecutionEngine.__init__",
    "scrapy.core.engine:ExecutionEngine.start_async",
    "scrapy.core.engine:ExecutionEngine.open_spider_async",
    "farscrawler.spiders.news:NewsSpider.from_crawler",
    "farscrawler.spiders.news:NewsSpider.start",
    "farscrawler.spiders.news:NewsSpider.request",
)


@pytest.mark.parametrize("place", STARTING)
def test_a_signal_while_a_crawl_starts_leaves_with_130(tmp_path: Path, place: str) -> None:
    with Server(Newsroom(count=20)) as server:
        with start(
            *crawl_words(server.url, "-a", "ids=1-3"), cwd=tmp_path, stderr=subprocess.PIPE, stop_at=place
        ) as process:
            assert process.stopped(), process.communicate()[1]
            process.send_signal(signal.SIGINT)
            process.go_on()
            _, said = process.communicate()
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert server.count("/Incsys") <= 1  # what was just about to be asked
    ends: list[tuple[str | None]] = []
    if (path := tmp_path / "archive.db").exists():
        with closing(sqlite3.connect(path)) as db:
            ends = db.execute("SELECT ended_at FROM runs").fetchall()
    assert all(at for (at,) in ends)  # a run that had begun has ended, as that of a kill has not


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_batch_and_leaves_with_130(tmp_path: Path, number: signal.Signals) -> None:
    newsroom = Newsroom(count=400)
    with Server(newsroom) as server:
        words = crawl_words(
            server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o", "x.jsonl",
            settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 1},
        )  # fmt: skip
        with start(
            *words, cwd=tmp_path, stderr=subprocess.PIPE, stop_at="farscrawler.archive.store:Archive.save", call=30
        ) as process:
            assert process.stopped()
            process.send_signal(number)
            process.go_on()
            _, said = process.communicate()
        assert process.returncode == 130, said
        fetched = [entry.path for entry in server.requests if "code=" in entry.path]
    assert 30 <= len(fetched) < 400
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        ledger = Ledger(archive, "farsonline")
        assert sum(ledger.counts().values()) == len(fetched)  # nothing that was fetched is lost
        last = ledger.last_run()
    assert last is not None
    assert (last["exit_code"], last["end_reason"]) == (130, "interrupted")


def test_a_second_signal_leaves_at_once_and_loses_nothing(tmp_path: Path) -> None:
    newsroom = Newsroom(count=100)
    with Server(newsroom) as server:
        words = crawl_words(
            server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}",
            # The next request would come after a minute, the last one after 99: the crawl cannot end by itself. A
            # longer delay would hold back the first request of a machine that was started less than that ago, since
            # Scrapy (2.19, core/downloader: Slot.lastseen) takes the start of the machine for the last request.
            settings={"DOWNLOAD_DELAY": 60, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "ROBOTSTXT_OBEY": False},
        )  # fmt: skip
        noticed = "scrapy.crawler:CrawlerProcessBase._log_shutdown"
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE, stop_at=noticed) as process:
            wait_until(lambda: server.count("/Incsys") == 1, process)
            process.send_signal(signal.SIGINT)
            assert process.stopped()
            process.send_signal(signal.SIGINT)
            process.go_on()
            _, said = process.communicate()
        assert process.returncode == 130, said
        fast = crawl(server.url, *words[4:6], cwd=tmp_path)
        assert fast.returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        assert sorted(int(a.article_id) for a in archive.articles()) == newsroom.ids()


def test_a_run_that_waits_for_a_site_still_leaves_when_told(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=503, headers={"Retry-After": "120"})]) as server:
        words = crawl_words(server.url, "-a", "ids=1-3", settings={"LOG_LEVEL": "DEBUG"})
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            assert any("Retrying" in line for line in process.stderr)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate()
        assert process.returncode == 130, said
        assert time.monotonic() - begun < 100  # not the two minutes that the site has asked for
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path).returncode == 0


#: Makes a method hang as a pipe does that nobody writes to, and as code does that takes an interrupt for any error.
_HANGING = """
import os
from {module} import {owner}
def hang(*args, **more):
    os.mkfifo("fifo")
    said = b"hangs\\n"
    while True:
        try:
            os.write(1, said)
            os.open("fifo", os.O_RDONLY)
        except KeyboardInterrupt:
            said = b"heard\\n"
{owner}.{name} = hang
"""


def end_by_two_signals(process: Command) -> str:
    """Send two signals to a process that has said that it hangs, and return what it says then."""
    assert process.stdout is not None
    assert process.stdout.readline() == "hangs\n"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 130, said
    return str(said)


def test_two_signals_end_a_crawl_that_hangs_in_the_opening_of_its_archive(tmp_path: Path) -> None:
    words = crawl_words("http://127.0.0.1:9", "-a", "ids=1-3")
    hangs = _HANGING.format(module="farscrawler.archive", owner="Archive", name="__init__")
    with start(*words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, first=hangs) as process:
        said = end_by_two_signals(process)
    assert "Traceback" not in said


def test_two_signals_end_a_crawl_that_hangs_in_its_last_write(tmp_path: Path) -> None:
    with Server(Newsroom(count=20)) as server:
        words = crawl_words(server.url, "-a", "latest=2", "-o", "news.json")
        hangs = _HANGING.format(module="farscrawler.exporters.itemfile", owner="WholeFile", name="close")
        with start(*words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, first=hangs) as process:
            end_by_two_signals(process)
        assert not (tmp_path / "news.json").exists()
        assert run(*words, cwd=tmp_path).returncode == 0
    assert len(json.loads((tmp_path / "news.json").read_bytes())) == 2


@pytest.mark.parametrize("words", [("check",), ("coverage", "farsonline"), ("show",), ("reparse",)])
def test_two_signals_end_a_command_that_hangs(tmp_path: Path, words: tuple[str, ...]) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    KeptPages(path_of(tmp_path / "archive.db"), readonly=False).close()
    hangs = _HANGING.format(module="farscrawler.archive", owner="Archive", name="__enter__")
    with start(*words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, first=hangs) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hangs\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "heard\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said


_COUNTING = """
import os, sqlite3
from farscrawler.archive import Archive
def count(*_):
    os.write(1, b"counts\\n")
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    sqlite3.connect(":memory:").execute(endless)
Archive.__enter__ = count
"""


def _has_spent(pid: int, ticks: int) -> bool:
    return _ticks(pid) >= ticks


def _ticks(pid: int) -> int:
    """Return the CPU time of a process, in the system's hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_two_signals_end_a_command_within_a_statement_of_sqlite(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    with start("check", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, first=_COUNTING) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "counts\n"
        for _ in range(2):
            # So much is the statement's alone; and two signals of a kind that wait to be delivered are one.
            enough = _ticks(process.pid) + 5
            wait_until(partial(_has_spent, process.pid, enough), process)
            process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said


def test_a_signal_just_before_the_engine_starts_ends_the_crawls_of_a_fleet(tmp_path: Path) -> None:
    """Scrapy takes such a crawl for stopped, and lets it go on."""
    own_folder(tmp_path / "own", "north")
    with Server(Newsroom(count=20)) as server:
        words = ["crawl-all", "north", "-s", "PUBLISHERS=own", *crawl_words(server.url, "-a", "ids=1-3")[2:]]
        place = "scrapy.core.engine:ExecutionEngine.start_async"
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE, stop_at=place) as process:
            assert process.stopped(), process.communicate()[1]
            process.send_signal(signal.SIGINT)
            process.go_on()
            _, said = process.communicate()
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert run(*words, cwd=tmp_path).returncode == 0
