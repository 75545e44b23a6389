"""Storing into an SQLite file and into PostgreSQL as an archive grows, and copying it from one into the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import synthetic
from benchmarks.figures import number, table
from benchmarks.processes import environment_with
from farscrawler.archive import Archive, Visit
from farscrawler.locations import Server
from tests.support.postgres import Postgres, binaries, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.locations import Location

_AT = "2026-01-01T00:00:00+00:00"
#: Rows over which a cost is taken, behind each size: as many as show it, since a row of a large archive is meant.
_WINDOW = 10_000
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(counts: Sequence[int]) -> str:
    """Store so many articles into both; give the cost of a row behind each size, then the copies either way."""
    if binaries() is None:
        return "PostgreSQL is not installed."
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        with running(durable=True) as server:
            address = server.archive()
            file = folder / "archive.db"
            rows = [*_stored("SQLite", file, counts), *_stored("PostgreSQL", address, counts, server)]
            stored = table(
                ["archive, rows stored", "rows/s", "ms a row", "CPU ms a row", "of these the server's", "MB"], rows
            )
            copies = [_copied(server, file, server.archive()), _copied(server, address, folder / "copy.db")]
            return (
                f"{stored}\n\n{table(['copied and compared', 's', 'rows/s', 'CPU s', 'of these the server’s'], copies)}"
            )


def _stored(name: str, place: Location, counts: Sequence[int], server: Postgres | None = None) -> Iterator[list[str]]:
    """Yield a row of figures for each size: the cost of the last articles up to it, at most _WINDOW."""
    made = synthetic.articles(max(counts))
    with Archive(place, readonly=False) as archive:
        done = 0
        for count in counts:
            while done < count:
                window = min(_WINDOW, count - done)
                articles = [article for _, article in zip(range(window), made, strict=False)]
                wall, cpu, served = time.perf_counter(), time.process_time(), _cpu_of(server)
                for one in articles:
                    visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=_AT)
                    archive.save(visit, one)
                archive.flush()
                wall, cpu, served = (
                    time.perf_counter() - wall, time.process_time() - cpu, _cpu_of(server) - served,
                )  # fmt: skip
                done += window
            size = _size_of(place) / 1e6
            yield [
                f"{name}, {count:,}", number(window / wall), number(wall * 1e3 / window),
                number((cpu + served) * 1e3 / window), number(served * 1e3 / window) if server else "–", f"{size:,.0f}",
            ]  # fmt: skip


def _copied(server: Postgres, source: Location, target: Location) -> list[str]:
    """Run `farscrawler copy` and give its figures."""
    words = [place.address if isinstance(place, Server) else str(place) for place in (source, target)]
    begun, served, before = time.perf_counter(), _cpu_of(server), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "farscrawler", "copy", *words], env=environment_with(None), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    wall, served, after = time.perf_counter() - begun, _cpu_of(server) - served, os.times()
    found = re.search(r"([\d,]+) articles.*all is the same", done.stdout)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"copy ended with {done.returncode}: {done.stdout}{done.stderr}")
    count = int(found[1].replace(",", ""))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    way = "file → PostgreSQL" if isinstance(target, Server) else "PostgreSQL → file"
    return [f"{way}, {count:,} articles", number(wall), number(count / wall), number(cpu + served), number(served)]


def _size_of(place: Location) -> int:
    """Return the bytes that an archive takes, with its indexes."""
    if isinstance(place, Server):
        from farscrawler.archive.postgres.connection import size_of  # noqa: PLC0415  # it needs psycopg

        return size_of(place, ("articles", "changes", "visits"))
    return sum(path.stat().st_size for path in place.parent.glob(f"{place.name}*"))


def _cpu_of(server: Postgres | None) -> float:
    """Return the CPU seconds of a server's processes, of those too that have ended; 0 without one."""
    if server is None:
        return 0.0
    first = server.process
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = path.parent.name, path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if pid == str(first):  # of its own and of its children that it has waited for
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == str(first):
            ticks += sum(map(int, fields[11:13]))
    return ticks / _TICKS
