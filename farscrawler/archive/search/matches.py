"""Search the articles of an archive by their words: a page of results, or the keys of all that match."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from farscrawler.archive import article_rows
from farscrawler.archive.connection import explained, pages
from farscrawler.archive.search.tables import DAY, FIRST_DATED
from farscrawler.days import DateRange
from farscrawler.errors import BadArgumentError
from farscrawler.items import FIELD_NAMES
from farscrawler.persian import fold_label
from farscrawler.search import COLUMNS, Excerpts, read_query
from farscrawler.search.spellings import TOKEN, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from farscrawler.archive.sqlite.database import SqliteDatabase
    from farscrawler.items import Article
    from farscrawler.locations import Location
    from farscrawler.search import Excerpt, Query

__all__ = ["ORDERS", "Filters", "Order", "SearchPage", "SearchResult", "matching", "read_query", "search"]

Order = Literal["newest", "rank"]
ORDERS: tuple[Order, ...] = get_args(Order)
#: Keys of one query of `matching`.
PAGE = 5_000
_NAMES = ", ".join(f"a.{name}" for name in FIELD_NAMES)
_WITH_ARTICLES = "CROSS JOIN articles a ON a.publisher = d.publisher AND a.article_id = d.article_id"
_ALL_DOCUMENTS = (0, 2**62)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An article that was found, and an excerpt of each field with a hit, in the order of the fields."""

    article: Article
    excerpts: list[Excerpt]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Results of a search; ``after`` is what the next page is asked for with, None at the last one."""

    results: list[SearchResult]
    after: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions beside the words: publishers by their keys, or all; days of publication, both included; a section."""

    publishers: tuple[str, ...] = ()
    span: DateRange = field(default_factory=DateRange)
    section: str | None = None


def search(
    db: SqliteDatabase,
    path: Path,
    query: Query,
    filters: Filters,
    *,
    order: Order = "newest",
    limit: int = 20,
    after: str | None = None,
) -> SearchPage:
    """Return a page of results from a complete index. Raise BadArgumentError for a limit, order or place of none."""
    wanted = Wanted.of(filters, order=order, limit=limit, after=after)
    values: tuple[Any, ...]
    if order == "newest":
        how, values = "ORDER BY i.rowid DESC LIMIT ?", (limit + 1,)
    else:
        how, values = "ORDER BY i.rank LIMIT ? OFFSET ?", (limit + 1, wanted.skipped)
    conditions, more = _conditions(db, filters)
    with explained(path):
        rows = db.execute(
            f"""SELECT i.rowid, {_NAMES} FROM search_index i CROSS JOIN search_documents d ON d.doc = i.rowid
                {_WITH_ARTICLES}
                WHERE search_index MATCH ? AND i.rowid BETWEEN ? AND ? {conditions} {how}""",
            (_expression(query, filters), wanted.first, wanted.last, *more, *values),
        ).fetchall()
    return wanted.page(rows, query, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The page of results that is asked for: documents from ``first`` to ``last``, ``skipped`` of them by rank."""

    order: Order
    limit: int
    first: int
    last: int
    skipped: int

    @classmethod
    def of(cls, filters: Filters, *, order: Order, limit: int, after: str | None) -> Wanted:
        """Return what is asked for. Raise BadArgumentError for a limit, an order or a place that there is not."""
        if limit < 1:
            raise BadArgumentError(f"limit={limit}: ask for 1 result at least.")
        if order not in ORDERS:
            raise BadArgumentError(f"order={order}: write {' or '.join(ORDERS)}.")
        place = _place_of(after)
        first, last = documents_of(filters.span)
        if order == "newest":
            last = last if place is None else min(last, place - 1)
            return cls(order=order, limit=limit, first=first, last=last, skipped=0)
        return cls(order=order, limit=limit, first=first, last=last, skipped=place or 0)

    def page(self, rows: Sequence[tuple[Any, ...]], query: Query, path: Location) -> SearchPage:
        """Return the page of rows of documents with their articles; one beyond the limit tells of more."""
        excerpts = Excerpts(query)
        results = [_result(article_rows.from_row(row[1:], path), excerpts) for row in rows[: self.limit]]
        if len(rows) <= self.limit:
            return SearchPage(results, None)
        end = rows[self.limit - 1][0] if self.order == "newest" else self.skipped + self.limit
        return SearchPage(results, str(end))


def matching(db: SqliteDatabase, path: Path, query: Query, filters: Filters) -> Iterator[tuple[str, str]]:
    """Yield publisher and article id of all that match, in the order of publication; those without a day first.

    No read stays open between two pages.
    """
    first, last = documents_of(filters.span)
    conditions, more = _conditions(db, filters)
    with_articles = _WITH_ARTICLES if filters.section is not None else ""
    found = pages(
        db,
        path,
        f"""SELECT i.rowid, d.publisher, d.article_id
            FROM search_index i CROSS JOIN search_documents d ON d.doc = i.rowid
            {with_articles}
            WHERE search_index MATCH ? AND i.rowid <= ? {conditions} AND i.rowid > ? ORDER BY i.rowid LIMIT ?""",
        _expression(query, filters),
        last,
        *more,
        after=(first - 1,),
        limit=PAGE,
    )
    for rows in found:
        for _, publisher, article_id in rows:
            yield publisher, article_id


def _place_of(after: str | None) -> int | None:
    """Return where the page before has ended. Raise BadArgumentError for a text that no page says."""
    if after is None:
        return None
    if not after.isascii() or not after.isdigit():
        raise BadArgumentError(f"after={after}: give what the page before says.")
    return int(after)


def documents_of(span: DateRange) -> tuple[int, int]:
    """Return the lowest and the highest number of the documents of some days."""
    if span == DateRange():
        return _ALL_DOCUMENTS
    first, last = ((day.toordinal() - 1) * DAY for day in (span.first, span.last))
    return max(first, FIRST_DATED), last + DAY - 1


def _conditions(db: SqliteDatabase, filters: Filters) -> tuple[str, tuple[str, ...]]:
    """Return the conditions on rows, and their values: the index has words, and says less than whole labels do."""
    conditions, values = "", list[str]()
    if filters.publishers:
        conditions += f" AND d.publisher IN ({', '.join('?' * len(filters.publishers))})"
        values += filters.publishers
    if filters.section is not None:
        db.create_function("fold_label", 1, _comparable, deterministic=True)
        conditions += " AND fold_label(a.section) = ?"
        values.append(fold_label(filters.section))
    return conditions, tuple(values)


def _expression(query: Query, filters: Filters) -> str:
    """Return the words with those of publisher and section: FTS5 leaves out documents faster than a join does."""
    parts = [query.expression]
    publishers = [" ".join(TOKEN.findall(one)) for one in filters.publishers]
    if all(publishers) and publishers:
        said = " OR ".join(f'"{one}"' for one in publishers)
        parts.append(f"{{publisher}} : ({said})")
    section = " ".join(part for word in words_of(filters.section or "") for part in word)
    if section:
        parts.append(f'{{section}} : "{section}"')
    return " AND ".join(f"({part})" for part in parts)


def _comparable(text: object) -> str | None:
    return fold_label(text) if isinstance(text, str) else None  # another program may have stored a BLOB


def _result(article: Article, excerpts: Excerpts) -> SearchResult:
    texts = {name: getattr(article, name) for name in COLUMNS}
    said = {name: "، ".join(text) if isinstance(text, list) else text for name, text in texts.items()}
    return SearchResult(article, excerpts.of(said))
