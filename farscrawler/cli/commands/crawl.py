"""`farscrawler crawl PUBLISHER`: fetch, parse and store; ends with an exit code other programs can rely on."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyHelpFormatter
from scrapy.commands.crawl import Command as ScrapyCrawlCommand
from scrapy.exceptions import UsageError

from farscrawler import publishers
from farscrawler.cli import DESCRIPTIONS
from farscrawler.cli.base import name_of, speak_plainly
from farscrawler.cli.given import check_given
from farscrawler.cli.interrupts import watched
from farscrawler.cli.output import out_json, say
from farscrawler.cli.targets import LogWatch, check_targets, obeyed
from farscrawler.errors import ArchiveError, BadArgumentError, DamagedArchiveError, Exit, ExportError, HeldError, worst
from farscrawler.exporters.feeds import unknown_format
from farscrawler.extensions.run import Run
from farscrawler.extensions.summary import write_metrics
from farscrawler.frontier.arguments import ARGUMENTS
from farscrawler.frontier.line_files import read_pipes
from farscrawler.outcomes.stop_rules import EndReason

if TYPE_CHECKING:
    import argparse
    import asyncio
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

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


_AGAIN = "Nothing is lost: the same command goes on from here."
#: Why a run was not done, by the reason of its end.
_PROBLEMS = {
    EndReason.UNREACHABLE: "{site} cannot be reached ({detail}). {again}",
    EndReason.BLOCKED: "{site} blocks us ({detail}). Wait before you try again. {again}",
    EndReason.TOO_MANY_FAILURES: "{site} fails too often ({detail}). {again}",
    EndReason.STORAGE_FAILED: "{detail}",
    EndReason.INCOMPLETE: "{site}: not all was found: {detail}.",
    EndReason.NOT_ARTICLES: "{site}: {detail}.",
}
#: Why a run was not done where the reason of its end does not say it.
_BROKE = "the run broke on an error of farscrawler itself; the log above names the page. {again}"
_PENDING = "{pending} of {site}, failed or blocked, {are} still pending. {again}"
_ENDED = "the run was ended before it was done ({reason}). {again}"


def spare_the_collector() -> None:
    """Make Python look for cycles more seldom.

    The loaded modules live as long as the process, and pages make few cycles: a search of all objects at every 700 new
    ones, as by default, takes a tenth of the time of a page.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def ending(crawler: Crawler, problem: BaseException | None) -> tuple[Exit, str | None]:
    """Return the exit code of a crawl that has ended, and a sentence for someone who sees no log where one is due.

    ``problem`` is what kept the crawl from beginning.
    """
    if isinstance(problem, HeldError):
        return Exit.HELD, str(problem)
    if isinstance(problem, (BadArgumentError, ArchiveError, ExportError)):
        return Exit.BROKE if isinstance(problem, DamagedArchiveError) else Exit.BAD_ARGUMENTS, str(problem)
    if problem is not None:
        logging.getLogger("farscrawler").critical("The crawl broke.", exc_info=problem)
        return Exit.BROKE, f"the crawl broke: {type(problem).__name__}: {problem}"
    run = Run.of(crawler)
    if run.refused:
        return run.refused
    if not run.closed:  # a second signal has ended the process' loop; what was committed is whole
        return Exit.INTERRUPTED, None
    return run.exit, _problem(run) if run.exit in (Exit.BROKE, Exit.OWED) else None


def _problem(run: Run) -> str:
    """Return one sentence about why a run was not done."""
    assert run.end is not None  # noqa: S101  # the run is closed
    pending = run.summary().pending
    sentence = _PROBLEMS.get(run.end.reason)
    if sentence is None:
        sentence = _BROKE if run.exit is Exit.BROKE else _PENDING if pending else _ENDED
    number, are = (f"{pending:,} address", "is") if pending == 1 else (f"{pending:,} addresses", "are")
    return sentence.format(site=run.site, detail=run.end.detail, reason=run.end, pending=number, are=are, again=_AGAIN)


