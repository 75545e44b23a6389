"""farscrawler: a Scrapy crawler of Persian news that loses nothing and never guesses.

What a program imports is here; docs/library.md shows it in use. A name is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from farscrawler._version import __version__ as __version__

if TYPE_CHECKING:
    from farscrawler import publishers
    from farscrawler.archive import Archive
    from farscrawler.extract import NoArticle
    from farscrawler.items import Article
    from farscrawler.library import parse
    from farscrawler.persian import fold
    from farscrawler.publishers import Publisher
    from farscrawler.timestamps import Refusal, Timestamp
    from farscrawler.timestamps import read as read_timestamp

__all__ = [
    "Archive",
    "Article",
    "NoArticle",
    "Publisher",
    "Refusal",
    "Timestamp",
    "fold",
    "parse",
    "publishers",
    "read_timestamp",
]

#: The module of each name, and what the name is there; a module that is itself the name has nothing there.
_PLACES = {
    "Archive": ("farscrawler.archive", "Archive"),
    "Article": ("farscrawler.items", "Article"),
    "NoArticle": ("farscrawler.extract", "NoArticle"),
    "Publisher": ("farscrawler.publishers", "Publisher"),
    "Refusal": ("farscrawler.timestamps", "Refusal"),
    "Timestamp": ("farscrawler.timestamps", "Timestamp"),
    "fold": ("farscrawler.persian", "fold"),
    "parse": ("farscrawler.library", "parse"),
    "publishers": ("farscrawler.publishers", None),
    "read_timestamp": ("farscrawler.timestamps", "read"),
}

if not TYPE_CHECKING:  # to a type checker a module with this function has every name

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        place, there = _PLACES[name]
        found = import_module(place)
        globals()[name] = found = getattr(found, there) if there else found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
