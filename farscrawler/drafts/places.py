"""Selectors for an element that was found by other means, those that other pages are likeliest to share first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.extract.queries import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.css import Index

#: A name that can be written in a selector as it is.
_NAME = re.compile(r"-?[A-Za-z_][\w-]{0,60}", re.ASCII)
#: Numbers in a name are those of an article or of a build: `post-4123`, `css-1x9a2b`.
_NUMBERED = re.compile(r"\d\d|(?:^|[-_])(?=[a-z0-9]*\d)[a-z0-9]{5,}$", re.IGNORECASE)
#: Names that say how something looks, and of what nothing.
_LOOKS = re.compile(
    r"(?:col|row|container(?:-fluid)?|clearfix|clear|pull|float|text|font|bg|d|p[xytblr]?|m[xytblr]?|w|h|flex|grid|order"
    r"|left|right|center|first|last|odd|even|active|show|fade|rtl|ltr|bold|justify|small|big|hidden-\w+|visible-\w+)"
    r"(?:[-_]\w+)*",
    re.IGNORECASE,
)
#: Attributes by which old pages tell their cells apart.
_OLD = ("align", "bgcolor", "color", "face", "size", "width", "valign", "dir")
#: Elements that are for one thing, and those that are parts of a page by their meaning.
_TELLING = frozenset({"h1", "time", "article", "main"})
_PARTS = frozenset({"article", "main", "header", "footer", "section", "aside", "ul", "ol", "dl", "figure", "center"})
_LONGEST_VALUE = 40  # letters
_ABOVE = 4  # elements around one that its selector may begin at
_ROOT = frozenset({"html", "body"})


@dataclass(frozen=True, slots=True)
class Place:
    """A selector of an element; ``named`` where names of the site's own choice find it, not its look or position."""

    selector: str
    named: bool

    @property
    def parts(self) -> int:
        """Return how far a selector is from a plain one: its parts, and more for positions and bare names of tags."""
        bare = self.selector.isalnum() and self.selector not in _TELLING
        return len(self.selector.split()) + 10 * self.selector.count("nth-child") + 100 * bare


def places_of(element: Element) -> Iterator[Place]:
    """Yield selectors that find an element, alone or among others, each once."""
    seen: set[str] = set()
    for place in _places(element):
        if place.selector not in seen:
            seen.add(place.selector)
            yield place


def found_by(selector: str, index: Index) -> list[Element]:
    """Return the elements of a page that a selector names, in the order of its alternatives, each once."""
    found = {one: None for query in queries(selector) for one in query.find(index)}
    return [one for one in found if one.tag not in _ROOT]


def _places(element: Element) -> Iterator[Place]:
    tag = str(element.tag)
    own = list(_own(element))
    yield from (one for one in own if one.named)
    above = [one for one in islice(element.iterancestors(), _ABOVE) if one.tag not in _ROOT]
    for at, one in enumerate(above):
        for outer in _own(one):
            if outer.named:
                step = " > " if at == 0 else " "
                yield from (Place(f"{outer.selector}{step}{inner.selector}", named=True) for inner in own)
                yield Place(f"{outer.selector}{step}{tag}", named=True)
                yield Place(f"{outer.selector} > {_path(element, one)}", named=False)
    parts = [str(one.tag) for one in above if one.tag in _PARTS]
    for at, part in enumerate(parts):
        yield Place(f"{part} {tag}", named=False)
        yield from (Place(f"{outer} {part} {tag}", named=False) for outer in parts[at + 1 :])
    yield from (one for one in own if not one.named)
    if tag in _TELLING:
        yield Place(tag, named=True)
    for one in above:
        for outer in _own(one):
            yield from (Place(f"{outer.selector} {inner.selector}", named=False) for inner in own)
            yield Place(f"{outer.selector} {tag}", named=False)
            yield Place(f"{outer.selector} > {_path(element, one)}", named=False)
    body = next((one for one in element.iterancestors("body")), None)
    if body is not None:
        yield Place(f"body > {_path(element, body)}", named=False)
    yield Place(tag, named=False)


def _own(element: Element) -> Iterator[Place]:
    """Yield selectors of an element alone."""
    tag = str(element.tag)
    if name := _plain(element.get("itemprop")):
        yield Place(f"[itemprop={name}]", named=True)
    named = sorted((element.get("class") or "").split(), key=lambda one: _LOOKS.fullmatch(one) is not None)
    for name in named:
        if _plain(name):
            says = _LOOKS.fullmatch(name) is None
            yield Place(f".{name}", named=says)
            yield Place(f"{tag}.{name}", named=says)
    if name := _plain(element.get("rel")):
        yield Place(f"{tag}[rel={name}]", named=True)
    if name := _plain(element.get("id")):
        yield Place(f"#{name}", named=True)
    for attribute in _OLD:
        value = element.get(attribute)
        if value and len(value) <= _LONGEST_VALUE and value.isprintable() and not {"'", "\\"} & set(value):
            yield Place(f"{tag}[{attribute}='{value}']", named=False)


def _plain(name: str | None) -> str | None:
    """Return a name that other pages of the site may share."""
    return name if name and _NAME.fullmatch(name) and not _NUMBERED.search(name) else None


def _path(element: Element, above: Element) -> str:
    """Return the steps from an element around another one down to it, by their positions."""
    steps: list[str] = []
    one: Element | None = element
    while one is not None and one is not above:
        at = sum(1 for _ in one.itersiblings("*", preceding=True)) + 1
        steps.append(f"{one.tag}:nth-child({at})")
        one = one.getparent()
    return " > ".join(reversed(steps))
