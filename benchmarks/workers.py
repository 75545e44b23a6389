"""Hundreds of sites crawled by workers: jobs of a queue in PostgreSQL, results in one archive there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import processes
from benchmarks.crawls import COMMON, PRINT_SITE, replica_of
from benchmarks.figures import Spread, table
from benchmarks.fleet_site import addresses
from benchmarks.fleets import replicas
from farscrawler.archive import Archive
from tests.support.postgres import binaries, running

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.locations import Server

#: In all workers together, as `benchmarks.fleets` has in all processes.
_AT_ONCE = 60
#: Two a crawl, and one for each worker.
_CONNECTIONS = 200
_LONGEST = 1800
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(rounds: int, sites: int = 300, pages: int = 20, counts: Iterable[int] = (1, 4)) -> str:
    """Crawl so many pages of each site with each number of workers in turns; return the table."""
    if binaries() is None:
        return "PostgreSQL is not installed."
    runs: dict[int, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for count in counts:
            with (
                tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder,
                running(durable=True, connections=_CONNECTIONS) as server,
            ):
                runs.setdefault(count, []).append(_crawl(Path(folder), server.archive(), sites, pages, count))
    rows = [
        [str(count), *(Spread.of(run[name] for run in found) for name in found[0])]
        for count, found in sorted(runs.items())
    ]
    head = [
        "workers", "pages/s", "whole time, s", "CPU ms a page, of the machine", "of the replicas", "slowest job, %",
    ]  # fmt: skip
    return f"{sites:,} sites, {pages:,} pages of each, {_AT_ONCE} jobs at once.\n\n{table(head, rows)}"


def _crawl(folder: Path, archive: Server, sites: int, pages: int, count: int) -> dict[str, float]:
    """Run the workers until the queue is empty. Raise RuntimeError unless the archive then holds every article."""
    names = [f"site{at}" for at in range(sites)]
    served: dict[str, Any] = {}
    with replicas(folder, sites, pages, served) as port:
        words = [sys.executable, "-m", "farscrawler"]
        machines = [folder / f"machine{at}" for at in range(count)]
        for machine in machines:
            _set_up(machine, archive, dict(zip(names, addresses(sites), strict=True)), port)
        ids = ",".join(map(str, replica_of(pages).ids()[:pages]))
        add = [*words, "jobs", "add", "crawl", *names, "--ids", ids]
        subprocess.run(add, cwd=machines[0], env=processes.environment_with(), check=True, stdout=subprocess.DEVNULL)
        begun, busy = time.perf_counter(), _machine_seconds()
        work = [*words, "worker", "--once", "--at-once", str(_AT_ONCE // count)]
        workers = []
        for machine in machines:
            with (machine / "log.txt").open("wb") as log:
                workers.append(
                    subprocess.Popen(work, cwd=machine, env=processes.environment_with(), stdout=log, stderr=log)
                )
        codes = [one.wait(_LONGEST) for one in workers]
        whole, busy = time.perf_counter() - begun, _machine_seconds() - busy
    if any(codes):
        said = (machines[0] / "log.txt").read_text(encoding="utf-8")
        raise RuntimeError(f"the workers ended with {codes}:\n{said[-4000:]}")
    with Archive(archive) as opened:
        stored = sum(1 for _ in opened.articles())
    if not stored == served["pages"] == pages * sites:
        raise RuntimeError(f"{stored} articles of {served['pages']} pages served: the crawls did not do their work")
    return {
        "pages/s": stored / served["wall"],
        "whole": whole,
        "cpu": 1000 * busy / stored,
        "served": 1000 * served["cpu"] / stored,
        "slowest": 100 * _slowest(archive) / whole,
    }


def _set_up(machine: Path, archive: Server, hosts: dict[str, str], port: int) -> None:
    """Make the folder of a worker: its project file and stanzas."""
    (machine / "own").mkdir(parents=True)
    stanzas = "\n".join(PRINT_SITE.format(key=key) for key in hosts)
    (machine / "own" / "incsys.toml").write_text(f'[defaults]\nfamily = "incsys"\n{stanzas}', encoding="utf-8")
    lines = [f"archive = {json.dumps(archive.address)}", 'publishers = ["own"]', "[settings]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in COMMON.items()]
    for key, host in hosts.items():
        lines += [f"[publisher.{key}]", f'base_url = "http://{host}:{port}"']
    (machine / "farscrawler.toml").write_text("\n".join(lines), encoding="utf-8")


def _slowest(archive: Server) -> float:
    """Return the seconds of the longest attempt at a job."""
    from farscrawler.archive.postgres.queue import JobQueue  # noqa: PLC0415  # it needs psycopg

    with JobQueue(archive) as queue:
        return max((one.ended_at or one.began_at) - one.began_at for one in queue.attempts())


def _machine_seconds() -> float:
    """Return the CPU seconds of all processes of the machine: the forks of a worker are not its children."""
    return sum(map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:4])) / _TICKS
