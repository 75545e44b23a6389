"""A list of all articles, newest first, page after page.

The first page that touches a span is found by doubling and halving, with the dates that the list prints, or where it
prints none with those of one article a page. From there on page follows page, until all is older than the span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.discovery.doors.base import Dates, Door, DoorShutError
from farscrawler.discovery.templates import fill
from farscrawler.listings import Listing
from farscrawler.listings.entry import touches
from farscrawler.listings.moments import day_in

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from farscrawler.discovery.doors.reader import ListReader
    from farscrawler.discovery.span import Span
    from farscrawler.publishers import Publisher

#: Ten items each, this is the longest list seen (150,000 items) and as much again.
MOST_PAGES = 30_000
#: So many articles of a page are asked for its day, since one of them may be gone.
PROBES = 3


class PagesDoor(Door):
    """Finds the first page of a span and walks on from it."""

    name = "pages"

    def __init__(self, publisher: Publisher, reader: ListReader, today: dt.date, dates: Dates) -> None:
        super().__init__(publisher, reader, today)
        self.dates = dates
        self._start = 1
        self._day: dt.date | None = None

    async def listings(self, span: Span) -> AsyncIterator[Listing]:
        """Give the pages that touch a span, and single articles of others, which were asked for their day."""
        if self.publisher.doors.pages is None:
            raise DoorShutError("the site has no list of all articles")
        self.begin()
        async for probe in self._seek(span):
            yield probe
        seen: set[str] = set()
        for number in range(self._start, self._start + MOST_PAGES):
            failed = len(self.owed)
            listing = await self._page(number)
            if listing is None and len(self.owed) > failed:
                continue  # one page that fails; five in a row end the run
            if listing is None or not any(entry.key not in seen for entry in listing.articles):
                break
            seen = {entry.key for entry in listing.articles}
            yield listing
            if await self._is_past(listing, span):
                break
        else:
            self.owed.append(f"{self._address(number)}: the list has not ended after {MOST_PAGES:,} pages")
        self.end()
        if self.opened and not seen and not self.owed:
            raise DoorShutError("its list of all articles names none")

    async def _seek(self, span: Span) -> AsyncIterator[Listing]:
        """Find the first page that is not wholly newer than a span, by single articles where the list has no dates."""
        self._start, newer, beyond = 1, 0, 0
        number = 1
        while not beyond or beyond - newer > 1:
            listing = await self._page(number)
            if listing is None and not self.opened:
                return
            async for probe in self._date(listing):
                yield probe
            if self._day is not None and self._day > span.last and not touches(span, self._day, self._day):
                newer = number
            else:
                beyond = number
            number = (newer + beyond) // 2 if beyond else number * 2
            if number > MOST_PAGES:
                raise DoorShutError(f"its list of all articles does not reach these days within {MOST_PAGES:,} pages")
        # One page more: what has come out meanwhile moved everything down, and a page's day is that of one article.
        self._start = max(1, beyond - 1)

    async def _date(self, listing: Listing | None) -> AsyncIterator[Listing]:
        """Find the day of a page: the oldest that it prints, or the day of an article of it; None past the end."""
        self._day = None
        if listing is None or not listing.articles:
            return
        printed = [day_in(entry.published, self.zone) for entry in listing.articles if entry.published is not None]
        if printed:
            self._day = min(printed)
            return
        middle = len(listing.articles) // 2
        for entry in listing.articles[middle : middle + PROBES]:
            yield Listing(url=listing.url, articles=[entry])
            (self._day,) = await self.dates.days([entry])
            if self._day is not None:
                return

    async def _page(self, number: int) -> Listing | None:
        """Read one page; None where it cannot be read, or lies beyond the end."""
        return await self.read(self._address(number), self.page_parser(), later_page=number > 1)

    async def _is_past(self, listing: Listing, span: Span) -> bool:
        """Tell whether all of a page was published before a span."""
        days = [day_in(entry.published, self.zone) if entry.published else None for entry in listing.articles]
        if not any(days):
            days = await self.dates.days(listing.articles)
        known = [day for day in days if day is not None]
        return bool(known) and all(day < span.first and not touches(span, day, day) for day in known)

    def _address(self, number: int) -> str:
        return self.publisher.address(fill(self.publisher.doors.pages or "", self.today, number))
