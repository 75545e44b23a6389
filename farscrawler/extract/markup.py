"""Small questions to an element tree, compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin

from lxml import etree

from farscrawler.extract.lines import inline_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element as Element

    from farscrawler.items import Image

_LAZY = ("data-src", "data-lazy-src", "data-original", "src")


def _with_classes(path: str) -> str:
    parts = path.split("[.")
    tests = [parts[0]]
    for part in parts[1:]:
        name, bracket, rest = part.partition("]")
        # The first test alone would take class="subtitle_x" for "subtitle"; the second alone is four times as slow.
        exact = f"contains(concat(' ',normalize-space(@class),' '),' {name} ')"
        tests.append(f"[contains(@class,'{name}') and {exact}]{rest if bracket else ''}")
    return "".join(tests)


def finder(path: str) -> Callable[[Element], list[Element]]:
    """Compile an XPath that yields elements; ``.name`` stands for «of class name», as in ``descendant::div[.body]``."""
    compiled = etree.XPath(_with_classes(path))

    def find(root: Element) -> list[Element]:
        return cast("list[Element]", compiled(root))

    return find


def has_class(element: Element, name: str) -> bool:
    """Whether an element is of a class."""
    names = element.get("class")
    return names is not None and name in names.split()


def first_text(elements: Iterable[Element]) -> str | None:
    """Return the text of the first element that has any."""
    return next((text for text in map(inline_text, elements) if text), None)


def last_label(element: Element | None) -> str | None:
    """Return the last label of a section path: the most specific one, whether links or one text with separators."""
    if element is None:
        return None
    labels = [text for text in map(inline_text, element.iter("a")) if text]
    if labels:
        return labels[-1]
    text = inline_text(element)
    if text is None:
        return None
    return text.replace("»", "::").split("::")[-1].strip(" \u00a0:") or None


def labels(elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the texts of elements, each once, in order."""
    return tuple(dict.fromkeys(text for text in map(inline_text, elements) if text))


def images(pictures: Iterable[Element], base: str, caption: Callable[[Element], str | None]) -> tuple[Image, ...]:
    """Return the pictures with their addresses made absolute (otherwise as printed), each address once."""
    found: dict[str, Image] = {}
    for picture in pictures:
        source = next((value for value in map(picture.get, _LAZY) if value and value.strip()), "").strip()
        if not source or source.startswith("data:"):
            continue
        try:
            address = urljoin(base, source)
        except ValueError:
            continue
        found.setdefault(address, {"url": address, "caption": caption(picture)})
    return tuple(found.values())


def figure_caption(picture: Element) -> str | None:
    """Return what a page prints under a picture: the ``figcaption`` of the figure it stands in."""
    for parent in picture.iterancestors("figure"):
        return first_text(parent.iter("figcaption"))
    return None
