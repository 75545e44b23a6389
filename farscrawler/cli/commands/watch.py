"""`farscrawler watch [PUBLISHER …]`: keep publishers current, each asked when it is due."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from farscrawler.cli.watching import WatchingCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.schedule.contract import Crawls


class Command(WatchingCommand):
    """The watch command."""

    #: A crawl asks a site for a page a second, and takes some 90 MB as a process; eight fetch 690,000 pages a day.
    at_once = 8
    at_once_help = "number of crawls at a time"
    once_help = "crawl what is due now, and end"

    def long_desc(self) -> str:
        return (
            "Keep publishers current: the named ones, a --family, or --all. Each is crawled incrementally, in a "
            "process of its own, when it is due: as often as it publishes at that hour of the week, within "
            "WATCH_MIN_INTERVAL, WATCH_MAX_INTERVAL and WATCH_REQUESTS_PER_DAY, and later the more often it has "
            "failed. The schedule is kept in the archive. The command runs until Ctrl-C or SIGTERM, after which crawls "
            "finish what is in flight; --once ends when all that was due has been crawled. --status shows lags and "
            "what is overdue, also while a watch runs. Exit codes: 0 done; 1 failed; 2 bad arguments; 3 a crawl of "
            "--once ended with pending addresses, or --status found a publisher overdue; 75 another watch runs; 130 "
            "interrupted."
        )

    @contextmanager
    def crawls_of(self, archive: Archive, words: list[str]) -> Iterator[Crawls]:
        """Give processes of this machine."""
        from farscrawler.schedule.local_crawls import LocalCrawls

        yield LocalCrawls(words)
