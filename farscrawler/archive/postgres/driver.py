"""PgQueuer on the connection of an archive: the same keepalives, limits and namespace, and the same transactions.

PgQueuer's own manager ends when the database restarts, and settles jobs that another worker has taken meanwhile. Its
statements are used alone therefore: they pick, beat, put off, hold and cancel jobs.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from psycopg import RawCursor
from psycopg.rows import dict_row

from farscrawler.archive.postgres.schema import MAKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import psycopg
    from pgqueuer.ports.driver import Driver

T = TypeVar("T")


class ConnectionDriver:
    """What PgQueuer's statements are said to: a connection that answers before it returns, and may be made again.

    Of a driver of PgQueuer's it has what its statements call; listening and tasks belong to its manager.
    """

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Return the rows of a statement by the names of their columns."""
        with RawCursor(self.connection, row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), args or None).fetchall()

    async def execute(self, query: str, *args: object) -> str:
        """Execute a statement, and return what the server says of it."""
        with RawCursor(self.connection) as cursor:
            return cursor.execute(query.encode(), args or None).statusmessage or ""

    async def notify(self, channel: str, payload: str) -> None:
        """Send a payload to those who listen to a channel."""
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)


def answer(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine of PgQueuer's returns; none waits, since the driver answers before it returns."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        value: T = ended.value
        return value
    coroutine.close()
    raise RuntimeError("a statement of PgQueuer's waits for something else than the database")


def queries_on(driver: ConnectionDriver) -> Queries:
    """Return PgQueuer's statements for its tables in the namespace of a connection.

    All names are said here: PgQueuer takes them from variables of the environment else.
    """
    row = driver.connection.execute("SELECT current_schema()").fetchone()
    space = hashlib.blake2b(str(row and row[0]).encode(), digest_size=8).hexdigest()
    settings = DBSettings(
        prefix="",
        db_schema=None,
        channel=Channel(f"farscrawler_jobs_{space}"),  # a channel is the whole database's, whatever the namespace
        function="fn_pgqueuer_changed",
        statistics_table="pgqueuer_statistics",
        queue_status_type="pgqueuer_status",
        queue_table="pgqueuer",
        queue_table_log="pgqueuer_log",
        trigger="tg_pgqueuer_changed",
        schedules_table="pgqueuer_schedules",
        durability=Durability.durable,
        widen_id=True,
    )
    return Queries(
        cast("Driver", driver),
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


def make(queries: Queries, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Make PgQueuer's tables where they are not there, and bring older ones up to date."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock($1)", (MAKING,))
        if not answer(queries.schema_is_installed()):
            answer(queries.install(create_schema=False))
            return
    if answer(queries.plan_upgrade()).statements:
        answer(queries.apply_upgrade())
