"""The functions of SQL for Datasette, which alone loads this module: it brings asyncio, and commands start without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasette import hookimpl

from farscrawler.search.functions import add_functions

if TYPE_CHECKING:
    import sqlite3


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give each connection of Datasette the functions."""
    add_functions(conn)
