"""The selection of one page: which elements its selectors find for each field, in the box of its article first."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.extract.css import ancestors
from farscrawler.extract.family import family_data, laid_over
from farscrawler.extract.lines import inline_text
from farscrawler.extract.metadata import OTHERS
from farscrawler.extract.queries import Query, queries
from farscrawler.persian import fold_label
from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.css import Index
    from farscrawler.extract.document import Document
    from farscrawler.extract.family import Selectors, Theme
    from farscrawler.publishers import Publisher


#: The queries of every field, in order of trust.
FieldQueries = dict[str, tuple[Query, ...]]


def queries_for(publisher: Publisher, index: Index) -> FieldQueries:
    """Return the queries of every field of a page in whichever theme it wears.

    The selectors are those of the publisher over those of its family's theme over those of its family.
    """
    family = family_data(publisher.family)
    theme = next((one for one in family.themes if is_any(one.mark, index)), None)
    return _queries_of(publisher.family, theme, tuple(publisher.selectors.items()))


def is_any(selectors: tuple[str, ...], index: Index) -> bool:
    """Whether a page has an element that any of some selectors names."""
    return any(query.find(index) for selector in selectors for query in queries(selector))


@lru_cache(maxsize=2048)
def _queries_of(family: str, theme: Theme | None, own: tuple[tuple[str, tuple[str, ...]], ...]) -> FieldQueries:
    selectors: Selectors = family_data(family).selectors
    if theme is not None:
        selectors = laid_over(selectors, theme.selectors)
    selectors = laid_over(selectors, dict(own))
    return {field: tuple(query for one in entries for query in queries(one)) for field, entries in selectors.items()}


#: Boxes of a picture and what is printed under it, beside `figure`.
CAPTION_BOX = "wp-caption"
# Elements whose value stands in an attribute.
_VALUE_OF = {"meta": "content", "link": "href", "input": "value", "img": "src"}
# Ads by the names that their providers give them, in every family.
_AD = re.compile(r"(?:zxc|cyt-ads|yektanet|yn-|mediaad|sanjagh|adtube|tavoos|adivery|kaprila)", re.IGNORECASE)
#: Where other articles and readers begin, whose times are their own; words of a class or id.
OF_OTHERS = re.compile(
    r"(?:[\w-]*[-_])?(?:related|similar|popular|suggested|latest|most-?view(?:ed|s)?|most-?visited|recent-posts|sidebar"
    r"|comments|comment-?list)(?:[-_][\w-]*)?",
    re.IGNORECASE,
)
# The whole page is no box within it: `<body class="body">`, and the one form of ASP.NET.
_WHOLE_PAGE = frozenset({"html", "body"})
_MOST_IN_A_FIELD = 500  # elements; the longest lead and the longest list of tags have a few dozen
# Fields that stand in boxes which are none of the text.
_ANYWHERE = frozenset({"tags", "permalink", "code"})


@lru_cache(maxsize=4096)
def _is_ad(name: str) -> bool:
    """Whether a class or an id is an ad's; the pages of a site have the same names."""
    return _AD.match(name) is not None


# Fields that many pages have among their tools.
_IN_TOOLS = frozenset({"section"})


