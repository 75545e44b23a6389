"""Which articles of an archive are read, and in which order; a row that is damaged costs itself alone.

The places of the rows are listed first, from indexes alone and in 8 bytes each, then the rows are read a page at a time
by their places. So the number of articles is known at the beginning, a page is read again row by row where one of its
rows is damaged, and no read is held open.
"""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.archive.connection import PAGE_ROWS, explained, rows_of_keys
from farscrawler.archive.reading.rows import Made, RowReader
from farscrawler.days import DateRange
from farscrawler.errors import ArchiveError
from farscrawler.items import FIELD_NAMES
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.archive.reading.rows import Row
    from farscrawler.locations import Location

#: No article is older or newer. Within these days Jalali years have four digits, so they sort as text.
_FIRST_DAY, _LAST_DAY = dt.date(1700, 1, 1), dt.date(9000, 1, 1)

#: Places that are fetched from a cursor at a time.
_PLACES = 10_000
#: A place is a rowid of `articles`, or one of `revisions` below zero.
_SIGNS = {"articles": 1, "revisions": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The conditions that an article meets to be read; without one, all are.

    ``publishers`` are keys, none for all. ``span`` are days of publication in the site's zone; an article of which only
    the day is known counts by that day, and one without a known day is in no range, not even in an open one.
    ``section`` is compared as `farscrawler.persian.fold_label` writes it. With ``all_revisions`` the superseded
    revisions are read too; each meets the conditions by itself.
    """

    publishers: tuple[str, ...] = ()
    span: DateRange | None = None
    section: str | None = None
    all_revisions: bool = False


def day_bounds(dates: DateRange) -> tuple[str, str]:
    """Return the first day of a range and the day after its last one, as stored Jalali days."""
    first = min(max(dates.first, _FIRST_DAY), _LAST_DAY)
    last = min(max(dates.last, _FIRST_DAY), _LAST_DAY)
    return DateRange(first, last + dt.timedelta(days=1)).jalali_ends()


def stored_publishers(db: Database, path: Location, table: str = "articles") -> list[str]:
    """Return the publishers that have articles, or rows of another table that is indexed by them, in order.

    Each is found by one step in the index.
    """
    with explained(path):
        found = db.execute(
            f"""WITH RECURSIVE each(publisher) AS (
                 SELECT min(publisher) FROM {table} UNION ALL
                 SELECT (SELECT min(a.publisher) FROM {table} a WHERE a.publisher > each.publisher) FROM each
                 WHERE each.publisher IS NOT NULL)
               SELECT publisher FROM each WHERE publisher IS NOT NULL"""
        )
        return [row[0] for row in found]


def undated(db: Database, path: Location, publishers: Sequence[str]) -> int:
    """Return the number of articles of some publishers, or of all, whose day is not known: they are in no range."""
    with explained(path):
        return sum(
            db.execute(
                "SELECT count(*) FROM articles WHERE publisher = ? AND published_jalali IS NULL", (publisher,)
            ).fetchone()[0]
            for publisher in publishers or stored_publishers(db, path)
        )


class Selected(RowReader[Made]):
    """The rows of a selection in an open archive, as it stands at the first page, each made into something by ``make``.

    The order is that of storing; with a range, publisher by publisher in the order of publication.
    """

    def __init__(
        self,
        db: Database,
        path: Location,
        selection: Selection,
        make: Callable[[Row], Made],
        *,
        damaged: Callable[[str, str], None],
        columns: Sequence[str] = FIELD_NAMES,
        among: Iterable[tuple[str, str]] | None = None,
    ) -> None:
        """Choose among articles by publisher and id, as a search finds them; None for all."""
        self._selection = selection
        self._among = among
        self._section = fold_label(selection.section) if selection.section is not None else None
        besides = ("section",) if self._section is not None else ()
        super().__init__(db, path, make, damaged=damaged, columns=columns, besides=besides)
        self._listed = self._places = array("q")
        self._version = 0

    def count(self) -> int:
        """List the rows, and return their number; those of another section are among them."""
        self._version = self._version_now()
        self._listed = self._places = _listed(self._db, self._path, self._selection)
        if self._among is not None:
            self._places = self._chosen(self._among)
        return len(self._places)

    def pages(self) -> Iterator[tuple[list[Made], int]]:
        """Yield what is made of the rows, a page at a time, with the number of rows that were read for it.

        A row that is deleted meanwhile is not among them, and counts as ``missing``.
        """
        if not self._version:
            self.count()
        yield from self.pages_of(self._places)

    def _chosen(self, among: Iterable[tuple[str, str]]) -> array[int]:
        """Return the listed places whose articles are among some, in their order."""
        tables = _SIGNS if self._selection.all_revisions else ("articles",)
        found = array("q")
        keys = iter(among)
        while some := list(islice(keys, PAGE_ROWS)):
            for publisher in dict.fromkeys(key[0] for key in some):
                ids = [key[1] for key in some if key[0] == publisher]
                for table in tables:
                    statement = f"SELECT rowid FROM {table} WHERE publisher = ? AND article_id IN ({{keys}})"
                    rows = rows_of_keys(self._db, self._path, statement, publisher, keys=ids)
                    found.extend(_SIGNS[table] * rowid for (rowid,) in rows)
        ordered = array("q", sorted(found))  # 8 bytes a place, where a set takes a hundred
        return array("q", (place for place in self._listed if _holds(ordered, place)))

    def _is_wanted(self, row: Row) -> bool:
        if self._section is None:
            return True
        section = row[self._names.index("section")]
        return isinstance(section, str) and fold_label(section) == self._section

    def _fetch(self, places: Sequence[int]) -> dict[int, Row]:
        names = ", ".join(self._names)
        found: dict[int, Row] = {}
        for table, sign in _SIGNS.items():
            rowids = [sign * place for place in places if sign * place > 0]
            if rowids:
                marks = ", ".join("?" * len(rowids))
                with explained(self._path):
                    rows = self._db.execute(f"SELECT rowid, {names} FROM {table} WHERE rowid IN ({marks})", rowids)
                    found |= {sign * row[0]: row[1:] for row in rows}
        return found

    def _place_name(self, place: int) -> str:
        table = next(table for table, sign in _SIGNS.items() if sign * place > 0)
        return f"row {abs(place)} of {table}"

    def _raise_if_moved(self) -> None:
        """Raise ArchiveError where the rows have other places since they were listed, as VACUUM may give them.

        It changes the version of the schema, as new tables and indexes do: then the places are listed again. It keeps
        the order of rows, so that a list which begins with the old one proves that each row is where it was.
        """
        version = self._version_now()
        if version == self._version:
            return
        if _listed(self._db, self._path, self._selection)[: len(self._listed)] != self._listed:
            raise ArchiveError(f"{self._path} was rewritten (VACUUM) while it was read; run the same command again.")
        self._version = version

    def _version_now(self) -> int:
        with explained(self._path):
            return self._db.layout()


def _holds(ordered: array[int], place: int) -> bool:
    at = bisect_left(ordered, place)
    return at < len(ordered) and ordered[at] == place


def _listed(db: Database, path: Location, selection: Selection) -> array[int]:
    """Return the places of a selection in its order. The read takes a second for a million articles."""
    found = array("q")
    for statement, values in _lists(db, path, selection):
        with explained(path):
            cursor = db.execute(statement, values)
            while rows := cursor.fetchmany(_PLACES):
                found.extend(row[0] for row in rows)
    return found


def _lists(db: Database, path: Location, selection: Selection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the statements that list the places, each with its values."""
    if selection.all_revisions:
        yield _every_revision(selection)
    elif selection.span is not None:
        statement = """SELECT rowid FROM articles WHERE publisher = ? AND published_jalali >= ? AND published_jalali < ?
            ORDER BY published_jalali, article_id"""
        for publisher in selection.publishers or stored_publishers(db, path):
            yield statement, (publisher, *day_bounds(selection.span))
    else:
        where = f"WHERE {_of_publishers(selection)}" if selection.publishers else ""
        # The plus keeps SQLite from reading the whole table in this order, bodies included: an index has all it needs.
        yield f"SELECT rowid FROM articles {where} ORDER BY +rowid", selection.publishers


def _every_revision(selection: Selection) -> tuple[str, tuple[str, ...]]:
    """Return the statement that lists all revisions in the order of storing, or with a range in that of publication."""
    conditions, values = ["TRUE"], selection.publishers
    order = "coalesce(seq, 0), abs(place)"
    if selection.publishers:
        conditions.append(_of_publishers(selection))
    if selection.span is not None:
        conditions.append("published_jalali >= ? AND published_jalali < ?")
        values += day_bounds(selection.span)
        order = "publisher, published_jalali, article_id, coalesce(seq, 0), abs(place)"
    where = " AND ".join(conditions)
    seq = "SELECT max(seq) FROM changes c WHERE c.publisher = t.publisher AND c.article_id = t.article_id"
    statement = f"""SELECT place FROM (
            SELECT rowid AS place, ({seq}) AS seq, publisher, published_jalali, article_id FROM articles t WHERE {where}
            UNION ALL
            SELECT -rowid, ({seq} AND c.revision = t.revision), publisher, published_jalali, article_id
            FROM revisions t WHERE {where}) AS every
        ORDER BY {order}"""
    return statement, (*values, *values)


def _of_publishers(selection: Selection) -> str:
    return f"publisher IN ({', '.join('?' * len(selection.publishers))})"
