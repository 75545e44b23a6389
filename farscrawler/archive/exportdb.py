"""An SQLite file that holds articles and nothing else: what `-o news.db` writes."""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive.schema import APPLICATION_ID, ARTICLES_TABLE, to_row
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from farscrawler.items import Article

_UPSERT = (
    f"INSERT INTO articles ({', '.join(FIELD_NAMES)}) VALUES ({', '.join('?' * len(FIELD_NAMES))}) "
    "ON CONFLICT (publisher, article_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in FIELD_NAMES)
    + " WHERE excluded.revision >= articles.revision"
)


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive, which no export may write over."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return False
    try:
        return bool(db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except sqlite3.DatabaseError:
        return False
    finally:
        db.close()


def open_export(path: Path) -> sqlite3.Connection:
    """Open or make the file. Raises ValueError where it is SQLite with something else in it, or no SQLite."""
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            db.execute(ARTICLES_TABLE)
        columns = [row[1] for row in db.execute("PRAGMA table_info(articles)")]
    except sqlite3.DatabaseError as error:
        db.close()
        raise ValueError(str(error)) from error
    if columns != list(FIELD_NAMES):
        db.close()
        raise ValueError("its tables are not those of an export")
    return db


def token_of(db: sqlite3.Connection) -> str:
    """Give the mark by which an archive knows the export it has written (PRAGMA user_version); `0` for none."""
    return str(db.execute("PRAGMA user_version").fetchone()[0])


def set_token(db: sqlite3.Connection) -> str:
    """Give the file a mark of its own, and return it."""
    db.execute(f"PRAGMA user_version = {secrets.randbelow(2**31 - 1) + 1}")
    return token_of(db)


def write(db: sqlite3.Connection, articles: Iterable[Article]) -> None:
    """Store the articles in one transaction; an older revision gives way to a newer one, never the other way."""
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(_UPSERT, (to_row(article) for article in articles))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
