"""The lock of an export file: one run at a time writes into a file, whatever archive it crawls into.

The lock is the operating system's, on a file of its own beside the export, which goes when the run ends; and on the
export itself, which may have two names (hard links).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from farscrawler.errors import ExportError, HeldError
from farscrawler.files import identity

if TYPE_CHECKING:
    from pathlib import Path

#: What file systems say that know no such lock: there a file is not looked after, as before.
_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK})
#: A holder that ends takes its lock's name away between our opening and locking it; it is taken again at once.
_TRIES = 100
_LONGEST = 500  # bytes of a holder's words about itself


class ExportLock:
    """A held lock; ``release`` gives it back."""

    def __init__(self, path: Path, *, who: str, database: bool = False) -> None:
        """Take the lock of a file, for ``who`` as other runs will name it. Raise HeldError where another run has it.

        SQLite keeps its journal by the name of a file, so that a ``database`` with two names is refused: ExportError.
        """
        self._path = path
        self._lock = path.with_name(f".{path.name}.lock")
        self._descriptors: list[int] = []
        try:
            self._take_file(f"{who} (process {os.getpid()} on {socket.gethostname()})")
            if database:
                _refuse_second_name(path)
            elif path.is_file():
                # SQLite's own locks would go with the closing of any other descriptor of the file.
                self._take(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "another run, by another name")
        except OSError as error:
            self.release()
            raise ExportError(f"{path} cannot be locked ({error.strerror or error}).") from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Give the lock back, and remove its file."""
        if self._descriptors and _is(self._lock, self._descriptors[0]):
            with suppress(OSError):
                self._lock.unlink()
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _take_file(self, holder: str) -> None:
        for _ in range(_TRIES):
            try:
                descriptor = os.open(
                    self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644
                )
            except OSError as error:
                if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):  # the file itself may be writable
                    return
                raise
            said = os.pread(descriptor, _LONGEST, 0).decode("utf-8", "replace").strip()
            self._take(descriptor, said or "another run")
            if _is(self._lock, descriptor):
                with suppress(OSError):  # a full disk; who holds it is of use, and not needed
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, holder.encode("utf-8", "replace")[:_LONGEST], 0)
                return
            os.close(self._descriptors.pop())
        raise HeldError(f"{self._path}: its lock {self._lock} comes and goes; see what is at work there.")

    def _take(self, descriptor: int, holder: str) -> None:
        self._descriptors.append(descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptors.pop())
            raise HeldError(
                f"{self._path} is being written by {holder}; wait for it, or choose another file for the export."
            ) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise


def _is(path: Path, descriptor: int) -> bool:
    found = os.fstat(descriptor)
    return identity(path) == (found.st_dev, found.st_ino)


def _refuse_second_name(path: Path) -> None:
    if path.is_file() and path.stat().st_nlink > 1:
        raise ExportError(
            f"{path} has a second name (a hard link), under which SQLite would not see what is written under this "
            "one. It was left untouched: choose another file."
        )


def check_there(path: Path, known: tuple[int, int] | None) -> None:
    """Raise ExportError where another hand has taken a file away, or put another in its place, since it was opened."""
    found = identity(path)
    if found != known:
        how = "was removed or moved" if found is None else "was replaced by another file"
        raise ExportError(
            f"{path}: the export {how} while this run was at work. What is stored is safe in the archive: put the file "
            "back, or choose another, and run the same command again."
        )
