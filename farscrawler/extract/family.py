"""Families of content systems: the data of each (publishers/families/*.toml), and which of them a page comes from.

The markup tells: sites change their system and keep their address.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from farscrawler.extract.css import Index
from farscrawler.extract.queries import queries
from farscrawler.publishers.form import Rules
from farscrawler.publishers.selectors import FAMILYS_OWN, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element


Selectors = MappingProxyType[str, tuple[str, ...]]
_NONE: Selectors = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """One of a family's looks: any of ``mark`` tells it, and its selectors lie over the family's, field by field."""

    name: str
    mark: tuple[str, ...]
    selectors: Selectors


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What only pages of the family have.

    One of ``sure`` (selectors) or of ``source`` (words of the source) is enough; of ``likely`` (selectors) two are
    needed, which other systems do not have together.
    """

    sure: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no page can be told by it."""
        return not (self.sure or self.likely or self.source)


@dataclass(frozen=True, slots=True)
class FamilyData:
    """What holds for all sites of a family."""

    name: str
    selectors: Selectors = field(default_factory=lambda: _NONE)
    themes: tuple[Theme, ...] = ()
    fingerprint: Fingerprint = Fingerprint()
    rules: Rules = field(default_factory=Rules)


@cache
def family_data(name: str) -> FamilyData:
    """Return the data of a family; ValueError, naming file and field, for a file that does not hold."""
    file = resources.files("farscrawler.publishers").joinpath("families", f"{name}.toml")
    if not file.is_file():
        return FamilyData(name)
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    marks = said.get("fingerprint", {})
    return FamilyData(
        name,
        _selectors(name, said.get("selectors", {})),
        tuple(_theme(name, theme) for theme in said.get("themes", ())),
        Fingerprint(**{kind: tuple(values) for kind, values in marks.items()}),
        _rules(said.get("rules", {})),
    )


def laid_over(below: Mapping[str, tuple[str, ...]], above: Mapping[str, tuple[str, ...]]) -> Selectors:
    """Lay selectors over others field by field; ``...`` stands for the ones below."""
    merged = dict(below)
    for name, selectors in above.items():
        own = below.get(name, ())
        merged[name] = tuple(one for entry in selectors for one in (own if entry == FAMILYS_OWN else (entry,)))
    return MappingProxyType(merged)


def _rules(said: Mapping[str, Any]) -> Rules:
    patterns = {name: tuple(re.compile(one, re.IGNORECASE) for one in said.get(name, ())) for name in ("junk", "end")}
    return Rules(**{**said, **patterns})


def _theme(family: str, said: Mapping[str, Any]) -> Theme:
    return Theme(said["name"], tuple(said["mark"]), _selectors(family, said.get("selectors", {})))


def _selectors(family: str, said: Mapping[str, list[str]]) -> Selectors:
    for name, selectors in said.items():
        for wrong in filter(None, (problem(name, selector) for selector in selectors)):
            raise ValueError(f"families/{family}.toml: {name}: {wrong}")
    return MappingProxyType({name: tuple(selectors) for name, selectors in said.items()})


#: The order in which families are asked, of those that a page bears as many marks of. WordPress comes late: pages of
#: others show pictures and scripts of its sites, and WebSamaneh's classes are those of some of its themes.
ORDER = (
    *("incsys", "nastooh", "iransamaneh", "asam", "studiokhabar", "joomla", "drupal", "aspnet", "es", "sputnik"),
    *("articleview", "wordpress", "websamaneh"),
)
#: So many likely marks make a family; one may be anybody's.
_LIKELY_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Detection:
    """A family and the marks that the page bears of it: those that only its pages have, and all of them."""

    family: str
    matched: tuple[str, ...]
    sure: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether one of the marks proves the family; otherwise others may have each of them."""
        return bool(self.sure)


def detect(root: Element, text: str) -> Detection | None:
    """Return the family of a page with all marks that it bears of it, None for a page of none."""
    return detect_in(Index(root), text)


def detect_in(index: Index, text: str) -> Detection | None:
    """Return the family of an indexed page, as ``detect`` does."""
    return next(detections(index, text), None)


def detections(index: Index, text: str) -> Iterator[Detection]:
    """Yield the families whose marks a page bears, the one that it bears most of first.

    What stands in the markup goes before words of the source, and many marks before one: a picture or widget of
    another site brings some of its family's into a page.
    """
    given: set[str] = set()
    for kind, needed in ((_of_markup, 1), (_of_source, 1), (_of_likely, _LIKELY_NEEDED)):
        borne = [(name, kind(family_data(name).fingerprint, index, text)) for name in ORDER if name not in given]
        for name, found in sorted(borne, key=lambda one: -len(one[1])):
            if len(found) >= needed:
                given.add(name)
                marks = family_data(name).fingerprint
                proofs = (*_of_markup(marks, index, text), *_of_source(marks, index, text))
                yield Detection(name, (*proofs, *_of_likely(marks, index, text)), proofs)


def hints(index: Index, text: str) -> Iterator[Detection]:
    """Yield the families of which a page bears one likely mark, too few to say that it comes from them."""
    found = {one.family for one in detections(index, text)}
    for name in ORDER:
        marks = _of_likely(family_data(name).fingerprint, index, text) if name not in found else ()
        if marks:
            yield Detection(name, marks)


def bears(name: str, index: Index, text: str) -> bool:
    """Whether a page bears any mark of a family that it is said to come from; one that is only likely is enough."""
    marks: Fingerprint = family_data(name).fingerprint
    if any(query.find(index) for mark in (*marks.sure, *marks.likely) for query in queries(mark)):
        return True
    return any(word in text for word in marks.source)


def _of_markup(marks: Fingerprint, index: Index, _text: str) -> tuple[str, ...]:
    return _borne(marks.sure, index)


def _of_source(marks: Fingerprint, _index: Index, text: str) -> tuple[str, ...]:
    return tuple(f"source: {word}" for word in marks.source if word in text)


def _of_likely(marks: Fingerprint, index: Index, _text: str) -> tuple[str, ...]:
    return _borne(marks.likely, index)


def _borne(marks: tuple[str, ...], index: Index) -> tuple[str, ...]:
    return tuple(mark for mark in marks if any(query.find(index) for query in queries(mark)))