class Selection:
    """The elements and values that one page offers for its fields."""

    def __init__(self, page: Document) -> None:
        self.page = page
        self.index = page.index
        self.queries = queries_for(page.publisher, self.index)
        self.drops = self._dropped()
        #: The elements that fields were taken from: where they stand in the box of the text, they are none of it.
        self.held: set[Element] = set()
        #: The element that the headline was taken from.
        self.headline: Element | None = None
        self._around: set[Element] | None = None
        self._others: dict[Element, bool] = {}
        self._box = self._article()

    def places(self, field: str) -> Iterator[tuple[Query, list[Element]]]:
        """Yield the elements that may hold a field by the query that found them, in order of trust.

        First those in the article's box, then (where there is a box) those outside of it, and last those of a field
        that many pages have among their tools, which are none of the text.
        """
        outside: list[tuple[Query, list[Element]]] = []
        dropped: list[tuple[Query, list[Element]]] = []
        for query in self.queries.get(field, ()):
            named = query.find(self.index)
            found = (one for one in named if field in _ANYWHERE or self._may_hold(one))
            if field in _IN_TOOLS and (in_tools := [one for one in named if self._is_in_tools(one)]):
                dropped.append((query, in_tools))
            # Texts of their own are no part of each other.
            elements = [*found] if query.own_text else _outermost(found)
            if self._box is None:
                if elements:
                    yield query, elements
                continue
            within = [one for one in elements if self._is_in_box(one)]
            if within:
                yield query, within
            if len(within) < len(elements):
                outside.append((query, [one for one in elements if one not in within]))
        yield from outside
        yield from dropped

    def value(self, element: Element, query: Query) -> str | None:
        """Return the value that an element holds by a query, folded; None for none."""
        if query.own_text:
            return None if is_large(element) else inline_text(element, self.drops | inner_elements(element))
        attribute = query.attribute or _VALUE_OF.get(str(element.tag))
        if attribute is None:
            return None if is_large(element) else inline_text(element, self.drops)
        return fold_blanks(element.get(attribute) or "") or None

    def values(self, field: str) -> Iterator[tuple[Query, list[tuple[Element, str]]]]:
        """Yield the values of a field by query, in order of trust; queries without any are passed over."""
        for query, elements in self.places(field):
            found = [(one, value) for one in elements if (value := self.value(one, query))]
            if found:
                yield query, found

    def first(self, field: str) -> str | None:
        """Return the first value of a field, and note it; as a headline the site's own name is none."""
        taken: str | None = None
        none = self._site_names if field == "headline" else frozenset[str]()
        for query, elements in self.places(field):
            values = [(one, text) for one in elements if (text := self.value(one, query))]
            element, value = next((one for one in values if fold_label(one[1]) not in none), (None, None))
            if element is None or value is None:
                if values:
                    self.refused(field, str(query), values[0][1], "the name of the site")
                continue
            if taken is None:
                taken = value
                self.took(field, str(query), value, element)
                if field == "headline":
                    self.headline = element
                if self.page.evidence is None:
                    break
            else:
                self.refused(field, str(query), value, LESS_TRUSTED)
        return taken

    @cached_property
    def _site_names(self) -> frozenset[str]:
        """Return the names of the site as ``fold_label`` has them: many print theirs in an `h1` of its own."""
        publisher = self.page.publisher
        said = (one.get("content") for one in self.index.tagged("meta") if one.get("property") == "og:site_name")
        names = [*publisher.site_names, *(() if publisher.anywhere else (publisher.name,)), *filter(None, said)]
        return frozenset(map(fold_label, names))

    def took(self, field: str, where: str, value: str, *elements: Element) -> None:
        """Note where a field was taken from."""
        self.held.update(elements)
        if self.page.evidence is not None:
            self.page.evidence.took(field, where, value, *elements)

    def stands(self, field: str, *elements: Element) -> None:
        """Note the elements of a field that are part of its text, or held for another reason than ``took``."""
        if self.page.evidence is not None:
            self.page.evidence.stands(field, *elements)

    def refused(self, field: str, where: str, value: str, why: str) -> None:
        """Note what was not taken, and why."""
        if self.page.evidence is not None:
            self.page.evidence.refused(field, where, value, why)

    @property
    def is_explained(self) -> bool:
        """Whether somebody wants to know of what stands behind the values that were taken."""
        return self.page.evidence is not None

    def _dropped(self) -> set[Element]:
        """Return what is none of any field: the family's and the site's own rules, and ads by their names."""
        found = {one for query in self.queries.get("drop", ()) for one in query.find(self.index)}
        for names in (self.index.classes, self.index.ids):
            for name, elements in names.items():
                if _is_ad(name):
                    found.update(one for one in elements if one.tag not in _WHOLE_PAGE)
        return found

    def _article(self) -> Element | None:
        """Return the article's box: the first around a headline, since the same boxes frame other things too."""
        boxes = [
            one
            for query in self.queries.get("article", ())
            for one in query.find(self.index)
            if one.tag not in _WHOLE_PAGE and one not in self.drops
        ]
        if not boxes:
            return None
        headlines = (one for query in self.queries.get("headline", ()) for one in query.find(self.index))
        around = {parent for one in headlines for parent in ancestors(one)}
        return next((box for box in boxes if box in around), None)

    def _is_in_tools(self, element: Element) -> bool:
        """Whether an element stands in what is dropped, but not where other articles or comments do."""
        return element not in self.drops and self.is_within_dropped(element) and not self.is_of_others(element)

    def _is_in_box(self, element: Element) -> bool:
        return element is self._box or any(parent is self._box for parent in ancestors(element))

    def is_within_dropped(self, element: Element) -> bool:
        """Whether an element is dropped, or stands in one that is."""
        if element in self.drops:
            return True
        return bool(self.drops) and any(parent in self.drops for parent in ancestors(element))

    def is_of_others(self, element: Element) -> bool:
        """Whether an element stands where other articles or readers' comments do, and the headline does not."""
        if self.headline is None:
            return False
        if self._around is None:
            self._around = {self.headline, *ancestors(self.headline)}
        for parent in (element, *ancestors(element)):
            if parent in self._around:
                return False
            if parent not in self._others:
                self._others[parent] = self._begins_others(parent)
            if self._others[parent]:
                return True
        return False

    def _begins_others(self, parent: Element) -> bool:
        """Whether other articles or comments begin in an element."""
        names = f"{parent.get('class') or ''} {parent.get('id') or ''}".split()
        if not OTHERS.isdisjoint((parent.get("itemprop") or "").split()):
            return True
        if parent.tag == "nav" or any(OF_OTHERS.fullmatch(name) for name in names):
            return True
        if parent.tag == "aside" and not (self._box is not None and self._is_in_box(parent)):
            return True
        return parent.get("itemscope") is not None and next(parent.iter("a"), None) is not None

    def is_outside(self, element: Element) -> bool:
        """Whether there is a box of the article, and an element does not stand in it."""
        return self._box is not None and not self._is_in_box(element)

    def _may_hold(self, element: Element) -> bool:
        return element.tag not in _WHOLE_PAGE and not self.is_within_dropped(element)


def _outermost(elements: Iterable[Element]) -> list[Element]:
    """Return elements without those that stand in another one of them, whose value theirs is part of."""
    found: dict[Element, None] = {}
    for one in elements:
        if not any(parent in found for parent in ancestors(one)):
            found[one] = None
    return list(found)


def inner_elements(element: Element) -> set[Element]:
    """Return the elements in an element that are no text of its own; a line break is a part of it."""
    return {one for one in element if one.tag != "br"}


def is_large(element: Element) -> bool:
    """Whether an element holds more markup than any field but the text."""
    return next(islice(element.iter(), _MOST_IN_A_FIELD, None), None) is not None


LESS_TRUSTED = "a better trusted place has a value"
