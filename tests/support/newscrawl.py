"""Crawls of the replica of CC-NEWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom.newscrawl import NewsCrawl, captures_of
from tests.support import FAST, run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

#: The days of the newsroom's articles.
DAYS = ("-a", "since=1403-02-10", "-a", "until=1403-02-12")


def newsroom_of_days(count: int = 40, **more: Any) -> Newsroom:
    return Newsroom(count=count, start="1403-02-10", until="1403-02-13", **more)


def newscrawl(count: int = 40, *, each: int = 60, **more: Any) -> NewsCrawl:
    return NewsCrawl(captures_of(newsroom_of_days(count, **more)), each=each)


CRAWL = ("crawl", "farsonline")


def ccnews_words(
    url: str, *more: str, command: tuple[str, ...] = CRAWL, days: tuple[str, ...] = DAYS, **settings: Any
) -> list[str]:
    """Return the words of a crawl that takes CC-NEWS from a replica."""
    words = [*command, "-a", "source=ccnews", *days, *more]
    given = {"COMMONCRAWL_DATA_URL": url, "COMMONCRAWL_DELAY": 0, "CCNEWS_PART_BYTES": 65_536, "PROGRESS": False}
    for name, value in {**FAST, "WEB_ARCHIVE_BACKOFF": 0.05, **given, **settings}.items():
        words += ["-s", f"{name}={value}"]
    return words


def ccnews(url: str, *more: str, cwd: Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Read CC-NEWS from a replica into the archive of a folder."""
    return run(*ccnews_words(url, *more, **settings), cwd=cwd)
