"""What several tests need: the command line in a process of its own, and the newsroom at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.commands import ROOT, Command, command, environment, run, start, start_python, wait_until

if TYPE_CHECKING:
    import subprocess

__all__ = [
    "FAST", "ROOT", "SHARED", "Command", "command", "crawl", "crawl_words", "environment", "json_lines", "run", "start",
    "start_python", "wait_until",
]  # fmt: skip
#: References beside the checkout; a test that wants them skips where they are not.
SHARED = Path(os.environ.get("FARSCRAWLER_SHARED", ROOT.parent / "shared"))

#: A replica on this machine needs no politeness, and a test no long patience.
FAST = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "RETRY_BACKOFF": 0.05,
    "DOWNLOAD_TIMEOUT": 5,
}


def crawl_words(base_url: str, *more: str, settings: dict[str, Any] | None = None) -> list[str]:
    """Return the words of a crawl of the replica."""
    words = ["crawl", "farsonline", "-a", f"base_url={base_url}", *more]
    for name, value in {**FAST, **(settings or {})}.items():
        words += ["-s", f"{name}={value}"]
    return words


def crawl(base_url: str, *more: str, cwd: Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Crawl the replica quickly into the archive of a folder."""
    return run(*crawl_words(base_url, *more, settings=settings), cwd=cwd)


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines, every one of which must be whole."""
    data = path.read_bytes()
    assert data == b"" or data.endswith(b"\n"), f"{path} ends with a torn line"
    return [json.loads(line) for line in data.splitlines()]
