"""The sitemaps of a site: indexes of them by day, month or year, or without any order, down to lists of articles.

Of an index only those leaves are fetched that may name articles of the wanted days: by the days in their names, and by
their last change, which is never before the publications they name. A later change says nothing: where that is all
that is known of many articles, another source finds the days with far fewer requests.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.days import DateRange
from farscrawler.frontier.sources.base import Source, SourceUnavailableError
from farscrawler.frontier.sources.listing_cache import ListError, Parser
from farscrawler.frontier.sources.url_templates import fill, is_jalali, periods, unit_of
from farscrawler.listings import Leaf, Listing
from farscrawler.listings.entry import MARGIN, touches
from farscrawler.listings.markup import MAX_BYTES
from farscrawler.listings.moments import day_in, reach
from farscrawler.listings.names import days_of_leaves
from farscrawler.listings.sitemaps import read_sitemap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Entry
    from farscrawler.listings.names import Days
    from farscrawler.publishers import Publisher

#: Tasnim's lead through year and month to the day, which is three; more is a circle or a trap.
DEEPEST = 5
#: One a day for half a century; more is no sitemap of a news site.
MOST_SITEMAPS = 20_000
#: Eight minutes of requests, at one a second; where more articles are listed without a day, searching costs less.
MOST_VAGUE = 500


class Sitemaps(Source):
    """Reads the sitemaps that may touch the wanted days, the newest first.

    ``searchable``: another source can find days whose articles the sitemaps list without a day.
    """

    name = "sitemaps"

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date, *, searchable: bool = False) -> None:
        super().__init__(publisher, reader, today)
        self.searchable = searchable
        self._parser = Parser(read_sitemap, ("sitemap", publisher.tz), {"publisher": publisher}, largest=MAX_BYTES)
        self._forget()

    def _forget(self) -> None:
        self.begin()
        self._named: list[Days] = []  # what the sitemaps speak for by their names
        self._shown: list[Days] = []  # what others do by the dates in them
        self._gone: list[Days] = []  # what those would have that are not there
        self._seen: set[str] = set()
        self._touched = False
        self._held: dict[str, int] = {}  # sitemaps with articles of no day, and how many

    async def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield every sitemap of articles that may touch the wanted days."""
        if not self.publisher.sources.sitemaps:
            raise SourceUnavailableError("the site has no sitemaps")
        self._forget()
        refused: list[str] = []
        roots = list(self._roots(wanted))
        dated = self.chosen([root for root in roots if root[1] is not None], "sitemaps")
        for url, days in [root for root in roots if root[1] is None or root in dated]:
            self._named += [] if self.scale == 1 or days is None else [days]
            try:
                async for listing in self._descend(Leaf(url), days, wanted, 0):
                    yield listing
            except ListError as error:
                self._note_root(f"{url}: {error}", error, days, refused)
        if not self.answered and refused and not self.failed:
            raise SourceUnavailableError("; ".join(refused))
        self.uncovered = self._uncovered(wanted, [*self._named, *self._shown])
        async for listing in self._what_was_held(wanted):
            yield listing
        if not self._touched and not self._named and self.answered:
            raise SourceUnavailableError("its sitemaps name no article of these days")

    async def _what_was_held(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield the sitemaps that list articles without a day, where these may be the only ones to name them."""
        if self._named and not self._uncovered(wanted, self._named):
            return
        if self.searchable and (vague := sum(self._held.values())) > MOST_VAGUE:
            self.say(f"{vague:,} articles are listed without a day, and left to the next source")
            self.uncovered = [wanted]
            return
        for url in self._held:
            if (found := await self.read(url, self._parser)) is not None:
                yield found

    def _roots(self, wanted: DateRange) -> Iterator[tuple[str, Days | None]]:
        """Yield the addresses to begin with. A day's may be that of UTC: so a day more on each side."""
        for template in self.publisher.sources.sitemaps:
            unit = unit_of(template)
            if unit is None:
                yield self.publisher.address(template), None
                continue
            first = wanted.first - MARGIN if wanted.first > dt.date.min + MARGIN else wanted.first
            wider = DateRange(first, min(wanted.last + MARGIN, self.today))
            jalali = is_jalali(template)
            for days in periods(wider, unit, jalali=jalali):
                yield self.publisher.address(fill(template, days[0])), days

    def _note_root(self, said: str, error: ListError, days: Days | None, refused: list[str]) -> None:
        """Take a first address that is not there for one of several; what it would have named may be elsewhere."""
        self.say(said)
        if error.trouble in ("failed", "over a limit"):
            self.failed.append(said)
            return
        refused.append(said)
        if days is not None:
            self._gone.append(days)

    async def _descend(self, leaf: Leaf, days: Days | None, wanted: DateRange, depth: int) -> AsyncIterator[Listing]:
        """Yield a sitemap and what it leads to. Raise ListError for the first of them only, at depth 0."""
        if leaf.url in self._seen:
            return
        self._seen.add(leaf.url)
        over = days is not None and days[1] + MARGIN < self.today
        if depth:
            found = await self.read(leaf.url, self._parser, over=over)
            if found is None:
                return
        else:
            before = self.reader.asked
            found = await self.reader.read(leaf.url, self._parser, over=over)
            self.lists += self.scale * (self.reader.asked - before)
            self.answered = True
            if not found.whole:
                self.failed.append(f"{leaf.url}: {', '.join(found.problems)}")
        if found.articles or not found.sitemaps:
            self._note_leaf(found, days, wanted)
            yield found if days is not None else self._hold_back(found, leaf.url, wanted)
        async for below in self._below(found, wanted, depth):
            yield below

    def _note_leaf(self, listing: Listing, days: Days | None, wanted: DateRange) -> None:
        """Note which days a sitemap of articles speaks for: by its name, or all after the first that it names."""
        self._touched = self._touched or any(entry.may_lie_in(wanted, self.zone) for entry in listing.articles)
        if days is not None:
            self._named.append(days)
        elif dates := [day_in(entry.published, self.zone) for entry in listing.articles if entry.published is not None]:
            self._shown.append(((reach(dates) or max(dates)) + dt.timedelta(days=1), max(dates)))

    def _hold_back(self, listing: Listing, url: str, wanted: DateRange) -> Listing:
        """Leave out for the time being what may be of any day before its last change."""
        if not self.searchable and not self._named:
            return listing
        certain = [entry for entry in listing.articles if not self._is_vague(entry, wanted)]
        if len(certain) < len(listing.articles):
            self._held[url] = len(listing.articles) - len(certain)
        return Listing(url=url, articles=certain)

    def _is_vague(self, entry: Entry, wanted: DateRange) -> bool:
        if entry.published is not None or not entry.may_lie_in(wanted, self.zone):
            return False
        return entry.lastmod is None or not touches(wanted, *[day_in(entry.lastmod, self.zone)] * 2)

    async def _below(self, index: Listing, wanted: DateRange, depth: int) -> AsyncIterator[Listing]:
        leaves = [*zip(index.sitemaps, days_of_leaves([leaf.url for leaf in index.sitemaps]), strict=True)]
        # Newest first; what names no day may be the newest of all.
        leaves.sort(key=lambda pair: pair[1] or (dt.date.max, dt.date.max), reverse=True)
        wanted_ones: list[tuple[Leaf, Days | None]] = []
        for leaf, days in leaves:
            if (days is None or touches(wanted, *days)) and self._changed_since(leaf, wanted):
                wanted_ones.append((leaf, days))
            elif days is not None:
                self._named.append(days)
        scale = self.scale
        chosen = self.chosen(wanted_ones, "sitemaps")
        if len(chosen) < len(wanted_ones):  # those that are not read would have spoken for their days
            self._named += [days for _, days in wanted_ones if days is not None]
        for number, (leaf, days) in enumerate(chosen):
            if depth == 0:
                self.progress = (number, len(chosen))
            if depth >= DEEPEST or len(self._seen) >= MOST_SITEMAPS:
                self.failed.append(f"{leaf.url}: too many sitemaps within sitemaps")
                return
            async for listing in self._descend(leaf, days, wanted, depth + 1):
                yield listing
        self.scale = scale

    def _changed_since(self, leaf: Leaf, wanted: DateRange) -> bool:
        return leaf.lastmod is None or touches(wanted, dt.date.min, day_in(leaf.lastmod, self.zone))

    def _uncovered(self, wanted: DateRange, spoken_for: list[Days]) -> list[DateRange]:
        """Return the wanted days that the sitemaps do not speak for; empty where no sitemap says for which it does."""
        if not spoken_for:
            return []
        first, last = min(days[0] for days in spoken_for), max(days[1] for days in spoken_for)
        left = [days for days in self._gone if not any(a <= days[1] and days[0] <= b for a, b in spoken_for)]
        if wanted.first != dt.date.min and first > wanted.first:
            left.append((wanted.first, first - dt.timedelta(days=1)))
        if last < wanted.last:
            left.append((last + dt.timedelta(days=1), wanted.last))
        return _merged([wanted.closed(first=a, last=b) for a, b in left])


def _merged(ranges: list[DateRange]) -> list[DateRange]:
    """Return ranges with those that touch joined, the newest first, empty ones left out."""
    merged: list[DateRange] = []
    for part in sorted((one for one in ranges if one.first <= one.last), key=lambda one: one.first):
        if merged and part.first <= merged[-1].last + dt.timedelta(days=1):
            merged[-1] = DateRange(merged[-1].first, max(merged[-1].last, part.last))
        else:
            merged.append(part)
    return merged[::-1]
