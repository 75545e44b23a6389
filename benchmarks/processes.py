"""Processes that are measured, and the replica they crawl in one of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 30
_LONGEST = 900  # seconds for one crawl; a slow machine needs a tenth of it
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Cost:
    """What one crawl cost: seconds on the clock and of CPU, of the whole process and of the crawl alone.

    The crawl alone is from the opening of the spider to the stop of the engine, everything stored and closed;
    ``peak_mib`` is the largest resident size of the process, None where the system does not tell.
    """

    pages: int
    whole_wall: float
    whole_cpu: float
    crawl_wall: float
    crawl_cpu: float
    peak_mib: float | None


def crawl(
    words: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
    python: str = sys.executable,
    path: Path | str = ROOT,
    stopwatch: str = "benchmarks.stopwatch.Stopwatch",
) -> Cost:
    """Run a Scrapy command with the stopwatch in a fresh interpreter. Raises RuntimeError when it does not end well.

    ``codes`` are the exit codes that count as well. Another interpreter finds the stopwatch, under another name, in
    another ``path``.
    """
    record, log = folder / "stopwatch.json", folder / "log.txt"
    command = [python, "-m", *words]
    command += ["-s", f'ADDONS={{"{stopwatch}": 0}}', "-s", f"STOPWATCH={record}"]
    surroundings = {**environment_with(environment), "PYTHONPATH": str(path)}
    with log.open("wb") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=subprocess.DEVNULL, stderr=errors)
        code, cpu = waited(process, begun + _LONGEST)
        wall = time.perf_counter() - begun
    if code not in codes or not record.exists():
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{log.read_text(encoding='utf-8')[-4000:]}")
    inside = json.loads(record.read_text(encoding="ascii"))
    record.unlink()
    return Cost(inside["pages"], wall, cpu, inside["wall"], inside["cpu"], inside["peak_mib"])


def waited(process: subprocess.Popen[bytes], until: float) -> tuple[int, float]:
    """Wait for a process and give its exit code and seconds of CPU, which only wait4 tells for one child alone."""
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage.ru_utime + usage.ru_stime
            if time.perf_counter() > until:
                raise RuntimeError(f"a crawl took more than {_LONGEST} s")
            time.sleep(_POLL)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


def environment_with(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child: this checkout importable, no settings of another project."""
    own = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **(more or {})}


@contextlib.contextmanager
def replica(folder: Path, count: int) -> Iterator[str]:
    """Serve the replica with so many ids in a process of its own; gives its address."""
    port_file = folder / "port"
    command = [sys.executable, "-m", "farscrawler", "newsroom", "--port", "0", "--port-file", str(port_file)]
    command += ["--count", str(count)]
    with (folder / "newsroom.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment_with(), stdout=said, stderr=said)
    try:
        until = time.monotonic() + _READY_SECONDS
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the replica did not start: {(folder / 'newsroom.txt').read_text()}")
            time.sleep(_POLL)
        yield f"http://127.0.0.1:{int(port_file.read_text())}"
    finally:
        process.terminate()
        process.wait()


def fetch_all(urls: Iterable[str]) -> tuple[float, float]:
    """Fetch addresses of one host over one connection; gives pages a second and the mean size in bytes.

    Done before a crawl is measured: the replica composes each article when it is first asked for. Raises
    RuntimeError for an answer that is no page.
    """
    wanted = list(urls)
    connection = http.client.HTTPConnection(urlsplit(wanted[0]).netloc, timeout=_READY_SECONDS)
    size = 0
    begun = time.perf_counter()
    try:
        for url in wanted:
            parts = urlsplit(url)
            connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
            answer = connection.getresponse()
            size += len(answer.read())
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"{url}: HTTP {answer.status}")
    finally:
        connection.close()
    return len(wanted) / (time.perf_counter() - begun), size / len(wanted)
