"""Rows of an archive, read a page at a time by their places; a row that is damaged costs itself alone.

A page is read again in halves where one of its rows is damaged, and no read is held open.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from farscrawler.archive.article_rows import DamagedRowError
from farscrawler.archive.connection import PAGE_ROWS
from farscrawler.errors import ArchiveError, DamagedArchiveError
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.locations import Location

Row = tuple[Any, ...]
Made = TypeVar("Made")

#: Characters of the bodies of one page; a page of ordinary articles has 500 rows and half of this. Bodies of a
#: megabyte would make gigabytes of so many rows.
_PAGE_CHARACTERS = 2_000_000
_KEY = ("publisher", "article_id")


class RowReader(ABC, Generic[Made]):
    """Reads rows by their places, each made into something by ``make``.

    ``make`` is given the values of ``columns``, lists as JSON text, and raises DamagedRowError for a damaged row.
    ``damaged`` is told of each row that is left out: its name and what is wrong. All raise ArchiveError.
    """

    def __init__(
        self,
        db: Database,
        path: Location,
        make: Callable[[Row], Made],
        *,
        damaged: Callable[[str, str], None],
        columns: Sequence[str] = FIELD_NAMES,
        besides: Sequence[str] = (),
    ) -> None:
        self._db = db
        self._path = path
        self._make = make
        self._damaged = damaged
        # The key is needed for the name of a damaged row.
        self._names = (*columns, *(name for name in (*_KEY, *besides) if name not in columns))
        self._given = len(columns)
        self._size = PAGE_ROWS
        #: The places where there was no row: it was removed meanwhile, or an index that lists it is damaged.
        self.missing = 0

    @abstractmethod
    def _fetch(self, places: Sequence[int]) -> dict[int, Row]:
        """Return the rows of places, each with the values of all names, by their places."""

    @abstractmethod
    def _place_name(self, place: int) -> str:
        """Return what a place is called where not even the key of its row can be read."""

    def _is_wanted(self, row: Row) -> bool:  # noqa: ARG002  # for those who want some rows alone
        return True

    def _raise_if_moved(self) -> None:
        """Raise ArchiveError where the places that were just read are no longer those of their rows."""

    def pages_of(self, places: Sequence[int]) -> Iterator[tuple[list[Made], int]]:
        """Yield what is made of the rows of places, a page at a time, with the number of rows that were read for it."""
        start = 0
        while start < len(places):
            page = places[start : start + self._size]
            start += len(page)
            yield self._made(self._rows_at(page)), len(page)

    def _made(self, rows: list[Row]) -> list[Made]:
        """Make the rows that are wanted and not damaged, and choose the size of the next page."""
        found = []
        for row in rows:
            try:
                if self._is_wanted(row):
                    found.append(self._make(row if self._given == len(row) else row[: self._given]))
            except DamagedRowError as error:
                self._damaged(self._name(row), str(error))
        if "body" in self._names and rows:
            body = self._names.index("body")
            characters = 1 + sum(len(row[body]) for row in rows if isinstance(row[body], str | bytes))
            self._size = max(1, min(PAGE_ROWS, _PAGE_CHARACTERS * len(rows) // characters))
        return found

    def _name(self, row: Row) -> str:
        return " ".join(str(row[self._names.index(name)]) for name in _KEY)

    def _rows_at(self, places: Sequence[int]) -> list[Row]:
        """Return the rows of places in their order; where one cannot be read, the others are read without it."""
        try:
            found = self._fetch(places)
        except DamagedArchiveError as error:
            if len(places) > 1:
                middle = len(places) // 2
                return self._rows_at(places[:middle]) + self._rows_at(places[middle:])
            self._leave_out(places[0], error)
            return []
        self._raise_if_moved()
        self.missing += len(places) - len(found)
        return [found[place] for place in places if place in found]

    def _leave_out(self, place: int, error: DamagedArchiveError) -> None:
        """Tell of a row that SQLite cannot give as it is, by its key if that can be read."""
        try:
            with self._db.lenient():
                row = self._fetch((place,)).get(place)
        except ArchiveError:
            self._damaged(self._place_name(place), str(error.__cause__ or error))
        else:
            if row is not None:
                self._damaged(self._name(row), "it holds bytes that are no text")
