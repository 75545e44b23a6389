"""`farscrawler check`: verify that the archive is whole and agrees with itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.check import check, tally
from farscrawler.extensions.exitcodes import Exit

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """The check command."""

    requires_crawler_process = False

    def syntax(self) -> str:
        return "[-s ARCHIVE=FILE]"

    def short_desc(self) -> str:
        return "Verify an archive and say what to do about what is wrong"

    def long_desc(self) -> str:
        return (
            "Verify the archive (-s ARCHIVE=FILE, archive.db in the working folder by default): the file itself, "
            "articles against the ledger, revisions and exports against the order of storing. Nothing is changed. "
            "Exit codes: 0 all is well; 1 something is wrong, and what to do is said; 2 there is no archive."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = f"farscrawler check {self.syntax()}"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, and say what was found."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        if args:
            raise UsageError("check takes no arguments; name the archive with -s ARCHIVE=FILE")
        path = self.settings["ARCHIVE"]
        try:
            with Archive(path, readonly=True) as archive:
                findings = check(archive)
                counts = {} if findings else tally(archive)
        except ArchiveError as error:
            print(f"farscrawler: {error}", file=sys.stderr)
            # A damaged file is what check is for; anything else is a file that is no archive.
            self.exitcode = int(Exit.BROKE if "damaged" in str(error) else Exit.BAD_ARGUMENTS)
            return
        for finding in findings:
            print(f"{path}: {finding.count:,} {finding.what}. What to do: {finding.advice}.")
        for publisher, numbers in sorted(counts.items()):
            print(f"{publisher}: " + ", ".join(f"{count:,} {what}" for what, count in numbers.items()))
        if findings:
            self.exitcode = int(Exit.BROKE)
        else:
            print(f"{path}: all is well.")
