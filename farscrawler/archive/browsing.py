"""What the pages of `farscrawler browse` read: lists by conditions, neighbours, and the ledger behind them.

Every query is bounded by a number of rows and goes on behind a key, so that the pages of a million articles are as
quick as those of a thousand, and no read is held open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from farscrawler.archive.connection import explained, rows_of_keys
from farscrawler.archive.reading.lookup import archived_publishers
from farscrawler.archive.reading.newest import is_in_section, places_by_time
from farscrawler.archive.schema import VERSION
from farscrawler.days import STORED_DAY
from farscrawler.errors import ArchiveError
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive.reading.newest import Place
    from farscrawler.archive.records import Outcome
    from farscrawler.archive.store import Archive
    from farscrawler.items import Article

#: Articles that one page of a list looks at where a section is asked for: no index knows sections, and each of them is
#: a row to be read. So many took 40 ms.
LOOKED_AT = 3_000
#: Rows that one statement counts. The read lasts some 20 ms, after which a crawl's log can be folded in.
COUNTED_ROWS = 5_000
#: The places that are read of each publisher at a time, at least.
_LEAST_PLACES = 10


def check_schema(archive: Archive) -> None:
    """Raise ArchiveError for an archive of an older schema, whose tables Datasette would show as they were."""
    with explained(archive.path):
        version = archive.db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise ArchiveError(
            f"{archive.path} has the older schema {version}, and pages are made for schema {VERSION}. Crawl with it "
            "once, or run `farscrawler search` in it, which brings it up to date."
        )


def state(archive: Archive) -> int:
    """Return the place of the newest stored revision, by which a page sees that there are others than before."""
    with explained(archive.path):
        return int(archive.db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])


# Lists of articles.


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the articles of a list have: ``bounds`` as stored days, the second one excluded; no ``publishers`` for all.

    ``undated`` articles alone have no known day, and so lie in no bounds.
    """

    publishers: tuple[str, ...] = ()
    bounds: tuple[str, str] | None = None
    undated: bool = False
    section: str | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Articles of a list. ``after`` is what the next page begins behind, None at the last one.

    ``looked_at`` is the number of articles that were looked at for them.
    """

    articles: list[Article]
    after: Place | None
    looked_at: int


def list_page(
    archive: Archive, conditions: Conditions, *, limit: int, after: Place | None = None, oldest: bool = False
) -> ListPage:
    """Return a page of the articles that meet every condition, by time, the newest first unless ``oldest``."""
    publishers = sorted(conditions.publishers) or archived_publishers(archive.db, archive.path)
    folded = fold_label(conditions.section) if conditions.section is not None else None
    most = limit + 1 if folded is None else LOOKED_AT
    places = places_by_time(
        archive.db,
        archive.path,
        publishers,
        bounds=conditions.bounds,
        size=limit + 1 if folded is None else max(_LEAST_PLACES, most // (4 * len(publishers) or 1)),
        with_section=folded is not None,
        dated=not conditions.undated,
        undated=conditions.bounds is None,
        oldest=oldest,
        after=after,
    )
    found: list[Place] = []
    looked_at, reached = 0, None
    for place in islice(places, most):
        if len(found) == limit:
            return ListPage(_articles(archive, found), reached, looked_at)
        looked_at, reached = looked_at + 1, place
        if folded is None or is_in_section(place, folded):
            found.append(place)
    return ListPage(_articles(archive, found), reached if folded is not None and looked_at == most else None, looked_at)


def _articles(archive: Archive, places: Sequence[Place]) -> list[Article]:
    found = (archive.article(one.publisher, one.article_id) for one in places)
    return [one for one in found if one is not None]  # taken out meanwhile


def neighbours(archive: Archive, article: Article) -> tuple[Article | None, Article | None]:
    """Return the publisher's articles before and after an article by time; those without a known day have none."""
    if article.published_jalali is None:
        return None, None
    found = []
    for where, order in (("<", "DESC"), (">", "ASC")):
        with explained(archive.path):
            row = archive.db.execute(
                f"""SELECT article_id FROM articles WHERE publisher = ?1 AND published_jalali IS NOT NULL
                      AND (published_jalali, article_id) {where} (?2, ?3)
                    ORDER BY published_jalali {order}, article_id {order} LIMIT 1""",
                (article.publisher, article.published_jalali, article.article_id),
            ).fetchone()
        found.append(archive.article(article.publisher, row[0]) if row else None)
    return found[0], found[1]


# Counts.


class Group(NamedTuple):
    """What articles are counted by: the stored month `SH 1401/02`, None without a known day, and the section."""

    publisher: str
    month: str | None
    section: str | None


