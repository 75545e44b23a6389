"""Verify an archive: that the file is whole, and its tables agree with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.connection import explained

if TYPE_CHECKING:
    from farscrawler.archive.store import Archive


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, how often, and what to do about it."""

    what: str
    count: int
    advice: str


_RESTORE = "put back a copy of the archive from before, and crawl again: only what is missing is fetched"
_REFETCH = "crawl these addresses again with -a ids=…; the article is stored anew"
_HARMLESS = "harmless; it is mended by the next crawl of these addresses"

#: Each counts rows that must not exist.
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "articles without a visit in the ledger",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS
           (SELECT 1 FROM visits v WHERE v.publisher = a.publisher AND v.key = a.article_id
            AND v.outcome = 'article')""",
        _HARMLESS,
    ),
    (
        "visits that stored an article which is not there",
        """SELECT count(*) FROM visits v WHERE v.outcome = 'article' AND NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = v.publisher AND a.article_id = v.key)""",
        "delete these rows of visits; the next crawl fetches the articles again",
    ),
    (
        "articles whose present revision is not in the order of storing",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS
           (SELECT 1 FROM changes c WHERE c.publisher = a.publisher AND c.article_id = a.article_id
            AND c.revision = a.revision)""",
        "the table was written by another program; exports will lack these articles. " + _REFETCH,
    ),
    (
        "stored revisions that are neither present nor kept",
        """SELECT count(*) FROM changes c WHERE NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = c.publisher AND a.article_id = c.article_id
            AND a.revision = c.revision)
           AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.publisher = c.publisher
            AND r.article_id = c.article_id AND r.revision = c.revision)""",
        _RESTORE,
    ),
    (
        "kept revisions of articles that are not there",
        """SELECT count(*) FROM revisions r WHERE NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = r.publisher AND a.article_id = r.article_id
            AND a.revision > r.revision)""",
        _REFETCH,
    ),
    (
        "lines of exports that name no stored revision",
        """SELECT count(*) FROM export_lines l WHERE NOT EXISTS (SELECT 1 FROM changes c WHERE c.seq = l.seq)
           OR NOT EXISTS (SELECT 1 FROM exports e WHERE e.export = l.export)""",
        "write the export anew with -O",
    ),
)


def check(archive: Archive) -> list[Finding]:
    """Look for damage and disagreement; an empty list means that all is well."""
    with explained(archive.path):
        damage = [row[0] for row in archive.db.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        if damage:
            return [Finding(f"damage to the file itself: {line}", 1, _RESTORE) for line in damage]
        return [
            Finding(what, count, advice)
            for what, query, advice in _RULES
            if (count := archive.db.execute(query).fetchone()[0])
        ]


def tally(archive: Archive) -> dict[str, dict[str, int]]:
    """Count articles, kept revisions and addresses by outcome, for each publisher."""
    counts: dict[str, dict[str, int]] = {}
    with explained(archive.path):
        for query in (
            "SELECT publisher, 'articles', count(*) FROM articles GROUP BY 1",
            "SELECT publisher, 'kept revisions', count(*) FROM revisions GROUP BY 1",
            "SELECT publisher, 'visits: ' || outcome, count(*) FROM visits GROUP BY 1, 2",
        ):
            for publisher, what, count in archive.db.execute(query):
                counts.setdefault(publisher, {})[what] = count
    return counts
