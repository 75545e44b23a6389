"""The sitemaps of a site: indexes of them by day, month or year, or without any order, down to lists of articles.

Of an index only those leaves are fetched that may name articles of the span: by the days in their names, and by their
last change, which is never before the publications they name. A later change says nothing: where that is all that is
known of many articles, another door finds the span with far fewer requests.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.days import Span
from farscrawler.frontier.sources.base import Door, DoorShutError
from farscrawler.frontier.sources.listing_cache import ListError, Parser
from farscrawler.frontier.sources.url_templates import fill, is_jalali, periods, unit_of
from farscrawler.listings import Leaf, Listing
from farscrawler.listings.entry import MARGIN, touches
from farscrawler.listings.moments import day_in, reach
from farscrawler.listings.names import days_of_leaves
from farscrawler.listings.sitemaps import read_sitemap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from farscrawler.frontier.base import ListPage
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


class SitemapsDoor(Door):
    """Walks the sitemaps that may touch a span, the newest first.

    ``searchable`` tells that another door can find a span whose articles the sitemaps list without a day.
    """

    name = "sitemaps"

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date, *, searchable: bool = False) -> None:
        super().__init__(publisher, reader, today)
        self.searchable = searchable
        self._parser = Parser(self._parse, ("sitemap", publisher.tz))
        self._forget()

    def _forget(self) -> None:
        self.begin()
        self._named: list[Days] = []  # what the sitemaps speak for by their names
        self._shown: list[Days] = []  # what others do by the dates in them
        self._gone: list[Days] = []  # what those would have that are not there
        self._seen: set[str] = set()
        self._touched = False
        self._held: dict[str, int] = {}  # sitemaps with articles of no day, and how many

    async def listings(self, span: Span) -> AsyncIterator[Listing]:
        """Give every sitemap of articles that may touch a span."""
        if not self.publisher.sources.sitemaps:
            raise DoorShutError("the site has no sitemaps")
        self._forget()
        refused: list[str] = []
        for url, days in self._roots(span):
            try:
                async for listing in self._walk(Leaf(url), days, span, 0):
                    yield listing
            except ListError as error:
                self._note_root(f"{url}: {error}", error, days, refused)
        if not self.opened and refused and not self.owed:
            raise DoorShutError("; ".join(refused))
        self.left = self._uncovered(span, [*self._named, *self._shown])
        async for listing in self._what_was_held(span):
            yield listing
        if not self._touched and not self._named and self.opened:
            raise DoorShutError("its sitemaps name no article of these days")

    async def _what_was_held(self, span: Span) -> AsyncIterator[Listing]:
        """Give the sitemaps that list articles without a day, where these may be the only ones to name them."""
        if self._named and not self._uncovered(span, self._named):
            return
        if self.searchable and (vague := sum(self._held.values())) > MOST_VAGUE:
            self.say(f"{vague:,} articles are listed without a day, and left to the next door")
            self.left = [span]
            return
        for url in self._held:
            if (found := await self.read(url, self._parser)) is not None:
                yield found

    def _roots(self, span: Span) -> Iterator[tuple[str, Days | None]]:
        """Give the addresses to begin with. A day's may be that of UTC: so a day more on each side."""
        for template in self.publisher.sources.sitemaps:
            unit = unit_of(template)
            if unit is None:
                yield self.publisher.address(template), None
                continue
            first = span.first - MARGIN if span.first > dt.date.min + MARGIN else span.first
            wider = Span(first, min(span.last + MARGIN, self.today))
            jalali = is_jalali(template)
            for days in periods(wider, unit, jalali=jalali):
                yield self.publisher.address(fill(template, days[0])), days

    def _note_root(self, said: str, error: ListError, days: Days | None, refused: list[str]) -> None:
        """Take a first address that is not there for one of several; what it would have named may be elsewhere."""
        self.say(said)
        if error.trouble == "failed":
            self.owed.append(said)
            return
        refused.append(said)
        if days is not None:
            self._gone.append(days)

    async def _walk(self, leaf: Leaf, days: Days | None, span: Span, depth: int) -> AsyncIterator[Listing]:
        """Read a sitemap and what it leads to. Raises ListError for the first of them only, at depth 0."""
        if leaf.url in self._seen:
            return
        self._seen.add(leaf.url)
        over = days is not None and days[1] + MARGIN < self.today
        if depth:
            found = await self.read(leaf.url, self._parser, over=over)
            if found is None:
                return
        else:
            found = await self.reader.read(leaf.url, self._parser, over=over)
            self.opened = True
            if not found.whole:
                self.owed.append(f"{leaf.url}: {', '.join(found.problems)}")
        if found.articles or not found.sitemaps:
            self._note_leaf(found, days, span)
            yield found if days is not None else self._hold_back(found, leaf.url, span)
        async for below in self._below(found, span, depth):
            yield below

    def _note_leaf(self, listing: Listing, days: Days | None, span: Span) -> None:
        """Note which days a sitemap of articles speaks for: by its name, or all after the first that it names."""
        self._touched = self._touched or any(entry.may_lie_in(span, self.zone) for entry in listing.articles)
        if days is not None:
            self._named.append(days)
        elif dates := [day_in(entry.published, self.zone) for entry in listing.articles if entry.published is not None]:
            self._shown.append(((reach(dates) or max(dates)) + dt.timedelta(days=1), max(dates)))

    def _hold_back(self, listing: Listing, url: str, span: Span) -> Listing:
        """Leave out for the time being what may be of any day before its last change."""
        if not self.searchable and not self._named:
            return listing
        certain = [entry for entry in listing.articles if not self._is_vague(entry, span)]
        if len(certain) < len(listing.articles):
            self._held[url] = len(listing.articles) - len(certain)
        return Listing(url=url, articles=certain)

    def _is_vague(self, entry: Entry, span: Span) -> bool:
        if entry.published is not None or not entry.may_lie_in(span, self.zone):
            return False
        return entry.lastmod is None or not touches(span, *[day_in(entry.lastmod, self.zone)] * 2)

    async def _below(self, index: Listing, span: Span, depth: int) -> AsyncIterator[Listing]:
        leaves = [*zip(index.sitemaps, days_of_leaves([leaf.url for leaf in index.sitemaps]), strict=True)]
        # Newest first; what names no day may be the newest of all.
        leaves.sort(key=lambda pair: pair[1] or (dt.date.max, dt.date.max), reverse=True)
        for leaf, days in leaves:
            if (days is not None and not touches(span, *days)) or not self._changed_since(leaf, span):
                if days is not None:
                    self._named.append(days)
                continue
            if depth >= DEEPEST or len(self._seen) >= MOST_SITEMAPS:
                self.owed.append(f"{leaf.url}: too many sitemaps within sitemaps")
                return
            async for listing in self._walk(leaf, days, span, depth + 1):
                yield listing

    def _changed_since(self, leaf: Leaf, span: Span) -> bool:
        return leaf.lastmod is None or touches(span, dt.date.min, day_in(leaf.lastmod, self.zone))

    def _uncovered(self, span: Span, spoken_for: list[Days]) -> list[Span]:
        """Give the days of a span that the sitemaps do not speak for; none where no sitemap says for which it does."""
        if not spoken_for:
            return []
        first, last = min(days[0] for days in spoken_for), max(days[1] for days in spoken_for)
        left = [days for days in self._gone if not any(a <= days[1] and days[0] <= b for a, b in spoken_for)]
        if span.first != dt.date.min and first > span.first:
            left.append((span.first, first - dt.timedelta(days=1)))
        if last < span.last:
            left.append((last + dt.timedelta(days=1), span.last))
        return _merged([span.closed(first=a, last=b) for a, b in left])

    def _parse(self, page: ListPage) -> Listing:
        return read_sitemap(page.body, publisher=self.publisher, url=page.url, content_type=page.content_type)


def _merged(spans: list[Span]) -> list[Span]:
    """Join spans that touch; the newest first, empty ones left out."""
    merged: list[Span] = []
    for span in sorted((s for s in spans if s.first <= s.last), key=lambda s: s.first):
        if merged and span.first <= merged[-1].last + dt.timedelta(days=1):
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged[::-1]
