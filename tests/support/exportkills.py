"""Kill a crawl again and again that writes WARC, JSON lines, CSV, SQLite and XML at once, and account for every file.

`python -m tests.support.exportkills --kills 60 --field 140000` is the whole trial; a test runs a smaller one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.exporters.textfile import LineFile
from farscrawler.saved import warc_writer
from farscrawler.saved.warc_writer import whole_bytes
from tests.support import crawl_words, json_lines, run
from tests.support.killing import kill_at_barrier
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROUNDS_AFTER = 5  # runs allowed to finish after the last kill
_HALF = "tests.support.exportkills:at_half"
#: Where a run is killed, and how often a run of some articles comes there; the first is in the middle of a write.
_PLACES = (
    (_HALF, 12),
    (_HALF, 12),
    ("farscrawler.saved.warc_writer:WarcFolder.sync", 2),
    ("farscrawler.saved.warc_writer:_OpenFile.close", 1),
    ("farscrawler.archive.store:Archive.save", 8),
    ("farscrawler.archive.store:Archive._commit", 2),
    ("farscrawler.exporters.textfile:LineFile.write", 3),
    ("farscrawler.exporters.textfile:LineFile._advance", 3),
    ("farscrawler.exporters.textfile:LineFile._advance", 3),
    ("farscrawler.exporters.sqlitefile:SqliteFile.write", 2),
    ("farscrawler.exporters.itemfile:WholeFile.write", 2),
    ("farscrawler.archive.exports:ExportLog.advance", 4),
)
#: Run in the crawl under fire: every write of a line or a record is two.
_FIRST = "from tests.support.exportkills import write_in_halves; write_in_halves()"


def at_half() -> None:
    """Do nothing; a run that stops here has written the first half of a line or a record."""


def write_in_halves() -> None:
    """Let export files of lines and WARC files write each piece in two halves."""
    whole_line, whole_record = LineFile._append, warc_writer._OpenFile.append

    def append_line(self: LineFile, data: bytes) -> None:
        whole_line(self, data[: len(data) // 2])
        at_half()
        whole_line(self, data[len(data) // 2 :])

    def append_record(self: Any, data: bytes) -> None:
        half = len(data) // 2
        os.write(self._descriptor, data[:half])
        at_half()
        os.ftruncate(self._descriptor, self.size)  # all of it again, in one piece
        whole_record(self, data)

    setattr(LineFile, "_append", append_line)  # noqa: B010  # a method of ours, replaced in this process alone
    setattr(warc_writer._OpenFile, "append", append_record)  # noqa: B010


@dataclass
class Report:
    """What the trial found: all but the first, the kills, the runs and the seconds must be zero or empty."""

    articles: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    exit_code: int = 0
    kills: int = 0
    runs: int = 0
    seconds: float = 0.0

    def is_clean(self) -> bool:
        """Return whether nothing was lost, doubled, torn or wrong."""
        return not any((*self.wrong.values(), self.findings, self.exit_code))


def body_of(number: int, length: int) -> str:
    """Return the text of an article: so many characters, and in them all that a format has to escape."""
    words = f'متن خبر {number}، «نیم‌فاصله», "quoted", ==1+1;\u2028<&> '
    return (words * (length // len(words) + 1))[: length - 1] + "."


class _Site(PageServer):
    def __init__(self, ids: Iterable[int], length: int) -> None:
        super().__init__({})
        self.bodies = {number: body_of(number, length) for number in ids}

    def answer(self, key: str) -> Answer:
        number = int(key.removeprefix("print:")) if key.startswith("print:") else 0
        if number not in self.bodies:
            return Answer(status=404)
        shown = self.bodies[number].replace("&", "&amp;").replace("<", "&lt;")
        return Answer(print_page(number, f"=خبر {number}", shown))


def exports_under_fire(folder: Path, *, kills: int, length: int, seed: int, each: int = 3) -> Report:
    """Crawl ``each`` more articles with each run, whose bodies have ``length`` characters, and account for every one.

    The first run is killed in the middle of its first write; a later one at a place and a call of the dice, where it
    comes to that. So there is one kill at least.
    """
    begun = time.monotonic()
    dice = random.Random(seed)
    report = Report()
    most_runs = 3 * kills

    def words() -> list[str]:
        return crawl_words(
            site.url, "-a", f"ids=1-{each * report.runs}", *(word for one in _EXPORTS for word in ("-o", one)),
            settings={"WARC": "warc", "WARC_MAX_BYTES": 400_000},
        )  # fmt: skip

    with _Site(range(1, each * most_runs + 1), length) as site:
        while report.kills < kills and report.runs < most_runs:
            place, calls = dice.choice(_PLACES) if report.runs else (_HALF, 1)
            report.runs += 1
            report.kills += kill_at_barrier(
                *words(), cwd=folder, place=place, call=dice.randint(1, calls), first=_FIRST
            )  # fmt: skip
        for _ in range(_ROUNDS_AFTER):
            done = run(*words(), cwd=folder)
            report.exit_code = done.returncode
            if done.returncode == 0:
                break
            report.findings.append(done.stderr[-500:])
        truth = {str(number): body for number, body in site.bodies.items() if number <= each * report.runs}
    _account(report, folder, truth)
    report.seconds = time.monotonic() - begun
    return report


_EXPORTS = ("news.jsonl", "news.csv", "news.db", "news.xml")


def _account(report: Report, folder: Path, truth: dict[str, str]) -> None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        report.findings += [finding.what for finding in check(archive)]
        stored = [(one.article_id, one.body) for one in archive.articles("farsonline")]
    report.articles = len(stored)
    held: dict[str, list[tuple[str, str]]] = {"archive.db": stored, **{one: _held(folder / one) for one in _EXPORTS}}
    for name, found in held.items():
        counts = Counter(key for key, _ in found)
        report.wrong[name] = [
            *(f"{key} is missing" for key in truth if not counts[key]),
            *(f"{key} is there {count} times" for key, count in counts.items() if count > 1),
            *(f"{key} is wrong" for key, body in found if truth.get(key) != body),
        ]
    report.wrong["warc"] = list(_warc_faults(folder / "warc", truth))


def _held(path: Path) -> list[tuple[str, str]]:
    """Return article ids and bodies in an export file."""
    if path.suffix == ".jsonl":
        text = path.read_text(encoding="utf-8")
        rows: list[dict[str, str]] = [json.loads(line) for line in text.splitlines()]
        assert rows == json_lines(path)
    elif path.suffix == ".csv":
        csv.field_size_limit(sys.maxsize)
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    elif path.suffix == ".xml":
        found = ET.parse(path).getroot()  # noqa: S314  # ours
        return [(one.findtext("article_id") or "", one.findtext("body") or "") for one in found]
    else:
        with closing(sqlite3.connect(path)) as db:
            return db.execute("SELECT article_id, body FROM articles").fetchall()
    return [(row["article_id"], row["body"]) for row in rows]


def _warc_faults(folder: Path, truth: dict[str, str]) -> Iterator[str]:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  # an extra

    pages: dict[str, int] = Counter()
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(".warc.gz"):
            yield f"{path.name} is open"
        if whole_bytes(path) != path.stat().st_size:
            yield f"{path.name} is torn"
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                code = record.rec_headers.get_header("WARC-Target-URI", "").partition("code=")[2].partition("&")[0]
                if record.rec_type == "response" and code in truth:
                    body = record.content_stream().read().decode()
                    if truth[code].replace("&", "&amp;").replace("<", "&lt;") not in body:
                        yield f"{code} is torn in {path.name}"
                    pages[code] += 1
    yield from (f"{key} is missing" for key in truth if not pages[key])


def main() -> int:
    """Run the trial from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--field", type=int, default=140_000, help="characters of a body")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = exports_under_fire(Path(folder), kills=options.kills, length=options.field, seed=options.seed)
    for name, value in vars(report).items():
        print(f"{name}: {value}")
    print("clean" if report.is_clean() else "NOT CLEAN")
    return 0 if report.is_clean() else 1


if __name__ == "__main__":
    sys.exit(main())
