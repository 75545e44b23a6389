"""`farscrawler coverage PUBLISHER`: what is there and what is missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import out, out_json, out_ready, terminal
from farscrawler.coverage import survey
from farscrawler.coverage.asjson import as_dict
from farscrawler.coverage.html import page
from farscrawler.coverage.table import parts
from farscrawler.days import parse_date_range
from farscrawler.errors import Exit
from farscrawler.files import write_whole

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive
    from farscrawler.coverage import Report

#: Lines that are piped are not folded where the reader's window would be.
_PIPED_WIDTH = 200
_PAGES = (".html", ".htm")


class Command(ArchiveCommand):
    """The coverage command."""

    def syntax(self) -> str:
        return "[--since DAY] [--until DAY] [--days] [--html FILE] [--json] PUBLISHER"

    def long_desc(self) -> str:
        return (
            "Show what the archive (-s ARCHIVE=FILE, archive.db in the working folder by default) holds of a "
            "publisher and what is missing: articles a day, days below half of their weekday's median, ids never "
            "requested, and addresses that failed, are blocked or missing. The command only reads, also while a "
            "crawl runs. Exit codes: 0 shown; 1 the archive holds no article of the publisher, or FILE cannot be "
            "written; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--since",
            metavar="DAY",
            help="the first day: 1401-02-01, 1401-02 or 1401, or a Gregorian one (default: that of the first article)",
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included (default: that of the last article)")
        parser.add_argument("--days", action="store_true", help="one line a day instead of one line a month")
        parser.add_argument(
            "--html", metavar="FILE", type=Path, help="write a page with a calendar into FILE (ends with .html)"
        )
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one publisher, such as: coverage farsonline; `farscrawler publishers` lists them")
        if opts.days and (opts.json or opts.html):
            raise UsageError("--days is for the table; --json and --html have every day already")
        if opts.html and opts.html.suffix.lower() not in _PAGES:  # an archive must never be written over
            raise UsageError(f"--html {opts.html}: name a file that ends with .html")
        self.publisher = publishers.of(self.settings).load(args[0])
        self.span = parse_date_range(opts.since, opts.until)
        self.html: Path | None = opts.html
        self.json: bool = opts.json
        self.days: bool = opts.days

    def read(self, archive: Archive) -> None:
        """Survey, and show it in each form that was asked for."""
        report = survey(archive, self.publisher, self.span, now=dt.datetime.now(dt.UTC))
        if report is None:
            key = self.publisher.key
            return self.fail(
                f"{archive.path} holds nothing of {key} yet; crawl it first: farscrawler crawl {key}", Exit.BROKE
            )
        if self.html is not None:
            try:
                write_whole(self.html, page(report))
            except OSError as error:
                return self.fail(f"{self.html} cannot be written ({error.strerror}).", Exit.BROKE)
        if self.json:
            out_json(as_dict(report), indent=1)
        elif self.html is None:
            self._print(report)
        else:
            out(f"{self.html} is written; open it in a browser.")
        return None

    def _print(self, report: Report) -> None:
        lines = parts(report, every_day=self.days)
        if (on_screen := terminal()) is not None:
            on_screen.print(*lines, sep="\n")
            return
        from rich.console import Console

        console = Console(markup=False, emoji=False, highlight=False, width=_PIPED_WIDTH)
        with console.capture() as captured:
            console.print(*lines, sep="\n")
        out_ready("\n".join(line.rstrip() for line in captured.get().splitlines()))
