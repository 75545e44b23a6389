"""Crawl ranges of a newsroom of 200,000 ids, and hold the archive and the export against what the newsroom knows.

`python -m tests.support.rangecrawls --since 1400-02 --until 1400-02` is a whole month, and prints what it has cost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.days import parse_date_range
from farscrawler.testing.newsroom import Newsroom, Server, answers
from farscrawler.testing.newsroom.clock import TEHRAN
from farscrawler.testing.newsroom.site import article_id_of
from tests.support import crawl, json_lines

if TYPE_CHECKING:
    import datetime as dt

    from farscrawler.days import DateRange


def five_years(*, disorder: float = 6.0, gap_rate: float = 0.1, wild: float = 0.0005) -> Newsroom:
    """Make the newsroom: 200,000 ids over five years, with gaps, disorder of hours and about a hundred wild dates."""
    return Newsroom(
        first_id=60_000,
        count=200_000,
        start="1396-07-29",
        until="1401-07-29",
        gap_rate=gap_rate,
        disorder=disorder,
        wild=wild,
    )


@dataclass(frozen=True)
class Truth:
    """What a newsroom knows of when its articles were published."""

    newsroom: Newsroom

    @cached_property
    def days(self) -> dict[int, dt.date]:
        """The day of every article, by id."""
        ids = range(self.newsroom.first_id, self.newsroom.newest_id + 1)
        return {n: at.astimezone(TEHRAN).date() for n in ids if (at := self.newsroom.published(n)) is not None}

    def within(self, span: DateRange) -> list[int]:
        """Return the ids of a range, rising."""
        return [number for number, day in self.days.items() if day in span]


def asked(server: Server, since: int = 0) -> list[int]:
    """Return the ids asked for since so many requests."""
    return [number for entry in server.requests[since:] if (number := article_id_of(entry.path)) is not None]


def assert_exact(folder: Path, truth: Truth, span: DateRange, export: str) -> list[int]:
    """Hold archive and export against the truth: every article of the range and no other, every field right."""
    wanted = truth.within(span)
    lines = json_lines(folder / export)
    assert sorted(int(line["article_id"]) for line in lines) == wanted
    for line in lines:
        story = truth.newsroom.story(int(line["article_id"]))
        assert story is not None
        known = answers(story, "print")
        assert {name: line[name] for name in known} == known
    with Archive(folder / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        stored = [article for article in archive.articles("farsonline") if span.covers(article)]
    assert sorted(int(article.article_id) for article in stored) == wanted
    by_id = {line["article_id"]: line for line in lines}
    assert all(article.content_hash == by_id[article.article_id]["content_hash"] for article in stored)
    return wanted


def main() -> int:
    """Crawl one range and print its cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", required=True)
    parser.add_argument("--until", required=True)
    parser.add_argument("--disorder", type=float, default=6.0)
    parser.add_argument("--gaps", type=float, default=0.1)
    parser.add_argument("--wild", type=float, default=0.0005)
    options = parser.parse_args()
    truth = Truth(five_years(disorder=options.disorder, gap_rate=options.gaps, wild=options.wild))
    with tempfile.TemporaryDirectory() as name, Server(truth.newsroom) as server:
        folder, begun = Path(name), time.monotonic()
        words = ("-a", f"since={options.since}", "-a", f"until={options.until}", "-O", "news.jsonl")
        done = crawl(server.url, *words, cwd=folder, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        print(done.stderr[-2000:], f"exit {done.returncode}, {time.monotonic() - begun:.0f} s")
        wanted = assert_exact(folder, truth, parse_date_range(options.since, options.until), "news.jsonl")
        inside = [number for number in asked(server) if wanted[0] <= number <= wanted[-1]]
        print(f"{len(server.requests)} requests, {len(inside)} of them for ids {wanted[0]} to {wanted[-1]}: "
              f"{len(server.requests) - len(inside)} beside them; {len(wanted)} articles, exact")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
