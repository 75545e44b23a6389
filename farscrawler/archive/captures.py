"""What is known of captures in web archives: those that were fetched and turned out to be no good.

They say nothing of the article itself, so the ledger of addresses does not hold them: a live crawl, or another web
archive, is asked for it all the same. A capture never changes; so none is fetched twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.connection import explained

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.archive.store import Archive

CHUNK = 500


class TriedCaptures:
    """The captures of one publisher that are no good, in an open archive."""

    def __init__(self, archive: Archive, publisher: str) -> None:
        self.archive = archive
        self.publisher = publisher

    def among(self, sources: Iterable[str]) -> set[str]:
        """Give those of the captures that are known to be no good."""
        wanted = list(sources)
        found: set[str] = set()
        with explained(self.archive.path):
            for start in range(0, len(wanted), CHUNK):
                part = wanted[start : start + CHUNK]
                rows = self.archive.db.execute(
                    f"""SELECT source FROM captures
                        WHERE publisher = ? AND source IN ({", ".join("?" * len(part))})""",
                    (self.publisher, *part),
                )
                found.update(row[0] for row in rows)
        return found

    def add(self, key: str, *, source: str, source_at: str, outcome: Outcome, reason: str, at: str) -> None:
        """Write down that a capture of an article is no good, and why."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                """INSERT INTO captures (publisher, source, key, source_at, outcome, reason, at)
                   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (publisher, source) DO UPDATE SET
                       outcome = excluded.outcome, reason = excluded.reason, at = excluded.at""",
                (self.publisher, source, key, source_at, outcome, reason, at),
            )