class _Lines(ScrapyHelpFormatter):
    """Leaves a text alone that is in lines already, as the list of arguments."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _listed(arguments: Mapping[str, str]) -> str:
    """Return arguments and their meanings as `-h` of argparse shows options."""
    indent = " " * 16
    rows = [
        fill(text, 79, initial_indent=f"  {name:<14}", subsequent_indent=indent) for name, text in arguments.items()
    ]
    return "\n".join(["Arguments, each given as -a NAME=VALUE", "=" * 38, *rows])


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
            "Crawl a publisher: fetch article pages, parse them and store them in the archive (-s ARCHIVE=FILE, "
            "archive.db in the working folder by default). Without arguments, fetch what is new since the last "
            "run. No article is fetched twice: after an interruption, the same command fetches the pending "
            "addresses. Exit codes: 0 done; 1 failed; 2 bad arguments; 3 ended with pending addresses; 75 another "
            "run holds this archive for this publisher; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = f"farscrawler crawl {self.syntax()}"
        parser.formatter_class = _Lines
        speak_plainly(parser)
        parser.epilog = _listed(ARGUMENTS)
        # Scrapy's own words do not hold for our arguments and files; its parser lets the later definition win.
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="an argument, listed below"
        )
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            action="append",
            help="export to FILE (.jsonl, .csv, .db, .json, .xml), continuing a file that exists; -:jsonl is "
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
            "--metrics",
            metavar="FILE",
            type=Path,
            help="write the run's figures to FILE (ends with .prom) for Prometheus' textfile collector",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_given(opts)
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        check_targets(opts, self.settings["ARCHIVE"])
        try:
            with obeyed(opts):
                super().process_options(args, opts)
        except UsageError:
            self._check_formats(opts)
            raise
        if opts.csv_safe:
            assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
            self.settings.set("CSV_SAFE", value=True, priority="cmdline")
        if not opts.loglevel:
            self._quieten()

    def _check_formats(self, opts: argparse.Namespace) -> None:
        """Refuse, in words of ours, an export file in a format that there is not."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        formats = [name for name, exporter in self.settings.getwithbase("FEED_EXPORTERS").items() if exporter]
        for name in (*(opts.output or ()), *(opts.overwrite_output or ())):
            if wrong := unknown_format(name, formats):
                say(wrong)
                raise SystemExit(Exit.BAD_ARGUMENTS)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit code."""
        if len(args) != 1:
            raise UsageError(
                "name one publisher, such as farsonline (`farscrawler publishers` lists them); crawl-all takes several"
            )
        assert self.crawler_process is not None  # noqa: S101  # set by scrapy.cmdline
        try:
            publishers.of(self.crawler_process.settings).load(args[0])
        except publishers.PublisherError as error:
            say(str(error.args[0]))
            self.exitcode = int(Exit.BAD_ARGUMENTS)
            return
        log = LogWatch()
        read_pipes(opts.spargs)
        crawler = self._create_crawler(args[0])
        spare_the_collector()
        task: asyncio.Task[None] = self.crawler_process.crawl(crawler, **opts.spargs)  # type: ignore[assignment]
        problems: list[BaseException] = []
        task.add_done_callback(lambda done: problems.extend(filter(None, [done.exception()])))
        with watched(self.crawler_process):
            self.crawler_process.start()
        self.exitcode = log.worsened(self._end(crawler, problems[0] if problems else None, opts))

    def _end(self, crawler: Crawler, problem: BaseException | None, opts: argparse.Namespace) -> Exit:
        """Print how a crawl has ended, for people and for programs, and return its exit code."""
        code, sentence = ending(crawler, problem)
        if problem is None and (run := Run.of(crawler)).closed and not run.refused:
            code = worst((code, self._tell(run.summary(), opts)))
        if sentence is not None:
            say(sentence)
        return code

    def _tell(self, summary: Summary, opts: argparse.Namespace) -> Exit:
        """Write the summary and the metrics of a run for other programs; return BROKE where they cannot be written."""
        if opts.summary == "json":
            out_json(summary.as_dict())
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
