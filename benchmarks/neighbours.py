"""What hostile sites cost their neighbours: `crawl-all` over replicas, with and without three hostile sites among them.

Each crawl of a good site notes when its pages come; a page a delay is what the manners allow, so that the rate and the
longest gap tell whether something has held the process up.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals

from benchmarks import processes
from benchmarks.crawls import PRINT_SITE, replica_of, settings
from benchmarks.figures import Spread, ratio, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    from scrapy.crawler import Crawler

_SITES = 20
_DELAY = 0.5  # seconds: 17 sites bring 34 pages a second, which a slow machine reads with ease
_HOSTILE = ("headers", "lists", "slow")
_LONGEST = 300
_BAD = """\
[{key}]
name = "{key}"
hosts = ["www.{key}.example"]
[{key}.forms.article]
url = "/{key}/{{id}}"
paths = ['/{key}/(\\d+)$']
[{key}.doors]
pages = "/{key}/list/{{page}}"
[{key}.selectors]
headline = ["h1"]
published = ["time"]
body = ["div"]
"""


class Gaps:
    """A Scrapy add-on: the pages of one crawl, and the longest time between two of them."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.times: list[float] = []
        crawler.signals.connect(self.came, signal=signals.response_received)
        crawler.signals.connect(self.ended, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it."""
        return cls(crawler)

    def came(self) -> None:
        """Note that a page has come."""
        self.times.append(time.monotonic())

    def ended(self) -> None:
        """Write the times."""
        assert self.crawler.spider is not None
        Path(self.crawler.settings["GAPS"], f"{self.crawler.spider.name}.json").write_text(json.dumps(self.times))


@dataclass(frozen=True, slots=True)
class Fleet:
    """How the good crawls of one process went: their pages a second together, and the longest gap in seconds."""

    pages: int
    speed: float
    gap: float


def measure(rounds: int, pages: int = 40) -> str:
    """Crawl so many pages of each good site, alone and beside hostile ones in turns; return the table."""
    alone: list[Fleet] = []
    beside: list[Fleet] = []
    newsroom = replica_of(pages)
    asked: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as place, _hostile_site(asked) as hostile:
        folder = Path(place)
        (folder / "own").mkdir()
        good = [f"good{number}" for number in range(_SITES - len(_HOSTILE))]
        _write(folder / "own", good)
        with processes.replica(folder, newsroom.count) as base_url:
            ids = folder / "ids.txt"
            ids.write_text("\n".join(map(str, newsroom.ids()[:pages])), encoding="ascii")
            processes.fetch_all([f"{base_url}/Incsys/PrtNews.aspx?l=Fa&code={i}&k=0" for i in newsroom.ids()[:pages]])
            arguments = {f"{name}.base_url": base_url for name in good} | {f"{name}.ids": f"@{ids}" for name in good}
            bad = {f"{name}.base_url": hostile for name in _HOSTILE}
            bad |= {
                "headers.ids": "1-1000",
                "slow.ids": "1-1000",
                "lists.since": "1402-01-01",
                "lists.until": "1402-06-31",
            }
            for turn in range(rounds):
                alone.append(_crawl(folder / f"alone{turn}", good, arguments))
                beside.append(_crawl(folder / f"beside{turn}", good, {**arguments, **bad}))
    contestants = {f"{len(good)} good sites": alone, f"the same beside {len(_HOSTILE)} hostile ones": beside}
    rows = [
        [name, f"{runs[0].pages:,}", Spread.of(run.speed for run in runs), Spread.of(run.gap for run in runs)]
        for name, runs in contestants.items()
    ]
    rows.append(
        [
            "beside ÷ alone",
            "",
            ratio([run.speed for run in beside], [run.speed for run in alone]),
            ratio([run.gap for run in beside], [run.gap for run in alone]),
        ]
    )
    shown = table(["", "pages", "pages/s", "longest gap of a site, s"], rows)
    answers = ", ".join(f"{count:,} of «{kind}»" for kind, count in sorted(asked.items()))
    return f"{shown}\n\n(Answers of the hostile sites meanwhile: {answers}.)"


def _write(folder: Path, good: list[str]) -> None:
    (folder / "incsys.toml").write_text("\n".join(PRINT_SITE.format(key=key) for key in good), encoding="utf-8")
    (folder / "custom.toml").write_text("\n".join(_BAD.format(key=key) for key in _HOSTILE), encoding="utf-8")


def _crawl(folder: Path, good: list[str], arguments: Mapping[str, str]) -> Fleet:
    """Run one fleet until its good crawls have ended. Raise RuntimeError where one of them brings less."""
    folder.mkdir()
    names = sorted({name.partition(".")[0] for name in arguments})
    words = [sys.executable, "-m", "farscrawler", "crawl-all", *names]
    words += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    words += settings(
        {
            "PUBLISHERS": folder.parent / "own",
            "DOWNLOAD_DELAY": _DELAY,
            "DOWNLOAD_DELAY_JITTER": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "RETRY_TIMES": 0,
            "STOP_AFTER_BLOCKED": 10_000,
            "STOP_AFTER_FAILED": 10_000,
            "STOP_AFTER_UNREACHABLE": 10_000,
            "STOP_AFTER_SAME": 10_000,
            "STOP_AFTER_NOT_ARTICLE_IDS": 10_000,
            "ADDONS": '{"benchmarks.neighbours.Gaps": 0}',
            "GAPS": folder,
        }
    )
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=processes.environment_with(), stdout=log, stderr=log)
        try:
            until = time.monotonic() + _LONGEST
            while not all((folder / f"{name}.json").exists() for name in good):
                if process.poll() is not None and process.returncode not in (0, 3):
                    said = (folder / "log.txt").read_text(encoding="utf-8")[-4000:]
                    raise RuntimeError(f"crawl-all ended with {process.returncode}:\n{said}")
                if time.monotonic() > until:
                    raise RuntimeError("crawl-all takes too long")
                time.sleep(0.1)
        finally:
            process.kill()  # the hostile ones would go on for long
            process.wait()
    times = [json.loads((folder / f"{name}.json").read_text()) for name in good]
    pages = sum(map(len, times))
    begun, ended = min(one[0] for one in times), max(one[-1] for one in times)
    gap = max(after - before for one in times for before, after in pairwise(one))
    return Fleet(pages, pages / (ended - begun), gap)


@contextlib.contextmanager
def _hostile_site(asked: Counter[str]) -> Iterator[str]:
    """Serve the three hostile sites, counting what they are asked for; give their address."""
    article = "<h1>تیتر</h1><time>۱۴۰۲/۰۷/۰۵</time><div>"
    nested = f"<html><body>{article}{'<a href=/slow/9><b>' * 45_000}"
    links = "".join(f"<a href=/lists/{number}>x y z</a>" for number in range(49_000))
    answers: dict[str, Callable[[], bytes]] = {
        "slow": lambda: gzip.compress(nested.encode(), 1),
        "lists": lambda: gzip.compress(links.encode(), 1),
    }
    packed = {name: make() for name, make in answers.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with what holds a crawler up."""
            kind = self.path.split("/")[1]
            asked[kind] += 1
            with contextlib.suppress(OSError):
                if kind == "headers":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while True:
                        self.wfile.write(b"X-Header: x\r\n" * 1_000)
                body = packed.get(kind, b"")
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
