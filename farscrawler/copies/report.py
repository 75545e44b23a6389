"""Who printed a text first and who after that, how soon, and what the later page names as its source."""

from __future__ import annotations

import datetime as dt
import json
from array import array
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from farscrawler.archive.copies import comparison as stored
from farscrawler.archive.copies.tables import check_made
from farscrawler.copies.moments import first_of, lag
from farscrawler.days import DateRange, jalali_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from farscrawler.archive import Archive
    from farscrawler.archive.copies.comparison import Member, Sizes
    from farscrawler.copies.agencies import Names

#: What a later page names as its source: the first publisher, another one that we know, only itself, somebody whom we
#: do not know, or nobody.
Naming = Literal["first", "other", "itself", "unknown", "nobody"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)

#: The bounds of the classes of lags, in seconds; the last class has none.
LAGS: tuple[int, ...] = (0, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 3 * 86_400)

#: Names of sources whose owners are remembered, some 20 MB.
_REMEMBERED = 50_000

K = TypeVar("K")

#: Jalali year and month.
Month = tuple[int, int]


@dataclass(slots=True)
class Flow:
    """The copies that one publisher has printed after another one, all of them or those of a month.

    ``lags`` are the seconds between the two, where both times are known to the minute.
    """

    copies: int = 0
    lags: array[int] = field(default_factory=lambda: array("q"))
    named: Counter[Naming] = field(default_factory=Counter)

    def add(self, other: Flow) -> None:
        """Add the copies of another one."""
        self.copies += other.copies
        self.lags.extend(other.lags)
        self.named.update(other.named)

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """The quartiles of the lags, the median in the middle; None where no lag is known."""
        if not self.lags:
            return None
        if len(self.lags) == 1:
            return (float(self.lags[0]),) * 3
        low, middle, high = quantiles(self.lags, n=4, method="inclusive")
        return low, middle, high


@dataclass(slots=True)
class Report:
    """What an archive holds of copies, of a range of days and of some publishers, or of all.

    ``across`` counts the groups with articles of several publishers, ``within`` those of one publisher alone.
    ``repeats`` counts the further articles of one publisher in a group, ``unordered`` the articles of groups whose
    first publisher is not known, and ``doubts`` says why it is not, group by group. A copy is of the day and month on
    which it was printed.
    """

    archive: str
    span: DateRange
    publishers: tuple[str, ...]
    sizes: Sizes
    across: int = 0
    within: int = 0
    repeats: int = 0
    unordered: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    flows: dict[tuple[Month, str, str], Flow] = field(default_factory=dict)

    def by_flow(self) -> list[tuple[tuple[str, str], Flow]]:
        """Return the flows from one publisher to another over all months, the largest first."""
        found = self._merged({key: key[1:] for key in self.flows})
        return sorted(found.items(), key=lambda one: (-one[1].copies, one[0]))

    def by_month(self) -> list[tuple[Month, Flow]]:
        """Return all copies month by month."""
        return sorted(self._merged({key: key[0] for key in self.flows}).items())

    def total(self) -> Flow:
        """Return all copies whose first publisher is known."""
        return self._merged(dict.fromkeys(self.flows, "")).get("", Flow())

    def _merged(self, keys: Mapping[tuple[Month, str, str], K]) -> dict[K, Flow]:
        merged: dict[K, Flow] = {}
        for key, flow in self.flows.items():
            merged.setdefault(keys[key], Flow()).add(flow)
        return merged


def lag_classes(lags: Iterable[int]) -> list[int]:
    """Return the number of lags in each class of ``LAGS``."""
    counts = [0] * len(LAGS)
    for seconds in lags:
        counts[max(at for at, least in enumerate(LAGS) if seconds >= least)] += 1
    return counts


def report(
    archive: Archive, names: Names, *, publishers: Collection[str] = (), span: DateRange | None = None
) -> Report:
    """Count the copies that were found. ``publishers``: only where one of them is the first or the later one.

    Raise ArchiveError where the articles were not compared yet.
    """
    check_made(archive)
    span = span or DateRange()
    found = Report(archive.path.name, span, tuple(publishers), stored.sizes(archive))
    tally = _Tally(found, names, set(publishers))
    for group in stored.groups(archive):
        tally.add(group)
    return found


class _Tally:
    def __init__(self, found: Report, names: Names, publishers: set[str]) -> None:
        self._report = found
        self._names = names
        self._wanted = publishers
        self._first_day, self._last_day = found.span.first.toordinal(), found.span.last.toordinal()
        self._owners: dict[str, tuple[bool, set[str]]] = {}

    def _within(self, day: int) -> bool:
        return self._first_day <= day <= self._last_day

    def add(self, group: Sequence[Member]) -> None:
        """Count one group: by the days of its later articles, or of any where the first one is not known."""
        printed = {member.publisher for member in group}
        if self._wanted and not self._wanted & printed:
            return
        if not any(self._within(member.day) for member in group):
            return
        report = self._report
        report.within += len(printed) == 1
        report.across += len(printed) > 1
        report.repeats += len(group) - len(printed)
        if len(printed) == 1:
            return
        first = first_of(group)
        if isinstance(first, str):
            report.doubts[first] += 1
            report.unordered += len(group)
            return
        source = group[first]
        for copy in self._copies(group, source):
            if self._within(copy.day) and (not self._wanted or self._wanted & {source.publisher, copy.publisher}):
                self._count(source, copy)

    @staticmethod
    def _copies(group: Sequence[Member], source: Member) -> Iterable[Member]:
        """Return the first article of each other publisher."""
        found: dict[str, Member] = {}
        for member in sorted(group, key=lambda one: (one.earliest, one.latest, one.doc)):
            if member.publisher != source.publisher:
                found.setdefault(member.publisher, member)
        return found.values()

    def _count(self, source: Member, copy: Member) -> None:
        year, month, _ = jalali_parts(dt.date.fromordinal(copy.day))
        flow = self._report.flows.setdefault(((year, month), source.publisher, copy.publisher), Flow())
        flow.copies += 1
        flow.named[self.naming(source, copy)] += 1
        seconds = lag(source, copy)
        if seconds is not None:
            flow.lags.append(seconds)

    def naming(self, source: Member, copy: Member) -> Naming:
        """Return what a later page names as its source, held against the first publisher."""
        if copy.named not in self._owners:
            if len(self._owners) >= _REMEMBERED:
                self._owners.clear()
            phrases = json.loads(copy.named)
            self._owners[copy.named] = bool(phrases), self._names.owners(phrases)
        named, owners = self._owners[copy.named]
        return naming_of(source.publisher, copy.publisher, named=named, owners=owners)


def naming_of(first: str, publisher: str, *, named: bool, owners: set[str]) -> Naming:
    """Return what a page names as its source; ``named``: whether it names any, ``owners`` those that we know."""
    if first in owners:
        return "first"
    if owners - {publisher}:
        return "other"
    if owners:
        return "itself"
    return "unknown" if named else "nobody"
