"""Families: how the pages of one content system are built, as data (one TOML file a family) that one engine reads.

A family has a module of its name only for what data cannot say.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from farscrawler.parsing.document import Document
    from farscrawler.parsing.page import Anatomy, NoArticle


class Family(Protocol):
    """What reads the pages of a family: the engine, or a module of its own."""

    def dissect(self, page: Document) -> Anatomy | NoArticle:
        """Return the raw parts of an article page, or what it is instead. Never raises."""


def read(page: Document) -> Anatomy | NoArticle:
    """Read a page by the family of its publisher, or by the one whose marks it bears (see families/reading.py)."""
    return _reading().read(page)


@cache
def _reading() -> Reading:
    return cast("Reading", import_module("farscrawler.families.reading"))


class Reading(Protocol):
    """The module that chooses by which family a page is read."""

    def read(self, page: Document) -> Anatomy | NoArticle:
        """Return the raw parts of an article page, or what it is instead. Never raises."""


@cache
def family(name: str) -> Family:
    """Return the reader of a family; ModuleNotFoundError when there is none (a test holds the publishers to it).

    The module is imported when first asked for: families build on farscrawler.parsing, which asks here.
    """
    folder = resources.files("farscrawler").joinpath("families")
    module = (
        name if folder.joinpath(f"{name}.py").is_file() or not folder.joinpath(f"{name}.toml").is_file() else "engine"
    )
    return cast("Family", import_module(f"farscrawler.families.{module}"))
