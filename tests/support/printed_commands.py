"""Run the commands that the docs print, on the newsroom: those that would not end by themselves are ended."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from farscrawler import publishers
from tests.support import FAST, crawl_words, run
from tests.support.browsed import served

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.testing.newsroom import Server


def ending(words: list[str], site: Server) -> list[str]:
    """Return the words of a command that ends: a watch makes one round, of the newsroom alone, and a worker too."""
    if words[0] == "worker" or (words[0] == "schedule" and "--status" not in words):
        return [*words, "--once"]
    if words[0] != "watch" or "--status" in words:
        return words
    options = [word for word in words[1:] if word not in {*publishers.names(), "--all", "--once"}]
    settings = {**FAST, "BASE_URL": site.url}
    given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return ["watch", "farsonline", "--once", *options, *given]


def done_by_us(words: list[str], folder: Path, site: Server) -> subprocess.CompletedProcess[str]:
    """Run a command of ours on the newsroom."""
    if words[0] == "crawl":
        return run(*crawl_words(site.url, *words[2:]), cwd=folder)
    if words[0] == "crawl-all":  # the newsroom plays one publisher alone
        options = [word for word in words[1:] if word not in publishers.names()]
        return run("crawl-all", *crawl_words(site.url, *options)[1:], cwd=folder)
    if words[0] == "browse":  # it is told to end when it has shown a page
        with served(folder / "archive.db", *words[1:]) as pages:
            pages.get()
        return subprocess.CompletedProcess(words, 0, stderr="")
    return run(*ending(words, site), cwd=folder)
