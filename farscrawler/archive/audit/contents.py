"""The content of the rows of an archive: whether an article still is what it was when it was stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.archive import article_rows
from farscrawler.archive.connection import explained
from farscrawler.archive.records import OUTCOMES
from farscrawler.days import date_fields
from farscrawler.extract.article import content_hash
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from farscrawler.archive.store import Archive

#: Rows that are read at a time, a few megabytes; no read stays open in between.
_ROWS = 200
#: The digest that `check --repair` writes over that of a damaged article. It agrees with no page, so that the next
#: visit stores a new revision.
MARKED = ""
_ESCAPED = re.compile("[\udc80-\udcff]")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAMES = ", ".join(FIELD_NAMES)
_HASH = FIELD_NAMES.index("content_hash")


def damaged_rows(
    archive: Archive, table: str, tell: Callable[[int], None] | None = None
) -> Iterator[tuple[int, str, str, str]]:
    """Yield the damaged rows of `articles` or `revisions`: rowid, publisher, article id and what is wrong.

    Rows that were marked are left out. A digest of another length was written by another program, and says nothing.
    ``tell`` is called with the number of rows read.
    """
    last, read = -(2**63), 0
    while True:
        with explained(archive.path), archive.db.lenient():  # a flipped bit makes bytes that are no UTF-8
            rows = archive.db.execute(
                f"SELECT rowid, {_NAMES} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?", (last, _ROWS)
            ).fetchall()
        if not rows:
            return
        last, read = rows[-1][0], read + len(rows)
        for rowid, *values in rows:
            what = _fault_of(values)
            if what is not None:
                named = dict(zip(FIELD_NAMES, values, strict=True))
                yield rowid, *(str(named[name]) for name in ("publisher", "article_id")), what
        if tell is not None:
            tell(read)


#: The other tables with texts, each with its key; of `visits`, `lists` and `captures` a row may go: it is asked again.
TEXTS: dict[str, tuple[str, ...]] = {
    "visits": ("publisher", "key"),
    "lists": ("publisher", "url"),
    "captures": ("publisher", "source"),
    "runs": ("run",),
    "changes": ("seq",),
    "floors": ("publisher",),
    "exports": ("export",),
}
GOES = ("visits", "lists", "captures")


def unreadable_rows(archive: Archive, table: str) -> Iterator[tuple[bytes, ...]]:
    """Yield the keys of the rows of a table that hold bytes which are no text, as bytes."""
    with explained(archive.path), archive.db.lenient():
        cursor = archive.db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description or ()]
        places = [names.index(name) for name in TEXTS[table]]
        while rows := cursor.fetchmany(_ROWS):
            yield from (
                tuple(str(row[place]).encode("utf-8", "surrogateescape") for place in places)
                for row in rows
                if not _is_text(row)
            )


def _is_text(row: Iterable[object]) -> bool:
    return not any(isinstance(value, str) and not value.isascii() and _ESCAPED.search(value) for value in row)


def _fault_of(values: list[object]) -> str | None:
    if values[_HASH] == MARKED:
        return None
    try:
        article = article_rows.article_of(values)
    except article_rows.DamagedRowError as error:
        return str(error)
    if not _is_text(values):
        return "it holds bytes that are no text"
    if not _DIGEST.fullmatch(article.content_hash):
        return None
    if content_hash(article) != article.content_hash:
        return "its content does not match its digest"
    days = article.published_date, article.published_jalali_date
    return None if days == date_fields(article.published_jalali) else "its days are not that of published_jalali"


#: What is no value of its column: the table, which of its rows, what is said of them, and what mends them.
VALUES: tuple[tuple[str, str, str, str], ...] = (
    (
        "visits",
        f"outcome NOT IN ({', '.join(repr(str(one)) for one in OUTCOMES)})",
        "visits with an outcome that there is not",
        """UPDATE visits SET reason = 'damaged in the archive', outcome = CASE WHEN EXISTS (SELECT 1 FROM articles a
             WHERE a.publisher = visits.publisher AND a.article_id = visits.key) THEN 'article' ELSE 'failed' END
           WHERE """,
    ),
    (
        "runs",
        "NOT json_valid(arguments)",
        "runs whose arguments are no JSON",
        "UPDATE runs SET arguments = '{}' WHERE ",
    ),
    (
        "runs",
        "counts IS NOT NULL AND NOT json_valid(counts)",
        "runs whose counts are no JSON",
        "UPDATE runs SET counts = NULL WHERE ",
    ),
    ("lists", "NOT json_valid(entries)", "cached lists that are no JSON", "DELETE FROM lists WHERE "),
)
