"""Several publishers crawled in one process, each against a newsroom of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.sqlite import connection as archive_connection
from farscrawler.cli.commands.crawl_all import arguments_of
from farscrawler.cluster.fleet import named_for
from farscrawler.errors import WORST_FIRST, Exit, worst
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import environment, json_lines, run, start, wait_until
from tests.support.commands import PATIENCE
from tests.support.fleet_sites import SITES, Fleet, all_ids, assert_whole, newsrooms
from tests.support.killing import Hold
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet[Server]]:
    with newsrooms(tmp_path, *SITES) as found:
        yield found


def test_three_sites_into_one_archive_each_with_its_own_files(fleet: Fleet[Server]) -> None:
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "-o", "%(name)s.csv", "--summary", "json",
                       "--metrics", "{publisher}.prom")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_whole(fleet, *SITES)
    summaries = {line["publisher"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert set(summaries) == set(SITES)
    for key, server in fleet.servers.items():
        lines = json_lines(fleet.folder / f"{key}.jsonl")
        assert {line["publisher"] for line in lines} == {key}
        assert sorted(int(line["article_id"]) for line in lines) == server.newsroom.ids()
        assert (fleet.folder / f"{key}.csv").read_text(encoding="utf-8").count(f"\n{key},") == len(lines)
        assert f'publisher="{key}"' in (fleet.folder / f"{key}.prom").read_text(encoding="utf-8")
        assert summaries[key]["new"] == len(lines)
        assert set(Counter(entry.path for entry in server.requests).values()) == {1}
    assert "3 publishers: 3 done; " in done.stderr.splitlines()[-1]
    again = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl")
    assert again.returncode == 0, again.stderr
    for key, server in fleet.servers.items():
        assert len(json_lines(fleet.folder / f"{key}.jsonl")) == len(server.newsroom.ids())


class Slow(PageServer):
    """A site of print pages that takes its time, and sees how many of its requests are on their way at once."""

    shared: ClassVar[list[str]] = []
    lock = threading.Lock()
    everywhere = most_everywhere = 0
    #: Where the first articles of all sites wait for each other, where sites are crawled at once.
    meeting: ClassVar[threading.Barrier | None] = None

    def __init__(self, key: str) -> None:
        super().__init__({f"print:{number}": Answer(print_page(number)) for number in range(1, 13)})
        self.key = key
        self.here = self.most = 0

    def answer(self, key: str) -> Answer:
        with Slow.lock:
            Slow.shared.append(self.key)
            self.here += 1
            Slow.everywhere += 1
            self.most = max(self.most, self.here)
            Slow.most_everywhere = max(Slow.most_everywhere, Slow.everywhere)
        if key == "print:1" and Slow.meeting is not None:
            Slow.meeting.wait(PATIENCE)
        time.sleep(0.05)  # long enough for a second request to come, were one sent
        with Slow.lock:
            self.here -= 1
            Slow.everywhere -= 1
        return super().answer(key)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Fleet[Slow]]:
    Slow.shared, Slow.most_everywhere, Slow.meeting = [], 0, None
    with ExitStack() as stack:
        yield Fleet(tmp_path, {key: stack.enter_context(Slow(key)) for key in SITES})


def test_each_host_is_asked_as_gently_as_alone_while_the_others_go_on(slow: Fleet[Slow]) -> None:
    Slow.meeting = threading.Barrier(len(SITES))
    # With no delay at all Scrapy 2.19 lets two requests that waited for robots.txt pass at once.
    done = slow.crawl("-a", "ids=1-12", CONCURRENT_REQUESTS_PER_DOMAIN=1, DOWNLOAD_DELAY=0.01)
    assert done.returncode == 0, done.stderr
    for site in slow.servers.values():
        assert len(site.asked) == 13  # robots.txt too
        assert site.most == 1
    assert Slow.most_everywhere == len(SITES)


def test_more_sites_than_may_be_at_work_at_once(slow: Fleet[Slow]) -> None:
    done = slow.crawl("-a", "ids=1-12", "--at-once", "1")
    assert done.returncode == 0, done.stderr
    assert [key for key, _ in groupby(Slow.shared)] == list(SITES)


def test_one_that_is_down_blocked_or_broken_ends_no_other(fleet: Fleet[Server], tmp_path: Path) -> None:
    with Server(Newsroom(count=60), Faults(challenge=1.0), weight=2_000) as blocked:
        with Server(Newsroom(count=5)) as down:
            pass  # nobody listens on its port any more
        fleet.servers |= {"south": blocked, "east": down}
        done = fleet.crawl("-a", "latest=10", STOP_AFTER_UNREACHABLE=1, RETRY_TIMES=1)
    assert done.returncode == Exit.OWED, done.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        ends = dict(db.execute("SELECT publisher, exit_code FROM runs"))
        articles = dict(db.execute("SELECT publisher, count(*) FROM articles GROUP BY 1"))
    assert ends == {"north": 0, "south": 3, "east": 3}
    assert articles == {"north": 10}
    assert "blocks us" in done.stderr
    assert "cannot be reached" in done.stderr
    assert "3 publishers: 1 done, 2 incomplete; 10 new articles" in done.stderr


def test_an_interrupted_fleet_ends_cleanly_and_goes_on_later(fleet: Fleet[Server]) -> None:
    words = fleet.words("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "--at-once", "2", DOWNLOAD_DELAY=0.05,
                        CONCURRENT_REQUESTS_PER_DOMAIN=1)  # fmt: skip
    south = fleet.servers["south"]
    with (
        Hold(south.site, "respond", lambda: south.count("/Incsys/PrtNews.aspx") >= 5) as hold,
        start(*words, cwd=fleet.folder, stderr=subprocess.PIPE) as process,
    ):
        wait_until(hold.begun.is_set, process)
        process.send_signal(signal.SIGINT)
        hold.release()
        _, said = process.communicate()
    assert process.returncode == Exit.INTERRUPTED, said
    assert "Traceback" not in said
    assert "3 publishers: 3 interrupted" in said
    assert not fleet.servers["east"].requests, "a crawl was begun after the interruption"
    with closing(sqlite3.connect(fleet.folder / "archive.db")) as db, db:
        assert dict(db.execute("SELECT publisher, exit_code FROM runs")) == {"north": 130, "south": 130}
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl")
    assert done.returncode == 0, done.stderr
    assert_whole(fleet, *SITES)
    for server in fleet.servers.values():
        prints = Counter(entry.path for entry in server.requests if "PrtNews" in entry.path)
        assert set(prints.values()) == {1}


def test_one_display_for_all_on_a_terminal(fleet: Fleet[Server]) -> None:
    words = fleet.words("-a", "latest=12", DOWNLOAD_DELAY=0.1, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    control, terminal = pty.openpty()
    with start(
        *words,
        cwd=fleet.folder,
        env={**environment(), "TERM": "xterm", "COLUMNS": "120"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        said = b""
        with contextlib.suppress(OSError):  # Linux says EIO when the other side has gone
            while part := os.read(control, 65_536):
                said += part
        os.close(control)
        assert process.wait() == 0
    text = said.decode()
    assert "crawl-all: 0 of 3 ended, 3 at work" in text
    for key in SITES:
        assert re.search(rf"{key}: \d+ done, \d+ pending", text)
        assert f"[farscrawler] INFO: {key}: 12 new articles" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, (
        "the cursor is hidden by one display, and shown again"
    )
    assert text.rstrip().splitlines()[-1].endswith("s.")


def test_a_publisher_that_another_run_holds_does_not_keep_the_others(fleet: Fleet[Server]) -> None:
    with Archive(fleet.folder / "archive.db", readonly=False) as archive:
        held = take_lock(Ledger(archive, "south"))
        try:
            done = fleet.crawl("-a", "latest=5")
        finally:
            held.release()
    assert done.returncode == Exit.HELD, done.stderr
    assert "is crawling south" in done.stderr
    assert "3 publishers: 1 held by another run, 2 done" in done.stderr or "2 done, 1 held" in done.stderr


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("-a", "latest=x"), "north: latest=x: write a whole number"),
        (("-a", "west.latest=5"), "west.latest: west is not among the publishers of this crawl"),
        (("-a", "latest=5", "-O", "all.jsonl"), "all.jsonl: each publisher needs a file of its own; put {publisher}"),
        (("-a", "latest=5", "--metrics", "all.prom"), "all.prom: each publisher needs a file of its own"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_fetched(
    fleet: Fleet[Server], more: tuple[str, ...], sentence: str
) -> None:
    done = fleet.crawl(*more)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert sentence in done.stderr
    assert not any(server.requests for server in fleet.servers.values())
    assert not (fleet.folder / "archive.db").exists()


def test_names_that_are_none(tmp_path: Path) -> None:
    done = run("crawl-all", "farsonline", "irma", cwd=tmp_path)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert "no publisher named 'irma'. Did you mean irna" in done.stderr
    done = run("crawl-all", "--family", "nastoh", cwd=tmp_path)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert "no publisher is of the family 'nastoh'" in done.stderr
    done = run("crawl", "farsonline", "irna", cwd=tmp_path)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert "crawl-all takes several" in done.stderr


def test_writers_of_one_thread_never_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is written from BEGIN to COMMIT without a pause in between, so the others cannot meet it half way."""
    monkeypatch.setattr(archive_connection, "BUSY_SECONDS", 0)  # whoever had to wait would fail at once
    archives = [Archive(tmp_path / "archive.db", readonly=False) for _ in range(5)]
    try:
        ledgers = [Ledger(archive, f"site{at}") for at, archive in enumerate(archives)]
        for ledger in ledgers:
            ledger.begin_run({}, "2026-01-01T00:00:00+00:00")
        for number in range(200):
            for at, archive in enumerate(archives):
                visit = Visit(publisher=f"site{at}", key=str(number), url="x", outcome="missing", at="2026-01-01")
                archive.save(visit)
                if (number + at) % 7 == 0:
                    archive.flush()
                ledgers[at - 1].known([str(number)])
    finally:
        for archive in archives:
            archive.close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        assert db.execute("SELECT count(*) FROM visits").fetchone() == (1000,)


def test_the_worst_exit_code_in_the_written_order() -> None:
    assert set(WORST_FIRST) == set(Exit)
    assert worst([Exit.DONE, Exit.HELD, Exit.OWED]) is Exit.OWED
    assert worst([Exit.OWED, Exit.BROKE, Exit.BAD_ARGUMENTS]) is Exit.BROKE
    assert worst([Exit.HELD, Exit.INTERRUPTED]) is Exit.INTERRUPTED
    assert worst([]) is Exit.DONE


def test_arguments_and_names_of_one_publisher() -> None:
    given = {"latest": "5", "north.latest": "9", "south.base_url": "http://127.0.0.1:8000"}
    assert arguments_of("north", given) == {"latest": "9"}
    assert arguments_of("south", given) == {"latest": "5", "base_url": "http://127.0.0.1:8000"}
    assert named_for("out/{publisher}.jsonl", "irna") == named_for("out/%(name)s.jsonl", "irna") == "out/irna.jsonl"
