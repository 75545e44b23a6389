"""The cases of tests/fixtures: a page, the stanza it is read with, and what must be found on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler import publishers
from farscrawler.publishers import loader
from farscrawler.testing.newsroom.replicas import dress

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
#: Folders that hold no publisher's cases: pages of no family, and stanzas of invented sites.
OTHERS = frozenset({"none", "stanzas"})
_MENU = "<!-- menu -->"


@dataclass(frozen=True)
class Case:
    """One folder: ``expected`` is its expected.json."""

    folder: Path
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def publisher(self) -> publishers.Publisher:
        name = self.folder.parent.name
        return publishers.load(name) if name in publishers.names() else _invented()[name]

    @property
    def body(self) -> bytes:
        """The page, its place for menus filled up to the weight in bytes that the case asks for."""
        page = (self.folder / "page.html").read_bytes()
        weight = self.expected.get("weight", 0)
        return page.replace(_MENU.encode(), dress.menu(weight - len(page)).encode()) if weight else page

    @property
    def family(self) -> str | None:
        """The family of the page's markup: the stanza's, unless the case says another or (null) none."""
        named: str | None = self.expected.get("family", self.publisher.family)
        return named


def cases() -> list[Case]:
    found = (path.parent for path in sorted(FIXTURES.glob("*/*/expected.json")) if path.parts[-3] not in OTHERS)
    return [Case(folder, json.loads((folder / "expected.json").read_text(encoding="utf-8"))) for folder in found]


@cache
def _invented() -> Mapping[str, publishers.Publisher]:
    folder = FIXTURES / "stanzas"
    return {
        one.key: one
        for file in sorted(folder.glob("*.toml"))
        for one in loader.read_text(file.read_text(encoding="utf-8"), file.name)
    }
