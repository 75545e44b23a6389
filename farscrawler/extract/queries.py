"""All selectors come through here: from an entry of a stanza or a family to what asks a page for its elements.

CSS is asked of the page's index (farscrawler.extract.css). What the index cannot answer, such as ``:has()``, and every
XPath, is asked of libxml2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from lxml import etree

from farscrawler.extract.css import UnknownError, finder
from farscrawler.publishers.selectors import NAMESPACES, Selector, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element as Element

    from farscrawler.extract.css import Index


class Query:
    """One compiled selector; ``find`` returns its elements in the page's order, each once.

    ``attribute`` and ``own_text`` say what of an element is the value, see Selector; ``place`` is the selector without
    that, and ``str()`` the whole.
    """

    __slots__ = ("_find", "_text", "attribute", "own_text", "place")

    def __init__(self, selector: Selector) -> None:
        self.place = selector.place
        self.attribute = selector.attribute
        self.own_text = selector.own_text
        self._text = str(selector)
        self._find = _finder(selector)

    def __str__(self) -> str:
        return self._text

    def find(self, index: Index) -> list[Element]:
        """Return the elements of a page that the selector names."""
        return list(self._find(index))


@lru_cache(maxsize=4096)
def queries(entry: str) -> tuple[Query, ...]:
    """Compile an entry, each of its alternatives to a query. Raises BadSelectorError."""
    return tuple(map(Query, read(entry)))


@lru_cache(maxsize=256)
def path_of(entry: str) -> etree.XPath:
    """Compile an entry to one XPath of the elements that it names within an element. Raises BadSelectorError."""
    return _compiled(" | ".join(one.path() for one in read(entry)))


def select(entry: str, root: Element) -> list[Element]:
    """Return the elements within an element, or a page, that an entry names, in their order."""
    return cast("list[Element]", path_of(entry)(root))


def _finder(selector: Selector) -> Callable[[Index], Iterable[Element]]:
    if selector.css is not None:
        try:
            return finder(selector.css.parsed_tree)
        except UnknownError:
            pass
    path = _compiled(selector.path())
    return lambda index: cast("list[Element]", path(index.root))


def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)
