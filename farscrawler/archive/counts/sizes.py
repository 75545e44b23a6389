"""How many bytes an article takes: in the archive, and with its page in the file of kept pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.connection import close, connect, explained
from farscrawler.archive.kept.pages import PAGES, has_pages, pages_location

if TYPE_CHECKING:
    from farscrawler.archive.store import Archive
    from farscrawler.locations import Location

#: Articles of a publisher whose mean size is taken; of fewer than ``_LEAST`` it says little.
_SAMPLE, _LEAST = 300, 10
#: What an article takes beside headline, lead and body: its other columns, its visit, its places in the indexes; and a
#: page beside its body. Measured on a harvest of 1,391 articles: 2,071 and 446 bytes.
_BESIDE_TEXT, _BESIDE_PAGE = 2_100, 450
#: Of articles of a site that the archive does not know yet: 300,000 articles took 4.5 KB each, and real pages 17 KB
#: (docs/archive.md).
DEFAULT_ROW, DEFAULT_PAGE = 4_500, 17_000


def bytes_of_article(archive: Archive, publisher: str) -> int | None:
    """Return the bytes that an article takes in the archive; None where too few are stored to tell."""
    text = " + ".join(map(archive.db.octets_of, ("headline", "coalesce(lead, '')", "body")))
    with explained(archive.path):
        for where in ("publisher = ?", "publisher = ? OR TRUE"):  # its own articles, and for want of these all
            row: tuple[int, float] = archive.db.execute(
                f"SELECT count(*), avg(size) FROM (SELECT {text} AS size FROM articles WHERE {where} LIMIT ?) AS part",
                (publisher, _SAMPLE),
            ).fetchone()
            if row[0] >= _LEAST:
                return round(row[1]) + _BESIDE_TEXT
    return None


def bytes_of_page(archive: Location, publisher: str) -> int | None:
    """Return the bytes that a kept page takes; None where too few of the publisher's are kept to tell.

    A folder that was taken away keeps no pages; the next commit of the archive says that it is gone.
    """
    try:
        path = pages_location(archive)
        there = has_pages(archive)
    except OSError:
        return None
    if not there:
        return None
    db = connect(path, readonly=True, kind=PAGES)
    try:
        with explained(path, PAGES):
            count, mean = db.execute(
                """SELECT count(*), avg(size)
                   FROM (SELECT length(body) AS size FROM pages WHERE publisher = ? LIMIT ?) AS part""",
                (publisher, _SAMPLE),
            ).fetchone()
    finally:
        close(db, path, fold_log=False, kind=PAGES)
    return round(mean) + _BESIDE_PAGE if count >= _LEAST else None
