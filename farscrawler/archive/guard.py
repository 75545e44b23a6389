"""Guard: whether the files under a run are still those that it opened.

Whoever removes, moves or replaces an archive that is open takes its name from it: SQLite goes on writing into a file
that nobody finds any more. So each commit looks, at a microsecond for each file, and none is made into the void.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from farscrawler.errors import ArchiveError
from farscrawler.files import identity
from farscrawler.locations import Server

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock

    from farscrawler.archive.database import Database
    from farscrawler.locations import Location


class Lock(Protocol):
    """A lock that is held for as long as its process lives, or until it is released."""

    @property
    def is_locked(self) -> bool:
        """Whether it is held."""

    def release(self) -> None:
        """Give it back."""


class AnyGuard(Protocol):
    """What looks, before each commit, whether the database is still the one that was opened."""

    def check(self, db: Database) -> None:
        """Raise ArchiveError where it is not; ``db`` is the database, in the transaction that is to be committed."""


class Guard:
    """The identity of an open SQLite file, of its write-ahead log, and of the locks that its run holds.

    ``name`` is what sentences call the file.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._log = path.with_name(f"{path.name}-wal")
        self._file = identity(path)
        self._log_file: tuple[int, int] | None = None
        self._locks: list[tuple[BaseFileLock, Path, tuple[int, int] | None]] = []

    def add_lock(self, lock: BaseFileLock, path: Path) -> None:
        """Look after a lock that was taken, as long as it is held."""
        self._locks = [one for one in self._locks if one[0].is_locked]
        self._locks.append((lock, path, identity(path)))

    def check(self, db: Database) -> None:  # noqa: ARG002  # a file is looked at
        """Raise ArchiveError where another hand has taken away one of the files since it was opened."""
        found = identity(self._path)
        if found != self._file:
            how = "was removed or moved" if found is None else "was replaced by another file"
            raise ArchiveError(
                f"{self._path}: the {self._name} {how} while this run was at work. What was fetched since its last "
                "commit is not stored and stays pending. Put the file back, or choose another, and run the same "
                "command again."
            )
        log = identity(self._log)
        if self._log_file is None:
            self._log_file = log
        if log != self._log_file:
            raise ArchiveError(
                f"{self._log}: this part of the {self._name} was removed or replaced while this run was at work. What "
                "was committed is whole; run `farscrawler check`, and then the same command again."
            )
        for lock, path, was in self._locks:
            if lock.is_locked and identity(path) != was:
                raise ArchiveError(
                    f"{path}: the lock of this run was removed or replaced, so that a second run may be at work. What "
                    "was committed is whole; see that no other run is at work, and run the same command again."
                )


class ServerGuard:
    """The locks that a run holds in a database: they lapse where nobody renews them."""

    def __init__(self) -> None:
        self._locks: list[ServerLock] = []

    def add(self, lock: ServerLock) -> None:
        """Look after a lock that was taken, as long as it is held."""
        self._locks = [one for one in self._locks if one.is_locked]
        self._locks.append(lock)

    def check(self, db: Database) -> None:
        """Raise HeldError where another run has taken a lock; until the end of the transaction none can take it."""
        for lock in self._locks:
            if lock.is_locked:
                lock.check(db)


class ServerLock(Lock, Protocol):
    """A lock in a database."""

    def check(self, db: Database) -> None:
        """Raise HeldError where another run has taken it; until the end of the transaction none can."""


class SharedTurns(Protocol):
    """The turns of all runs, on all machines, at hosts that they share. Its methods wait for a database."""

    def turn(self, host: str, pause: float) -> float:
        """Return the seconds until this run may ask a host; the next turn is ``pause`` later. Raise ArchiveError."""

    def hold_off(self, host: str, seconds: float) -> None:
        """Give no turn at a host to any run for so many seconds. Raise ArchiveError."""


def guard_of(path: Location, name: str) -> Guard | ServerGuard:
    """Return what looks after an open database, which sentences call ``name``."""
    return ServerGuard() if isinstance(path, Server) else Guard(path, name)
