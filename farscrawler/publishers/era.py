"""Era: an earlier system of a site, with the hosts and addresses that it had then.

The ids of an era are a space of their own, unless a source says that they are those of today: `/detail/123` of 2018
need not be `/news/123`. So an id of an era carries its name (`dorhost:123`), and can be no other article's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from farscrawler.publishers.form import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.publishers.form import Form

#: What stands between the name of an era and an id of its own.
ID_MARK = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """One era of a site. ``since`` and ``until`` are the first and last Gregorian year in which it was seen.

    ``hosts`` are those that the site has no more, ``scheme`` theirs. Without ``forms`` its addresses were those of
    today, and so were its ids. ``mark``: selectors that only its pages have. Without ``family`` its pages were those
    of today; with it, ``selectors`` and ``rules`` are what the era has beside that family's.
    """

    name: str
    since: int | None = None
    until: int | None = None
    hosts: tuple[str, ...] = ()
    scheme: str = "https"
    family: str | None = None
    forms: Mapping[str, Form] = field(default_factory=lambda: MappingProxyType({}))
    same_ids: bool = False
    mark: tuple[str, ...] = ()
    selectors: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    rules: Rules = field(default_factory=Rules)

    @property
    def prefix(self) -> str:
        """Return what an id of the era begins with; nothing where its ids are those of today."""
        return "" if self.same_ids or not self.forms else f"{self.name}{ID_MARK}"

    @property
    def years(self) -> str:
        """Return the years as text: `2014–2018`, `until 2016`, `2018`; empty where none is known."""
        if self.since is None:
            return "" if self.until is None else f"until {self.until}"
        if self.until is None:
            return f"since {self.since}"
        return str(self.since) if self.since == self.until else f"{self.since}–{self.until}"
