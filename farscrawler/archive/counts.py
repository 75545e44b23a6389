"""What coverage is counted from: short questions to an open archive, each a page of rows, so that no read is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import explained
from farscrawler.archive.records import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.records import Outcome
    from farscrawler.archive.store import Archive

#: Rows asked for at once. Of a million ids a page took a quarter of a second at most, and for no longer a crawl's log
#: cannot be folded into the file.
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled address that gave no article; ``provisional``: so near the newest id that it is asked again."""

    key: str
    outcome: Outcome
    reason: str | None
    provisional: bool


def dated(archive: Archive, publisher: str) -> Iterator[list[tuple[str, str]]]:
    """Give Jalali day (`1401-02-28`) and id of every article whose day is known, in the order of publication."""
    # This and the next statement are answered by the index articles_by_day alone; no article is read.
    pages = _pages(
        archive,
        """SELECT published_jalali, article_id FROM articles
           WHERE publisher = ?1 AND (published_jalali, article_id) > (?2, ?3)
           ORDER BY published_jalali, article_id LIMIT ?4""",
        publisher,
        after=("", ""),
    )
    for rows in pages:
        yield [(time[:10], article_id) for time, article_id in rows]


def undated(archive: Archive, publisher: str) -> Iterator[list[str]]:
    """Give the id of every article whose day is not known."""
    pages = _pages(
        archive,
        """SELECT article_id FROM articles WHERE publisher = ?1 AND published_jalali IS NULL AND article_id > ?2
           ORDER BY article_id LIMIT ?3""",
        publisher,
        after=("",),
    )
    for rows in pages:
        yield [row[0] for row in rows]


def without_article(archive: Archive, publisher: str) -> Iterator[list[Settled]]:
    """Give every address that was settled and gave no article, outcome by outcome.

    Where rows of the ledger were deleted, so that ids are asked again, a stored article may be among them; it is not.
    """
    for outcome in OUTCOMES:
        if outcome == "article":
            continue
        pages = _pages(
            archive,
            """SELECT key, reason, provisional FROM visits
               WHERE publisher = ?1 AND outcome = ?2 AND key > ?3 AND NOT EXISTS
                   (SELECT 1 FROM articles a WHERE a.publisher = ?1 AND a.article_id = key)
               ORDER BY key LIMIT ?4""",
            publisher,
            outcome,
            after=("",),
        )
        for rows in pages:
            yield [Settled(key, outcome, reason, bool(provisional)) for key, reason, provisional in rows]


def _pages(archive: Archive, statement: str, *given: str, after: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Ask for the rows after the last ones until there are none; they begin with the columns of ``after``."""
    while True:
        with explained(archive.path):
            rows = archive.db.execute(statement, (*given, *after, CHUNK)).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][: len(after)]
