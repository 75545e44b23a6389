"""Give a table other columns: its rows go over into a new one, and what others have added to it is kept.

Columns have the order of the schema in every archive: of two archives with another order, `INSERT … SELECT *` would mix
up the texts without a word. So a column cannot simply be added at the end.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from farscrawler.days import MARK, STORED_DAY, date_fields, plain_jalali, stored_jalali

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

#: Rows that are copied and deleted together: what a step frees, the next one takes, so that the file grows by little.
_ROWS = 2_000
_FORMER = "former"
_HIDDEN = 6  # the place in `PRAGMA table_xinfo` that tells a generated column

#: Whether a value may be a Jalali time: ASCII alone, since a function in Python raises for a text that is no UTF-8.
_MAYBE_TIME = """typeof(published_jalali) = 'text' AND length(published_jalali) BETWEEN 10 AND 22
    AND length(CAST(published_jalali AS BLOB)) = length(published_jalali)
    AND published_jalali NOT GLOB '*[^0-9SHT:/ -]*'"""
#: The columns that differ in version 2 of the schema, each computed of a row of version 1.
OF_VERSION_1: dict[str, str] = {
    "published_date": f"CASE WHEN {_MAYBE_TIME} THEN of_version_1(published_jalali, 1) END",
    "published_jalali": f"CASE WHEN {_MAYBE_TIME} THEN of_version_1(published_jalali, 0) ELSE published_jalali END",
    "published_jalali_date": f"CASE WHEN {_MAYBE_TIME} THEN of_version_1(published_jalali, 2) END",
    "schema_version": "2",
}
#: The same to be read by: a page of rows is looked for among all of them, and this is five times as fast. It is right
#: for every value that is not damaged.
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_IS_TIME = f"""typeof(published_jalali) = 'text'
    AND (published_jalali GLOB '{_DAY}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' OR published_jalali GLOB '{_DAY}')"""
SHOWN_OF_VERSION_1: dict[str, str] = {
    "published_date": f"""CASE WHEN published_at IS NULL THEN {OF_VERSION_1["published_date"]}
        ELSE substr(published_at, 1, 10) END""",
    "published_jalali": f"""CASE WHEN {_IS_TIME} THEN '{MARK}' || replace(replace(published_jalali, '-', '/'), 'T', ' ')
        ELSE published_jalali END""",
    "published_jalali_date": f"""CASE
        WHEN {_IS_TIME} THEN '{MARK}' || replace(substr(published_jalali, 1, 10), '-', '/')
        WHEN published_jalali GLOB '{MARK}*' THEN substr(published_jalali, 1, {STORED_DAY}) END""",
    "schema_version": OF_VERSION_1["schema_version"],
}


def add_functions(db: sqlite3.Connection) -> None:
    """Register what these expressions call."""
    db.create_function("of_version_1", 2, lambda time, place: _of_version_1(time)[place], deterministic=True)


@lru_cache(maxsize=1)  # three columns of one row
def _of_version_1(time: str) -> tuple[str | None, ...]:
    """Return `published_jalali`, `published_date` and `published_jalali_date`; a damaged time stays as it is.

    One in today's form is taken too: another process may migrate what this one reads.
    """
    made = stored_jalali(time)
    stored = made if plain_jalali(made) == time and date_fields(made)[0] is not None else time
    return stored, *date_fields(stored)


def rewrite(
    db: sqlite3.Connection,
    table: str,
    *,
    before: str,
    after: str,
    values: Mapping[str, str],
    replaced: Sequence[str] = (),
) -> None:
    """Replace a table made by the statement ``before`` by that of ``after``, within the transaction of the caller.

    ``values`` are the expressions of the new columns, of the old row. Rowids stay. Indexes, triggers and columns that
    others have added stay too; those ``replaced`` are left to the caller.
    """
    found = db.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    if found is None:  # others have dropped it, and `check` says what it held
        db.execute(after)
        return
    beside = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE lower(tbl_name) = ? AND type IN ('index', 'trigger') "
        "AND sql IS NOT NULL ORDER BY rowid",
        (table,),
    ).fetchall()
    for kind, name, _ in beside:  # a row that goes over is neither deleted nor revised
        db.execute(f"DROP {kind} {_quoted(name)}")
    columns = {row[1]: row for row in db.execute(f"PRAGMA table_xinfo({table})")}
    added = [_quoted(name) for name, row in columns.items() if name not in values and not row[_HIDDEN]]
    (head, key), (old_head, old_key) = _parts(after), _parts(before)
    if found[0].startswith(old_head) and found[0].endswith(old_key):
        definitions = found[0][len(old_head) : -len(old_key)]
    else:  # others have made the whole table anew
        definitions = "".join(f", {name}" for name in added)
    db.execute("PRAGMA legacy_alter_table = ON")  # views and triggers of others go on to mean the new table
    try:
        db.execute(f"ALTER TABLE {table} RENAME TO {_FORMER}_{table}")
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")
    db.execute(head + definitions + key)
    there = {name: value for name, value in values.items() if name != value or name in columns}
    _move(db, table, {**there, **dict(zip(added, added, strict=True))})
    db.execute(f"DROP TABLE {_FORMER}_{table}")
    for _, name, statement in beside:
        if name not in replaced:
            db.execute(statement)


def _move(db: sqlite3.Connection, table: str, values: Mapping[str, str]) -> None:
    copy = f"""INSERT INTO {table} (rowid, {", ".join(values)})
        SELECT rowid, {", ".join(values.values())} FROM {_FORMER}_{table} WHERE rowid <= ?"""
    while True:
        last = db.execute(
            f"SELECT max(rowid) FROM (SELECT rowid FROM {_FORMER}_{table} ORDER BY rowid LIMIT ?)", (_ROWS,)
        ).fetchone()[0]
        if last is None:
            return
        db.execute(copy, (last,))
        db.execute(f"DELETE FROM {_FORMER}_{table} WHERE rowid <= ?", (last,))


def _parts(statement: str) -> tuple[str, str]:
    """Return a statement before and behind the place where SQLite puts an added column."""
    at = statement.index(",\n  PRIMARY KEY")
    return statement[:at], statement[at:]


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
