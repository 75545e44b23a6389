"""What a crawl says in a log or a pipe: for what it waits, what its first run takes, and that no more is to be got."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, start

if TYPE_CHECKING:
    from pathlib import Path

NEWSROOM = Newsroom(first_id=3_000, count=300, per_day=10, start="1403-01-01")


def test_a_host_that_refuses_or_cannot_be_resolved_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        done = crawl(f"http://{host}", "--ids", "5", cwd=tmp_path, RETRY_TIMES=2, ROBOTSTXT_OBEY=False)
    assert done.returncode == 3
    said = [line for line in done.stderr.splitlines() if "waiting for" in line]
    assert len(said) == 1  # once, although it was tried three times
    assert f"farsonline: waiting for {host}: the connection was refused; trying again in 0." in said[0]


def test_a_host_that_says_nothing_is_waited_for_aloud(tmp_path: Path) -> None:
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        words = crawl_words(f"http://{host}", "--ids", "5", settings={"DOWNLOAD_TIMEOUT": 60, "ROBOTSTXT_OBEY": False})
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "waiting for" in line)  # it is a pipe
            process.kill()
            process.wait()
        for one in held:
            one.close()
    assert re.search(
        rf"farsonline: waiting for {host}: no whole answer in \d+ s so far; a request is given up after 1 m", line
    )


def test_the_first_run_says_what_it_takes_and_how_to_get_more(tmp_path: Path) -> None:
    with Server(NEWSROOM, weight=2_000) as server:
        first = crawl(server.url, cwd=tmp_path, FIRST_IDS=5)
        second = crawl(server.url, cwd=tmp_path, FIRST_IDS=5, REFRESH_HOURS=0)
        assert "this first run takes the 5 newest ids (FIRST_IDS); later runs go on from there." in first.stderr
        assert "--since 1403-01-01" in first.stderr
        assert "first run" not in second.stderr
        # What was visited a moment ago is not visited again, and that is said.
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            archive.db.execute("UPDATE articles SET published_at = NULL")  # their age counts from the first visit
        again = crawl(server.url, "--refresh", "7d", cwd=tmp_path)
        assert again.returncode == 0
        assert "articles of that age is visited again now: each was visited in the last 6 h 0 min (REFRESH_EVERY)" in (
            again.stderr
        )
        every = crawl(server.url, "--refresh", "7d", cwd=tmp_path, REFRESH_EVERY=0)
        assert "REFRESH_EVERY" not in every.stderr


def test_no_sentence_says_to_repeat_where_nothing_can_be_got(tmp_path: Path) -> None:
    with Server(Newsroom(count=60), weight=2_000) as server:
        ahead = crawl(server.url, "--since", "1500", cwd=tmp_path)
        assert ahead.returncode == 0
        assert "lies in the future" in ahead.stderr
        assert "same command" not in ahead.stderr
        few = crawl(server.url, "--latest", "80", cwd=tmp_path)
    assert few.returncode in (0, 3)
    assert "same command" not in few.stderr
