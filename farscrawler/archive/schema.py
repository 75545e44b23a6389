"""The tables of an archive and the steps from each older version to the newest.

``articles`` holds the public schema and nothing else; all bookkeeping lives beside it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from farscrawler.errors import DamagedArchiveError
from farscrawler.items import FIELD_NAMES, Article

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

#: "fars" in ASCII, as PRAGMA application_id: no other SQLite file has it.
APPLICATION_ID = 0x66617273

#: Columns kept as JSON text, since SQLite has no lists.
LIST_COLUMNS: frozenset[str] = frozenset({"authors", "tags", "images", "warnings"})
REQUIRED: frozenset[str] = frozenset(
    {"publisher", "article_id", "url", "headline", "body", "fetched_at", "content_hash", "revision"}
)
#: Fields that an article may lack, and the body, which a page of pictures lacks. ``warnings`` is filled where
#: something is wrong, and the precision says nothing that the timestamp does not.
FILL_FIELDS: tuple[str, ...] = tuple(
    name for name in FIELD_NAMES if name == "body" or name not in {*REQUIRED, "warnings", "published_precision"}
)


def has_value(name: str) -> str:
    """Return the expression that is 1 where a field of FILL_FIELDS has a value, and 0 where it has none."""
    return f"{name} IS NOT NULL AND {name} NOT IN ('', '[]')"


def _column(name: str) -> str:
    kind = "INTEGER" if name == "revision" else "TEXT"
    needed = " NOT NULL" if name in REQUIRED or name in LIST_COLUMNS else ""
    return f"{name} {kind}{needed}"


_LIST_INDEXES = tuple(index for index, name in enumerate(FIELD_NAMES) if name in LIST_COLUMNS)
_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every list
_COLUMNS = ", ".join(FIELD_NAMES)
_DEFINITIONS = ",\n  ".join(_column(name) for name in FIELD_NAMES)

ARTICLES_TABLE = f"CREATE TABLE articles (\n  {_DEFINITIONS},\n  PRIMARY KEY (publisher, article_id)\n)"

_VERSION_1: tuple[str, ...] = (
    ARTICLES_TABLE,
    "CREATE INDEX articles_by_time ON articles (published_at)",
    # Every superseded row, as it stood. The trigger keeps it even when a foreign tool updates the table.
    f"CREATE TABLE revisions (\n  {_DEFINITIONS},\n  PRIMARY KEY (publisher, article_id, revision)\n)",
    f"""CREATE TRIGGER keep_revision BEFORE UPDATE ON articles
        WHEN old.content_hash IS NOT new.content_hash
        BEGIN INSERT OR IGNORE INTO revisions ({_COLUMNS})
              VALUES ({", ".join(f"old.{name}" for name in FIELD_NAMES)}); END""",
    # One row for each stored revision, in the order of storing, which exports follow.
    """CREATE TABLE changes (
        seq INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        article_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        run INTEGER,
        UNIQUE (publisher, article_id, revision))""",
    """CREATE TABLE visits (
        publisher TEXT NOT NULL,
        key TEXT NOT NULL,
        url TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        status INTEGER,
        tries INTEGER NOT NULL,
        form TEXT,
        first_at TEXT NOT NULL,
        last_at TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        page_hash TEXT,
        provisional INTEGER NOT NULL,
        run INTEGER,
        PRIMARY KEY (publisher, key)) WITHOUT ROWID""",
    "CREATE INDEX visits_by_outcome ON visits (publisher, outcome)",
    """CREATE TABLE runs (
        run INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        arguments TEXT NOT NULL,
        version TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        end_reason TEXT,
        exit_code INTEGER,
        counts TEXT)""",
    # The watermark of the incremental crawl: ids or days above it stay pending until they are settled.
    "CREATE TABLE floors (publisher TEXT PRIMARY KEY, floor INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID",
    # The byte up to which each export file is known to be whole; bytes behind it are cut off and written again.
    """CREATE TABLE exports (
        export INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        format TEXT NOT NULL,
        publisher TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        start_bytes INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        tail TEXT NOT NULL,
        at TEXT NOT NULL)""",
    """CREATE TABLE export_lines (
        export INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (export, seq)) WITHOUT ROWID""",
)


def _version_1(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in _VERSION_1:
        db.execute(statement)


_VERSION_2: tuple[str, ...] = (
    # The origin of a page that did not come from the site itself (a capture, a saved file), and its time.
    "ALTER TABLE visits ADD COLUMN source TEXT",
    "ALTER TABLE visits ADD COLUMN source_at TEXT",
    # The entries of list pages, sitemaps and feeds when they were last read; a closed list gets no more entries.
    """CREATE TABLE lists (
        publisher TEXT NOT NULL,
        url TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        read_at TEXT NOT NULL,
        closed INTEGER NOT NULL,
        entries TEXT NOT NULL,
        PRIMARY KEY (publisher, url)) WITHOUT ROWID""",
    # Captures of web archives that were fetched and are no good: a capture never changes, so none is fetched twice.
    """CREATE TABLE captures (
        publisher TEXT NOT NULL,
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        source_at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (publisher, source)) WITHOUT ROWID""",
    # Ranges of days and coverage read ids by the Jalali day, which every dated article has, from this index alone.
    "CREATE INDEX articles_by_day ON articles (publisher, published_jalali, article_id)",
)


def _version_2(db: sqlite3.Connection) -> None:
    for statement in _VERSION_2:
        db.execute(statement)


_VERSION_3: tuple[str, ...] = (
    # The digest of the rules by which the page was read (extract/rules_digest.py). NULL: read before there was one.
    "ALTER TABLE visits ADD COLUMN rules TEXT",
    "ALTER TABLE captures ADD COLUMN rules TEXT",
    # 1 where a page of the address was kept (archive/kept_pages.py); it is committed before this row.
    "ALTER TABLE visits ADD COLUMN page_kept INTEGER",
    # What `reparse` may turn into articles: a start of a crawl counts it.
    """CREATE INDEX visits_to_reread ON visits (publisher, rules)
       WHERE page_kept AND outcome IN ('not-article', 'missing')""",
)


def _version_3(db: sqlite3.Connection) -> None:
    for statement in _VERSION_3:
        db.execute(statement)


#: MIGRATIONS[n] leads from version n to n + 1; each runs in a transaction of its own.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1, _version_2, _version_3)
VERSION = len(MIGRATIONS)

#: The older versions that can be read without a migration, each with what shows them as the newest one.
READABLE: dict[int, tuple[str, ...]] = {
    2: ("CREATE TEMP VIEW visits AS SELECT *, NULL AS rules, NULL AS page_kept FROM main.visits",),
}


def migrate(
    db: sqlite3.Connection, migrations: Sequence[Callable[[sqlite3.Connection], None]] | None = None, *, upto: int = 0
) -> int:
    """Bring the file to version ``upto`` (0: the newest), one transaction for each step; return the number of steps.

    A file whose migration was killed stands whole at the last finished version.
    """
    steps = MIGRATIONS if migrations is None else migrations
    upto = upto or len(steps)
    taken = 0
    while True:
        db.execute("BEGIN IMMEDIATE")
        try:
            version: int = db.execute("PRAGMA user_version").fetchone()[0]
            if version >= upto:
                db.execute("ROLLBACK")
                return taken
            steps[version](db)
            db.execute(f"PRAGMA user_version = {version + 1}")
            db.execute("COMMIT")
            taken += 1
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def to_row(article: Article) -> tuple[Any, ...]:
    """Return the values of an article in the order of the columns."""
    values = [getattr(article, name) for name in FIELD_NAMES]
    for index in _LIST_INDEXES:
        values[index] = _encode(values[index]) if values[index] else "[]"
    return tuple(values)


def from_row(row: Iterable[Any], path: Path) -> Article:
    """Return the article of a row of this file as ``to_row`` wrote it. Raise DamagedArchiveError for another one."""
    values = list(row)
    try:
        return article_of(values)
    except DamagedRowError as error:
        named = dict(zip(FIELD_NAMES, values, strict=True))
        raise DamagedArchiveError(
            f"{path}: the article {named['publisher']} {named['article_id']} is damaged ({error}). `farscrawler check` "
            "shows all that is, and `farscrawler check --repair` has it fetched again."
        ) from error


class DamagedRowError(ValueError):
    """A row that no version of ours has written; the message says which field is none of its kind."""


_known_kinds: set[tuple[type, ...]] = set()


def article_of(row: Iterable[Any]) -> Article:
    """Return the article of a row. Raise DamagedRowError."""
    values = list(row)
    kinds = tuple(map(type, values))
    if kinds not in _known_kinds:  # a few dozen: which fields are empty
        _check_kinds(values)
        _known_kinds.add(kinds)
    for index in _LIST_INDEXES:
        try:
            values[index] = found = json.loads(values[index])
        except (ValueError, RecursionError):
            found = None
        if type(found) is not list:
            raise DamagedRowError(f"{FIELD_NAMES[index]} is no list")
    return Article(**cast("Any", dict(zip(FIELD_NAMES, values, strict=True))))


def _check_kinds(values: Sequence[Any]) -> None:
    for name, value in zip(FIELD_NAMES, values, strict=True):
        if name in LIST_COLUMNS:
            if not isinstance(value, str):
                raise DamagedRowError(f"{name} is no list")
        elif name == "revision":
            if not isinstance(value, int):
                raise DamagedRowError("revision is no number")
        elif not isinstance(value, str) and (value is not None or name in REQUIRED):
            raise DamagedRowError(f"{name} is no text")
