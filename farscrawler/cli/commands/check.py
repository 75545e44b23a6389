"""`farscrawler check`: verify that the archive is whole and agrees with itself."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import RECOVER, check, copy_problems, tally
from farscrawler.archive.audit.kept import check_pages, disk_size, lost, shelves
from farscrawler.archive.audit.repair import repair, repair_pages
from farscrawler.archive.kept.pages import KeptPages, has_pages, pages_location
from farscrawler.archive.reading.lookup import lockable_publishers
from farscrawler.archive.sqlite.damage import damage_to
from farscrawler.archive.sqlite.kinds import ARCHIVE
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import out, say
from farscrawler.days import duration
from farscrawler.errors import ArchiveError, DamagedArchiveError, Exit, HeldError
from farscrawler.files import write_whole
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse

    from farscrawler.errors import FarscrawlerError
    from farscrawler.locations import Location

#: Seconds between two words about a long check.
_TELL_SECONDS = 5.0
_ADDRESS = re.compile(r"https?://[!-~]+")
_NAME = re.compile(r"[\w.-]+")


class Command(ArchiveCommand):
    """The check command; ``repairing`` once it has begun to change the archive."""

    repairing = False

    def syntax(self) -> str:
        return "[--repair] [--archive FILE]"

    def long_desc(self) -> str:
        return (
            "Verify the archive (--archive FILE, archive.db in the working folder by default): the file itself, "
            "its tables, columns, indexes and triggers, each article against its digest, articles against the ledger, "
            "revisions and exports against the order of storing; and of the kept pages beside it the file, and each "
            "page against its checksum. Without --repair the command changes nothing. Exit codes: 0 the archive is "
            "sound; 1 a check failed, and a remedy is printed; 2 there is no archive; 75 a crawl is at work (--repair)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--repair",
            action="store_true",
            help="make tables, columns, indexes and triggers again, and let damaged articles be fetched again",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, also where the archive cannot even be opened."""
        try:
            super().execute(args, opts)
        except DamagedArchiveError as error:
            path = location_of(self.settings["ARCHIVE"])
            out(f"{str(error).partition('`')[0].strip()} What to do: {RECOVER.format(path=path)}.")
            self.exitcode = int(Exit.BROKE)

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("check takes no arguments; name the archive with --archive FILE")
        self.begun = self.told = time.monotonic()
        if opts.repair:
            self._repair(location_of(self.settings["ARCHIVE"]))

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for an archive that is held, or that cannot be written, than for what is none."""
        if isinstance(error, HeldError):
            return Exit.HELD
        return Exit.BROKE if self.repairing else super().exit_code_of(error)

    def _tell(self, what: str) -> None:
        """Say how far a long check has come, now and then."""
        now = time.monotonic()
        if now - self.told >= _TELL_SECONDS:
            self.told = now
            say(f"at work for {duration(now - self.begun)}: {what}")

    def _repair(self, path: Location) -> None:
        """Repair archive and kept pages as far as that can be done, and say what was done."""
        if not path.exists():
            return  # which is said when it is opened
        with Archive(path) as archive:  # where tables are damaged, nothing may be written, not even a migration
            if any(one.index is None for one in damage_to(archive.db, tell=lambda: self._tell("the file"))):
                return
        # Loads filelock, which a check does not need.
        from farscrawler.archive.ledger import Ledger, take_copies_lock, take_lock

        with (
            Archive(path, readonly=False, tell=lambda what: say(f"{path}: {what}")) as archive,
            contextlib.ExitStack() as held,
        ):
            for publisher in lockable_publishers(archive.db, archive.path):
                held.callback(take_lock(Ledger(archive, publisher)).release)
            held.callback(take_copies_lock(archive).release)
            self.repairing = True
            found = repair(archive, ARCHIVE, lambda count: self._tell(f"{count:,} articles"))
            file = pages_location(path)
            if has_pages(path):
                with KeptPages(file, readonly=False) as kept:
                    found.done += [f"{file.name}: {one}" for one in repair_pages(kept)]
        for sentence in found.done:
            out(f"{path}: {sentence}.")
        for publisher, urls in found.pending.items():
            self._list(path, publisher, urls)
        self.repairing = False

    def _list(self, path: Location, publisher: str, urls: list[str]) -> None:
        """Write the addresses that are to be fetched again into a file, and say how that is done."""
        whole = [url for url in dict.fromkeys(urls) if _ADDRESS.fullmatch(url)]
        if not whole or not _NAME.fullmatch(publisher):
            return
        folder = path.parent if isinstance(path, Path) else Path()
        file = folder / f"{path.stem}.damaged.{publisher}.txt"
        try:
            write_whole(file, "".join(f"{url}\n" for url in whole))
        except OSError as error:
            raise ArchiveError(f"{file} cannot be written ({error.strerror}).") from error
        out(f"To fetch them again: farscrawler crawl {publisher} --urls @{file}")

    def read(self, archive: Archive) -> None:
        """Check, and say what was found."""
        findings = check(archive, self._tell) + copy_problems(archive)
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
        file = pages_location(archive.path)
        if not has_pages(archive.path):
            self._tell_of_lost(file, lost(archive, None), is_there=False)
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
            self._tell_of_lost(file, lost(archive, kept), is_there=True)
        return True

    @staticmethod
    def _tell_of_lost(file: Location, count: int, *, is_there: bool) -> None:
        if not count:
            return
        what = "lacks them" if is_there else "has none of them"
        out(
            f"{file}: warning: the pages of {count:,} addresses were kept, and this file {what}. `reparse` cannot read "
            "them; articles and ledger are whole. Put back the file that belongs to this archive, or let the archive "
            "forget them: `farscrawler prune-pages --all`."
        )
