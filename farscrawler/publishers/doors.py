"""Doors: by which of its pages a site leads to its articles of other days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ListSpan = Literal["day", "month"]
LIST_SPANS: tuple[ListSpan, ...] = get_args(ListSpan)

#: The doors in the order they are tried. The first two name days; a list of all articles has to be searched for them;
#: feeds show the last hours alone; and ids are asked one by one.
DOORS = ("archive", "sitemaps", "pages", "feeds", "ids")
#: The fields of an address template: a day in both calendars, and the number of the page.
#: Python's format specifications hold, as in ``{jm:02}``. ``{day64}`` is Asam's name of a day's sitemap.
TEMPLATE_FIELDS = ("jy", "jm", "jd", "gy", "gm", "gd", "page", "day64")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedList:
    """Lists of one day's or month's articles: ``url`` is a template of path and query.

    ``items`` is a CSS selector of one entry (without it every article link of the page is one), ``time`` one of
    the printed time within it; ``first_page`` is the number of the first page.
    """

    url: str
    span: ListSpan = "day"
    first_page: int = 1
    items: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The doors of one site; paths begin with ``/`` or are whole addresses on its hosts.

    ``sitemaps``: addresses of sitemaps or indexes of them; with date fields (see TEMPLATE_FIELDS) one for each day,
    month or year. ``feeds``: RSS, Atom or RDF; ``feed_tz`` is the zone of dates that name none. ``pages``: a list
    of all articles, newest first, with ``{page}``. ``ids``: whether article ids grow with time. In a stanza
    ``archive = false`` or ``pages = false`` says that the site lacks this door of its family.
    """

    archive: DatedList | None = None
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    feed_tz: str = "UTC"
    pages: str | None = None
    ids: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Which doors there are, in the order they are tried."""
        there = {
            "archive": self.archive is not None,
            "sitemaps": bool(self.sitemaps),
            "feeds": bool(self.feeds),
            "pages": self.pages is not None,
            "ids": self.ids,
        }
        return tuple(name for name in DOORS if there[name])
