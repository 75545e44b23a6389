"""What a user types to search, made into an expression for SQLite's FTS5; and where a text meets it. Pure functions."""

from farscrawler.search.excerpts import Excerpt, Excerpts
from farscrawler.search.functions import add_functions
from farscrawler.search.query import COLUMNS, TEXT_COLUMNS, Query, read_query

__all__ = ["COLUMNS", "TEXT_COLUMNS", "Excerpt", "Excerpts", "Query", "add_functions", "read_query"]