def count_groups(archive: Archive) -> Iterator[list[tuple[Group, int]]]:
    """Yield parts of the number of articles of each group; the numbers of one group are to be added up."""
    with explained(archive.path):
        last = archive.db.execute("SELECT max(rowid) FROM articles").fetchone()[0] or 0
    month = f"substr(published_jalali, 1, {STORED_DAY - len('/28')})"
    for start in range(0, last, COUNTED_ROWS):
        with explained(archive.path):
            rows = archive.db.execute(
                f"""SELECT publisher, {month} AS month, section, count(*) FROM articles
                    WHERE rowid > ? AND rowid <= ? GROUP BY publisher, month, section""",
                (start, start + COUNTED_ROWS),
            ).fetchall()
        yield [(Group(publisher, month, _label(section)), count) for publisher, month, section, count in rows]


def count_upto(archive: Archive) -> int:
    """Return a number that the articles are at most; it is found in one step."""
    with explained(archive.path):
        return int(archive.db.execute("SELECT coalesce(max(rowid), 0) FROM articles").fetchone()[0])


def _label(section: object) -> str | None:
    return section if isinstance(section, str) else None


# The ledger.


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecord:
    """A row of the ledger; times are UTC, ``source`` is None for a page of the site itself."""

    key: str
    url: str
    outcome: Outcome
    reason: str | None
    status: int | None
    tries: int
    form: str | None
    first_at: str
    last_at: str
    source: str | None
    source_at: str | None
    run: int | None
    page_kept: int | None


_VISIT = tuple(VisitRecord.__dataclass_fields__)
_VISIT_NAMES = ", ".join(_VISIT)


def visits_of(archive: Archive, publisher: str, keys: Sequence[str]) -> dict[str, VisitRecord]:
    """Return the rows of these addresses, by key; one that was never visited is left out."""
    statement = f"SELECT {_VISIT_NAMES} FROM visits WHERE publisher = ? AND key IN ({{keys}})"
    return {row[0]: _visit(row) for row in rows_of_keys(archive.db, archive.path, statement, publisher, keys=keys)}


def _visit(row: tuple[object, ...]) -> VisitRecord:
    return VisitRecord(**cast("dict[str, Any]", dict(zip(_VISIT, row, strict=True))))


def ledger_page(
    archive: Archive, publisher: str, outcome: Outcome, *, limit: int, after: str = "", upto: str | None = None
) -> list[VisitRecord]:
    """Return the addresses of an outcome behind a key, in the order of their keys as texts.

    With ``upto`` those up to it alone, whose keys are as long.
    """
    with explained(archive.path):
        rows = archive.db.execute(
            f"""SELECT {_VISIT_NAMES} FROM visits WHERE publisher = ?1 AND outcome = ?2 AND key > ?3
                  {"AND key <= ?4 AND length(key) = length(?4)" if upto is not None else ""}
                ORDER BY key LIMIT {limit}""",
            (publisher, outcome, after) if upto is None else (publisher, outcome, after, upto),
        ).fetchall()
    return [_visit(row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdRange:
    """The lowest and the highest number among the ids of some articles, and the addresses between that gave none.

    ``more`` says that there are more of them than were asked for.
    """

    first: int
    last: int
    visits: list[VisitRecord] = field(default_factory=list)
    more: bool = False


def without_article_between(
    archive: Archive, publisher: str, first: int, last: int, outcomes: Sequence[Outcome], *, limit: int
) -> IdRange:
    """Return the addresses whose ids are numbers between two ids and that gave no article, outcome by outcome.

    Keys are texts: those of one length are in the order of their numbers, so each length is a range of its own.
    """
    found: list[VisitRecord] = []
    for outcome in outcomes:
        for digits in range(len(str(first)), len(str(last)) + 1):
            low, high = max(first, 10 ** (digits - 1)), min(last, 10**digits - 1)
            before = str(low - 1).rjust(digits, "0")
            page = ledger_page(archive, publisher, outcome, limit=limit + 1, after=before, upto=str(high))
            found += [one for one in page if one.key.isdecimal()]
    return IdRange(first=first, last=last, visits=found[:limit], more=len(found) > limit)


def dated_ids_around(archive: Archive, publisher: str, first: str, after_last: str) -> tuple[str | None, str | None]:
    """Return the id of the last article before some stored days, and that of the first one after them."""
    found = []
    for where, bound, order in (("<", first, "DESC"), (">=", after_last, "ASC")):
        with explained(archive.path):
            row = archive.db.execute(
                f"""SELECT article_id FROM articles WHERE publisher = ? AND published_jalali {where} ?
                    ORDER BY published_jalali {order}, article_id {order} LIMIT 1""",
                (publisher, bound),
            ).fetchone()
        found.append(row[0] if row else None)
    return found[0], found[1]
