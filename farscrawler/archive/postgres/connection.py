"""Open an archive in a PostgreSQL database; a connection that is lost between two statements is made again."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import conninfo, pq, waiting
from psycopg.types.numeric import FloatLoader

from farscrawler.archive.postgres.errors import explained_of
from farscrawler.archive.postgres.schema import DEFAULT_NAMESPACE, is_made, make, version_of
from farscrawler.archive.postgres.statements import table_of, translated
from farscrawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from sqlite3 import Connection

    from farscrawler.locations import Server

#: What libpq is asked for unless the address says otherwise. A server that is gone is noticed after half a minute.
_PARAMETERS: dict[str, str | int] = {
    "application_name": "farscrawler",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
#: Seconds that an answer may take. A proxy that stops forwarding says nothing for ever, and keeps the connection up
#: meanwhile. Statements of `check` and `stats` take minutes on tens of millions of articles.
ANSWER_SECONDS = 3_600.0
#: The same of a run, which reads the rows of one publisher: seconds for a million of them. A job whose connection is
#: up and dead would hold its place for an hour else.
RUN_SECONDS = 300.0
#: The same of a batch, whose statements last milliseconds, and wait for another writer that is stopped for
#: as long as the server lets it (_IDLE_SECONDS). A batch is written again then.
WRITE_SECONDS = 90.0
#: The same of the first statement of a connection: one that stops answering as soon as it lets us in is given up soon.
FIRST_SECONDS = 30.0
#: Seconds in which a lost connection is tried again: a restart of a server takes a few.
RECONNECT_SECONDS = 30.0
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
#: A writer that is stopped in the middle of a transaction (SIGSTOP, a cut network) is ended by the server after this:
#: others wait for its locks.
_IDLE_SECONDS = 60
#: What each session is set to. The server asks after its clients too, by its own settings after two hours: a machine
#: that is gone would have its sessions for so long. That takes no effect on a socket of the file system. The last ones
#: but one are PostgreSQL's own defaults, which a database or a user may have been given otherwise, and ours rely on. To
#: compile a look at 1,000 jobs among 300,000 takes a second, and the look itself a tenth of it.
_SESSION = f"""SELECT set_config('TimeZone', 'UTC', false), set_config('client_encoding', 'UTF8', false),
    set_config('search_path', $1, false), set_config('idle_in_transaction_session_timeout', '{_IDLE_SECONDS}s', false),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false), set_config('DateStyle', 'ISO', false),
    set_config('IntervalStyle', 'postgres', false), set_config('standard_conforming_strings', 'on', false),
    set_config('default_transaction_isolation', 'read committed', false), set_config('jit', 'off', false)"""
#: As the server reads options: a backslash takes a blank into the value.
_SEARCH_PATH = re.compile(r"(?:-c\s*|--)search[_-]path=((?:\\.|\S)+)", re.IGNORECASE)


class _NumberLoader(FloatLoader):
    """Sums of numbers, which PostgreSQL has in a type of their own, as int, and averages as float."""

    def load(self, data: Any) -> Any:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else float(text)


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for an answer for so many seconds and no longer."""

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.0) -> Any:  # type: ignore[override]  # its types are psycopg's own
        ends = time.monotonic() + self.answer_seconds

        def watched() -> Generator[Any, Any, Any]:
            try:
                wanted = next(gen)
                while True:
                    ready = yield wanted
                    if not ready and time.monotonic() > ends:
                        raise psycopg.OperationalError(f"no answer for {self.answer_seconds:g} s")  # noqa: TRY301
                    wanted = gen.send(ready)
            except StopIteration as ended:
                return ended.value
            except psycopg.OperationalError:
                if time.monotonic() > ends:
                    self.pgconn.finish()  # nothing that comes late may be taken for the next answer
                raise

        try:
            return waiting.wait(watched(), self.pgconn.socket, interval=interval or 0.1)
        except KeyboardInterrupt:
            if self.pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def open_connection(
    server: Server, *, answer_seconds: float = ANSWER_SECONDS, connect_seconds: float | None = None
) -> _Connection:
    """Return a new connection, each statement of which is committed by itself. Raise psycopg.Error."""
    asked = conninfo.conninfo_to_dict(server.address)
    parameters = {name: value for name, value in _PARAMETERS.items() if name not in asked}
    if connect_seconds is not None:
        parameters["connect_timeout"] = round(connect_seconds)
    db = _Connection.connect(
        server.address,
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
        **parameters,  # type: ignore[arg-type]
    )
    db.answer_seconds = min(answer_seconds, FIRST_SECONDS)
    db.adapters.register_loader("numeric", _NumberLoader)
    # Said again, since PgBouncer passes no options on.
    own = _SEARCH_PATH.findall(str(asked.get("options") or ""))
    db.execute(_SESSION.encode(), (re.sub(r"\\(.)", r"\1", own[-1]) if own else DEFAULT_NAMESPACE,))
    db.answer_seconds = answer_seconds
    return db


