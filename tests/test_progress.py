"""The line of progress: live on a terminal, silent in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.extensions.progress import progress_line
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words
from tests.support.terminals import on_terminal

if TYPE_CHECKING:
    from pathlib import Path


def test_progress_is_live_on_a_terminal_and_silent_in_a_pipe(tmp_path: Path) -> None:
    newsroom = Newsroom(count=300)
    with Server(newsroom) as server:
        words = crawl_words(
            server.url,
            "-a",
            f"ids={newsroom.first_id}-{newsroom.newest_id}",
            settings={"DOWNLOAD_DELAY": 0.01, "CONCURRENT_REQUESTS_PER_DOMAIN": 1},
        )
        code, seen = on_terminal(*words, cwd=tmp_path, columns=120)
        assert code == 0
        assert " pending, " in seen
        assert "/s" in seen
        assert "new articles" in seen
        piped = crawl(server.url, "-a", "ids=1-3", cwd=tmp_path)
    assert "/s" not in piped.stderr


def test_progress_line() -> None:
    assert progress_line({}, pending=None, seconds=0) == "0 done, 0.0/s"
    assert (
        progress_line({"article": 110, "missing": 10}, pending=2880, seconds=120)
        == "120 done, 2,880 pending, 1.0/s, 48 min 0 s left (110 article, 10 missing)"
    )
