"""`farscrawler check`: verify that the archive is whole and agrees with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.audit import check, tally
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.errors import Exit

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive
    from farscrawler.errors import FarscrawlerError


class Command(ArchiveCommand):
    """The check command."""

    def syntax(self) -> str:
        return "[-s ARCHIVE=FILE]"

    def long_desc(self) -> str:
        return (
            "Verify the archive (-s ARCHIVE=FILE, archive.db in the working folder by default): the file itself, "
            "articles against the ledger, revisions and exports against the order of storing. The command changes "
            "nothing. Exit codes: 0 the archive is sound; 1 a check failed, and a remedy is printed; 2 there is no "
            "archive."
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("check takes no arguments; name the archive with -s ARCHIVE=FILE")

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for a damaged file, which is what check is for, than for one that is no archive."""
        return Exit.BROKE if "damaged" in str(error) else Exit.BAD_ARGUMENTS

    def read(self, archive: Archive) -> None:
        """Check, and say what was found."""
        findings = check(archive)
        counts = {} if findings else tally(archive)
        for finding in findings:
            print(f"{archive.path}: {finding.count:,} {finding.what}. What to do: {finding.advice}.")
        for publisher, numbers in sorted(counts.items()):
            print(f"{publisher}: " + ", ".join(f"{count:,} {what}" for what, count in numbers.items()))
        if findings:
            self.exitcode = int(Exit.BROKE)
        else:
            print(f"{archive.path}: all is well.")
