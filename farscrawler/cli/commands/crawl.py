"""`farscrawler crawl PUBLISHER`: fetch, parse and store; ends with an exit code other programs can rely on."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapyCrawlCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError

from farscrawler import publishers
from farscrawler.cli import DESCRIPTIONS
from farscrawler.cli.base import add_archive, name_of, speak_plainly
from farscrawler.cli.given import check_given, check_words
from farscrawler.cli.output import out, out_json, say
from farscrawler.cli.settings_given import catalogue_of
from farscrawler.cli.targets import LogWatch, check_targets, obeyed
from farscrawler.cluster.fleet import spare_the_collector, stop_in_order
from farscrawler.days import parse_date_range
from farscrawler.errors import BadArgumentError, Exit, worst
from farscrawler.exporters.feeds import unknown_format
from farscrawler.exporters.rowfiles import PACKED
from farscrawler.extensions.ending import CrawlEnd, ending
from farscrawler.extensions.summary import write_metrics
from farscrawler.frontier.arguments import ARGUMENTS, METAVARS
from farscrawler.frontier.id_ranges import parse_ids
from farscrawler.frontier.line_files import read_pipes
from farscrawler.interrupts import watched

if TYPE_CHECKING:
    import argparse
    import asyncio

    from farscrawler.extensions.summary import Summary

#: Loggers of Scrapy, with the level from which a record is worth a line; with -L all records are shown.
_CHATTY = {
    "scrapy.addons": logging.WARNING,
    "scrapy.core.engine": logging.WARNING,
    "scrapy.crawler": logging.WARNING,
    "scrapy.extensions.memusage": logging.WARNING,
    "scrapy.middleware": logging.WARNING,
    "scrapy.utils.log": logging.WARNING,
    # Warns that redirects will carry no Referer, which is what we want.
    "scrapy.downloadermiddlewares.redirect": logging.ERROR,
    # Its traceback for an unreachable site hides the sentence in which we say the same.
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,
    # Every kind of dead connection has an outcome in the ledger, and a line of ours.
    "scrapy.core.downloader.handlers.http11": logging.ERROR,
}


#: Begins the names of the options that are arguments too: some of Scrapy's options have the same names.
_ARGUMENT = "argument_"
_NAME_ONE = "name one publisher, such as farsonline (`farscrawler publishers` lists them); crawl-all takes several"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add an option for each argument of a crawl; `-a NAME=VALUE` gives it too."""
    group = parser.add_argument_group("What to crawl", "Each is an argument too: --since 1401 is -a since=1401.")
    for name, text in ARGUMENTS.items():
        option = f"--{name.replace('_', '-')}"
        group.add_argument(option, dest=f"{_ARGUMENT}{name}", metavar=METAVARS.get(name, "VALUE"), help=text)


def take_arguments(opts: argparse.Namespace) -> None:
    """Put the options that are arguments among those of -a. Raise UsageError where one is given in both ways."""
    for name in ARGUMENTS:
        value = getattr(opts, f"{_ARGUMENT}{name}")
        if value is None:
            continue
        if opts.spargs.get(name, value) != value:
            raise UsageError(f"--{name.replace('_', '-')} {value} and -a {name}={opts.spargs[name]}: give one of them")
        opts.spargs[name] = value


def _meant_by(word: str) -> str:
    """Return the option that a word behind the publisher may be the value of, as the end of a sentence."""
    name, equals, value = word.partition("=")
    if equals and name in ARGUMENTS:
        return f". Arguments are given with options: --{name.replace('_', '-')} {value}"
    if "://" in word:
        return f". An address is given with an option: --urls {word}"
    with suppress(BadArgumentError):
        parse_date_range(word, word)
        return f". Days are given with options: --since {word} --until {word}; ids with --ids {word}"
    with suppress(BadArgumentError):
        parse_ids(word)
        return f". Ids are given with an option: --ids {word}"
    return ""


