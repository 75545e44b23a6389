"""Articles to be searched, an archive of them, and the check that its index says what the articles say."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive, Visit
from farscrawler.archive.audit.derived import faults
from farscrawler.archive.sqlite.database import SqliteDatabase
from farscrawler.items import Article
from tests.support.records import AT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def news(
    key: str, body: str = "متن", *, day: str | None = "2022-05-18", clock: str | None = "10:00:00", **more: Any
) -> Article:
    """Return an article of a day, of which the clock may not be known."""
    fields: dict[str, Any] = {"publisher": "irna", "headline": f"تیتر {key}", **more}
    return Article(
        article_id=key,
        url=f"https://www.irna.ir/news/{key}",
        body=body,
        published_at=f"{day}T{clock}+04:30" if day and clock else None,
        published_date=day,
        fetched_at=AT,
        content_hash=f"{fields['headline']}{body}",
        **fields,
    )


def save(archive: Archive, *articles: Article) -> None:
    for one in articles:
        archive.save(Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=AT), one)
    archive.flush()


def archive_of(path: Path, articles: Iterable[Article]) -> Path:
    """Store articles in a new archive, and return its path."""
    with Archive(path, readonly=False) as archive:
        save(archive, *articles)
    return path


def found(archive: Archive, words: str, **more: Any) -> list[str]:
    """Return the ids of a page of results."""
    return [one.article.article_id for one in archive.search(words, **more).results]


def is_true(path: Path) -> bool:
    """Whether the index of an archive has each word of each article and no other, as FTS5 itself says."""
    with closing(sqlite3.connect(path, isolation_level=None, factory=SqliteDatabase)) as db:
        if list(faults(db)):
            return False
        try:
            db.execute("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            return False
        return True
