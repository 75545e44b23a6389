"""Locks in a database, as leases: each is a row that a thread of its run renews, and that lapses where nobody does.

A lock of a session would be free as soon as its connection ends, and held for as long as the server believes in it: for
hours where a network drops all packets, and not at all after a restart of the server, while the run goes on asking its
sites. So a row says who holds a name, and until when by the server's clock. A run that dies is followed by one of the
same machine at once, and by others when its lease is over.

Let a confirmation be asked for at the moment t. The run sends requests until t + ``lease`` (`Lease`), which end by
t + ``lease`` + ``in_flight`` at the latest. The server counts from when it hears the question, which is no earlier than
t, and gives the lock to nobody for that time and a margin. Neither clock has to be right: both only have to run, and
not to be set ahead by more than the margin meanwhile. Not covered: a site that takes longer than ``in_flight`` for an
answer whose crawl is frozen and cannot hang up.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import psycopg

from farscrawler.archive.lease import Lease, machine_seconds
from farscrawler.archive.postgres.connection import open_connection, session_of, shared_sessions
from farscrawler.archive.postgres.errors import explained_of
from farscrawler.archive.postgres.holders import Holder, this_process
from farscrawler.archive.postgres.schema import make
from farscrawler.days import duration
from farscrawler.errors import ArchiveError, HeldError
from farscrawler.settings import LEASE_SECONDS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from farscrawler.archive.database import Database
    from farscrawler.locations import Server

    Connection = psycopg.Connection[tuple[Any, ...]]

#: Renewals in the time of a lease: three may be lost.
_RENEWALS = 4
#: The share of a lease that the lock is held beyond it: a busy process cuts a request off later than it should.
_MARGIN = 0.25
#: Seconds that the server may take to answer a renewal, and to be connected to.
_ANSWER_SECONDS = 5.0
#: Renewals in a row that fail before the run is ended, and the seconds between them: a minute for a server that is not
#: there, some ten for one that does not answer. Commits fail earlier.
_FAILURES = 60
_TRY_AGAIN = 1.0
#: Seconds between two renewals, at most, so that a connection is used before a firewall forgets it.
_LONGEST = 30.0
#: Seconds for a lock that another session has under its hand: its transaction is a commit, or a run that stands still.
_WAIT = "2s"
#: Seconds for which no name is held or left alone from now on. More was said by a clock of the server's that was set
#: back since, by hours where the machine's had local time: a holder that lives says it anew within _LONGEST.
_LONGEST_HELD = 3_600.0

_NOW = "extract(epoch FROM clock_timestamp())"


def _version_1(db: sqlite3.Connection) -> None:
    # The second key is for _MINE: whoever takes a name changes that key, and waits for a commit of the holder's before;
    # who renews it does not.
    db.execute(
        """CREATE TABLE locks (
            name TEXT NOT NULL PRIMARY KEY,
            holder TEXT,
            until REAL NOT NULL DEFAULT 0,
            host TEXT, machine TEXT, pid INTEGER, started INTEGER,
            UNIQUE (name, holder))"""
    )


_TRIM = f"UPDATE locks SET until = {_NOW} + $2 WHERE name = $1 AND until > {_NOW} + $2"
_LOOK = f"SELECT holder, until - {_NOW}, host, machine, pid, started FROM locks WHERE name = $1 FOR UPDATE"
_TAKE = f"""UPDATE locks SET holder = $2, until = {_NOW} + $3, host = $4, machine = $5, pid = $6, started = $7
    WHERE name = $1"""
_RENEW = f"UPDATE locks SET until = {_NOW} + $2 WHERE holder = $1"
_RELEASE = f"UPDATE locks SET holder = NULL, until = {_NOW} + $2 WHERE holder = $1"
#: A host that all runs share has a row without a holder: until when it was given away.
_TURN = f"""INSERT INTO locks (name, until) VALUES ($1, {_NOW} + $2) ON CONFLICT (name) DO UPDATE
    SET until = greatest(locks.until, {_NOW}) + $2 RETURNING until - $2 - {_NOW}"""
_HOLD_OFF = f"""INSERT INTO locks (name, until) VALUES ($1, {_NOW} + $2) ON CONFLICT (name) DO UPDATE
    SET until = greatest(locks.until, {_NOW} + $2)"""
_MINE = "SELECT name FROM locks WHERE holder = ? FOR KEY SHARE"


class LeasedLock:
    """A lock of one or more names.

    ``is_locked``: it was taken, and not given back. Its ``lease`` says whether the run may ask.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.lease = Lease(LEASE_SECONDS)
        self._in_flight = 0.0
        self._server = server
        self._names = [name]
        self._token = uuid.uuid4().hex
        self._connection: Connection | None = None
        self._at_work = threading.Lock()  # the connection is one for the run and for the thread that renews
        self._over = threading.Event()
        self._session = 0
        self._failures = 0
        self.is_locked = False

    @property
    def _seconds(self) -> float:
        """The seconds for which the names belong to nobody else after a renewal."""
        return self.lease.seconds * (1 + _MARGIN) + self._in_flight

    def take(self) -> float | None:
        """Take the name and let a thread renew it; return the seconds until it lapses where another run has it.

        Raise psycopg.Error and ArchiveError.
        """
        db = self._connected()
        try:
            make(db, self._server, "locks", (_version_1,))
            left = self._taken(self._names[0])
        except BaseException:
            self._forget()
            raise
        if left is not None:
            self._forget()
            return left
        self.is_locked = True
        threading.Thread(target=self._keep, name=f"lock of {self._names[0]}", daemon=True).start()
        return None

    def take_also(self, name: str) -> float | None:
        """Take another name; return the seconds until it lapses where another run has it. Raise psycopg.Error."""
        with self._at_work:
            left = self._taken(name)
            if left is None:
                self._names.append(name)
        return left

    def ask(self, *, lease: float, in_flight: float, pause: float) -> None:
        """Hold hosts from now on: a confirmation holds for ``lease`` seconds, a request takes ``in_flight`` at most."""
        self.lease.seconds, self.lease.pause, self._in_flight = lease, pause, in_flight

    def _connected(self) -> Connection:
        """Return the connection, made anew where it was lost."""
        if self._connection is None:
            self._connection = open_connection(
                self._server, answer_seconds=_ANSWER_SECONDS, connect_seconds=_ANSWER_SECONDS
            )
            self._connection.execute("SELECT set_config('lock_timeout', $1, false)", (_WAIT,))
            self._session = session_of(self._connection)
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _taken(self, name: str) -> float | None:
        db = self._connected()
        asked = machine_seconds()
        try:
            with db.transaction():
                db.execute("INSERT INTO locks (name) VALUES ($1) ON CONFLICT DO NOTHING", (name,))
                db.execute(_TRIM.encode(), (name, max(_LONGEST_HELD, self._seconds)))
                row = db.execute(_LOOK, (name,)).fetchone()
                if row is None:
                    raise ArchiveError(f"{self._server}: a trigger or a rule keeps rows out of its table locks.")
                token, left, *process = row
                if token is not None and left > 0 and not Holder(*process).is_dead:
                    return float(left)
                db.execute(_TAKE, (name, self._token, self._seconds, *astuple(this_process())))
        except psycopg.errors.LockNotAvailable:
            return self._seconds
        # Another run has asked until it gave the lock back, or until we do not know when.
        self.lease.begin_in(max(left, 0) if token is None else self.lease.pause)
        self.lease.confirm(asked)
        return None

    def _keep(self) -> None:
        while not self._over.wait(min(self.lease.seconds / _RENEWALS, _TRY_AGAIN if self._failures else _LONGEST)):
            with self._at_work:
                if not self._over.is_set():
                    self._renew()

    def _renew(self) -> None:
        asked = machine_seconds()
        try:
            db = self._connected()
            if session_of(db) != self._session:
                self.lease.end(shared_sessions(self._server))
                return
            held = db.execute(_RENEW.encode(), (self._token, self._seconds)).rowcount
        except Exception as error:  # noqa: BLE001  # a thread that died of it would stop the run without a word
            self._forget()
            self._failures += 1
            if self._failures >= _FAILURES:
                self.lease.end(
                    f"{self._server}: its locks could not be renewed {self._failures} times in a row "
                    f"({str(error).strip() or type(error).__name__}). What was committed is whole; see that the "
                    "server is there, and run the same command again."
                )
            return
        self._failures = 0
        if held < len(self._names):
            self.lease.end(self._lost())
        else:
            self.lease.confirm(asked)

    def _lost(self) -> str:
        return (
            f"{self._server}: this run was cut off or stood still for so long that its lock lapsed, and another run "
            "has taken it. What was committed is whole; run the same command again when that one has ended."
        )

    def turn(self, host: str, pause: float) -> float:
        """Return the seconds until this run may ask a host that all runs share; the next turn is ``pause`` later.

        Any thread may call it. Raise ArchiveError.
        """
        row = self._say(_TURN, host, pause).fetchone()
        return float(row[0]) if row is not None else 0.0

    def hold_off(self, host: str, seconds: float) -> None:
        """Give no turn at a shared host to any run for so many seconds, for those that are not given yet.

        Any thread may call it. Raise ArchiveError.
        """
        self._say(_HOLD_OFF, host, seconds)

    def _say(self, statement: str, host: str, seconds: float) -> psycopg.Cursor[tuple[Any, ...]]:
        with self._at_work, explained_of(self._server):
            try:
                return self._connected().execute(statement.encode(), (f"turn {host}", seconds))
            except psycopg.Error:
                self._forget()
                raise

    def check(self, db: Database) -> None:
        """Raise HeldError where another run has taken the lock; until the end of the transaction none can take it.

        Raise ArchiveError.
        """
        with explained_of(self._server):
            mine = len(db.execute(_MINE, (self._token,)).fetchall())
        if mine < len(self._names):
            self.lease.end(self._lost())
            raise HeldError(self._lost())

    def release(self) -> None:
        """Give the lock back, with hosts that nobody asks before a pause is over; where that fails, it lapses."""
        if not self.is_locked:
            return
        self.is_locked = False
        self._over.set()
        # A renewal that gets no answer would be waited for in vain.
        if self._at_work.acquire(timeout=_ANSWER_SECONDS):
            try:
                if self._connection is not None:
                    with contextlib.suppress(psycopg.Error):
                        self._connection.execute(_RELEASE.encode(), (self._token, self.lease.pause))
            finally:
                self._forget()
                self._at_work.release()


