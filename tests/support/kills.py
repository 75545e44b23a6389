"""Harvest a faulty replica while the crawl is killed again and again, and account for every page.

`python -m tests.support.kills --kills 20 --ids 3000` is the whole trial; a test runs a smaller one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.audit.kept import check_pages, lost
from farscrawler.archive.kept.pages import KeptPages, pages_location
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Faults, Newsroom, Server, answers
from farscrawler.testing.newsroom.faults import FAILURES
from tests.support import crawl_words, json_lines, run
from tests.support.killing import Hold, kill_at_barrier, kill_on_hold

#: Every kind of trouble at once; a tenth of the pages each way at most, so that the harvest moves.
FAULTS = Faults(
    unavailable=0.05,
    too_many=0.03,
    reset_early=0.03,
    reset_midway=0.03,
    cut=0.03,
    cut_silently=0.02,
    stall=0.003,
    cp1256=0.2,
    odd_label=0.1,
    gzip=0.2,
    retry_after=0,
    stall_seconds=4,
)
_ROUNDS_AFTER = 10  # runs allowed to finish after the last kill; each owes far less than the one before
#: Where a run is killed, and how often a share of the harvest comes there.
_PLACES = (
    ("farscrawler.archive.store:Archive.save", 60),
    ("farscrawler.archive.writing.batch:_write_visit", 60),
    ("farscrawler.archive.kept.pages:KeptPages._replace", 60),
    ("farscrawler.archive.store:Archive._commit", 2),
    ("farscrawler.archive.store:Archive.flush", 2),
    ("farscrawler.exporters.textfile:LineFile.write", 1),
    ("farscrawler.archive.exports:ExportLog.advance", 1),
)


@dataclass
class Report:
    """What the trial found. All but the first and the last three must be zero or empty."""

    articles: int = 0
    missing_articles: list[int] = field(default_factory=list)
    wrong_fields: dict[int, dict[str, tuple[object, object]]] = field(default_factory=dict)
    unexplained_gaps: list[int] = field(default_factory=list)
    line_doubles: list[str] = field(default_factory=list)
    lines_missing: list[int] = field(default_factory=list)
    lines_wrong: list[int] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    exit_codes: list[int] = field(default_factory=list)
    fetched_twice: int = 0
    kills: int = 0
    seconds: float = 0.0

    def is_clean(self) -> bool:
        """Return whether nothing was lost, doubled, torn or wrong."""
        return not any(
            (self.missing_articles, self.wrong_fields, self.unexplained_gaps, self.line_doubles, self.lines_missing,
             self.lines_wrong, self.findings)
        )  # fmt: skip


def harvest_under_fire(folder: Path, *, ids: int, kills: int, seed: int) -> Report:
    """Harvest so many ids, killing the crawl's whole session at random moments, and hold it against the truth."""
    begun = time.monotonic()
    dice = random.Random(seed)
    newsroom = Newsroom(count=ids)
    report = Report()
    with Server(newsroom, FAULTS) as server:
        words = crawl_words(
            server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o", "news.jsonl",
            settings={"DOWNLOAD_TIMEOUT": 2, "STOP_AFTER_FAILED": 1000},
        )  # fmt: skip
        for number in range(2 * kills):
            if report.kills == kills:
                break
            # Somewhere within its share of the harvest: between two requests, or while it commits and exports.
            if number % 2:
                place, calls = dice.choice(_PLACES)
                report.kills += kill_at_barrier(*words, cwd=folder, place=place, call=dice.randint(1, calls))
            else:
                moment = len(server.requests) + dice.randint(0, round(1.2 * ids / kills))
                hold = Hold(server.site, "respond", partial(_has_come, server, moment))
                report.kills += kill_on_hold(hold, *words, cwd=folder)
        for _ in range(_ROUNDS_AFTER):
            done = run(*words, cwd=folder)
            report.exit_codes.append(done.returncode)
            if done.returncode == 0:
                break
        pages = [entry for entry in server.requests if "code=" in entry.path]
        failures = sum(count for name, count in server.stats()["faults"].items() if name in FAILURES)
        report.fetched_twice = len(pages) - failures - ids
    _account(report, folder, newsroom, range(newsroom.first_id, newsroom.newest_id + 1))
    report.seconds = time.monotonic() - begun
    return report


def _has_come(server: Server, moment: int) -> bool:
    return len(server.requests) >= moment


def _account(report: Report, folder: Path, newsroom: Newsroom, ids: range) -> None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        report.findings = [finding.what for finding in check(archive)]
        with KeptPages(pages_location(archive.path)) as pages:
            report.findings += [finding.what for finding in check_pages(pages)]
            report.findings += ["a visit whose page is lost"] * lost(archive, pages)
        stored = {article.article_id: article for article in archive.articles("farsonline")}
        known = Ledger(archive, "farsonline").known(str(number) for number in ids)
    lines = json_lines(folder / "news.jsonl")
    by_id = {line["article_id"]: line for line in lines}
    report.articles = len(stored)
    counted = Counter((line["article_id"], line["revision"]) for line in lines)
    report.line_doubles = [f"{key} revision {revision}" for (key, revision), n in counted.items() if n > 1]
    for number in ids:
        key, story = str(number), newsroom.story(number)
        if story is None:
            if key not in known or known[key].outcome != "missing":
                report.unexplained_gaps.append(number)
            continue
        truth = answers(story, "print")
        if key not in stored:
            report.missing_articles.append(number)
        elif wrong := {n: (getattr(stored[key], n), v) for n, v in truth.items() if getattr(stored[key], n) != v}:
            report.wrong_fields[number] = wrong
        if key not in by_id:
            report.lines_missing.append(number)
        elif any(by_id[key][name] != value for name, value in truth.items()):
            report.lines_wrong.append(number)


def main() -> int:
    """Run the trial from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--ids", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = harvest_under_fire(Path(folder), ids=options.ids, kills=options.kills, seed=options.seed)
    for name, value in vars(report).items():
        print(f"{name}: {value}")
    print("clean" if report.is_clean() else "NOT CLEAN")
    return 0 if report.is_clean() else 1


if __name__ == "__main__":
    sys.exit(main())
