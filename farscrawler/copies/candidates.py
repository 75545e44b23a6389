"""Which articles of a few days may be the same text: those that share sampled shingles.

An article is compared with those of the same day and of the days before it. For each of its sampled shingles the last
few articles of each day that have it too are looked at, not all: a statement that a hundred sites print makes a hundred
links and not five thousand, and phrases that every report has cost little.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.copies.tables import DAYS
from farscrawler.copies.shingles import at_level

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator, Sequence

#: The articles of a day that are looked at for each shingle, and the shingles that must be shared.
_LOOKED_AT, _VOTES = 12, 2
#: The share of the shorter sample that must be shared. Of a text with 30 % of its words exchanged 0.34 of the shingles
#: are left, and a sample errs by 0.1.
_SHARE = 0.15
#: The articles that one is compared with at most, the likeliest ones.
_MOST = 16


@dataclass(frozen=True, slots=True)
class Sampled:
    """An article of a day with its sample; articles of a day come in the order of their keys."""

    doc: int
    level: int
    sample: array[int]


class Day:
    """The articles of a day, and which of them have each sampled shingle."""

    def __init__(self, articles: Iterable[Sampled] = ()) -> None:
        self.articles: list[Sampled] = []
        # Most shingles are of one article: a list for each of them would take twice the memory.
        self._holders: dict[int, int | list[int]] = {}
        for one in articles:
            self.add(one)

    def add(self, one: Sampled) -> None:
        """Add an article, which comes after those that are there."""
        place = len(self.articles)
        self.articles.append(one)
        for shingle in one.sample:
            held = self._holders.setdefault(shingle, place)
            if isinstance(held, list):
                held.append(place)
            elif held != place:
                self._holders[shingle] = [held, place]

    def last_with(self, shingles: Iterable[int]) -> list[int]:
        """Return the places of the last articles with each of these shingles, a place as often as it has one."""
        places: list[int] = []
        for held in map(self._holders.get, shingles):
            if held is None:
                continue
            if isinstance(held, list):
                places += held[-_LOOKED_AT:]
            else:
                places.append(held)
        return places


def candidates(before: Sequence[Day], own: Day, today: Iterable[Sampled]) -> Iterator[tuple[Sampled, list[Sampled]]]:
    """Yield each article of a day with those that may be the same text, of the days ``before`` it and of its ``own``.

    Its own day is empty, and holds the articles afterwards. The days come in their order, and the answer depends on
    these articles and their order alone.
    """
    newest_first = [own, *reversed(before)]
    for one in today:
        found = _alike(one, newest_first)
        if found:
            yield one, found
        own.add(one)


def _alike(one: Sampled, newest_first: Sequence[Day]) -> list[Sampled]:
    """Return the likeliest articles, the likeliest first."""
    mine = set(one.sample)
    ranked = []
    for age, day in enumerate(newest_first):
        for place, votes in Counter(day.last_with(one.sample)).items():
            if votes >= _VOTES:
                share = _share(one, mine, day.articles[place])
                if share >= _SHARE:
                    ranked.append((-share, age, -place))
    return [newest_first[age].articles[-place] for _, age, place in sorted(ranked)[:_MOST]]


def _share(one: Sampled, mine: set[int], other: Sampled) -> float:
    """Return the share of the shorter sample that is in both, at the level that both have."""
    shared = len(mine.intersection(other.sample))
    level = max(one.level, other.level)
    counts = (len(at.sample) if at.level == level else len(at_level(at.sample, level)) for at in (one, other))
    return shared / (min(counts) or 1)


def window(day: int) -> range:
    """Return the days whose articles those of a day are compared with, its own one last."""
    return range(day - DAYS, day + 1)
