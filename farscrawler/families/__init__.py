"""Families: how the pages of one content system are built; one module a family, found by its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from farscrawler.parsing.document import Document
    from farscrawler.parsing.page import Anatomy, NoArticle


class Family(Protocol):
    """What a family module offers."""

    def dissect(self, page: Document) -> Anatomy | NoArticle:
        """Return the raw parts of an article page, or what it is instead. Never raises."""


@cache
def family(name: str) -> Family:
    """Return the module of a family; ModuleNotFoundError when there is none (a test holds the publishers to it).

    The module is imported when first asked for: families build on farscrawler.parsing, which asks here.
    """
    return cast("Family", import_module(f"farscrawler.families.{name}"))
