"""Entry, Leaf and Listing: what one list page, sitemap or feed names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from farscrawler.listings.moments import Moment, day_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from farscrawler.days import DateRange

#: How far a listed date may lie from the article's own: a sitemap's day ends with that of UTC, a list's with Tehran's.
MARGIN = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a list names it.

    ``key`` is its id, ``url`` the absolute address as found. ``published`` and ``lastmod`` are what the list says of
    its publication and last change: an aware datetime, a day, or None; hints, since the page itself has the word.
    """

    key: str
    url: str
    published: Moment | None = None
    lastmod: Moment | None = None

    def may_lie_in(self, span: DateRange, zone: ZoneInfo) -> bool:
        """Whether the article may have been published within a span; False only where it certainly was not."""
        if self.published is not None:
            return touches(span, day_in(self.published, zone), day_in(self.published, zone))
        # The last change is never before the publication, and says nothing more.
        return self.lastmod is None or touches(span, dt.date.min, day_in(self.lastmod, zone))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sitemap as an index names it."""

    url: str
    lastmod: Moment | None = None


@dataclass(slots=True, kw_only=True)
class Listing:
    """What one list names. ``url`` is its address.

    ``articles`` are in the list's order, each once; ``sitemaps`` is set for an index of sitemaps; ``following`` is the
    address of the list's next page. ``refused`` says why these bytes are no list at all, or why they are not read;
    ``problems`` what of it could not be read; ``over_a_limit`` that a limit of ours is the cause; ``whole`` is False
    where a part of it is certainly missing. ``other_links`` are up to three addresses of a list that has some, and none
    of them an article's.
    """

    url: str
    articles: list[Entry] = field(default_factory=list)
    sitemaps: list[Leaf] = field(default_factory=list)
    following: str | None = None
    refused: str | None = None
    over_a_limit: bool = False
    problems: list[str] = field(default_factory=list)
    whole: bool = True
    other_links: list[str] = field(default_factory=list)


def read_keys(body: bytes, *, reader: Callable[..., Listing], **given: object) -> Listing:
    """Return what a reader makes of a list, its articles without their addresses: the keys make them again."""
    listing = reader(body, **given)
    listing.articles = [replace(entry, url="") for entry in listing.articles]
    return listing


def said_of_links(url: str, links: list[str]) -> str:
    """Return a sentence about a list none of whose links is an article's."""
    return (
        f"no link of {url} has an address that the stanza knows as an article's (paths); it leads to {', '.join(links)}"
    )


def touches(span: DateRange, first: dt.date, last: dt.date) -> bool:
    """Whether the days from ``first`` to ``last`` may hold articles of a span, listed dates being a day wrong."""
    begins = last < dt.date.max - MARGIN and last + MARGIN < span.first
    ends = first > dt.date.min + MARGIN and first - MARGIN > span.last
    return not (begins or ends)