class PostgresDatabase:
    """A database of an archive; statements are written for SQLite and translated."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = open_connection(server)
        self._answer_seconds = ANSWER_SECONDS

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; a lost connection has none."""
        return not self.connection.closed and self.connection.info.transaction_status not in (
            pq.TransactionStatus.IDLE,
            pq.TransactionStatus.UNKNOWN,
        )

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Execute a statement; one outside of a transaction is said again where the connection was lost before."""
        sql, order = translated(statement)
        chosen = [values[place] for place in order]
        began_inside = self.in_transaction
        try:
            return self.connection.execute(sql.encode(), chosen)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # Within a transaction what came before it is lost too.
            if began_inside or not self.is_lost or sql.startswith("COMMIT"):
                raise
            self.reconnect()
            return self.connection.execute(sql.encode(), chosen)

    @property
    def has_incoming(self) -> bool:
        """Whether this session has the tables of a batch; asked once in a transaction, which makes them else."""
        row = self.connection.execute("SELECT to_regclass('pg_temp.incoming_visits') IS NOT NULL").fetchone()
        return row is not None and bool(row[0])

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Execute a statement for each of the rows, without waiting for the answer to each."""
        sql, order = translated(statement)
        cursor = self.connection.cursor()
        cursor.executemany(sql.encode(), [[row[place] for place in order] for row in rows])
        return cursor

    def begin(self) -> None:
        """Begin a transaction that writes; other writers are not kept out."""
        self.execute("BEGIN")

    def recovers(self) -> bool:
        """Whether the connection was lost and is made again now. Raise psycopg.OperationalError where it cannot be."""
        lost = self.is_lost
        if lost:
            self.reconnect()
        return lost

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table by COPY, within a transaction."""
        with self.connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def count_on(self, table: str, column: str) -> None:
        """Let the numbers that a table gives by itself go on behind the highest one."""
        row = self.connection.execute("SELECT pg_get_serial_sequence($1, $2)", (table, column)).fetchone()
        if row is not None and row[0] is not None:
            self.execute(f"SELECT setval(?, greatest((SELECT max({column}) FROM {table}), 1))", row)

    def make(self, statement: str, /) -> None:
        """Make a table or an index, or fill it at its making."""
        self.execute(table_of(statement) if statement.lstrip().startswith("CREATE") else statement)

    def be_brief(self) -> None:
        """Wait for RUN_SECONDS for each answer from now on."""
        self._answer_seconds = self.connection.answer_seconds = RUN_SECONDS

    @contextlib.contextmanager
    def hurried(self) -> Iterator[None]:
        """Wait for WRITE_SECONDS for each answer."""
        before = self._answer_seconds
        self._answer_seconds = self.connection.answer_seconds = WRITE_SECONDS
        try:
            yield
        finally:
            self._answer_seconds = self.connection.answer_seconds = before

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self.connection.closed)

    def reconnect(self) -> None:
        """Make the connection again; a server that restarts is waited for. Raise psycopg.OperationalError."""
        self.connection.close()
        ends = time.monotonic() + RECONNECT_SECONDS
        for pause in (*_PAUSES, *(_PAUSES[-1:] * 1000)):
            try:
                self.connection = open_connection(self.server, answer_seconds=self._answer_seconds)
            except psycopg.OperationalError:
                if time.monotonic() > ends:
                    raise
                time.sleep(pause)
            else:
                return

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextlib.contextmanager
    def lenient(self) -> Iterator[None]:
        """Read texts as they are: PostgreSQL stores none that is not UTF-8."""
        yield

    def version(self, newest: int) -> int:
        """Return the newest version: no other one is opened."""
        return newest

    @contextlib.contextmanager
    def untriggered(self, table: str) -> Iterator[None]:
        """Call no trigger of a table for a while, within a transaction."""
        self.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        self.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def layout(self) -> int:
        """Return always the same: a row keeps its `rowid`."""
        return 1

    def number_of(self, column: str) -> str:
        """Return the expression for a text of digits as a number; NULL for another text."""
        return f"CASE WHEN {column} ~ '^[0-9]{{1,18}}$' THEN CAST({column} AS BIGINT) END"

    def long_key(self, column: str) -> str:
        """Return what tells the values of a column apart that may be longer than a key of an index: their digest."""
        return f"md5({column})"

    def octets_of(self, column: str) -> str:
        """Return the expression for the length of a text in UTF-8."""
        return f"octet_length({column})"

    def words_of(self, column: str) -> str:
        """Return the expression for the number of words of a text."""
        return f"words({column})"

    def definitions(self) -> list[list[str]]:
        """Return kind, name and definition of the tables, indexes and triggers of the archive's namespace."""
        return [list(row) for row in self.connection.execute(_DEFINITIONS)]


