"""Small questions to elements: class, text, section label, pictures and captions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.extract.captured import site_address
from farscrawler.extract.lines import inline_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element as Element

    from farscrawler.items import Image

_LAZY = ("data-src", "data-lazy-src", "data-original", "src")


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
    said = ((one, next((value for value in map(one.get, _LAZY) if value and value.strip()), "")) for one in pictures)
    return _images(said, base, caption)


def images_at(
    elements: Iterable[Element], attribute: str, base: str, caption: Callable[[Element], str | None]
) -> tuple[Image, ...]:
    """Return the pictures whose addresses stand in an attribute, as ``images`` does."""
    return _images(((one, one.get(attribute) or "") for one in elements), base, caption)


def _images(
    said: Iterable[tuple[Element, str]], base: str, caption: Callable[[Element], str | None]
) -> tuple[Image, ...]:
    found: dict[str, Image] = {}
    for picture, written in said:
        address = written.strip()
        if not address or address.startswith("data:"):
            continue
        try:
            absolute = site_address(urljoin(base, address))
        except ValueError:
            continue
        found.setdefault(absolute, {"url": absolute, "caption": caption(picture)})
    return tuple(found.values())


def figure_caption(picture: Element) -> str | None:
    """Return what a page prints under a picture: the ``figcaption`` of the figure it stands in."""
    for parent in picture.iterancestors("figure"):
        return first_text(parent.iter("figcaption"))
    return None
