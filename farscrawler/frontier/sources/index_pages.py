"""A list of all articles, newest first, page after page.

The first page that touches the wanted days is found by doubling and halving, with the dates that the list prints, or
where it prints none with those of one article a page. From there on page follows page, until all is older.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.days import DateRange
from farscrawler.frontier.sources.base import Source, SourceUnavailableError
from farscrawler.frontier.sources.url_templates import fill
from farscrawler.listings import Listing
from farscrawler.listings.entry import touches
from farscrawler.listings.moments import day_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.frontier.listed import ListedArticles
    from farscrawler.frontier.sources.listing_cache import ListReader
    from farscrawler.listings import Entry
    from farscrawler.publishers import Publisher

#: Ten items each, this is the longest list seen (150,000 items) and as much again.
MOST_PAGES = 30_000
#: Articles of a page that are asked for its day at most, since one of them may be gone, or have a wrong date.
PROBES = 3


class IndexPages(Source):
    """Finds the first page of the wanted days and reads on from it.

    ``listed`` knows the day of an article that was fetched, where the list prints none.
    """

    name = "pages"

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date, listed: ListedArticles) -> None:
        super().__init__(publisher, reader, today)
        self.listed = listed
        self._start = 1
        self._day: dt.date | None = None
        self._first_page: set[str] = set()

    async def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield the pages that touch the wanted days, and single articles of others, which are asked for their day."""
        if self.publisher.sources.pages is None:
            raise SourceUnavailableError("the site has no list of all articles")
        self.begin()
        self.probing = True
        async for probe in self._seek(wanted):
            yield probe
        self.probing = False
        if self.sampled:
            async for page in self._first_and_last(wanted):
                yield page
            return
        seen: set[str] = set()
        oldest: dt.date | None = None
        for number in range(self._start, self._start + MOST_PAGES):
            failed = len(self.failed)
            listing = await self._page(number)
            if listing is None and len(self.failed) > failed:
                continue  # one page that fails; five in a row end the run
            own = self._own(number, listing)
            if listing is None or not any(entry.key not in seen for entry in own):
                self._leave_rest(wanted, oldest)
                break
            seen = {entry.key for entry in own}
            yield listing
            days = await self._days(own)
            oldest = days[min(1, len(days) - 1)] if days else oldest  # a single date may be wrong
            if days and all(day < wanted.first and not touches(wanted, day, day) for day in days):
                break
        else:
            self.failed.append(f"{self._address(number)}: the list has not ended after {MOST_PAGES:,} pages")
        self.end()
        if self.answered and not seen and not self.failed:
            raise SourceUnavailableError("its list of all articles names none")

    async def _first_and_last(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Find the last page of the days too, and yield some pages between, which stand for all."""
        if wanted.first == dt.date.min:
            self.unknown = "how far back its lists go"
            return
        start = self._start
        self.probing = True
        async for probe in self._seek(DateRange(dt.date.min, wanted.first - dt.timedelta(days=1))):
            yield probe
        self.probing = False
        pages = range(start, max(start, self._start + 1) + 1)
        self._start = start
        for number in self.chosen(pages, "pages"):
            page = await self._page(number)
            if page is not None and (own := self._own(number, page)):
                yield Listing(url=page.url, articles=own)

    def _leave_rest(self, wanted: DateRange, oldest: dt.date | None) -> None:
        """Leave the days from before the end of the list to the next source: it may be cut, or the site began there."""
        if oldest is not None and wanted.first != dt.date.min and oldest >= wanted.first:
            self.uncovered = [wanted.closed(first=wanted.first, last=oldest)]

    async def _seek(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Find the first page that is not wholly newer, by single articles where the list has no dates."""
        self._start, newer, beyond = 1, 0, 0
        number = 1
        self._first_page = set()
        while not beyond or beyond - newer > 1:
            listing = await self._page(number)
            if listing is None and not self.answered:
                return
            async for probe in self._date(number, listing, wanted):
                yield probe
            if self._day is not None and _is_newer(self._day, wanted):
                newer = number
            else:
                beyond = number
            number = (newer + beyond) // 2 if beyond else number * 2
            if number > MOST_PAGES:
                raise SourceUnavailableError(
                    f"its list of all articles does not reach these days within {MOST_PAGES:,} pages"
                )
        # One page more: what has come out meanwhile moved everything down, and a page's day is that of one article.
        self._start = max(1, beyond - 1)

    def _own(self, number: int, listing: Listing | None) -> list[Entry]:
        """Return what a page lists itself: what the first page names too stands beside the list, as the most read do.

        Raise SourceUnavailableError where that is all of the second page.
        """
        if listing is None:
            return []
        if number == 1:
            self._first_page = {entry.key for entry in listing.articles}
            return listing.articles
        own = [entry for entry in listing.articles if entry.key not in self._first_page]
        if number == 2 and listing.articles and not own:  # noqa: PLR2004  # the second page
            raise SourceUnavailableError(
                "its list of all articles does not reach these days: page 2 names what page 1 does"
            )
        return own

    async def _date(self, number: int, listing: Listing | None, wanted: DateRange) -> AsyncIterator[Listing]:
        """Find the day of a page: the oldest that it prints, or that of an article of it; None past the end.

        A single article may have a wrong date: of those asked two have to agree on which side of these days they are.
        """
        self._day = None
        own = self._own(number, listing)
        if listing is None or not own:
            return
        printed = [day_in(entry.published, self.zone) for entry in own if entry.published is not None]
        if printed:
            self._day = min(printed)
            return
        found: list[dt.date] = []
        middle = len(own) // 2
        for entry in own[middle : middle + PROBES]:
            yield Listing(url=listing.url, articles=[entry])
            found += [day for day in await self.listed.days([entry]) if day is not None]
            newer = sum(_is_newer(day, wanted) for day in found)
            if max(newer, len(found) - newer) > 1:
                self._day = max(found) if newer > 1 else min(found)
                return
        self._day = min(found, default=None)  # looked for too early costs pages, too late articles

    async def _page(self, number: int) -> Listing | None:
        """Read one page; None where it cannot be read, or lies beyond the end."""
        return await self.read(self._address(number), self.page_parser(), later_page=number > 1)

    async def _days(self, entries: list[Entry]) -> list[dt.date]:
        """Return the known days of the articles of a page, the oldest first."""
        days = [day_in(entry.published, self.zone) if entry.published else None for entry in entries]
        if not any(days):
            days = await self.listed.days(entries)
        return sorted(day for day in days if day is not None)

    def _address(self, number: int) -> str:
        return self.publisher.address(fill(self.publisher.sources.pages or "", self.today, number))


def _is_newer(day: dt.date, wanted: DateRange) -> bool:
    """Whether a day certainly lies after the wanted ones."""
    return day > wanted.last and not touches(wanted, day, day)
