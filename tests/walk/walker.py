"""Walk through a page: a new folder with the reader's own files, and each command by a shell, as it is printed."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import Newsroom, Server
from tests.walk.printed import ROOT, commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.walk.printed import Printed

#: The ids of the examples, and the Jalali year that they ask for, are in it.
NEWSROOM = Newsroom(first_id=266_600, count=810, per_day=4, start="1401-01-01")
#: What stands for the project file of a reader: the replica in the place of the site, and no pauses. Variables win over
#: the file that `config --init` writes.
_SETTINGS = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "off",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "RETRY_BACKOFF": "0.05",
    "DOWNLOAD_TIMEOUT": "10",
    "FIRST_IDS": "30",
}
#: Pages whose reader has crawled a little already.
_BEFORE = "farscrawler crawl farsonline --ids 267300-267403 -O news.jsonl"
_BEGIN_NEW = ("README", "docs/newsroom.md", "docs/unknown-sites.md")
#: Seconds after which a command counts as one that does not end.
_PATIENCE = 600
_PORT = ":8000"


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was run, with its exit code, its seconds, and what it said on both outputs."""

    printed: Printed
    code: int
    seconds: float
    said: str


def walk(page: str, folder: Path) -> Iterator[Step]:
    """Run the commands of a page in a new folder, and yield each with what it did."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        server = stack.enter_context(Server(NEWSROOM, weight=2_000))
        env = _environment(server.url, folder)
        if not page.startswith(_BEGIN_NEW):
            subprocess.run(_BEFORE, shell=True, cwd=folder, env=env, capture_output=True, check=True)  # noqa: S602
        _lay_files(folder, server.url)
        served: dict[int, str] = {}  # the port of the newsroom that a block has started
        for printed in commands(page):
            if printed.pattern is not None:
                continue
            if printed.line.startswith("farscrawler newsroom"):
                begun = time.monotonic()
                said, served[printed.block] = stack.enter_context(_newsroom(printed.line, folder, env))
                yield Step(printed, 0, time.monotonic() - begun, said)
                continue
            line = printed.line.replace(_PORT, served.get(printed.block, _PORT))
            yield _run(printed, line, folder, env)


def _environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of a reader: nothing of ours in it, and no way to another machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FARSCRAWLER_", "COV_"))}
    settings = {f"FARSCRAWLER_{name}": value for name, value in {**_SETTINGS, "BASE_URL": url}.items()}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    return kept | settings | nowhere | {"no_proxy": "127.0.0.1,127.0.0.2", "HOME": str(folder)}


def _lay_files(folder: Path, url: str) -> None:
    """Make the files of the reader's own that the pages name: lists of addresses, saved pages, a WARC file."""
    site = "http://www.Fars-Online.ir"
    (folder / "urls.txt").write_text(f"{site}/Fa/News/267310/x\n", encoding="utf-8")
    (folder / "saved").mkdir()
    with urllib.request.urlopen(f"{url}/Fa/News/267311/", timeout=10) as answer:  # noqa: S310  # on loopback
        page = answer.read()
    (folder / "saved/267311.html").write_bytes(page)
    (folder / "saved/267311.url").write_text(f"{site}/Fa/News/267311/", encoding="utf-8")
    (folder / "article.html").write_bytes(page)
    shutil.copy(ROOT / "tests/fixtures/khabaronline/news/page.html", folder)
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {site}/Fa/News/267311/\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    (folder / "crawl.warc.gz").write_bytes(gzip.compress(head.encode() + body + b"\r\n\r\n"))


def _run(printed: Printed, line: str, folder: Path, env: dict[str, str]) -> Step:
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S602  # as a reader's shell does
        line,
        shell=True,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
    return Step(printed, done.returncode, time.monotonic() - begun, said)


@contextmanager
def _newsroom(line: str, folder: Path, env: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Serve a newsroom as a page prints it, at a free port; yield what it says, and the port as addresses end."""
    words = re.sub(r"--port \d+", "", line.partition("#")[0]).split()
    process = subprocess.Popen(  # a command of ours
        [*words, "--port", "0"], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        found = re.search(r"at http://[\d.]+(:\d+)", said)
        if found is None:
            raise AssertionError(f"{line}: {said}{process.stdout.read()}")
        yield said, found[1]
    finally:
        process.terminate()
        process.communicate()
