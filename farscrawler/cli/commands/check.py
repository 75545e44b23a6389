"""`farscrawler check`: verify that the archive is whole and agrees with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.audit import check, tally
from farscrawler.archive.kept_pages import KeptPages, path_of
from farscrawler.archive.page_audit import check_pages, disk_size, lost, shelves
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import out
from farscrawler.errors import Exit

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from farscrawler.archive import Archive
    from farscrawler.errors import FarscrawlerError


class Command(ArchiveCommand):
    """The check command."""

    def syntax(self) -> str:
        return "[-s ARCHIVE=FILE]"

    def long_desc(self) -> str:
        return (
            "Verify the archive (-s ARCHIVE=FILE, archive.db in the working folder by default): the file itself, "
            "articles against the ledger, revisions and exports against the order of storing; and of the kept pages "
            "beside it the file, and each page against its checksum. The command changes nothing. Exit codes: 0 the "
            "archive is sound; 1 a check failed, and a remedy is printed; 2 there is no archive."
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
            out(f"{archive.path}: {finding.count:,} {finding.what}. What to do: {finding.advice}.")
        for publisher, numbers in sorted(counts.items()):
            out(f"{publisher}: " + ", ".join(f"{count:,} {what}" for what, count in numbers.items()))
        whole = self._read_pages(archive) if not findings else True
        if findings or not whole:
            self.exitcode = int(Exit.BROKE)
        else:
            out(f"{archive.path}: all is well.")

    def _read_pages(self, archive: Archive) -> bool:
        """Check the kept pages, say what was found, and return whether they are whole."""
        file = path_of(archive.path)
        if not file.exists():
            self._tell_of_lost(file, lost(archive, None))
            return True
        with KeptPages(file) as kept:
            findings = check_pages(kept)
            for finding in findings:
                out(f"{file}: {finding.count:,} {finding.what}. What to do: {finding.advice}.")
            if findings:
                return False
            for shelf in shelves(kept):
                out(
                    f"{shelf.publisher}: {shelf.pages:,} pages kept, {shelf.size / 1e6:,.1f} MB as they came, "
                    f"{shelf.stored / 1e6:,.1f} MB compressed"
                )
            out(f"{file}: {disk_size(archive.path) / 1e6:,.1f} MB on disk.")
            self._tell_of_lost(file, lost(archive, kept))
        return True

    @staticmethod
    def _tell_of_lost(file: Path, count: int) -> None:
        if not count:
            return
        what = "has none of them" if not file.exists() else "lacks them"
        out(
            f"{file}: warning: the pages of {count:,} addresses were kept, and this file {what}. `reparse` cannot read "
            "them; articles and ledger are whole. Put back the file that belongs to this archive, or let the archive "
            "forget them: `farscrawler prune-pages --all`."
        )
