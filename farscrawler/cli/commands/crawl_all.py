"""`farscrawler crawl-all [NAME …]`: several publishers at once, each as politely as if it were alone."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.utils.log import configure_logging

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.archive.runs import killed_runs
from farscrawler.cli.commands.crawl import Command as CrawlCommand
from farscrawler.cli.output import say
from farscrawler.cli.settings_given import catalogue_of
from farscrawler.cli.targets import LogWatch, problems_given
from farscrawler.cluster.fleet import PLACEHOLDERS, Fleet, named_for, spare_the_collector
from farscrawler.cluster.processes import Crawls, Processes
from farscrawler.cluster.shares import Shares, host_of_url
from farscrawler.days import duration, now
from farscrawler.errors import WORST_FIRST, ArchiveError, BadArgumentError, Exit, worst
from farscrawler.extensions.progress import Display, fleet_lines, mode
from farscrawler.extensions.summary import summary_of_killed
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.frontier.ccnews_stream import CcNewsStream
from farscrawler.interrupts import two_signals, watched
from farscrawler.locations import location_of
from farscrawler.webarchives.service import CCNEWS, load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from farscrawler.extensions.ending import CrawlEnd
    from farscrawler.extensions.progress import Mode
    from farscrawler.extensions.summary import Summary
    from farscrawler.publishers import Publisher

    _Chosen = Sequence[tuple[Publisher, dict[str, str]]]


logger = logging.getLogger("farscrawler")

#: A site is asked for a page a second, and one processor reads three times as many of the largest pages measured
#: (docs/performance.md). Each crawl at work takes about 3 MB.
AT_ONCE = 30
_STANDARD_OUTPUT = "stdout:"
_LINES = ("jsonl", "jsonlines", "jl")
_WORDS = {
    Exit.DONE: "done",
    Exit.BROKE: "failed",
    Exit.BAD_ARGUMENTS: "refused",
    Exit.OWED: "incomplete",
    Exit.HELD: "held by another run",
    Exit.INTERRUPTED: "interrupted",
}


def _named_for(publisher: str, template: str) -> str:
    return named_for(template, publisher)


def processes_for(publishers_chosen: int) -> int:
    """Return how many processes pay: one more where the ones before have as many crawls at work as they may have.

    The second takes a second of CPU time to begin and 140 MB, with the server that forks both, and each further one
    45 MB: they are lost where its sites would all wait for their pauses.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, math.ceil(publishers_chosen / AT_ONCE)))


