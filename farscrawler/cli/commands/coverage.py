"""`farscrawler coverage PUBLISHER`: what is there and what is missing."""

from __future__ import annotations

import datetime as dt
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.archive.runs import runs_of
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import out, out_json, out_parts
from farscrawler.cli.settings_given import base_url_of, options_again
from farscrawler.coverage import survey
from farscrawler.coverage.advice import commands
from farscrawler.coverage.asjson import as_dict
from farscrawler.coverage.html import page
from farscrawler.coverage.table import parts
from farscrawler.days import parse_date_range
from farscrawler.errors import Exit
from farscrawler.files import write_whole

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive

_PAGES = (".html", ".htm")


class Command(ArchiveCommand):
    """The coverage command."""

    def syntax(self) -> str:
        return "[options] PUBLISHER"

    def long_desc(self) -> str:
        return (
            "Show what the archive (--archive FILE, archive.db in the working folder by default) holds of a "
            "publisher and what is missing of the days that runs have harvested: articles a day, days below half of "
            "their weekday's median, ids never requested, and addresses that failed, are blocked or missing; and "
            "the commands that fill it. The command only reads, also while a "
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
        options = options_again(self.settings) + self._mirror(archive)
        advice = commands(report, self.publisher, options)
        if self.html is not None:
            try:
                write_whole(self.html, page(report))
            except OSError as error:
                return self.fail(f"{self.html} cannot be written ({error.strerror}).", Exit.BROKE)
        if self.json:
            out_json(as_dict(report, advice), indent=1)
        elif self.html is None:
            out_parts(parts(report, every_day=self.days, advised=bool(advice)))
            for command in advice:
                out(f"  {command}", verbatim=True)  # whole, to be copied
        else:
            out(f"{self.html} is written; open it in a browser.")
        return None

    def _mirror(self, archive: Archive) -> list[str]:
        """Return the option for the mirror or replica of the last run of the site, where no setting names it."""
        of_site = (
            one for one in runs_of(archive, self.publisher.key) if not {"pages", "reparse"} & one.arguments.keys()
        )
        last = deque(of_site, maxlen=1)
        named = last[0].arguments.get("base_url") if last else None
        set_to = base_url_of(self.settings, self.publisher.key)
        if (named or "") == set_to:
            return []
        return ["--base-url", named] if named else ["-s", "BASE_URL="]
