"""`farscrawler schedule [PUBLISHER …]`: keep publishers current by the workers of many machines."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from farscrawler.cli.queued import queue_server
from farscrawler.cli.watching import WatchingCommand
from farscrawler.errors import ArchiveError, HeldError, ServerAwayError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.locations import Server
    from farscrawler.schedule.contract import Crawls

logger = logging.getLogger("farscrawler.watch")

#: Seconds between two tries to reach a database that is away.
_RECONNECT_EVERY = 5.0


class Command(WatchingCommand):
    """The schedule command."""

    #: So many that a dozen workers of eight find work; a job that waits here for longer is no sooner done elsewhere.
    at_once = 100
    at_once_help = "number of its jobs in the queue at a time, waiting and at work"
    once_help = "learn from the jobs that have ended, add those that are due, and end"

    who_crawls = "the schedule and workers run (`farscrawler jobs list`)"

    def long_desc(self) -> str:
        return (
            "Keep publishers current by the workers of many machines: the named publishers, a --family, or --all. It "
            "crawls nothing itself: when a publisher is due, an incremental crawl is added to the queue in the "
            "PostgreSQL database of the archive, and `farscrawler worker` does it on any machine. When a publisher is "
            "due is the same as with `watch`: WATCH_MIN_INTERVAL, WATCH_MAX_INTERVAL and WATCH_REQUESTS_PER_DAY bound "
            "it. The queue and the schedule in the archive are all its state: it may be killed and started again at "
            "any time. While it runs it waits for a database that is away. Exit codes: 0 done; 1 failed; 2 bad "
            "arguments; 3 the requests of the day are spent with --once, or --status found a publisher overdue; 75 a "
            "watch or another schedule of the archive runs; 130 interrupted."
        )

    def check_archive(self) -> None:
        """Raise BadArgumentError where ARCHIVE is a file."""
        self._server = queue_server(self.settings["ARCHIVE"], "farscrawler watch")

    _server: Server

    def queued(self) -> frozenset[str]:
        """Return the publishers whose jobs no worker has taken yet."""
        from farscrawler.archive.postgres.queue import JobQueue

        try:
            with JobQueue(self._server, make_tables=False) as queue:
                return queue.waiting_publishers()
        except ArchiveError:  # who may only read, and an archive without jobs
            return frozenset()

    def keep(self, chosen: list[str], opts: argparse.Namespace) -> None:
        """Begin anew after the database was away: all that is known is there."""
        is_told = False
        while True:
            try:
                super().keep(chosen, opts)
            except HeldError:
                raise
            except ArchiveError as error:
                if opts.once or not self.has_begun or not isinstance(error, ServerAwayError):
                    raise
                if not is_told:
                    from farscrawler.archive.postgres.errors import without_advice

                    said = without_advice(self._server, error)
                    logger.warning("%s It is tried again every %g seconds.", said, _RECONNECT_EVERY)
                is_told = True
                time.sleep(_RECONNECT_EVERY)
            else:
                return

    @contextmanager
    def crawls_of(self, archive: Archive, words: list[str]) -> Iterator[Crawls]:
        """Give jobs of the queue; settings are the workers' own."""
        from farscrawler.archive.postgres.queue import JobQueue
        from farscrawler.cluster.scheduled import QueuedCrawls

        with JobQueue(self._server) as queue:
            yield QueuedCrawls(archive, queue)
