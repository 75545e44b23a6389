"""The compiled selectors of one publisher: its own over those of its family's theme over those of its family."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from farscrawler.families.data import family_data, laid_over
from farscrawler.parsing.css import Query, queries
from farscrawler.publishers.selectors import split_attribute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.families.data import Selectors, Theme
    from farscrawler.parsing.css import Index
    from farscrawler.publishers import Publisher


@dataclass(frozen=True, slots=True)
class Source:
    """One place that a field may stand in: a selector, and the attribute that holds the value, if none is its text."""

    query: Query
    attribute: str | None = None

    def __str__(self) -> str:
        return self.query.text if self.attribute is None else f"{self.query.text}::attr({self.attribute})"


Plan = dict[str, tuple[Source, ...]]


def plan_for(publisher: Publisher, index: Index) -> Plan:
    """Return the sources of every field, in order of trust, on a page in whichever theme it wears."""
    family = family_data(publisher.family)
    theme = next((one for one in family.themes if is_any(one.mark, index)), None)
    return _plan(publisher.family, theme, tuple(publisher.selectors.items()))


def is_any(selectors: tuple[str, ...], index: Index) -> bool:
    """Whether a page has an element that any of some selectors names."""
    return any(query.find(index) for selector in selectors for query in queries(selector))


@lru_cache(maxsize=2048)
def _plan(family: str, theme: Theme | None, own: tuple[tuple[str, tuple[str, ...]], ...]) -> Plan:
    selectors: Selectors = family_data(family).selectors
    if theme is not None:
        selectors = laid_over(selectors, theme.selectors)
    return _compiled(laid_over(selectors, dict(own)))


def _compiled(selectors: Mapping[str, tuple[str, ...]]) -> Plan:
    found: Plan = {}
    for field, entries in selectors.items():
        sources: list[Source] = []
        for entry in entries:
            css, attribute = split_attribute(entry)
            sources += [Source(query, attribute) for query in queries(css)]
        found[field] = tuple(sources)
    return found
