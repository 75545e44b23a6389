"""Write a batch into a PostgreSQL database: by COPY into tables of the session, and one statement for each table.

A batch of 50 takes a quarter of the time that its rows take one by one. A connection that is lost meanwhile is made
again and asked whether the transaction was committed, so that nothing is lost and nothing is written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from farscrawler.archive import article_rows
from farscrawler.archive.postgres.errors import is_of_the_row
from farscrawler.archive.writing.batch import (
    ARTICLE_CONFLICT,
    LEFT_IN_PEACE,
    VISIT_COLUMNS,
    VISIT_CONFLICT,
    Stored,
    visit_values,
    write,
)
from farscrawler.errors import ArchiveError
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.archive.connection import Transaction
    from farscrawler.archive.postgres.connection import PostgresDatabase
    from farscrawler.archive.records import Visit
    from farscrawler.archive.writing.batch import Row
    from farscrawler.items import Article

    #: An article with the revision as which it was stored; it may be stored again in the same batch.
    _Revised = tuple[Article, int]

#: How often a batch is begun again: after a lost connection, or where another program was in the way (SQLSTATE 40).
_TRIES = 3
_NAMES = ", ".join(FIELD_NAMES)
_VISIT_NAMES = ", ".join(VISIT_COLUMNS)
_INCOMING = (
    f"""CREATE TEMP TABLE incoming_articles ON COMMIT DELETE ROWS AS
        SELECT CAST(0 AS BIGINT) AS place, {_NAMES} FROM articles WITH NO DATA""",
    f"""CREATE TEMP TABLE incoming_visits ON COMMIT DELETE ROWS AS
        SELECT {_VISIT_NAMES}, provisional AS in_peace, reason AS later_reason FROM visits WITH NO DATA""",
)
_COPY_ARTICLES = f"COPY incoming_articles (place, {_NAMES}) FROM STDIN"
_COPY_VISITS = f"COPY incoming_visits ({_VISIT_NAMES}, in_peace, later_reason) FROM STDIN"
_SAVE_ARTICLES = f"""INSERT INTO articles ({_NAMES}) SELECT {_NAMES} FROM incoming_articles ORDER BY place
    {ARTICLE_CONFLICT} RETURNING publisher, article_id, revision"""
_SAVE_VISITS = f"INSERT INTO visits ({_VISIT_NAMES}) SELECT {_VISIT_NAMES} FROM incoming_visits {VISIT_CONFLICT}"
#: As batch.py has it of one visit; those that were written above are no articles any more.
_SAVE_LATER_VISITS = """UPDATE visits v SET last_at = CASE WHEN i.in_peace THEN v.last_at ELSE i.last_at END,
        source = CASE WHEN i.in_peace THEN v.source ELSE i.source END,
        source_at = CASE WHEN i.in_peace THEN v.source_at ELSE i.source_at END,
        tries = v.tries + i.tries, reason = i.later_reason, status = i.status, run = i.run
    FROM incoming_visits i
    WHERE v.publisher = i.publisher AND v.key = i.key AND v.outcome = 'article' AND i.outcome != 'article'"""
#: Changes are numbered by one writer at a time, from here to its commit. So their order is that of the commits, and a
#: follower that has read up to a number misses none below it. A number of the transaction (xid8) beside each would not
#: do: an older transaction may take the higher number and commit first.
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('changes of ' || current_schema(), 0))"
_SAVE_CHANGES = """INSERT INTO changes (publisher, article_id, revision, run)
    SELECT publisher, article_id, revision, CAST(?4 AS BIGINT)
    FROM unnest(CAST(?1 AS TEXT[]), CAST(?2 AS TEXT[]), CAST(?3 AS BIGINT[])) WITH ORDINALITY
        AS new (publisher, article_id, revision, place)
    ORDER BY place RETURNING seq, publisher, article_id, revision"""


def write_at_once(
    db: PostgresDatabase, transaction: Callable[[], Transaction], rows: Sequence[Row], run: int | None
) -> list[Stored]:
    """Commit rows, and return the revisions that are new.

    Raise RefusedRowError for the first row that is refused for its own sake, or an error of psycopg.
    """
    with db.hurried():
        try:
            return _committed(db, transaction, lambda: _copied(db, rows, run))
        except Exception as error:
            if not is_of_the_row(error):
                raise
        return _committed(db, transaction, lambda: _one_by_one(db, rows, run))


def _committed(
    db: PostgresDatabase, transaction: Callable[[], Transaction], work: Callable[[], list[Stored]]
) -> list[Stored]:
    """Do some work in a transaction, again where its connection was lost and it was not committed."""
    for last in (False,) * (_TRIES - 1) + (True,):
        number = None
        found: list[Stored] = []
        try:
            with transaction():
                found = work()
                number = db.execute("SELECT CAST(pg_current_xact_id() AS TEXT)").fetchone()
        except psycopg.Error as error:
            if db.is_lost:
                db.reconnect()
                if number is not None and was_committed(db, number[0]):
                    return found
                if last:
                    raise
            elif last or not (error.sqlstate or "").startswith("40"):
                raise
        else:
            return found
    raise AssertionError


def was_committed(db: PostgresDatabase, number: str) -> bool:
    """Whether a transaction was committed. Raise ArchiveError where the server cannot tell in time."""
    row = db.execute("SELECT pg_xact_status(CAST(? AS xid8))", (number,)).fetchone()
    if row is not None and row[0] == "in progress":  # its session does not know yet that nobody listens
        db.execute(
            """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
               WHERE usename = current_user AND backend_xid = CAST(CAST(? AS xid8) AS xid)""",
            (number,),
        )
        row = db.execute("SELECT pg_xact_status(CAST(? AS xid8))", (number,)).fetchone()
    if row is None or row[0] not in ("committed", "aborted"):
        raise ArchiveError(
            f"{db.server}: whether the last batch was committed cannot be told (transaction {number}). Run the same "
            "command again when the server is at rest: what is stored is not stored twice."
        )
    return bool(row[0] == "committed")


def _one_by_one(db: PostgresDatabase, rows: Sequence[Row], run: int | None) -> list[Stored]:
    db.execute(_ONE_BY_ONE)
    return list(write(db, rows, run))


def _copied(db: PostgresDatabase, rows: Sequence[Row], run: int | None) -> list[Stored]:
    if not db.has_incoming:
        for statement in _INCOMING:
            db.execute(statement)
    new: list[_Revised] = []
    # All that a transaction does is seen by none before its end, so that parts of it may be of any size.
    for part in _without_doubles(rows):
        _save_visits(db, [visit for visit, _ in part if visit is not None], run)
        new += _save_articles(db, [article for _, article in part if article is not None])
        db.execute("TRUNCATE incoming_articles, incoming_visits")
    return _number_changes(db, new, run)


def _without_doubles(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows in parts of which none has one key twice, which a single statement could not write."""
    part: list[Row] = []
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        visit, article = row
        keys = {("visit", visit.publisher, visit.key)} if visit is not None else set()
        keys |= {("article", article.publisher, article.article_id)} if article is not None else set()
        if keys & seen:
            yield part
            part, seen = [], set()
        part.append(row)
        seen |= keys
    yield part