def _lapses(left: float) -> str:
    return f" If it was killed on another machine, or cut off, its lock lapses in {duration(max(left, 1))}."


def taken(server: Server, name: str, held: Callable[[], str]) -> LeasedLock:
    """Take the lock of a name. Raise HeldError with the sentence of ``held`` where another run holds it."""
    lock = LeasedLock(server, name)
    with explained_of(server):
        left = lock.take()
    if left is not None:
        raise HeldError(held() + _lapses(left))
    return lock


def take_hosts(
    lock: object, server: Server, hosts: Iterable[str], *, lease: float, in_flight: float, pause: float
) -> Lease | None:
    """Take hosts for the run that holds a lock, so that no other one on any machine asks them meanwhile.

    Return the lease that says when they may be asked. Raise HeldError.
    """
    if not isinstance(lock, LeasedLock):
        return None
    lock.ask(lease=lease, in_flight=in_flight, pause=pause)
    for host in hosts:
        with explained_of(server):
            left = lock.take_also(f"host {host}")
        if left is not None:
            raise HeldError(
                f"another run asks {host} for {server} at this moment, from this machine or another one; wait for it, "
                f"so that the site is asked by one run at a time.{_lapses(left)}"
            )
    return lock.lease


def is_held(server: Server, name: str) -> bool:
    """Whether a run holds a name. Raise ArchiveError where the server cannot be asked."""
    with explained_of(server), contextlib.closing(open_connection(server, answer_seconds=_ANSWER_SECONDS)) as db:
        row = db.execute(f"SELECT holder IS NOT NULL AND until > {_NOW} FROM locks WHERE name = $1", (name,)).fetchone()
    return row is not None and bool(row[0])


def take_also(lock: object, server: Server, name: str) -> None:
    """Take another name with a lock that is held; nothing where another run has it."""
    if isinstance(lock, LeasedLock):
        with explained_of(server):
            lock.take_also(name)
