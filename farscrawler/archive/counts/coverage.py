"""The rows that coverage counts: articles by day and id, and addresses that gave no article."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from farscrawler.archive.connection import pages
from farscrawler.archive.records import OUTCOMES
from farscrawler.days import STORED_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.records import Outcome
    from farscrawler.archive.store import Archive

#: Rows of one query. Of a million ids such a page took a quarter of a second at most; for that long a crawl's
#: write-ahead log cannot be folded into the file.
PAGE_ROWS = 20_000
_pages = partial(pages, limit=PAGE_ROWS)


@dataclass(frozen=True, slots=True)
class WithoutArticle:
    """An address that was visited and gave no article.

    ``provisional`` says that it lies so near the newest id that an article may yet appear there.
    """

    key: str
    outcome: Outcome
    reason: str | None
    provisional: bool


def dated(archive: Archive, publisher: str) -> Iterator[list[tuple[str, str]]]:
    """Yield day (`SH 1401/02/28`) and id of every article whose day is known, in the order of publication."""
    # The index articles_by_day alone answers this statement and the next one; no article is read.
    found = _pages(
        archive.db,
        archive.path,
        """SELECT published_jalali, article_id FROM articles
           WHERE publisher = ?1 AND (published_jalali, article_id) > (?2, ?3)
           ORDER BY published_jalali, article_id LIMIT ?4""",
        publisher,
        after=("", ""),
    )
    for rows in found:
        yield [(time[:STORED_DAY], article_id) for time, article_id in rows]


def undated(archive: Archive, publisher: str) -> Iterator[list[str]]:
    """Yield the id of every article whose day is not known."""
    found = _pages(
        archive.db,
        archive.path,
        """SELECT article_id FROM articles WHERE publisher = ?1 AND published_jalali IS NULL AND article_id > ?2
           ORDER BY article_id LIMIT ?3""",
        publisher,
        after=("",),
    )
    for rows in found:
        yield [row[0] for row in rows]


def without_article(archive: Archive, publisher: str) -> Iterator[list[WithoutArticle]]:
    """Yield every address that was visited and gave no article, outcome by outcome.

    Where a user deleted rows of the ledger so that ids are fetched again, a stored article may be among them; it is
    left out.
    """
    for outcome in OUTCOMES:
        if outcome == "article":
            continue
        found = _pages(
            archive.db,
            archive.path,
            """SELECT key, reason, provisional FROM visits
               WHERE publisher = ?1 AND outcome = ?2 AND key > ?3 AND NOT EXISTS
                   (SELECT 1 FROM articles a WHERE a.publisher = ?1 AND a.article_id = key)
               ORDER BY key LIMIT ?4""",
            publisher,
            outcome,
            after=("",),
        )
        for rows in found:
            yield [WithoutArticle(key, outcome, reason, bool(provisional)) for key, reason, provisional in rows]
