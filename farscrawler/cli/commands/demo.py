"""`farscrawler demo`: the main job on a replica of the first site, from nothing to a table of news."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out

if TYPE_CHECKING:
    import argparse

_START_SECONDS = 30.0
_LEAST_IDS = 2000


class Command(LightCommand):
    """The demo command."""

    def syntax(self) -> str:
        return "[--folder FOLDER] [--count COUNT]"

    def long_desc(self) -> str:
        return (
            "Start the newsroom, a replica of the first site on this machine, crawl its newest articles into "
            "FOLDER/archive.db and FOLDER/news.jsonl, and show them. Nothing leaves this machine, and the "
            "articles are invented."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--folder", default="demo", metavar="FOLDER", help="the folder to write to (default: demo)")
        parser.add_argument("--count", type=int, default=200, metavar="COUNT", help="number of articles (default: 200)")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the three steps, each by its own command."""
        if args or opts.count < 1:
            raise UsageError("demo takes only its options, and a count of at least 1")
        folder = Path(opts.folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--folder {folder}: {error.strerror}", print_help=False) from error
        port_file = folder / "newsroom.port"
        port_file.unlink(missing_ok=True)
        ids = str(max(_LEAST_IDS, 2 * opts.count))  # enough for so many articles and the gaps between them
        newsroom = _start("newsroom", "--port", "0", "--port-file", str(port_file), "--count", ids)
        try:
            port = _wait_for(port_file, newsroom)
            self.exitcode = self._crawl(folder, port, opts.count)
        finally:
            newsroom.terminate()
            newsroom.wait()
            port_file.unlink(missing_ok=True)
        if self.exitcode == 0:
            _run("show", "-n", "20", "-s", f"ARCHIVE={folder / 'archive.db'}")
            out(f"\nThe archive is {folder / 'archive.db'}, the JSON lines are {folder / 'news.jsonl'}.", lines=True)

    @staticmethod
    def _crawl(folder: Path, port: str, count: int) -> int:
        # Politeness is for other people's machines; this one is ours.
        speed = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False",
                 "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")  # fmt: skip
        return _run(
            "crawl", "farsonline", "-a", f"base_url=http://127.0.0.1:{port}", "-a", f"latest={count}",
            "-s", f"ARCHIVE={folder / 'archive.db'}", "-O", str(folder / "news.jsonl"), *speed,
        )  # fmt: skip


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "farscrawler", *words]


def _run(*words: str) -> int:
    return subprocess.run(_command(*words), check=False).returncode  # noqa: S603  # our own command


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(*words), stdout=subprocess.DEVNULL)  # noqa: S603  # our own command


def _wait_for(port_file: Path, newsroom: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + _START_SECONDS
    while not port_file.exists():
        if newsroom.poll() is not None or time.monotonic() > until:
            raise UsageError("the newsroom did not start; see what it says above", print_help=False)
        time.sleep(0.05)
    return port_file.read_text(encoding="ascii").strip()
