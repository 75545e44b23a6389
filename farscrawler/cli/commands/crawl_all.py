"""`farscrawler crawl-all [NAME …]`: several publishers in one process, each as politely as if it were alone."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError

from farscrawler import publishers
from farscrawler.cli.commands.crawl import Command as CrawlCommand
from farscrawler.cli.commands.crawl import spare_the_collector
from farscrawler.cli.interrupts import watched
from farscrawler.cli.output import say
from farscrawler.cli.targets import LogWatch, problems_given
from farscrawler.days import duration
from farscrawler.errors import WORST_FIRST, BadArgumentError, Exit, worst
from farscrawler.extensions.progress import Display, mode, run_line
from farscrawler.extensions.run import Run
from farscrawler.frontier.arguments import parse_arguments

if TYPE_CHECKING:
    import argparse
    import asyncio
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from scrapy import Spider
    from scrapy.settings import BaseSettings, Settings

    from farscrawler.extensions.summary import Summary
    from farscrawler.publishers import Publisher


@dataclass(kw_only=True, eq=False)
class Crawl:
    """One crawl of a fleet; ``arguments`` are those of its spider."""

    publisher: str
    crawler: Crawler
    arguments: dict[str, str] = field(default_factory=dict)


class Fleet(AsyncCrawlerProcess):
    """Scrapy's process, which begins the next crawl when one has ended, and none any more once it is to stop.

    ``ended`` is called after each with what kept it from beginning, if anything did: what breaks one ends no other.
    """

    def __init__(
        self, settings: Settings, *, at_once: int, ended: Callable[[Crawl, BaseException | None], None]
    ) -> None:
        super().__init__(settings)
        self.at_once = at_once
        self.waiting: deque[Crawl] = deque()
        self.at_work: list[Crawl] = []
        self._ended = ended

    def begin(self) -> None:
        """Begin as many of the waiting crawls as may be at work."""
        while self.waiting and len(self.at_work) < self.at_once:
            crawl = self.waiting.popleft()
            self.at_work.append(crawl)
            task = self.crawl(crawl.crawler, **crawl.arguments)
            task.add_done_callback(partial(self._done_with, crawl))

    def _done_with(self, crawl: Crawl, task: asyncio.Task[None]) -> None:
        self.at_work.remove(crawl)
        if task.cancelled():  # the process is being killed
            return
        try:
            self._ended(crawl, task.exception())
        finally:
            # Within the callback of the one that has ended: Scrapy waits only as long as some are at work.
            self.begin()

    def create_crawler(self, crawler_or_spidercls: type[Spider] | str | Crawler) -> Crawler:
        """Leave a crawler as it is: Scrapy would lay the settings of all over those of this one."""
        if isinstance(crawler_or_spidercls, Crawler):
            return crawler_or_spidercls
        return super().create_crawler(crawler_or_spidercls)

    async def stop(self) -> None:
        """Stop those at work, cleanly, and begin no other."""
        self.waiting.clear()
        await super().stop()


#: A site is asked for a page a second, and one processor reads three times as many of the largest pages measured
#: (docs/performance.md). Each crawl at work takes about 1 MB.
AT_ONCE = 30
#: What stands for the publisher's name in the name of a file.
PLACEHOLDERS = ("{publisher}", "%(name)s")
_STANDARD_OUTPUT = "stdout:"
_LINES = ("jsonl", "jsonlines", "jl")
_WORDS = {
    Exit.DONE: "done",
    Exit.BROKE: "failed",
    Exit.BAD_ARGUMENTS: "refused",
    Exit.OWED: "with pending addresses",
    Exit.HELD: "held by another run",
    Exit.INTERRUPTED: "interrupted",
}


def _named_for(publisher: str, template: str) -> str:
    return named_for(template, publisher)


def named_for(template: str, publisher: str) -> str:
    """Put a publisher's name into the name of a file."""
    for placeholder in PLACEHOLDERS:
        template = template.replace(placeholder, publisher)
    return template


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
        self._opts: argparse.Namespace

    def syntax(self) -> str:
        return "[options] [PUBLISHER ...]"

    def long_desc(self) -> str:
        return (
            "Crawl several publishers in one process and into one archive: the named ones, those of a family, or "
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
        parser.add_argument(
            "--at-once", type=int, default=AT_ONCE, metavar="N", help=f"number of crawls at a time (default: {AT_ONCE})"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl them, and set the exit code."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        if args and opts.family:
            raise UsageError("name publishers or a family, not both")
        if opts.at_once < 1:
            raise UsageError("--at-once takes a number of at least 1")
        try:
            chosen = self._chosen(args, opts.family)
        except publishers.PublisherError as error:
            self._refuse([str(error.args[0])])
            return
        if problems := self._problems(chosen, opts):
            self._refuse(problems)
            return
        self._opts = opts
        fleet = self.crawler_process = Fleet(self.settings, at_once=opts.at_once, ended=self._ended)
        log = LogWatch()
        display = self._display(fleet, len(chosen))
        for publisher in chosen:
            crawler = fleet.create_crawler(publisher.key)
            self._settle_names(crawler.settings, publisher.key)
            if display is not None:
                crawler.signals.connect(display.start, signal=signals.spider_opened)
            given = arguments_of(publisher.key, opts.spargs)
            fleet.waiting.append(Crawl(publisher=publisher.key, crawler=crawler, arguments=given))
        spare_the_collector()
        begun = time.monotonic()
        fleet.begin()
        try:
            with watched(fleet):
                fleet.start()
        finally:
            if display is not None:
                display.stop()
        for publisher in chosen:  # a second signal leaves crawls behind that have not ended, and some not begun
            self._ends.setdefault(publisher.key, Exit.INTERRUPTED)
        say(self._closing(time.monotonic() - begun))
        self.exitcode = log.worsened(worst(self._ends.values()))

    def _chosen(self, names: Sequence[str], family: str | None) -> list[Publisher]:
        """Return the publishers that were asked for, each once."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        catalogue = publishers.of(self.settings)
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

    @staticmethod
    def _settle_names(settings: BaseSettings, publisher: str) -> None:
        feeds: dict[str, Any] = settings.getdict("FEEDS")
        settings.set("FEEDS", {named_for(str(uri), publisher): given for uri, given in feeds.items()}, "cmdline")
        settings.set("PROGRESS", value=False, priority="cmdline")  # one display for all

    def _display(self, fleet: Fleet, count: int) -> Display | None:
        """Make the display of the crawls at work, where there is something to show it on."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        found = mode(sys.stderr, log_file=bool(self.settings["LOG_FILE"]))
        if found is None or not self.settings.getbool("PROGRESS"):
            return None

        def lines() -> list[str]:
            runs = [crawl.crawler.get_extension(Run) for crawl in fleet.at_work if crawl.crawler.crawling]
            now = time.monotonic()
            return [
                *(run_line(run, seconds=now - run.started) for run in runs if run is not None),
                f"crawl-all: {len(self._ends)} of {count} ended, {len(fleet.at_work)} at work",
            ]

        return Display(found, lines)

    def _ended(self, crawl: Crawl, problem: BaseException | None) -> None:
        """Note how a crawl has ended."""
        self._ends[crawl.publisher] = self._end(crawl.crawler, problem, self._opts)

    def _tell(self, summary: Summary, opts: argparse.Namespace) -> Exit:
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
        return f"{len(self._ends)} publisher{many}: {ways}; {articles}, in {duration(seconds)}."
