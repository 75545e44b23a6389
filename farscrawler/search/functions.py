"""The fold and the language of searches as functions of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.persian import fold
from farscrawler.search.query import read_query

if TYPE_CHECKING:
    import sqlite3


def add_functions(db: sqlite3.Connection) -> None:
    """Let a connection say `fold(text)`, and `search_words(words)`: the expression for `search_index MATCH`."""
    db.create_function("fold", 1, _fold, deterministic=True)
    db.create_function("search_words", 1, _expression, deterministic=True)


def _fold(text: object) -> str | None:
    return fold(text) if isinstance(text, str) else None


def _expression(words: object) -> str | None:
    """Return what FTS5 is asked. SQLite says no more of an error than that there was one."""
    return read_query(words).expression if isinstance(words, str) else None
