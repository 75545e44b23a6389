"""What `watch` and `schedule` have in common: who is kept current within which limits, their log, and their status."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand, UsageError, damage_told, name_of
from farscrawler.cli.logs import keep_log
from farscrawler.cli.output import say
from farscrawler.cli.settings_given import catalogue_of, set_again
from farscrawler.errors import ArchiveError, BadArgumentError, Exit, FarscrawlerError, HeldError

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from farscrawler.archive import Archive
    from farscrawler.archive.guard import Lock
    from farscrawler.schedule.budget import Limits
    from farscrawler.schedule.contract import Crawls
    from farscrawler.schedule.lag import Status

#: The figures of --metrics need a look at the articles of a week, which takes a second for each 100,000.
_METRICS_EVERY = 300.0


class WatchingCommand(LightCommand):
    """A command that crawls publishers when they are due; a subclass says by what crawls."""

    at_once: int
    at_once_help: str
    once_help: str
    #: What a sentence about publishers that are overdue asks to look after.
    who_crawls = "a watch runs"

    def syntax(self) -> str:
        return "[options] [PUBLISHER ...]"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--family", metavar="FAMILY", help="the publishers of a family, such as nastooh")
        parser.add_argument("--all", action="store_true", help="all publishers, some hundreds of sites")
        parser.add_argument("--once", action="store_true", help=self.once_help)
        parser.add_argument(
            "--status", action="store_true", help="show lags and what is overdue, of all or the named ones; no crawls"
        )
        parser.add_argument("--json", action="store_true", help="print the status as one JSON object")
        parser.add_argument(
            "--at-once",
            type=int,
            default=self.at_once,
            metavar="N",
            help=f"{self.at_once_help} (default: {self.at_once})",
        )
        parser.add_argument(
            "--metrics", type=Path, metavar="FILE", help="write figures of the watch for Prometheus into FILE"
        )

    def check_archive(self) -> None:
        """Raise BadArgumentError where ARCHIVE is none that the command works with."""

    def crawls_of(self, archive: Archive, words: list[str]) -> AbstractContextManager[Crawls]:
        """Give where the crawls are made; ``words`` are the options that every one of them is to get."""
        raise NotImplementedError

    def queued(self) -> frozenset[str]:
        """Return the publishers whose crawls wait for a worker."""
        return frozenset()

    def keep(self, chosen: list[str], opts: argparse.Namespace) -> None:
        """Keep publishers current until a signal comes, or for a round."""
        from farscrawler.archive import Archive

        with Archive(self.settings["ARCHIVE"], readonly=False, tell=say) as archive, damage_told(archive):
            archive.db.be_brief()  # publishers fall due while a connection that is up and dead is waited for
            self._watch(archive, chosen, opts)

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Watch, or show the status."""
        from farscrawler.archive import Archive

        if opts.json and not opts.status:
            raise UsageError("--json is a form of --status")
        if opts.status and (opts.all or opts.once):
            raise UsageError("--status shows all publishers that are watched, or those that are named or of a --family")
        self._limits = self._read_limits()
        self.check_archive()
        if opts.status:
            chosen = self._chosen(args, opts) if args or opts.family else None
            with Archive(self.settings["ARCHIVE"], readonly=True) as archive, damage_told(archive):
                self._show(archive, chosen, as_json=opts.json)
            return
        try:
            self.keep(self._chosen(args, opts), opts)
        finally:
            if self._lock is not None:
                self._lock.release()

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return the code to end with; an archive that cannot be written while the watch runs is a failure."""
        if isinstance(error, HeldError):
            return Exit.HELD
        may_pass = isinstance(error, ArchiveError) and self.has_begun
        return Exit.BROKE if may_pass else super().exit_code_of(error)

    has_begun = False
    _lock: Lock | None = None

    def _chosen(self, names: list[str], opts: argparse.Namespace) -> list[str]:
        if bool(names) + bool(opts.family) + opts.all > 1:
            raise UsageError("name publishers, a family, or --all")
        if not (names or opts.family or opts.all):
            raise UsageError("name publishers or a --family; --all takes all sites that are known", print_help=False)
        if opts.at_once < 1:
            raise UsageError("--at-once takes a number of at least 1")
        catalogue = catalogue_of(self.settings)
        found = [catalogue.load(name) for name in dict.fromkeys(names)] or list(catalogue.of_family(opts.family))
        return [one.key for one in found]

    def _read_limits(self) -> Limits:
        from farscrawler.schedule.budget import Limits

        shortest, longest = self._number("WATCH_MIN_INTERVAL"), self._number("WATCH_MAX_INTERVAL")
        if shortest <= 0:
            raise BadArgumentError(f"-s WATCH_MIN_INTERVAL={shortest:g}: it must be more than 0 seconds.")
        if longest < shortest:
            raise BadArgumentError(
                f"-s WATCH_MAX_INTERVAL={longest:g}: it must not be shorter than WATCH_MIN_INTERVAL ({shortest:g})."
            )
        self._overdue_after = self._number("WATCH_OVERDUE_AFTER")
        return Limits(shortest, longest, self._number("WATCH_REQUESTS_PER_DAY"))

    def _number(self, name: str) -> float:
        """Return a setting that is a number of at least 0. Raise BadArgumentError."""
        try:
            found = float(self.settings[name])
        except (TypeError, ValueError):
            raise BadArgumentError(f"-s {name}={self.settings[name]}: write a number.") from None
        if not 0 <= found < float("inf"):
            raise BadArgumentError(f"-s {name}={found}: it must not be negative or endless.")
        return found

    def _watch(self, archive: Archive, chosen: list[str], opts: argparse.Namespace) -> None:
        from farscrawler.archive.schedule import look_after, take_watch_lock
        from farscrawler.schedule.watcher import Watcher

        if self._lock is None:
            self._lock = take_watch_lock(archive, name_of(self))
            keep_log(self.settings)
        else:  # it was kept while the database was away
            look_after(archive, self._lock)
        self.has_begun = True
        words = set_again(opts.set)
        written = float("-inf")

        def write_metrics() -> None:
            nonlocal written
            if opts.metrics and time.monotonic() - written >= _METRICS_EVERY:
                self._write_metrics(archive, opts.metrics)
                written = time.monotonic()

        with self.crawls_of(archive, words) as crawls:
            watcher = Watcher(archive, chosen, self._limits, opts.at_once, crawls, told=write_metrics)
            self.exitcode = int(watcher.run(once=opts.once))
        if opts.metrics:
            self._write_metrics(archive, opts.metrics)

    def _status(self, archive: Archive) -> Status:
        from farscrawler.schedule.lag import status_of

        return status_of(archive, time.time(), overdue_after=self._overdue_after)

    def _write_metrics(self, archive: Archive, file: Path) -> None:
        from farscrawler.files import write_whole
        from farscrawler.schedule.lag import render_watch_metrics

        try:
            write_whole(file, render_watch_metrics(self._status(archive)))
        except OSError as error:
            say(f"{file} cannot be written ({error.strerror}).")

    def _show(self, archive: Archive, chosen: list[str] | None, *, as_json: bool) -> None:
        from farscrawler.cli.watch_status import alarm, print_json, print_status

        status = self._status(archive)
        if not status.records:
            self.fail(
                f"{archive.path} was never watched; `farscrawler {name_of(self)} PUBLISHER` begins that.", Exit.BROKE
            )
            return
        if chosen is not None:
            unknown = [name for name in chosen if name not in status.lags]
            if unknown:
                self.fail(f"{', '.join(unknown)}: not watched. --status alone shows all that are.", Exit.BROKE)
                return
            status = status.of(chosen)
        if as_json:
            print_json(str(archive.path), status, self._limits.requests)
        else:
            print_status(status, self._limits.requests, self.queued())
        if status.overdue:
            self.fail(alarm(sorted(status.overdue), self.who_crawls), Exit.OWED)
