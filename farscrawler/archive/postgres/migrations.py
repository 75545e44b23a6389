"""Steps from one version of the tables in a database to the next.

The steps of an SQLite file (archive/schema.py) are Python over SQLite. Here each is statements, all steps in one
transaction, and the functions of the newest version are made anew after them. Databases begin with version 5 of the
archive and 1 of the kept pages: whoever adds a step there adds one here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.postgres.statements import table_of
from farscrawler.errors import ArchiveError, HeldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import psycopg

    from farscrawler.locations import Server

#: By kind, and by the version that a step begins with. CREATE TABLE and ALTER TABLE are written in SQLite's types.
STEPS: Mapping[str, Mapping[int, Sequence[str]]] = {}
_AT_WORK = """SELECT name, host, pid FROM locks
    WHERE holder IS NOT NULL AND until > extract(epoch FROM clock_timestamp()) ORDER BY name LIMIT 1"""


def can_migrate(kind: str, found: int, newest: int) -> bool:
    """Whether there is a step from each version to the next one."""
    return all(version in STEPS.get(kind, {}) for version in range(found, newest))


def migrate(db: psycopg.Connection[tuple[Any, ...]], server: Server, kind: str, found: int, newest: int) -> None:
    """Bring the tables of a kind up to date, in the transaction that is open.

    Raise ArchiveError where there is no step, and HeldError while runs are at work, which know the older tables.
    """
    if not can_migrate(kind, found, newest):
        raise ArchiveError(
            f"{server} has the older schema {found}, which this farscrawler cannot bring up to date (it writes "
            f"{newest}). Copy it into a file with the farscrawler that made it (`farscrawler copy`), and the file into "
            "a new namespace with this one."
        )
    _refuse_while_at_work(db, server)
    for version in range(found, newest):
        for statement in STEPS[kind][version]:
            changes_table = statement.lstrip().startswith(("CREATE TABLE", "ALTER TABLE"))
            db.execute((table_of(statement) if changes_table else statement).encode())
    db.execute("UPDATE kinds SET version = $2 WHERE kind = $1", (kind, newest))


def _refuse_while_at_work(db: psycopg.Connection[tuple[Any, ...]], server: Server) -> None:
    there = db.execute("SELECT to_regclass('locks') IS NOT NULL").fetchone()
    found = db.execute(_AT_WORK).fetchone() if there is not None and there[0] else None
    if found is not None:
        name, host, pid = found
        raise HeldError(
            f"{server} is to be brought up to date, while process {pid} on {host} is at work on it ({name}). End all "
            "runs on all machines, upgrade farscrawler there, and run the same command again."
        )
