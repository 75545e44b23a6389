"""The tables of an archive and the steps from each older version to the newest.

``articles`` holds the public schema and nothing else; all bookkeeping lives beside it.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from farscrawler.archive.rewrite import OF_VERSION_1, SHOWN_OF_VERSION_1, add_functions, rewrite
from farscrawler.days import STORED_DAY
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: "fars" in ASCII, as PRAGMA application_id: no other SQLite file has it.
APPLICATION_ID = 0x66617273
#: "farx": an export, which may lack fields, and is told by this from a table of articles that another program has made.
EXPORT_APPLICATION_ID = 0x66617278

#: Columns kept as JSON text, since SQLite has no lists.
LIST_COLUMNS: frozenset[str] = frozenset({"authors", "tags", "images", "warnings"})
REQUIRED: frozenset[str] = frozenset(
    {"publisher", "article_id", "url", "headline", "body", "fetched_at", "content_hash", "revision", "schema_version"}
)
#: Columns that hold a number; all others hold text.
NUMBERS = ("revision", "schema_version")
#: The stored Jalali day of an article. The index articles_by_day holds it.
JALALI_DAY = f"substr(published_jalali, 1, {STORED_DAY})"
#: ``warnings`` is filled where something is wrong, and the others say nothing that the timestamp does not.
_NO_FILL = frozenset({"warnings", "published_precision", "published_date", "published_jalali_date"})
#: Fields that an article may lack, and the body, which a page of pictures lacks.
FILL_FIELDS: tuple[str, ...] = tuple(name for name in FIELD_NAMES if name == "body" or name not in REQUIRED | _NO_FILL)


def has_value(name: str) -> str:
    """Return the expression that is 1 where a field of FILL_FIELDS has a value, and 0 where it has none."""
    return f"CASE WHEN {name} IS NOT NULL AND {name} NOT IN ('', '[]') THEN 1 ELSE 0 END"


def _column(name: str) -> str:
    kind = "INTEGER" if name in NUMBERS else "TEXT"
    needed = " NOT NULL" if name in REQUIRED or name in LIST_COLUMNS else ""
    return f"{name} {kind}{needed}"


_KEY = ("publisher", "article_id")


def _table(name: str, columns: Sequence[str], *key: str) -> str:
    lines = list(map(_column, columns))
    if all(one in columns for one in key):
        lines.append(f"PRIMARY KEY ({', '.join(key)})")
    return f"CREATE TABLE {name} (\n  " + ",\n  ".join(lines) + "\n)"


def articles_table(columns: Sequence[str]) -> str:
    """Return the statement that makes a table of articles with some of the fields, with the key if both are there."""
    return _table("articles", columns, *_KEY)


def _revisions(columns: Sequence[str]) -> str:
    """Return the table of every superseded row, as it stood."""
    return _table("revisions", columns, *_KEY, "revision")


def _keep_revision(columns: Sequence[str]) -> str:
    """Return the trigger that keeps a superseded row even when a foreign tool updates the table."""
    return f"""CREATE TRIGGER keep_revision BEFORE UPDATE ON articles
        WHEN old.content_hash IS NOT new.content_hash
        BEGIN INSERT OR IGNORE INTO revisions ({", ".join(columns)})
              VALUES ({", ".join(f"old.{name}" for name in columns)}); END"""


ARTICLES_TABLE = articles_table(FIELD_NAMES)
#: The columns of an article that a superseded revision keeps.
KEPT_COLUMNS = FIELD_NAMES

#: The fields of version 1 of their schema, which archives up to version 3 hold.
FIELDS_1: tuple[str, ...] = (
    *("publisher", "article_id", "url", "permalink", "kicker", "headline", "subtitle", "dateline", "lead", "body"),
    *("section", "agency", "authors", "tags", "images", "published_text", "published_at", "published_jalali"),
    *("published_precision", "modified_at", "fetched_at", "content_hash", "revision", "warnings"),
)
_VERSION_1: tuple[str, ...] = (
    articles_table(FIELDS_1),
    "CREATE INDEX articles_by_time ON articles (published_at)",
    _revisions(FIELDS_1),
    _keep_revision(FIELDS_1),
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
    # 1 where a page of the address was kept (archive/kept/pages.py); it is committed before this row.
    "ALTER TABLE visits ADD COLUMN page_kept INTEGER",
    # What `reparse` may turn into articles: a start of a crawl counts it.
    """CREATE INDEX visits_to_reread ON visits (publisher, rules)
       WHERE page_kept AND outcome IN ('not-article', 'missing')""",
)


def _version_3(db: sqlite3.Connection) -> None:
    for statement in _VERSION_3:
        db.execute(statement)


_VALUES_OF_1 = {name: OF_VERSION_1.get(name, name) for name in FIELD_NAMES}


def _version_4(db: sqlite3.Connection) -> None:
    """Bring articles and revisions into version 2 of their fields; none of them counts as changed."""
    add_functions(db)
    replaced = ("articles_by_time", "articles_by_day", "keep_revision")
    for table, made in (("articles", articles_table), ("revisions", _revisions)):
        before, after = made(FIELDS_1), made(FIELD_NAMES)
        rewrite(db, table, before=before, after=after, values=_VALUES_OF_1, replaced=replaced)
    db.execute("CREATE INDEX articles_by_time ON articles (published_at)")
    db.execute("CREATE INDEX articles_by_day ON articles (publisher, published_jalali, article_id)")
    db.execute(_keep_revision(FIELD_NAMES))
    # The version of the fields in an export file; a file goes on in its own version alone.
    db.execute("ALTER TABLE exports ADD COLUMN schema_version INTEGER NOT NULL DEFAULT 1")


_VERSION_5: tuple[str, ...] = (
    # When each publisher is asked next by `farscrawler watch` (archive/schedule.py); times are seconds since 1970.
    """CREATE TABLE schedule (
        publisher TEXT PRIMARY KEY,
        since REAL NOT NULL,
        due_at REAL NOT NULL,
        asked_at REAL,
        read_at REAL,
        kind TEXT,
        reason TEXT,
        failures INTEGER NOT NULL,
        cost REAL NOT NULL,
        article_requests REAL NOT NULL,
        articles REAL NOT NULL,
        day TEXT,
        requests INTEGER NOT NULL) WITHOUT ROWID""",
    # A watch of hundreds of sites makes millions of runs a year, and each crawl begins by a look at those before it.
    "CREATE INDEX runs_by_publisher ON runs (publisher, run)",
)


def _version_5(db: sqlite3.Connection) -> None:
    for statement in _VERSION_5:
        db.execute(statement)


#: MIGRATIONS[n] leads from version n to n + 1; each runs in a transaction of its own.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _version_1,
    _version_2,
    _version_3,
    _version_4,
    _version_5,
)
VERSION = len(MIGRATIONS)


def _show_version_4(db: sqlite3.Connection) -> None:
    for statement in _VERSION_5:
        if statement.startswith("CREATE TABLE"):
            db.execute(statement.replace("CREATE TABLE", "CREATE TEMP TABLE"))


def _show_version_3(db: sqlite3.Connection) -> None:
    _show_version_4(db)
    add_functions(db)
    columns = ", ".join(f"{SHOWN_OF_VERSION_1.get(name, name)} AS {name}" for name in FIELD_NAMES)
    for table in ("articles", "revisions"):
        db.execute(f"CREATE TEMP VIEW {table} AS SELECT rowid AS rowid, {columns} FROM main.{table}")


def _show_version_2(db: sqlite3.Connection) -> None:
    db.execute("CREATE TEMP VIEW visits AS SELECT *, NULL AS rules, NULL AS page_kept FROM main.visits")
    _show_version_3(db)


#: The older versions that can be read without a migration, each with what shows them as the newest one to a connection.
READABLE: dict[int, Callable[[sqlite3.Connection], None]] = {
    2: _show_version_2,
    3: _show_version_3,
    4: _show_version_4,
}


def rows_to_rewrite(db: sqlite3.Connection) -> int:
    """Return how many articles, about, a migration will rewrite; 0 where it takes no time."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if not 0 < version < MIGRATIONS.index(_version_4) + 1:
        return 0
    try:
        return int(db.execute("SELECT coalesce(max(rowid), 0) FROM articles").fetchone()[0])
    except sqlite3.DatabaseError:  # which the migration meets too
        return 0


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