def arguments_of(publisher: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments of one publisher: those of all publishers, and over them its own, as in `irna.latest`."""
    own = {name.partition(".")[2]: value for name, value in given.items() if name.partition(".")[0] == publisher}
    return {**{name: value for name, value in given.items() if "." not in name}, **own}


class Command(CrawlCommand):
    """The crawl-all command."""

    requires_crawler_process = False  # it makes one of its own kind

    def __init__(self) -> None:
        super().__init__()
        self._ends: dict[str, Exit] = {}
        self._new = self._revised = 0
        self._are_all_counted = True
        self._opts: argparse.Namespace
        self._begun_at: str
        self._processes: Processes | None = None
        self._told: set[str] = set()

    def syntax(self) -> str:
        return "[options] [PUBLISHER ...]"

    def long_desc(self) -> str:
        return (
            "Crawl several publishers into one archive, in one or several processes: the named ones, a --family, or --"
            "all. Pauses and limits hold for each site on its own. A site that is down, blocks or fails does not "
            "end the other crawls. The arguments are those of crawl; -a NAME=VALUE applies to all, -a "
            "PUBLISHER.NAME=VALUE to one. In names of files (-o, -O, --metrics) {publisher} stands for the name of "
            "each. The exit code is that of the worst crawl, in this order: "
            + ", ".join(f"{int(code)} {_WORDS[code]}" for code in WORST_FIRST)
            + "."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = f"farscrawler crawl-all {self.syntax()}"
        parser.add_argument("--family", metavar="FAMILY", help="the publishers of a family, such as nastooh")
        parser.add_argument("--all", action="store_true", help="all publishers, some hundreds of sites")
        parser.add_argument(
            "--at-once", type=int, metavar="N", help=f"number of crawls at a time (default: {AT_ONCE} for each process)"
        )
        parser.add_argument(
            "--processes",
            type=int,
            metavar="N",
            help=f"number of processes (default: one for each {AT_ONCE} publishers, at most one for each core)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl them, and set the exit code."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        if bool(args) + bool(opts.family) + opts.all > 1:
            raise UsageError("name publishers, a family, or --all")
        if not (args or opts.family or opts.all):
            # Some hundred thousand requests to hundreds of sites begin with this word: nobody types it by mistake.
            raise UsageError("name publishers or a --family; --all crawls all sites that are known", print_help=False)
        for option, number in (("--at-once", opts.at_once), ("--processes", opts.processes)):
            if number is not None and number < 1:
                raise UsageError(f"{option} takes a number of at least 1")
            if number is not None and opts.spargs.get("source") == CCNEWS:
                raise UsageError(f"{option} says nothing of {CCNEWS}: its files are read once, for all publishers")
        try:
            chosen = self._chosen(args, opts.family)
        except publishers.PublisherError as error:
            self._refuse([str(error.args[0])])
            return
        if problems := self._problems(chosen, opts):
            self._refuse(problems)
            return
        self._opts = opts
        count, at_once = self._sizes(chosen)
        crawls = [(publisher, arguments_of(publisher.key, opts.spargs)) for publisher in chosen]
        log = LogWatch()
        begun, self._begun_at = time.monotonic(), now()
        if count == 1:
            self._crawl_here(crawls, at_once)
        else:
            self._crawl_in_processes(crawls, at_once, count)
        for publisher in chosen:
            self._tell_killed(publisher.key)
        say(self._closing(time.monotonic() - begun))
        self.exitcode = log.worsened(worst(self._ends.values()))

    def _sizes(self, chosen: Sequence[Publisher]) -> tuple[int, int]:
        """Return how many processes there are, and how many crawls at work at a time."""
        if self._opts.spargs.get("source") == CCNEWS:  # its files are read once, for all crawls of a process
            CcNewsStream.expect(publisher.key for publisher in chosen)
            return 1, len(chosen)
        count = self._opts.processes or processes_for(len(chosen))
        return count, self._opts.at_once or AT_ONCE * count

    def _crawl_here(self, crawls: _Chosen, at_once: int) -> None:
        """Crawl in this process."""

        def opened(_: str) -> None:
            if display is not None:
                display.start()

        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        fleet = self.crawler_process = Fleet(self.settings, at_once=at_once, ended=self._note, opened=opened)
        display = self._display(
            lambda: fleet_lines(crawl.crawler for crawl in fleet.at_work), lambda: len(fleet.at_work), len(crawls)
        )
        fleet.waiting.extend((publisher.key, arguments) for publisher, arguments in crawls)
        spare_the_collector()
        fleet.begin()
        try:
            with watched(fleet):
                fleet.start()
        finally:
            if display is not None:
                display.stop()

    def _crawl_in_processes(self, crawls: _Chosen, at_once: int, count: int) -> None:
        """Crawl in several processes; this one hands out the publishers, and writes log, display and summaries."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        configure_logging(self.settings)
        hosts = {one.key: self._hosts(one, arguments) for one, arguments in crawls}
        work = Crawls(
            settings=self.settings,
            arguments={one.key: arguments for one, arguments in crawls},
            shares=Shares(hosts),
            at_once=at_once,
        )
        shown = self._mode()
        processes = self._processes = Processes(work, count=count, ended=self._note, shows_progress=shown is not None)
        display = self._display(processes.lines, lambda: processes.at_work, len(crawls))

        async def run() -> None:
            loop = asyncio.get_running_loop()

            def stop(number: int, _: object) -> None:
                loop.call_soon_threadsafe(processes.stop)
                loop.call_soon_threadsafe(logger.info, "Received %s, ending all crawls.", signal.Signals(number).name)

            def stop_at_once(number: int, _: object) -> None:
                name = signal.Signals(number).name
                loop.call_soon_threadsafe(logger.info, "Received %s again, ending all crawls at once.", name)
                loop.call_soon_threadsafe(processes.stop)

            with two_signals(stop, stop_at_once):
                if display is not None:
                    display.start()
                try:
                    await processes.run()
                finally:
                    if display is not None:
                        display.stop()

        asyncio.run(run())

    def _hosts(self, publisher: Publisher, arguments: Mapping[str, str]) -> list[str]:
        """Return the hosts that a crawl asks: those of the site, or of what stands in its place."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        if arguments.get("pages"):
            return []
        if source := arguments.get("source"):
            return [host_of_url(origin) for origin in load(source, self.settings).origins]
        own = self.settings.getdict("PUBLISHER_SETTINGS").get(publisher.key, {})
        if base := arguments.get("base_url") or own.get("BASE_URL") or self.settings["BASE_URL"]:
            return [host_of_url(base)]
        return [host_of_url(f"https://{host}") for host in publisher.hosts]

    def _chosen(self, names: Sequence[str], family: str | None) -> list[Publisher]:
        """Return the publishers that were asked for, each once."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        catalogue = catalogue_of(self.settings)
        return [catalogue.load(name) for name in dict.fromkeys(names)] or list(catalogue.of_family(family))

    def _problems(self, chosen: Sequence[Publisher], opts: argparse.Namespace) -> list[str]:
        """Find what is wrong with arguments and files before anything is fetched."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        found = []
        keys = {publisher.key for publisher in chosen}
        for name in opts.spargs:
            key, dot, _ = name.partition(".")
            if dot and key not in keys:
                found.append(f"-a {name}: {key} is not among the publishers of this crawl.")
        for publisher in chosen:
            try:
                parse_arguments(publisher, arguments_of(publisher.key, opts.spargs))
            except BadArgumentError as error:
                found.append(f"{publisher.key}: {error}")
        feeds = {str(uri): options for uri, options in self.settings.getdict("FEEDS").items()}
        files = [uri for uri in feeds if not uri.startswith(_STANDARD_OUTPUT)]
        if len(chosen) > 1 and any(feeds[uri].get("format") not in _LINES for uri in feeds.keys() - files):
            found.append("standard output takes several publishers as JSON lines alone: -o -:jsonl.")
        files += [str(opts.metrics)] if opts.metrics else []
        if len(chosen) > 1:
            found += [
                f"{file}: each publisher needs a file of its own; put {PLACEHOLDERS[0]} into the name."
                for file in files
                if not any(placeholder in file for placeholder in PLACEHOLDERS)
            ]
        for publisher in chosen if files else ():
            found += problems_given(opts, self.settings["ARCHIVE"], rename=partial(_named_for, publisher.key))
        return found

    def _refuse(self, problems: Sequence[str]) -> None:
        for problem in problems:
            say(problem)
        self.exitcode = int(Exit.BAD_ARGUMENTS)

    def _mode(self) -> Mode | None:
        """Return how progress can be shown; None where there is nothing to show it on, or it is switched off."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        found = mode(sys.stderr, log_file=bool(self.settings["LOG_FILE"]))
        return found if self.settings.getbool("PROGRESS") else None

    def _display(self, lines: Callable[[], Sequence[str]], at_work: Callable[[], int], count: int) -> Display | None:
        """Make the one display of all crawls, where there is something to show it on."""
        how = self._mode()
        if how is None:
            return None
        return Display(how, lambda: [*lines(), f"crawl-all: {len(self._ends)} of {count} ended, {at_work()} at work"])

    def _note(self, publisher: str, end: CrawlEnd) -> None:
        """Note how a crawl has ended, and tell it."""
        CcNewsStream.wait_no_more(publisher)
        if end.summary is not None and self._processes is not None and self._processes.deaths[publisher]:
            before = self._killed(publisher)
            if before is not None:  # the line of a publisher tells of the whole command
                new, revised = end.summary.new + before.new, end.summary.revised + before.revised
                end = replace(end, summary=replace(end.summary, new=new, revised=revised))
        if end.sentence is not None and not end.sentence.startswith(f"{publisher}: "):
            end = replace(end, sentence=f"{publisher}: {end.sentence}")
        self._ends[publisher] = self._end(end, self._opts)

    def _tell_killed(self, publisher: str) -> None:
        """Tell of a publisher whose runs could not; a second signal leaves crawls behind, and some not begun."""
        code = self._ends.setdefault(publisher, Exit.INTERRUPTED)
        if publisher not in self._told and (killed := self._killed(publisher)) is not None:
            self._ends[publisher] = worst((code, self._tell(killed, self._opts)))

    def _killed(self, publisher: str) -> Summary | None:
        """Return what the killed runs of a publisher have committed in this command; None where there are none."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        pids = self._processes.pids if self._processes is not None else {os.getpid()}
        location = location_of(self.settings["ARCHIVE"])
        if isinstance(location, Path) and not location.exists():  # no crawl has come as far as making it
            return None
        try:
            with Archive(location) as archive:
                runs = killed_runs(archive, publisher, pids=pids, since=self._begun_at)
        except ArchiveError as error:
            logger.warning("%s: what its killed runs have stored is not counted: %s", publisher, error)
            self._are_all_counted = False
            return None
        code = self._ends.get(publisher, Exit.BROKE)
        return summary_of_killed(runs, publisher, str(location), code) if runs else None

    def _tell(self, summary: Summary, opts: argparse.Namespace) -> Exit:
        self._told.add(summary.publisher)
        self._new += summary.new
        self._revised += summary.revised
        return super()._tell(summary, opts)

    def _metrics_file(self, opts: argparse.Namespace, publisher: str) -> Path | None:
        return Path(named_for(str(opts.metrics), publisher)) if opts.metrics else None

    def _closing(self, seconds: float) -> str:
        """Return one sentence about the ends of all crawls."""
        counts = Counter(self._ends.values())
        ways = ", ".join(f"{counts[code]} {_WORDS[code]}" for code in reversed(WORST_FIRST) if counts[code])
        many = "s" if len(self._ends) != 1 else ""
        articles = f"{self._new:,} new articles, {self._revised:,} revised"
        articles = articles if self._are_all_counted else f"at least {articles}"
        return f"{len(self._ends)} publisher{many}: {ways}; {articles}, in {duration(seconds)}."
