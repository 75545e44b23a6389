"""How often some words stand in the news, year by year: `word_rise.py ARCHIVE WORDS [PUBLISHER ...]`.

WORDS are what `farscrawler search` takes: each stands for all its spellings. The interval is where the share lies with
95 % certainty (Wilson), as far as chance goes: two years whose intervals do not meet differ. It says nothing of
articles that the archive lacks, nor of a site that began to print other kinds of news.
"""

from __future__ import annotations

import sys
from math import sqrt

from farscrawler import Archive
from farscrawler.archive.counts.articles import count_articles
from farscrawler.locations import location_of

_Z = 1.96
_WIDTH = 40


def interval(found: int, of: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share, after Wilson, which holds for small numbers too."""
    middle = (found + _Z**2 / 2) / (of + _Z**2)
    half = _Z / (of + _Z**2) * sqrt(found * (of - found) / of + _Z**2 / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def main() -> None:
    """Print a row for each Jalali year."""
    if len(sys.argv) < 3:  # noqa: PLR2004  # ARCHIVE and WORDS
        sys.exit("Name an archive and words: word_rise.py ARCHIVE WORDS [PUBLISHER ...]")
    path, words, *names = sys.argv[1:]
    if not location_of(path).exists():
        sys.exit(f"{path} does not exist.")
    with Archive(path, readonly=False) as archive:  # the first search makes an index in the archive
        years = {row.values[0]: row.articles for row in count_articles(archive, ("year",), publishers=names).rows}
        hits = {
            year: len(list(archive.matching(words, publishers=names, since=year, until=year)))
            for year in years
            if year is not None
        }
    if not any(hits.values()):
        sys.exit(f"No article has {words}.")
    most = max(found / years[year] for year, found in hits.items())
    print("year  articles  with it  of 1,000    95 % interval")
    for year, found in hits.items():
        low, high = interval(found, years[year])
        share = found / years[year]
        bar = "█" * round(_WIDTH * share / most)
        print(
            f"{year}  {years[year]:8,}  {found:7,}  {1000 * share:8.1f}  {1000 * low:6.1f} – {1000 * high:6.1f}  {bar}"
        )
    if years.get(None):
        print(f"{years[None]:,} articles without a known day are in no year.")


if __name__ == "__main__":
    main()