def _save_visits(db: PostgresDatabase, visits: Sequence[Visit], run: int | None) -> None:
    if not visits:
        return
    _copy(
        db,
        _COPY_VISITS,
        ((*visit_values(one, run), one.outcome in LEFT_IN_PEACE, f"{one.outcome}: {one.reason}") for one in visits),
    )
    db.execute(_SAVE_VISITS)
    if any(one.outcome != "article" for one in visits):
        db.execute(_SAVE_LATER_VISITS)


def _save_articles(db: PostgresDatabase, articles: Sequence[Article]) -> list[_Revised]:
    """Write articles, and return those that are new or changed, each with its revision."""
    if not articles:
        return []
    _copy(db, _COPY_ARTICLES, ((place, *article_rows.to_row(one)) for place, one in enumerate(articles)))
    revisions = {row[:2]: row[2] for row in db.execute(_SAVE_ARTICLES)}
    new = [one for one in articles if (one.publisher, one.article_id) in revisions]
    for one in new:
        one.revision = revisions[one.publisher, one.article_id]
    return [(one, one.revision) for one in new]


def _number_changes(db: PostgresDatabase, new: Sequence[_Revised], run: int | None) -> list[Stored]:
    """Number changes, last of all: nobody ends a writer that stands still within a COPY, and none may wait for it."""
    if not new:
        return []
    db.execute(_ONE_BY_ONE)
    values = [[one.publisher for one, _ in new], [one.article_id for one, _ in new], [at for _, at in new], run]
    places = {row[1:]: row[0] for row in db.execute(_SAVE_CHANGES, values)}
    return [Stored(places[one.publisher, one.article_id, at], one) for one, at in new]


def _copy(db: PostgresDatabase, statement: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with db.connection.cursor().copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)
