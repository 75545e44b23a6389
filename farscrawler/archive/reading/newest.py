"""The newest or the oldest articles of an archive, one after another.

Their keys are read from the index of days, publisher by publisher, and merged; the articles are read by their keys as
they are asked for. So twenty of a million cost what twenty of a thousand do, and no read is held open.
"""

from __future__ import annotations

import heapq
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from farscrawler.archive.connection import PAGE_ROWS, pages
from farscrawler.archive.reading.lookup import archived_publishers, stored_article
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.items import Article
    from farscrawler.locations import Location

#: Text that sorts behind every other one: nothing in UTF-8 is higher.
_BEHIND_ALL = "\U0010ffff"


class Place(NamedTuple):
    """The place of an article in the order of time; ``moment`` is empty where its day is not known.

    ``section`` is None too where it was not asked for, or is no text.
    """

    moment: str
    publisher: str
    article_id: str
    section: str | None = None


def articles_by_time(
    db: Database,
    path: Location,
    *,
    publisher: str | None,
    bounds: tuple[str, str] | None,
    section: str | None,
    limit: int | None,
    oldest: bool,
) -> Iterator[Article]:
    """Yield the articles that meet every condition, the newest or the oldest first, and at most ``limit``.

    ``bounds`` are the first Jalali day and the day after the last one, as stored. Articles without a known day come
    last either way, in the order of their ids; they are in no range.
    """
    size = PAGE_ROWS if section is not None or limit is None else max(1, min(limit, PAGE_ROWS))
    each = archived_publishers(db, path) if publisher is None else (publisher,)
    places = places_by_time(
        db,
        path,
        each,
        bounds=bounds,
        size=size,
        with_section=section is not None,
        undated=bounds is None,
        oldest=oldest,
    )
    folded = fold_label(section) if section is not None else None
    fitting = (one for one in places if folded is None or is_in_section(one, folded))
    for one in islice(fitting, limit):
        article = stored_article(db, path, one.publisher, one.article_id)
        if article is not None:  # taken out meanwhile
            yield article


def is_in_section(place: Place, folded: str) -> bool:
    """Whether an article is of a section, given as `fold_label` writes it; the place was asked for with its section."""
    return place.section is not None and fold_label(place.section) == folded


def places_by_time(
    db: Database,
    path: Location,
    publishers: Sequence[str],
    *,
    bounds: tuple[str, str] | None = None,
    size: int,
    with_section: bool = False,
    dated: bool = True,
    undated: bool = True,
    oldest: bool = False,
    after: Place | None = None,
) -> Iterator[Place]:
    """Yield the places of the articles of some publishers, sorted by key; those behind ``after`` alone, if it is given.

    ``size`` is the number of places that are read of each publisher at a time. Those without a known day come last.
    """
    read = _Reader(db, path, size, with_section=with_section, oldest=oldest)
    if dated and (after is None or after.moment):
        each = (read.dated(one, *(bounds or ("", _BEHIND_ALL)), after=after) for one in publishers)
        yield from heapq.merge(*each, key=attrgetter("moment"), reverse=not oldest)
    if undated:
        reached = after if after is not None and not after.moment else None
        rest = [one for one in publishers if reached is None or one >= reached.publisher]
        yield from chain.from_iterable(read.undated(one, after=reached) for one in rest)


class _Reader:
    """Reads the places of articles in one order."""

    def __init__(self, db: Database, path: Location, size: int, *, with_section: bool, oldest: bool) -> None:
        self._db = db
        self._path = path
        self._oldest = oldest
        self._size = size
        self._label = "section" if with_section else "NULL"  # the index alone is read where none is asked for

    def dated(self, publisher: str, first: str, after_last: str, *, after: Place | None) -> Iterator[Place]:
        """Yield the articles of a range of days, behind a place of this or of another publisher."""
        if self._oldest:
            end, start, order = after_last, (first, ""), ""
            where = "published_jalali < ?2 AND (published_jalali, article_id) >"
        else:
            end, start, order = first, (after_last, ""), " DESC"
            where = "published_jalali >= ?2 AND (published_jalali, article_id) <"
        if after is not None:
            start = after.moment, self._id_behind(publisher, after)
        found = pages(
            self._db,
            self._path,
            f"""SELECT published_jalali, article_id, {self._label} FROM articles
                WHERE publisher = ?1 AND {where} (?3, ?4)
                ORDER BY published_jalali{order}, article_id{order} LIMIT ?5""",
            publisher,
            end,
            after=start,
            limit=self._size,
        )
        for rows in found:
            yield from (Place(moment, publisher, key, _text(label)) for moment, key, label in rows)

    def _id_behind(self, publisher: str, after: Place) -> str:
        """Return the id behind which a publisher goes on: publishers of one moment are in the order of their keys."""
        if publisher == after.publisher:
            return after.article_id
        is_behind = publisher > after.publisher
        return _BEHIND_ALL if is_behind is not self._oldest else ""

    def undated(self, publisher: str, *, after: Place | None) -> Iterator[Place]:
        """Yield the articles without a known day, behind a place if it is of this publisher."""
        here, start, order = (">", "", "") if self._oldest else ("<", _BEHIND_ALL, " DESC")
        if after is not None and after.publisher == publisher:
            start = after.article_id
        found = pages(
            self._db,
            self._path,
            f"""SELECT article_id, {self._label} FROM articles
                WHERE publisher = ?1 AND published_jalali IS NULL AND article_id {here} ?2
                ORDER BY article_id{order} LIMIT ?3""",
            publisher,
            after=(start,),
            limit=self._size,
        )
        for rows in found:
            yield from (Place("", publisher, key, _text(label)) for key, label in rows)


def _text(label: Any) -> str | None:
    return label if isinstance(label, str) else None  # another program may have stored a BLOB
