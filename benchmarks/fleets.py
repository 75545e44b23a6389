"""Hundreds of sites on several cores: `crawl-all` over replicas on addresses of their own, by one and two processes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import processes
from benchmarks.crawls import COMMON, PRINT_SITE, replica_of, settings
from benchmarks.figures import Spread, ratio, table
from benchmarks.fleet_site import addresses
from farscrawler.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: In all processes together, for each number of them.
_AT_ONCE = 60
_READY_SECONDS = 60
_MIB = 1024
_LONGEST = 1800


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a crawl of all sites cost; ``wall`` is from the first page to the last one, as the replicas saw them.

    ``whole`` is the time of the command, ``cpu`` that of all its processes, ``served`` that of the replicas, in
    seconds. ``peak`` is the largest resident size (MiB) of a process that crawls, ``slowest`` the share of
    that time which the longest run of a site took. ``waited`` is the share of the time of all writers that they spent
    waiting for each other, and ``longest_wait`` the longest wait in seconds.
    """

    pages: int
    wall: float
    whole: float
    cpu: float
    served: float
    peak: float
    slowest: float
    waited: float
    longest_wait: float


def measure(rounds: int, sites: int = 300, pages: int = 20, counts: Sequence[int] = (1, 2)) -> str:
    """Crawl so many pages of each site with each number of processes in turns; return the table."""
    runs: dict[int, list[Fleet]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as place:
        folder = Path(place)
        names = [f"site{at}" for at in range(sites)]
        (folder / "own").mkdir()
        stanzas = "\n".join(PRINT_SITE.format(key=key) for key in names)
        (folder / "own" / "incsys.toml").write_text(f'[defaults]\nfamily = "incsys"\n{stanzas}', encoding="utf-8")
        (folder / "ids.txt").write_text("\n".join(map(str, replica_of(pages).ids()[:pages])), encoding="ascii")
        for turn in range(rounds):
            for count in counts:
                at = folder / f"{turn}-{count}"
                at.mkdir()
                runs[count].append(_crawl(at, names, pages, count))
    base = runs[counts[0]]
    rows = [
        [
            str(count),
            Spread.of(run.pages / run.wall for run in found),
            ratio([run.pages / run.wall for run in found], [run.pages / run.wall for run in base]),
            Spread.of(1000 * run.cpu / run.pages for run in found),
            Spread.of(1000 * run.served / run.pages for run in found),
            Spread.of(run.whole for run in found),
            Spread.of(run.peak for run in found),
            Spread.of(100 * run.slowest for run in found),
            Spread.of(100 * run.waited for run in found),
            Spread.of(1000 * run.longest_wait for run in found),
        ]
        for count, found in runs.items()
    ]
    head = [
        "processes", "pages/s", "÷ 1 process", "ms CPU a page", "of the replicas", "whole command, s",
        "MiB of a process", "slowest site, %", "waiting to write, %", "longest wait, ms",
    ]  # fmt: skip
    return f"{sites:,} sites, {pages:,} pages of each, {_AT_ONCE} at once.\n\n{table(head, rows)}"


@contextlib.contextmanager
def replicas(folder: Path, sites: int, pages: int, found: dict[str, Any]) -> Iterator[int]:
    """Serve the replicas in a process of their own; give their port, and in ``found`` what they have served."""
    port_file = folder / "port"
    words = [sys.executable, "-m", "benchmarks.fleet_site", str(sites), str(pages), str(port_file)]
    with subprocess.Popen(words, env=processes.environment_with(), stdout=subprocess.PIPE, text=True) as server:
        try:
            until = time.monotonic() + _READY_SECONDS
            while not port_file.exists():
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the replicas did not start")
                time.sleep(0.02)
            yield int(port_file.read_text(encoding="ascii"))
        finally:
            server.terminate()
            said, _ = server.communicate()
            found.update(json.loads(said or "{}"))


def _crawl(folder: Path, names: list[str], pages: int, count: int) -> Fleet:
    """Run one crawl. Raise RuntimeError unless the archive then holds every article."""
    words = [sys.executable, "-m", "farscrawler", "crawl-all", *names, "--processes", str(count)]
    words += ["--at-once", str(_AT_ONCE), "--summary", "json", "-a", f"ids=@{folder.parent / 'ids.txt'}"]
    words += settings({**COMMON, "PUBLISHERS": folder.parent / "own"})
    words += ["-s", 'ADDONS={"benchmarks.waits.Waits": 0}', "--nolog"]
    served: dict[str, Any] = {}
    with replicas(folder, len(names), pages, served) as port:
        for name, address in zip(names, addresses(len(names)), strict=True):
            words += ["-a", f"{name}.base_url=http://{address}:{port}"]
        with (folder / "summaries.txt").open("wb") as out, (folder / "log.txt").open("wb") as log:
            begun = time.perf_counter()
            env = processes.environment_with({"BENCHMARK_WAITS": str(folder)})
            process = subprocess.Popen(words, cwd=folder, env=env, stdout=out, stderr=log)
            sizes = _Sizes(process.pid)
            code, cpu = processes.waited(process, begun + _LONGEST)
            whole = time.perf_counter() - begun
            sizes.stop()
    if code != 0:
        raise RuntimeError(f"crawl-all ended with {code}:\n{(folder / 'log.txt').read_text(encoding='utf-8')[-4000:]}")
    with Archive(folder / "archive.db", readonly=True) as archive:
        stored = sum(1 for _ in archive.articles())
    if not stored == served["pages"] == pages * len(names):
        raise RuntimeError(f"{stored} articles of {served['pages']} pages served: the crawl did not do its work")
    lines = (folder / "summaries.txt").read_text(encoding="utf-8").splitlines()
    waits = [json.loads(one.read_text(encoding="ascii")) for one in folder.glob("waits-*.json")]
    return Fleet(
        pages=stored,
        wall=served["wall"],
        whole=whole,
        cpu=cpu,
        served=served["cpu"],
        peak=max(sizes.peaks.values(), default=0.0),
        slowest=max(json.loads(line)["seconds"] for line in lines) / whole,
        waited=sum(map(sum, waits)) / (count * served["wall"]),
        longest_wait=max(map(max, filter(None, waits)), default=0.0),
    )


class _Sizes:
    """Looks at the largest resident size (MiB) of a process, its children and theirs until it is stopped."""

    def __init__(self, pid: int) -> None:
        self.peaks: dict[int, float] = {}
        self._pid = pid
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)
        self._looking.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            with contextlib.suppress(OSError):
                for pid in self._all():
                    with contextlib.suppress(OSError):
                        said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
                        line = next((one for one in said.splitlines() if one.startswith("VmHWM:")), None)
                        if line is not None:
                            self.peaks[pid] = int(line.split()[1]) / _MIB

    def _all(self) -> Iterator[int]:
        """Yield the process, and those that it and its children have begun: forks are children of their server."""
        found = deque([self._pid])
        while found:
            yield (pid := found.popleft())
            with contextlib.suppress(OSError):
                found.extend(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()))
