"""`python -m benchmarks`: measure in one run, as ratios; see docs/performance.md."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import accuracy, coverage, crawls, kept, machine, memory, neighbours, parse, reparse, stamps, store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MEMORY_PAGES = 300
_PARSED_PAGES = 120
_KEPT_PAGES = 400
_IDS_AN_ARTICLE = 200  # an archive is larger than what is crawled here: 300,000 ids
_SWEEPS = 20  # over about three hundred texts


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; ``articles`` is the number of print pages crawled and of rows stored."""

    articles: int
    rounds: int
    extra: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()

    @property
    def quick(self) -> bool:
        """Whether the figures are too small to mean anything, and only show that the benchmarks work."""
        return self.articles < _MEMORY_PAGES


SECTIONS: dict[str, tuple[str, Callable[[Sizes], str]]] = {
    "crawl": (
        "Whole crawls",
        lambda sizes: crawls.measure(sizes.articles, sizes.rounds, extra=sizes.extra),
    ),
    "memory": (
        "Memory of a large request",
        lambda sizes: memory.measure(min(_MEMORY_PAGES, sizes.articles), sizes.rounds),
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
    "coverage": (
        "Coverage of an archive",
        lambda sizes: coverage.measure(sizes.articles * _IDS_AN_ARTICLE, sizes.rounds),
    ),
    "kept": (
        "Keeping pages",
        lambda sizes: kept.measure(min(_KEPT_PAGES, sizes.articles), sizes.rounds),
    ),
    "reparse": (
        "Reparsing kept pages",
        lambda sizes: reparse.measure(sizes.articles, sizes.rounds),
    ),
}


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
    given = parser.parse_args(arguments)
    articles, rounds = (40, 1) if given.quick else (1500, 5)
    sizes = Sizes(given.articles or articles, given.rounds or rounds, tuple(given.extra), tuple(given.pages))
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
