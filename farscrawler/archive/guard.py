"""Guard: whether the files under a run are still those that it opened.

Whoever removes, moves or replaces an archive that is open takes its name from it: SQLite goes on writing into a file
that nobody finds any more. So each commit looks, at a microsecond for each file, and none is made into the void.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.errors import ArchiveError
from farscrawler.files import identity

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock


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

    def check(self) -> None:
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