class _AtLeast(logging.Filter):
    """Lets through what is of a level or above."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self.level = level

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= self.level


class Command(ScrapyCrawlCommand):
    """The crawl command."""

    def syntax(self) -> str:
        return "[options] PUBLISHER"

    def short_desc(self) -> str:
        return DESCRIPTIONS[name_of(self)]

    def long_desc(self) -> str:
        return (
            "Crawl a publisher: fetch article pages, parse them and store them in the archive (--archive FILE, "
            "archive.db in the working folder by default). Without arguments, fetch what is new since the last "
            "run. No article is fetched twice: after an interruption, the same command fetches the pending "
            "addresses. Exit codes: 0 done; 1 failed; 2 bad arguments; 3 ended with pending addresses; 75 another "
            "run holds this archive for this publisher; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = f"farscrawler crawl {self.syntax()}"
        speak_plainly(parser)
        add_arguments(parser)
        # Scrapy's own words do not hold for our arguments and files; its parser lets the later definition win.
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="an argument, listed below"
        )
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        add_archive(parser, self.settings["ARCHIVE"])
        self._parser = parser
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            action="append",
            help="export to FILE (.jsonl, .csv, .parquet, .db, .json, .xml), continuing a file that exists; -:jsonl is "
            "standard output, and FILE:FORMAT names a format",
        )
        parser.add_argument(
            "-O", "--overwrite-output", metavar="FILE", action="append", help="export to FILE, overwriting it"
        )
        parser.add_argument(
            "--csv-safe",
            action="store_true",
            help="mark CSV cells that a spreadsheet would run as formulas with a leading ' (setting CSV_SAFE)",
        )
        parser.add_argument(
            "--summary", choices=["json"], help="print one line of JSON about the run to standard output at its end"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what the crawl would cost (articles, requests, time, disk) and end; lists and a few articles are "
            "requested where nothing else tells",
        )
        parser.add_argument(
            "--metrics",
            metavar="FILE",
            type=Path,
            help="write the run's figures to FILE (ends with .prom) for Prometheus' textfile collector",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_words(self._parser, args, name_of(self))
        check_given(opts)
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        check_targets(opts, self.settings["ARCHIVE"])
        try:
            with obeyed(opts):
                super().process_options(args, opts)
        except UsageError:
            self._check_formats(opts)
            raise
        take_arguments(opts)
        if opts.csv_safe:
            assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
            self.settings.set("CSV_SAFE", value=True, priority="cmdline")
        if opts.dry_run:
            assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
            self.settings.set("DRY_RUN", value=True, priority="cmdline")
            self.settings.set("FEEDS", {}, priority="cmdline")
        if not opts.loglevel:
            self._quieten()

    def _check_formats(self, opts: argparse.Namespace) -> None:
        """Refuse, in words of ours, an export file in a format that there is not."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        formats = [name for name, exporter in self.settings.getwithbase("FEED_EXPORTERS").items() if exporter]
        for name in (*(opts.output or ()), *(opts.overwrite_output or ())):
            if wrong := unknown_format(name, formats):
                if name.endswith(PACKED) and unknown_format(plain := name.removesuffix(PACKED), formats) is None:
                    wrong = f"{name}: a crawl packs no file. Name {plain}, or crawl and `farscrawler export -O {name}`."
                say(wrong)
                raise SystemExit(Exit.BAD_ARGUMENTS)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit code."""
        if len(args) != 1:
            raise UsageError(_NAME_ONE + "".join(map(_meant_by, args[1:2])))
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)  # noqa: S101  # set by scrapy.cmdline
        try:
            catalogue_of(self.crawler_process.settings).load(args[0])
        except publishers.PublisherError as error:
            say(str(error.args[0]))
            self.exitcode = int(Exit.BAD_ARGUMENTS)
            return
        log = LogWatch()
        read_pipes(opts.spargs)
        crawler = self._create_crawler(args[0])
        spare_the_collector()
        task: asyncio.Task[None] = self.crawler_process.crawl(crawler, **opts.spargs)
        problems: list[BaseException] = []
        task.add_done_callback(lambda done: problems.extend(filter(None, [done.exception()])))
        vars(self.crawler_process)["stop"] = partial(stop_in_order, self.crawler_process)
        with watched(self.crawler_process):
            self.crawler_process.start()
        self.exitcode = log.worsened(self._end(ending(crawler, problems[0] if problems else None), opts))

    def _end(self, end: CrawlEnd, opts: argparse.Namespace) -> Exit:
        """Print how a crawl has ended, for people and for programs, and return its exit code."""
        code = end.code
        if end.summary is not None:
            code = worst((code, self._tell(end.summary, opts)))
        if end.sentence is not None:
            say(end.sentence)
        return code

    def _tell(self, summary: Summary, opts: argparse.Namespace) -> Exit:
        """Write the summary and the metrics of a run for other programs; return BROKE where they cannot be written."""
        if opts.summary == "json":
            out_json(summary.as_dict())
        elif opts.dry_run and summary.exit_code == Exit.DONE:
            out(summary.estimated())
        if opts.dry_run:  # it is no run whose figures anybody waits for
            return Exit.DONE
        file = self._metrics_file(opts, summary.publisher)
        if file is not None:
            try:
                write_metrics(file, summary)
            except OSError as error:
                say(f"{file} cannot be written ({error.strerror}).")
                return Exit.BROKE  # whoever reads the old figures takes them for this run's
        return Exit.DONE

    def _metrics_file(self, opts: argparse.Namespace, publisher: str) -> Path | None:
        """Return the file of a run's metrics; None where no file was named."""
        file: Path | None = opts.metrics
        return file

    @staticmethod
    def _quieten() -> None:
        for name, level in _CHATTY.items():
            # A filter, since Scrapy sets the levels of its loggers anew when it configures logging.
            logging.getLogger(name).addFilter(_AtLeast(level))
