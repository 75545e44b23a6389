"""How many articles each publisher, Jalali year, month and section has, whatever of the others is chosen.

No index knows sections, so that all articles are counted once, part by part, and again when others have been stored.
The counts of a million articles are some ten thousand numbers.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from farscrawler.archive.browsing import count_groups, count_upto, state
from farscrawler.days import MARK, is_jalali_year
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from farscrawler.archive import Archive

#: Up to so many articles are counted anew before a page is answered, which takes a fifth of a second; more are counted
#: beside, and pages show the count before.
AT_ONCE = 20_000
#: A count beside is followed by the next one after so many times what it took, and so many seconds at least: a crawl
#: stores articles all the time.
_REST, _LEAST_REST = 20, 30.0
#: Choices of which the counts are kept.
_KEPT = 200

Dimension = Literal["publisher", "year", "month", "section"]
DIMENSIONS: tuple[Dimension, ...] = ("publisher", "year", "month", "section")
#: The year of articles without a known day.
UNDATED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a reader has chosen of each dimension: no ``publishers`` for all; ``month`` is one of ``year``."""

    publishers: tuple[str, ...] = ()
    year: str | None = None
    month: int | None = None
    section: str | None = None

    def without_publisher(self, key: str) -> Choice:
        """Return the choice as it is without one of its publishers."""
        return replace(self, publishers=tuple(one for one in self.publishers if one != key))

    def without(self, dimension: Dimension) -> Choice:
        """Return the choice as it is without one dimension; without a year there is no month."""
        if dimension == "publisher":
            return replace(self, publishers=())
        if dimension == "year":
            return replace(self, year=None, month=None)
        if dimension == "month":
            return replace(self, month=None)
        return replace(self, section=None)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a dimension as the archive has it, with the number of articles."""

    value: str
    articles: int


@dataclass(slots=True)
class Counted:
    """The articles by publisher, year, month and folded section; ``spellings`` has the most frequent one of each."""

    seq: int
    groups: Counter[tuple[str, str, int, str | None]]
    spellings: dict[str, str]
    kept: dict[Choice, dict[Dimension, list[Value]]] = field(default_factory=dict)
    seconds: float = 0.0
    ended: float = 0.0

    @property
    def articles(self) -> int:
        """The number of all articles."""
        return self.groups.total()

    def of(self, choice: Choice) -> dict[Dimension, list[Value]]:
        """Return the values of each dimension, counted with what is chosen of the others."""
        if choice not in self.kept:
            if len(self.kept) >= _KEPT:
                self.kept.clear()
            self.kept[choice] = {name: self._values(name, choice.without(name)) for name in DIMENSIONS}
        return self.kept[choice]

    def total(self, choice: Choice) -> int:
        """Return the number of articles of a choice."""
        fits = _fits(choice)
        return sum(count for key, count in self.groups.items() if fits(key))

    def _values(self, name: Dimension, choice: Choice) -> list[Value]:
        if name == "month" and choice.year is None:
            return []
        at = DIMENSIONS.index(name)
        fits = _fits(choice)
        found: Counter[str] = Counter()
        for key, count in self.groups.items():
            if key[at] is not None and key[at] != 0 and fits(key):
                found[str(key[at])] += count
        if name in ("year", "month"):
            ordered = sorted(found, key=lambda text: (text == UNDATED, -int(text) if text.isdigit() else 0))
        else:
            ordered = sorted(found, key=lambda text: (-found[text], text))
        return [Value(self.spellings.get(text, text) if name == "section" else text, found[text]) for text in ordered]


def _fits(choice: Choice) -> Callable[[tuple[str, str, int, str | None]], bool]:
    folded = fold_label(choice.section) if choice.section is not None else None

    def fits(key: tuple[str, str, int, str | None]) -> bool:
        publisher, year, month, section = key
        return (
            (not choice.publishers or publisher in choice.publishers)
            and choice.year in (None, year)
            and choice.month in (None, month)
            and folded in (None, section)
        )

    return fits


class Facets:
    """The newest counts of an archive, which ``opened`` opens for reading."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Archive]]) -> None:
        self._opened = opened
        self._counted: Counted | None = None
        self._lock = threading.Lock()
        self._at_work = False

    def newest(self, archive: Archive) -> Counted | None:
        """Return the newest counts; None for a large archive that was not counted yet. Begin another count if due."""
        seq = state(archive)
        with self._lock:
            counted = self._counted
            if counted is not None and counted.seq == seq:
                return counted
            if count_upto(archive) <= AT_ONCE:
                self._counted = counted = count(archive)
                return counted
            if not self._at_work and (counted is None or time.monotonic() >= _next(counted)):
                self._at_work = True
                threading.Thread(target=self._count_beside, daemon=True).start()
        return counted

    def _count_beside(self) -> None:
        try:
            with self._opened() as archive:
                found = count(archive)
            with self._lock:
                self._counted = found
        finally:
            self._at_work = False


def _next(counted: Counted) -> float:
    return counted.ended + max(_LEAST_REST, _REST * counted.seconds)


def count(archive: Archive) -> Counted:
    """Return the articles of an archive, counted."""
    begun, seq = time.monotonic(), state(archive)
    groups: Counter[tuple[str, str, int, str | None]] = Counter()
    labels: Counter[tuple[str, str]] = Counter()
    for part in count_groups(archive):
        for group, number in part:
            folded = None
            if group.section is not None and (folded := fold_label(group.section) or None):
                labels[folded, group.section] += number
            groups[(group.publisher, *_year_and_month(group.month), folded)] += number
    spellings: dict[str, str] = {}
    for folded, label in sorted(labels, key=lambda one: (-labels[one], one)):
        spellings.setdefault(folded, label)
    ended = time.monotonic()
    return Counted(seq, groups, spellings, seconds=ended - begun, ended=ended)


def _year_and_month(stored: str | None) -> tuple[str, int]:
    """Return the year and the month of `SH 1401/02`; 0 is no month. A damaged one has no known year."""
    year, _, month = (stored or "").removeprefix(MARK).partition("/")
    if year.isdecimal() and month.isdecimal() and is_jalali_year(int(year)):
        return year, int(month)
    return UNDATED, 0
