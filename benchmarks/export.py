"""`farscrawler export` to each format: articles a second and memory, beside SQLite's and DuckDB's own copies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import synthetic
from benchmarks.figures import Spread, table
from benchmarks.processes import environment_with
from farscrawler.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMATS = ("jsonl", "jsonl.gz", "json", "csv", "xml", "parquet", "db")
#: What SQLite's and DuckDB's own programs make of the same articles, each beside the format that it makes.
_SQLITE = {
    "json": (".mode json", "SELECT * FROM articles"),
    "csv": (".mode csv", "SELECT * FROM articles"),
    "db": ("ATTACH '{file}' AS new", "CREATE TABLE new.articles AS SELECT * FROM articles"),
}
_DUCKDB = {"jsonl": "FORMAT json", "csv": "FORMAT csv", "parquet": "FORMAT parquet, COMPRESSION zstd"}


#: The system counts the memory of a process from that of the one that has started it; this one is small.
_LAUNCH = """
import json, os, sys, time
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
begun = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, usage = os.wait4(pid, 0)
print(json.dumps([time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, slots=True)
class _Cost:
    wall: float
    cpu: float
    peak: float
    size: int


def measure(counts: Sequence[int], rounds: int, archives: Iterable[Path] = ()) -> str:
    """Export archives of so many articles, and others, in rounds; give a table for each."""
    found = []
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        for count in counts:
            path = synthetic.fill(folder / f"{count}.db", count)
            found.append(_of(path, folder, rounds))
            path.unlink()
        found += [_of(path, folder, rounds) for path in archives]
    return "\n\n".join(found)


def _of(archive: Path, folder: Path, rounds: int) -> str:
    with Archive(archive) as opened:
        count = int(opened.db.execute("SELECT count(*) FROM articles").fetchone()[0])
    costs: dict[str, list[_Cost]] = {}
    for _ in range(rounds):
        for name, words, file in _contestants(archive, folder):
            costs.setdefault(name, []).append(_run(words, file))
            if file.is_file() and file.suffix != ".parquet":  # of a million articles they would be 30 GB
                file.unlink()
        for one in folder.glob("out.*"):
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    rows = [
        [
            name,
            Spread.of(count / one.wall for one in series),
            Spread.of(count / one.cpu for one in series),
            Spread.of(one.peak for one in series),
            f"{series[0].size / 1e6:,.0f}",
        ]
        for name, series in costs.items()
    ]
    head = [f"{count:,} articles, {archive.stat().st_size / 1e6:,.0f} MB", "articles/s", "articles a CPU second"]
    return table([*head, "peak MiB", "MB"], rows)


def _contestants(archive: Path, folder: Path) -> Iterable[tuple[str, list[str], Path]]:
    """Yield name, command and file of each; DuckDB reads what `export` has written to Parquet."""
    parquet = folder / "out.parquet"
    for form in _FORMATS:
        file = folder / f"out.{form}"
        yield form, [sys.executable, "-m", "farscrawler", "export", "-s", f"ARCHIVE={archive}", "-O", str(file)], file
        if form in _SQLITE and shutil.which("sqlite3"):
            copy = folder / f"out.sqlite3.{form}"
            mode, statement = (one.format(file=copy) for one in _SQLITE[form])
            yield f"{form} by sqlite3", ["sqlite3", str(archive), mode, statement], copy
    dataset = folder / "out.dataset"
    grow = [sys.executable, "-m", "farscrawler", "export", "-s", f"ARCHIVE={archive}", "--dataset", str(dataset)]
    yield "dataset", grow, dataset
    yield "dataset again, nothing new", grow, dataset
    if find_spec("duckdb") is None or not parquet.exists():
        return
    for form, options in _DUCKDB.items():
        copy = folder / f"out.duckdb.{form}"
        code = f"""import duckdb; duckdb.sql("COPY (FROM '{parquet}') TO '{copy}' ({options})")"""
        yield f"{form} by DuckDB, from Parquet", [sys.executable, "-c", code], copy


def _run(words: Sequence[str], file: Path) -> _Cost:
    """Run a command whose output is a file, and give what it cost."""
    out = file.with_name("out.stdout")
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCH, str(out), *words], env=environment_with(), capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    wall, cpu, peak = json.loads(done.stdout)
    written = file if file.exists() else out
    files = [one for one in written.rglob("*") if one.is_file()] if written.is_dir() else [written]
    return _Cost(wall, cpu, peak / 1024, sum(one.stat().st_size for one in files))
