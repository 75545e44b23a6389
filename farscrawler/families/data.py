"""The data of a family: which selectors hold which field, its themes, and how its pages are known (families/*.toml)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from farscrawler.publishers.rules import Rules
from farscrawler.publishers.selectors import FAMILYS_OWN, problem

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    file = resources.files("farscrawler").joinpath("families", f"{name}.toml")
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
