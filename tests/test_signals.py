"""Signals at any moment: while the program loads, crawls, waits and ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit import check
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, environment, start
from tests.support.pageserver import Answer, ImpatientServer, PageServer, print_page

if TYPE_CHECKING:
    from pathlib import Path


def test_a_signal_while_the_program_is_still_loading_leaves_with_130(tmp_path: Path) -> None:
    # -X importtime names each module once it is loaded: a clock of the start that does not depend on the machine.
    for module in ("scrapy.settings", "farscrawler.archive.store", "farscrawler.spiders.site_client"):
        words = crawl_words("http://127.0.0.1:9", "-a", "ids=1-3", settings={"RETRY_TIMES": 0})
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "farscrawler", *words],
            cwd=tmp_path,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process.stderr as lines:
            assert any(line.rstrip().endswith(f" {module}") for line in lines), module
            process.send_signal(signal.SIGINT)
            said = lines.read()
        assert "Traceback" not in said, (module, said[-2000:])
        # Within exec() of a text, as dataclasses use it, CPython ends by the signal itself: 130 to a shell as well.
        assert process.wait(60) in (130, -signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_batch_and_leaves_with_130(tmp_path: Path, number: signal.Signals) -> None:
    newsroom = Newsroom(count=400)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o", "x.jsonl")
        process = start(
            *words,
            "-s",
            "DOWNLOAD_DELAY=0.02",
            "-s",
            "CONCURRENT_REQUESTS_PER_DOMAIN=1",
            cwd=tmp_path,
            stderr=subprocess.PIPE,
        )
        until = time.monotonic() + 30
        while server.count("/Incsys") < 30 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
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


def test_a_run_that_waits_for_a_site_still_leaves_when_told(tmp_path: Path) -> None:
    with ImpatientServer([Answer(status=503, headers={"Retry-After": "120"})]) as server:
        process = start(*crawl_words(server.url, "-a", "ids=1-3"), cwd=tmp_path, stderr=subprocess.PIPE)
        until = time.monotonic() + 30
        while not server.moments and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)  # not the two minutes that the site has asked for
        assert process.returncode == 130, said
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path).returncode == 0