_DEFINITIONS = b"""
    SELECT 'table', c.relname::text, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
        ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind = 'r' GROUP BY c.relname
    UNION ALL
    SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL
    SELECT 'trigger', t.tgname::text, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND NOT t.tgisinternal
    ORDER BY 1 DESC, 2"""


def connect(
    server: Server, *, readonly: bool, name: str, migrations: Sequence[Callable[[Connection], None]]
) -> PostgresDatabase:
    """Open the tables of one kind in a database; make them unless ``readonly``. Raise ArchiveError."""
    with explained_of(server):
        db = PostgresDatabase(server)
        try:
            with db.hurried():  # only what is made now, or brought up to date, takes long
                _refuse_encoding(db)
                _refuse_shared_sessions(db)
                if readonly:
                    _refuse_empty(db, name, len(migrations))
                    db.execute("SELECT set_config('default_transaction_read_only', 'on', false)")
                is_newest = readonly or version_of(db.connection, server, name, len(migrations)) == len(migrations)
            if not is_newest:
                make(db.connection, server, name, migrations)
        except BaseException:
            db.close()
            raise
    return db


def _refuse_encoding(db: PostgresDatabase) -> None:
    encoding = db.connection.execute("SHOW server_encoding").fetchone()
    if encoding is not None and encoding[0] != "UTF8":
        raise ArchiveError(
            f"{db.server}: the encoding of the database is {encoding[0]}, which has no Persian letters. Make another "
            "one: createdb -E UTF8 -l C.UTF-8 -T template0 NAME."
        )


def _refuse_shared_sessions(db: PostgresDatabase) -> None:
    """Raise ArchiveError where a pooler hands one session of the server to several clients.

    Its number of the session is another one than the server's. By session, a second connection can never get the
    session of the first one. By transaction, the session that was used last is the next one's; while that one keeps
    it, the first connection gets another.
    """
    session = session_of(db.connection)
    if session == db.connection.info.backend_pid:
        return
    with open_connection(db.server, answer_seconds=WRITE_SECONDS) as other, other.transaction():
        if session_of(other) == session or session_of(db.connection) != session:
            raise ArchiveError(shared_sessions(db.server))


def session_of(db: psycopg.Connection[tuple[Any, ...]]) -> int:
    """Return the server's number of the session that a connection has at this moment."""
    row = db.execute("SELECT pg_backend_pid()").fetchone()
    return row[0] if row is not None else 0


def shared_sessions(server: Server) -> str:
    """Return the sentence for statements that go to several sessions of the server."""
    return (
        f"{server}: its statements go to several sessions of the server, as by PgBouncer with pool_mode=transaction, "
        "so that no setting of a session holds. Name the server itself, or pool by session."
    )


def _refuse_empty(db: PostgresDatabase, name: str, newest: int) -> None:
    if not is_made(db.connection, db.server, name, newest):
        raise ArchiveError(f"{db.server} has no {name} yet. Crawl first, or name another archive with --archive ….")


def has(server: Server, name: str, migrations: Sequence[Callable[[Connection], None]]) -> bool:
    """Whether a database has the tables of one kind. Raise ArchiveError where it cannot be asked."""
    with explained_of(server), open_connection(server, answer_seconds=WRITE_SECONDS) as db:
        return is_made(db, server, name, len(migrations))


def size_of(server: Server, tables: Sequence[str]) -> int:
    """Return the bytes that some tables take, with their indexes. Raise ArchiveError where they cannot be asked."""
    with explained_of(server), open_connection(server, answer_seconds=WRITE_SECONDS) as db:
        marks = ", ".join(f"${at + 1}" for at in range(len(tables)))
        row = db.execute(
            f"""SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::BIGINT
                FROM unnest(ARRAY[{marks}]::text[]) AS name""".encode(),  # marks alone
            tables,
        ).fetchone()
    return int(row[0]) if row is not None else 0
