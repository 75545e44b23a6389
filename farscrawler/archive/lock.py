"""One run at a time for each archive and publisher.

The lock is the operating system's own on a file beside the archive: it goes with the process that holds it, however
that dies, so a dead holder never has to be cleared away. Who holds it is read from the table of runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from farscrawler.archive.errors import ArchiveError, HeldError

if TYPE_CHECKING:
    from farscrawler.archive.ledger import Ledger


def take(ledger: Ledger) -> FileLock:
    """Take the lock of an archive for a publisher. Raises HeldError naming the run that holds it."""
    path = ledger.archive.path.resolve()
    lock = FileLock(path.with_name(f"{path.name}.{ledger.publisher}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        run = ledger.last_run()
        holder = (
            f"run {run['run']} (process {run['pid']} on {run['host']}, since {run['started_at']})" if run else "a run"
        )
        raise HeldError(
            f"{holder} is crawling {ledger.publisher} into {ledger.archive.path} at this moment; "
            "wait for it, or crawl into another archive with -s ARCHIVE=FILE."
        ) from error
    except OSError as error:
        raise ArchiveError(f"{lock.lock_file} cannot be made ({error.strerror}).") from error
    return lock
