"""Kill `export --dataset` again and again while its archive grows and changes, and account for every row.

`python -m tests.support.datasetkills --runs 30` is the whole trial; a test runs a smaller one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from tests.support import run
from tests.support.datasets import article, faults, rows_of, store
from tests.support.killing import kill_at_barrier

#: Where a run is killed, and how often a run comes there.
_PLACES = (
    ("farscrawler.dataset.parts:PartWriter.add_rows", 6),
    ("farscrawler.dataset.parts:PartWriter.finish", 6),
    ("farscrawler.exporters.parquet:ParquetWriter.finish", 6),
    ("farscrawler.dataset.parts:_part_of", 6),
    ("farscrawler.dataset.folder:commit", 2),
    ("farscrawler.dataset.manifest:write", 2),
    ("farscrawler.files:write_whole", 3),
    ("farscrawler.dataset.folder:settle", 2),
    ("farscrawler.dataset.folder:_name", 12),
    ("farscrawler.dataset.folder:_name", 12),
    ("farscrawler.dataset.folder:_take_away", 6),
    ("farscrawler.dataset.folder:_take_away", 6),
    ("farscrawler.dataset.folder:remove_uncommitted", 2),
    ("farscrawler.dataset.card:write", 1),
)
#: Run in the process under fire: some changes are a commit, so that a run has several.
_FIRST = "from farscrawler.dataset import growth; growth.CHANGES = {changes}"


@dataclass
class Report:
    """What the trial found: there must be no findings."""

    rows: int = 0
    parts: int = 0
    kills: int = 0
    runs: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def dataset_under_fire(
    folder: Path, *, runs: int, each: int = 10, changed: int = 4, seed: int = 1, all_revisions: bool = False
) -> Report:
    """Store new and changed articles before each run, kill it, and compare the dataset in the end."""
    begun = time.monotonic()
    dice = random.Random(seed)
    report = Report()
    archive, news = folder / "archive.db", folder / "news"
    words = ["export", "--dataset", "news", *(["--all-revisions"] if all_revisions else [])]
    first = _FIRST.format(changes=(each + changed) * 2 // 3)
    for number in range(runs):
        store(archive, map(article, range(each * number, each * (number + 1))))
        older = dice.sample(range(each * number + 1), min(changed, each * number + 1))
        store(archive, [article(one, text=f"دور {number}", day=dice.randrange(4)) for one in older])
        place, calls = dice.choice(_PLACES)
        report.runs += 1
        report.kills += kill_at_barrier(*words, cwd=folder, place=place, call=dice.randint(1, calls), first=first)
        report.findings += [f"after {place}: {what}" for what in _torn(news)]
    done = run(*words, cwd=folder)
    report.findings += [] if done.returncode == 0 else [done.stderr[-500:]]
    report.findings += faults(news, archive, all_revisions=all_revisions)
    at_once = run(*["at-once" if word == "news" else word for word in words], cwd=folder)
    report.findings += [] if at_once.returncode == 0 else [at_once.stderr[-500:]]
    if rows_of(news) != rows_of(folder / "at-once"):
        report.findings.append("the dataset differs from one that is written at once")
    report.rows, report.parts = len(rows_of(news)), len(list(news.glob("data/**/*.parquet")))
    report.seconds = time.monotonic() - begun
    return report


def _torn(news: Path) -> list[str]:
    """Return the files that a reader would find and that are not whole."""
    found = []
    for path in news.glob("data/**/*.parquet"):
        try:
            pq.ParquetFile(path).read()
        except (OSError, ValueError) as error:
            found.append(f"{path.name}: {error}")
    return found


def main() -> int:
    """Run the trial from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--each", type=int, default=40, help="new articles before a run")
    parser.add_argument("--changed", type=int, default=10, help="changed articles before a run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-revisions", action="store_true")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        report = dataset_under_fire(Path(folder), **options)
    for name, value in vars(report).items():
        print(f"{name}: {value}")
    print("NOT CLEAN" if report.findings else "clean")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
