"""A made-up site that has nothing but numbers, and a desk that lets a plan crawl it into a real archive.

`python -m tests.support.numbersite` prints what ranges of a day, a month and a year cost on it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.days import DateRange, jalali
from farscrawler.frontier.bisect_dates import BisectDates
from farscrawler.items import Article
from tests.support.dated import dated
from tests.support.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.archive import Outcome

BEGIN = dt.datetime(2017, 3, 21)  # noqa: DTZ001  # the site's own clock
_TEHRAN = "+03:30"
YEAR = 365


@dataclass(frozen=True, kw_only=True)
class NumberSite:
    """Articles spread evenly over ``days`` by their ids, but for what ``pace`` says; each is then moved a little.

    An article may appear up to ``disorder`` hours after its turn. ``gaps`` is the share of single missing ids,
    ``holes`` are runs of missing ones (first, last), ``silent`` are stretches (day, length) in which nothing appears
    and no id is given out, and ``wild`` is the share of articles dated months or years off. With ``pace`` above 1
    ids come the faster the later.
    """

    seed: int = 1
    first_id: int = 1
    count: int = 200_000
    days: int = 5 * YEAR
    disorder: float = 0.0
    gaps: float = 0.0
    holes: tuple[tuple[int, int], ...] = ()
    silent: tuple[tuple[float, float], ...] = ()
    wild: float = 0.0
    pace: float = 1.0
    precision: str = "second"

    @cached_property
    def newest(self) -> int:
        """Return the newest article: a site lists no empty ids."""
        number = self.first_id + self.count - 1
        while self.published(number) is None:
            number -= 1
        return number

    @cached_property
    def _spoken(self) -> list[tuple[float, float]]:
        """The stretches in which something appears: where each begins, and how many days went silent before."""
        stretches, lost = [(0.0, 0.0)], 0.0
        for first, length in sorted(self.silent):
            stretches.append((first - lost, lost + length))
            lost += length
        return stretches

    def turn(self, number: int) -> dt.datetime:
        """Return when an id was given out."""
        share = (number - self.first_id) / self.count
        spoken = self.days - sum(length for _, length in self.silent)
        day = spoken * share ** (1 / self.pace)
        at = bisect_right(self._spoken, (day, float("inf"))) - 1
        return BEGIN + dt.timedelta(days=day + self._spoken[at][1])

    def published(self, number: int) -> dt.datetime | None:
        """Return when the article of an id was published, by its page; None where there is none."""
        if not 0 <= number - self.first_id < self.count or any(a <= number <= b for a, b in self.holes):
            return None
        dice = random.Random(f"{self.seed}:{number}")
        if dice.random() < self.gaps:
            return None
        at = self.turn(number) + dt.timedelta(hours=dice.random() * self.disorder)
        if dice.random() < self.wild:
            at += dt.timedelta(days=dice.choice((-1, 1)) * dice.randint(100, 2_000))
        return at.replace(microsecond=0)

    def is_wild(self, number: int) -> bool:
        at = self.published(number)
        return at is not None and abs(at - self.turn(number)) > dt.timedelta(days=50)

    def answer(self, span: DateRange) -> set[int]:
        """Return the ids of a range, those left out that a wrong date brings into it from years away."""
        begin = dt.datetime.combine(max(span.first, dt.date(1900, 1, 1)), dt.time()) - dt.timedelta(days=3)
        end = dt.datetime.combine(min(span.last, dt.date(2100, 1, 1)), dt.time()) + dt.timedelta(days=3)
        ids = range(self.first_id, self.first_id + self.count)[_place(self, begin) : _place(self, end)]
        return {n for n in ids if (at := self.published(n)) is not None and at.date() in span and not self.is_wild(n)}

    def article(self, number: int) -> Article | None:
        at = self.published(number)
        if at is None:
            return None
        day = jalali(at.date())
        exact = self.precision != "day"
        return Article(
            publisher="farsonline",
            article_id=str(number),
            url="u",
            headline=f"h{number}",
            body="b",
            content_hash=str(number),
            published_at=f"{at.isoformat()}{_TEHRAN}" if exact else None,
            **dated(f"{day}T{at:%H:%M:%S}" if exact else day),
            published_precision=self.precision,
        )


def _place(site: NumberSite, at: dt.datetime) -> int:
    low, high = 0, site.count
    while low < high:
        middle = (low + high) // 2
        if site.turn(site.first_id + middle) < at:
            low = middle + 1
        else:
            high = middle
    return low


class NumberDesk(Desk):
    """A desk of such a site; ``outcome`` tells of ids that end otherwise than the site would have it."""

    def __init__(
        self,
        archive: Archive,
        site: NumberSite,
        in_flight: int = 1,
        outcome: Callable[[int], Outcome | None] = lambda _: None,
    ) -> None:
        super().__init__(
            archive, lambda number: outcome(number) or site.article(number) or "missing", site.newest, in_flight
        )
        self.numbers = site

    def range(self, span: DateRange, *, die_after: int | None = None) -> BisectDates:
        """Crawl a range."""
        plan = BisectDates(self, span, "print", edge=200, margin_hours=4.0, margin_limit=48.0, probe_most=10_000)
        self.crawl(plan, die_after=die_after)
        return plan

    def within(self, span: DateRange) -> set[int]:
        """Return what the archive has of a range: what an export of it holds."""
        pages = self.ledger.stored_between(*span.jalali_ends())
        return {int(key) for keys in pages for key in keys}


@dataclass
class Cost:
    """What a range has cost: ids asked that lie not between its first and last article, and the lists."""

    beside: int
    inside: int
    missed: set[int]


def crawl(site: NumberSite, span: DateRange, folder: Path, *, in_flight: int = 1) -> Cost:
    """Crawl a range into a fresh archive and hold it against the site."""
    with Archive(folder / f"{random.randrange(10**12)}.db", readonly=False) as archive:
        desk = NumberDesk(archive, site, in_flight)
        desk.range(span)
        right = site.answer(span)
        assert len(desk.asked) == len(set(desk.asked)), "an id was asked twice"
        low, high = (min(right), max(right)) if right else (1, 0)
        beside = [number for number in desk.asked if not low <= number <= high]
        return Cost(len(beside) + desk.lists, len(desk.asked) - len(beside), right - desk.within(span))


def random_span(dice: random.Random, days: int) -> DateRange:
    """Return a range of so many days within the five years of the site."""
    first = BEGIN.date() + dt.timedelta(days=dice.randint(10, 5 * YEAR - days - 10))
    return DateRange(first, first + dt.timedelta(days=days - 1))


def measure(rounds: int, lengths: Sequence[int]) -> Iterator[str]:
    """Measure the costs of ranges."""
    dice = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        for days in lengths:
            for disorder in (0, 3, 8):
                for gaps in (0.0, 0.1, 0.4):
                    for wild in (0.0, 0.01):
                        costs = []
                        for number in range(rounds):
                            site = NumberSite(seed=number, disorder=disorder, gaps=gaps, wild=wild)
                            costs.append(crawl(site, random_span(dice, days), Path(folder)))
                        beside = sorted(cost.beside for cost in costs)
                        yield (
                            f"{days:>4} d, disorder {disorder} h, gaps {gaps:.0%}, wild {wild:.0%}: "
                            f"median {statistics.median(beside):.0f}, most {beside[-1]}, "
                            f"missed {sum(len(cost.missed) for cost in costs)} in {len(costs)}"
                        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--days", type=int, nargs="*", default=[1, 31, YEAR])
    options = parser.parse_args()
    for line in measure(options.rounds, options.days):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
