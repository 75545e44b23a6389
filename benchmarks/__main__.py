"""`python -m benchmarks`: measure in one run, as ratios; see docs/performance.md."""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    accuracy,
    against,
    backends,
    copies,
    coverage,
    crawls,
    export,
    fleets,
    kept,
    machine,
    machines,
    memory,
    neighbours,
    parse,
    reparse,
    search,
    stamps,
    store,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MEMORY_PAGES = 300
_PARSED_PAGES = 120
_KEPT_PAGES = 400
_IDS_AN_ARTICLE = 200  # an archive is larger than what is crawled here: 300,000 ids
_KEPT_IN_DATABASE = (20_000, 100_000)
_EXPORTED = (10_000, 100_000)
_STORED = (10_000, 100_000, 1_000_000)
_TYPED, _SEARCHED = 4_000, (20_000,)
_BUDGETS = (341 * 12, 341 * 36)  # requests a day: four and twelve crawls of each site, at three requests
_TIMERS = (900.0, 3600.0, 10800.0)  # seconds
_FAULTS = 100
_SWEEPS = 20  # over about three hundred texts


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; ``articles`` is the number of print pages crawled and of rows stored."""

    articles: int
    rounds: int
    extra: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    archives: tuple[Path, ...] = ()
    seed: int = 0
    old: str | None = None

    @property
    def quick(self) -> bool:
        """Whether the figures are too small to mean anything, and only show that the benchmarks work."""
        return self.articles < _MEMORY_PAGES


SECTIONS: dict[str, tuple[str, Callable[[Sizes], str]]] = {
    "crawl": (
        "Whole crawls",
        lambda sizes: crawls.measure(sizes.articles, sizes.rounds, extra=sizes.extra),
    ),
    "against": (
        "Against 0.2.0 and a plain spider",
        lambda sizes: against.measure(sizes.articles, sizes.rounds, sizes.old),
    ),
    "memory": (
        "Memory of a large request",
        lambda sizes: memory.measure(min(_MEMORY_PAGES, sizes.articles), sizes.rounds),
    ),
    "processes": (
        "Hundreds of sites on several cores",
        lambda sizes: fleets.measure(sizes.rounds, 6, 4) if sizes.quick else fleets.measure(sizes.rounds),
    ),
    "workers": (
        "Hundreds of sites and several workers",
        lambda sizes: workers.measure(sizes.rounds, 6, 4) if sizes.quick else workers.measure(sizes.rounds),
    ),
    "neighbours": (
        "Hostile neighbours",
        lambda sizes: neighbours.measure(sizes.rounds, 4 if sizes.quick else 40),
    ),
    "parse": (
        "Reading a page",
        lambda sizes: parse.measure(min(_PARSED_PAGES, sizes.articles), sizes.rounds),
    ),
    "accuracy": (
        "Accuracy beside peers",
        lambda sizes: accuracy.measure(sizes.folders),
    ),
    "timestamps": (
        "Reading a timestamp line",
        lambda sizes: stamps.measure(1 if sizes.quick else _SWEEPS, sizes.rounds),
    ),
    "store": (
        "Storing and exporting",
        lambda sizes: store.measure(sizes.articles, sizes.rounds),
    ),
    "backends": (
        "An SQLite file and PostgreSQL",
        lambda sizes: backends.measure([count for count in _STORED if count <= sizes.articles] or [sizes.articles]),
    ),
    "export": (
        "Exporting an archive",
        lambda sizes: export.measure(
            (200, 400) if sizes.quick else _EXPORTED[: 1 if sizes.archives else None], sizes.rounds, sizes.archives
        ),
    ),
    "search": (
        "Searching an archive",
        lambda sizes: search.measure(
            100 if sizes.quick else _TYPED, (200,) if sizes.quick else _SEARCHED, sizes.rounds, sizes.archives
        ),
    ),
    "coverage": (
        "Coverage of an archive",
        lambda sizes: coverage.measure(sizes.articles * _IDS_AN_ARTICLE, sizes.rounds),
    ),
    "copies": (
        "Articles of the same text",
        lambda sizes: copies.measure(sizes.articles, sizes.rounds),
    ),
    "kept": (
        "Keeping pages",
        lambda sizes: kept.measure(min(_KEPT_PAGES, sizes.articles), sizes.rounds),
    ),
    "reparse": (
        "Reparsing kept pages",
        lambda sizes: reparse.measure(sizes.articles, sizes.rounds),
    ),
    "machines": (
        "A database of many machines",
        lambda sizes: (
            machines.measure((40, 80), 20, 100, 200)
            if sizes.quick
            else machines.measure(_KEPT_IN_DATABASE, sizes.articles, 10_000, 100_000)
        ),
    ),
    "watch": (
        "Watching sites for a year",
        lambda sizes: _watched(quick=sizes.quick),
    ),
    "faults": (
        "Faults on three machines",
        lambda sizes: _under_faults(8 if sizes.quick else _FAULTS, sizes.seed, sizes.articles if sizes.quick else 200),
    ),
}


def _watched(*, quick: bool) -> str:
    from benchmarks import watch  # noqa: PLC0415  # it needs numpy, which not every environment has

    return watch.measure(10 if quick else 341, 14 if quick else 365, (360,) if quick else _BUDGETS, _TIMERS)


def _under_faults(count: int, seed: int, articles: int) -> str:
    from benchmarks import faults  # noqa: PLC0415  # it needs psycopg and PgQueuer, which not every environment has

    return faults.measure(count, seed, articles=articles)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, a section as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--articles", type=_positive, metavar="N", help="print pages crawled, rows stored (1500)")
    parser.add_argument("--rounds", type=_positive, metavar="N", help="rounds of everything, interleaved (5)")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure only this; may be repeated")
    parser.add_argument("--quick", action="store_true", help="40 articles, 1 round: shows that all works, no more")
    parser.add_argument(
        "--pages",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help="measure the accuracy on these pages too: article-extraction-benchmark or newspaper4k's tests/data",
    )
    parser.add_argument(
        "--try",
        metavar="SETTINGS",
        dest="extra",
        action="append",
        default=[],
        help="crawl once more in each round with these, `NAME=VALUE NAME=VALUE`; may be repeated",
    )
    parser.add_argument(
        "--archive",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="export this archive, beside one of 10,000 articles; may be repeated",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="draw the faults by this number (default: by chance)")
    parser.add_argument(
        "--old",
        metavar="PYTHON",
        help="the interpreter of an environment with version 0.2.0, to be measured beside",
    )
    given = parser.parse_args(arguments)
    articles, rounds = (40, 1) if given.quick else (1500, 5)
    sizes = Sizes(
        given.articles or articles,
        given.rounds or rounds,
        extra=tuple(given.extra),
        folders=tuple(given.pages),
        archives=tuple(given.archive),
        seed=random.randrange(1_000_000) if given.seed is None else given.seed,
        old=given.old,
    )
    print(f"{machine.description()}.\n\nMedian of the rounds, the lowest and the highest in brackets.", flush=True)
    for name, (title, measure) in SECTIONS.items():
        if not given.only or name in given.only:
            print(f"\n## {title}\n\n{measure(sizes)}", flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


if __name__ == "__main__":
    main()
