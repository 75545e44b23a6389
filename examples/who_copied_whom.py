"""Who copied whom, how soon, and whether the copy names its source: `who_copied_whom.py ARCHIVE`.

First `farscrawler copies` finds the articles that are the same text; run it again after each crawl. A copy counts for
the publisher that was certainly first. First means first in this archive: both may have it from somebody whom it does
not hold.
"""

from __future__ import annotations

import sys
from collections import Counter

from farscrawler import Archive, publishers
from farscrawler.copies import Names, Report, report
from farscrawler.errors import ArchiveError


def matrix(found: Report) -> None:
    """Print how many texts of each publisher the others printed after it."""
    flows = {pair: flow.copies for pair, flow in found.by_flow()}
    names = sorted({name for pair in flows for name in pair})
    print(f"{'first, then':12}" + "".join(f"{name:>12}" for name in names))
    for first in names:
        cells = ("-" if first == later else f"{flows.get((first, later), 0):,}" for later in names)
        print(f"{first:12}" + "".join(f"{cell:>12}" for cell in cells))


def habits(found: Report) -> None:
    """Print of each publisher how it copies: the median lag, and the share of copies that name the first one."""
    copies: Counter[str] = Counter()
    named: Counter[str] = Counter()
    lags: dict[str, list[int]] = {}
    for (_, later), flow in found.by_flow():
        copies[later] += flow.copies
        named[later] += flow.named["first"]
        lags.setdefault(later, []).extend(flow.lags)
    print(f"\n{'copies':12}{'articles':>12}{'median lag':>12}{'name the source':>18}")
    for later, count in copies.most_common():
        known = sorted(lags[later])
        lag = f"{known[len(known) // 2] / 60:.0f} min" if known else "-"
        print(f"{later:12}{count:12,}{lag:>12}{named[later] / count:18.0%}")


def main() -> None:
    """Print both tables, and what is not known."""
    if len(sys.argv) < 2:  # noqa: PLR2004  # ARCHIVE
        sys.exit("Name an archive: who_copied_whom.py ARCHIVE")
    try:
        with Archive(sys.argv[1]) as archive:
            found = report(archive, Names(publishers.all_publishers()))
    except ArchiveError as error:  # such as: run `farscrawler copies` first
        sys.exit(str(error))
    matrix(found)
    habits(found)
    print(f"\n{found.unordered:,} more articles are the same as another one, and nobody can say which was first.")


if __name__ == "__main__":
    main()
