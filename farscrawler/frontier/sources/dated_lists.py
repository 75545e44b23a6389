"""The dated lists of a site: one for each day or month, page after page.

A day's pages run on into earlier days on some systems, and on others repeat the last page for ever: a list ends
where a page has no items, none that is new, or only such as are dated before the day.
"""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.frontier.outlook import SAMPLE
from farscrawler.frontier.sources.base import Source, SourceUnavailableError
from farscrawler.frontier.sources.url_templates import fields, fill, is_jalali, periods
from farscrawler.listings import Listing
from farscrawler.listings.entry import MARGIN
from farscrawler.listings.moments import day_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from farscrawler.days import DateRange
    from farscrawler.listings import Entry
    from farscrawler.publishers.model import DatedList

#: The busiest agencies print some 1,500 items a day, on pages of 15 and more; a month has more pages accordingly.
MOST_PAGES = {"day": 500, "month": 5_000}
#: Days in a row without an item that end a range whose first day is open: more than any site was silent for.
SILENT_DAYS_END = 400


class DatedLists(Source):
    """Reads the dated lists from the last of the wanted days to the first."""

    name = "archive"

    async def listings(self, wanted: DateRange) -> AsyncIterator[Listing]:
        """Yield every page of every period's list, newest period first."""
        dated = self.publisher.sources.archive
        if dated is None:
            raise SourceUnavailableError("the site has no dated lists")
        self.begin()
        silent = everything = 0
        spans: Iterable[tuple[dt.date, dt.date]] = periods(wanted, dated.span, jalali=is_jalali(dated.url))
        total = 0
        if wanted.first != dt.date.min:
            spans = self.chosen(list(spans), f"{dated.span}s")
            total = len(spans)
        elif self.sampled:
            spans, self.unknown = islice(spans, SAMPLE), "how far back its lists go"
        for number, (first, last) in enumerate(spans):
            self.progress = (number, total) if total else None
            found = 0
            async for listing in self._pages(dated, first, last):
                found += len(listing.articles)
                own = self._of_days(listing, first, last)
                self.named = (self.named or 0) + len(own.articles)
                yield own if self.scale > 1 else listing  # of a sample, what runs on into other days is counted there
            self.progress = (number + 1, total) if total else None
            everything += found
            silent = 0 if found else silent + (last - first).days + 1
            if wanted.first == dt.date.min and silent >= SILENT_DAYS_END:
                break
        self.end()
        if self.answered and not everything:
            # Silent days, or lists whose markup is another by now: the answers are the same.
            raise SourceUnavailableError("its lists name no article of these days")

    def _of_days(self, listing: Listing, first: dt.date, last: dt.date) -> Listing:
        """Return a list without the articles that it dates to other days than its own."""
        days = [day_in(one.published, self.zone) if one.published is not None else first for one in listing.articles]
        own = [one for one, day in zip(listing.articles, days, strict=True) if first <= day <= last]
        return Listing(url=listing.url, articles=own)

    async def _pages(self, dated: DatedList, first: dt.date, last: dt.date) -> AsyncIterator[Listing]:
        url: str | None = self.publisher.address(fill(dated.url, first, dated.first_page))
        seen: set[str] = set()
        most = MOST_PAGES[dated.span]
        parser = self.page_parser(dated.items, dated.time)
        # Articles come late: yesterday's list may still grow.
        for number in range(most):
            if url is None:
                return
            listing = await self.read(url, parser, over=last + MARGIN < self.today, later_page=number > 0)
            if listing is None:
                return
            new = [entry for entry in listing.articles if entry.key not in seen]
            if new:
                yield listing
            if not new or self._is_before(listing.articles, first):
                return
            seen.update(entry.key for entry in new)
            if "page" in fields(dated.url):
                url = self.publisher.address(fill(dated.url, first, dated.first_page + number + 1))
            else:
                url = listing.following
        self.failed.append(f"{url}: the list has not ended after {most} pages")

    def _is_before(self, entries: list[Entry], day: dt.date) -> bool:
        """Whether a page is wholly of earlier days, by the dates that most of its items have."""
        days = [day_in(entry.published, self.zone) for entry in entries if entry.published is not None]
        return 2 * len(days) > len(entries) and all(one < day for one in days)
