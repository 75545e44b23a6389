"""`farscrawler prune-pages`: remove kept pages, and give their room back to the disk."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out
from farscrawler.errors import ArchiveError, BadArgumentError, Exit, HeldError
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.archive.kept.pages import KeptPages
    from farscrawler.errors import FarscrawlerError
    from farscrawler.locations import Location


class Command(LightCommand):
    """The prune-pages command."""

    def syntax(self) -> str:
        return "[options] [PUBLISHER ...]"

    def long_desc(self) -> str:
        return (
            "Remove pages that crawls have kept beside the archive (--archive FILE), of these publishers or of all, "
            "and give their room back to the disk. Articles, revisions and the ledger stay as they are; only `reparse` "
            "cannot read what is removed. With both --older-than and --not-articles, only pages that are both go. "
            "Exit codes: 0 done; 1 failed; 2 bad arguments; 75 a crawl of the publisher is at work."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="all pages")
        parser.add_argument("--older-than", metavar="AGE", help="pages fetched longer ago than this: 365d, 12h, 8w")
        parser.add_argument("--not-articles", action="store_true", help="pages that were taken for no articles")
        parser.add_argument("--damaged", action="store_true", help="pages that cannot be read any more")
        parser.add_argument("--dry-run", action="store_true", help="remove nothing, only count")

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for pages that are in use or cannot be written than for what is wrongly named."""
        if isinstance(error, HeldError):
            return Exit.HELD
        return Exit.BROKE if isinstance(error, ArchiveError) else Exit.BAD_ARGUMENTS

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Prune, publisher by publisher."""
        from farscrawler.archive import Archive
        from farscrawler.archive.audit.checks import tally
        from farscrawler.archive.audit.kept import disk_size, give_back, shelves
        from farscrawler.archive.kept.pages import KeptPages, has_pages, pages_location

        _check(opts)
        path = location_of(self.settings["ARCHIVE"])
        if not path.exists():
            raise BadArgumentError(f"{path} does not exist; name the archive with --archive FILE.")
        with Archive(path, readonly=opts.dry_run) as archive:
            file = pages_location(path)
            if not has_pages(path):
                self._without_file(archive, args or list(tally(archive)), opts, file)
                return
            before = disk_size(path)
            with KeptPages(file, readonly=opts.dry_run) as kept:
                there = {shelf.publisher: shelf.pages for shelf in shelves(kept)}
                unknown = [name for name in args if name not in there]
                if unknown:
                    raise BadArgumentError(
                        f"{file} holds no page of {', '.join(unknown)}; it holds those of {', '.join(there) or 'none'}."
                    )
                for publisher in args or there:
                    gone = self._one(archive, kept, publisher, opts)
                    would = "would be " if opts.dry_run else ""
                    out(f"{publisher}: {gone:,} of {there[publisher]:,} pages {would}removed.")
                if not opts.dry_run:
                    give_back(kept)
            if not opts.dry_run:
                out(f"{file}: {before / 1e6:,.1f} MB before, {disk_size(path) / 1e6:,.1f} MB now.")

    def _one(self, archive: Archive, kept: KeptPages, publisher: str, opts: argparse.Namespace) -> int:
        """Prune the pages of one publisher under its lock, and return their number."""
        from farscrawler.archive.audit.kept import drop_unused_dictionaries, prune
        from farscrawler.archive.ledger import Ledger, take_lock

        held = None if opts.dry_run else take_lock(Ledger(archive, publisher))
        try:
            gone = 0
            for keys in _wanted(kept, publisher, opts):
                gone += kept.count(publisher, keys) if opts.dry_run else prune(archive, kept, publisher, keys)
            if not opts.dry_run:
                drop_unused_dictionaries(kept, publisher)
        finally:
            if held is not None:
                held.release()
        return gone

    def _without_file(self, archive: Archive, names: list[str], opts: argparse.Namespace, file: Location) -> None:
        """Make the archive forget pages whose file is gone, where all are to be forgotten."""
        from farscrawler.archive.audit.kept import forget_lost
        from farscrawler.archive.ledger import Ledger, take_lock

        if not opts.all:
            raise BadArgumentError(f"{file} is not there: no page is kept. --all makes the archive forget lost pages.")
        for publisher in names if not opts.dry_run else ():
            held = take_lock(Ledger(archive, publisher))
            try:
                forget_lost(archive, publisher)
            finally:
                held.release()
        out(f"{file} is not there: no page is kept.")


def _check(opts: argparse.Namespace) -> None:
    """Raise UsageError for options that do not say which pages are to go."""
    some = bool(opts.older_than or opts.not_articles)
    if opts.all + opts.damaged + some != 1:
        raise UsageError(
            "say which pages are to go: --all, --damaged, or --older-than AGE and --not-articles, alone or together"
        )


def _wanted(kept: KeptPages, publisher: str, opts: argparse.Namespace) -> Iterator[list[str]]:
    """Yield the keys of the pages that are to go."""
    from farscrawler.archive.audit.kept import Wanted, damaged
    from farscrawler.frontier.arguments import parse_age

    if opts.damaged:
        yield [page.key for page in damaged(kept, publisher)]
        return
    before = None
    if opts.older_than:
        age = parse_age(opts.older_than, "--older-than ")
        before = (dt.datetime.now(dt.UTC) - age).isoformat(timespec="seconds")
    yield from Wanted(before, opts.not_articles).keys(kept, publisher)
