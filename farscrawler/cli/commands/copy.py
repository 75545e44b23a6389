"""`farscrawler copy`: copy an archive into another one, of an SQLite file or a PostgreSQL database either way."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out, say
from farscrawler.days import duration
from farscrawler.errors import BadArgumentError, Exit, HeldError
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from farscrawler.archive.definitions import Migrations
    from farscrawler.archive.writing.transfer import Copied, Part, Side
    from farscrawler.errors import FarscrawlerError
    from farscrawler.locations import Location

#: Seconds between two words about a long copy.
_TELL_SECONDS = 5.0
#: Refused rows that are named.
_NAMED = 20


class Command(LightCommand):
    """The copy command."""

    #: Whether both archives could be opened: what fails before is what any command says of such an archive.
    _is_open = False

    def syntax(self) -> str:
        return "[options] FROM TO"

    def long_desc(self) -> str:
        return (
            "Copy an archive, FROM a file or a postgresql:// address TO a new one of either kind: articles, revisions, "
            "their order, ledger, runs, caches and kept pages. The search index and what `copies` has found are made "
            "again where they are asked for. At the end both archives are compared row by row. An interrupted copy "
            "goes on when the same command is given again. No crawl may be at work on either. Exit codes: 0 the same; "
            "1 failed; 2 bad arguments, or TO holds something else; 3 some rows could not be stored, and are named; "
            "75 a crawl is at work; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--no-pages", action="store_true", help="leave the kept pages out")

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for an archive that is in use or fails than for one that is wrongly named."""
        if isinstance(error, HeldError):
            return Exit.HELD
        if not self._is_open:
            return super().exit_code_of(error)
        return Exit.BAD_ARGUMENTS if isinstance(error, BadArgumentError) else Exit.BROKE

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Copy, compare, and say what was done."""
        from farscrawler.archive import Archive
        from farscrawler.archive.kept.pages import PAGES, KeptPages, has_pages, pages_location
        from farscrawler.archive.ledger import Ledger, take_copies_lock, take_lock
        from farscrawler.archive.reading.lookup import lockable_publishers
        from farscrawler.archive.sqlite.kinds import ARCHIVE
        from farscrawler.archive.writing.transfer import Copied, Side, begin, include_pages

        if len(args) != 2:  # noqa: PLR2004  # FROM and TO
            raise UsageError("name an archive to copy from, and a new one")
        places = [location_of(one) for one in args]
        _refuse_same(*places)
        self._begun = self._told = time.monotonic()
        copied = Copied()
        with contextlib.ExitStack() as stack:

            def hold(archive: Archive) -> None:
                for publisher in lockable_publishers(source.db, source.path):
                    stack.callback(take_lock(Ledger(archive, publisher)).release)
                stack.callback(take_copies_lock(archive).release)

            source = stack.enter_context(Archive(places[0]))
            hold(source)  # a crawl at work is told before the other one is made
            target = stack.enter_context(Archive(places[1], readonly=False))
            self._is_open = True
            hold(target)
            sides = [Side(one.db, one.path, one.guard) for one in (source, target)]
            parts = [_part(sides, ARCHIVE.migrations)]
            begin(sides[1], source.path)
            if not opts.no_pages and has_pages(places[0]):
                kept = [
                    stack.enter_context(KeptPages(pages_location(place), readonly=place is places[0]))
                    for place in places
                ]
                parts.append(_part([Side(one.db, one.path, one.guard) for one in kept], PAGES.migrations))
                include_pages(sides[1], parts[1].target, parts[1].tables)
            self._copy(parts, copied)
        self._report(places[1], copied)

    def _copy(self, parts: Sequence[Part], copied: Copied) -> None:
        """Copy all tables, and compare them; a copy that is the same is marked as whole."""
        from farscrawler.archive.writing.transfer import copy_table, differences, finish

        for part in parts:
            for table in part.tables:
                copy_table(part.source, part.target, table, copied, self._tell("copied"))
        for part in parts:
            for table in part.tables:
                copied.differences += differences(part.source, part.target, table, self._tell("compared"))
        if not copied.differences:
            finish(parts[0].target)

    def _tell(self, what: str) -> Callable[[str, int], None]:
        def tell(table: str, rows: int) -> None:
            now = time.monotonic()
            if now - self._told >= _TELL_SECONDS:
                self._told = now
                say(f"{rows:,} rows of {table} {what}, after {duration(now - self._begun)}.")

        return tell

    def _report(self, target: Location, copied: Copied) -> None:
        for sentence in copied.refused[:_NAMED]:
            say(f"not stored: {sentence}.")
        if len(copied.refused) > _NAMED:
            say(f"{len(copied.refused) - _NAMED:,} more rows were not stored.")
        for sentence in copied.differences if not copied.refused else ():
            say(f"not the same: {sentence}.")
        counts = ", ".join(f"{count:,} {name}" for name, count in copied.rows.items() if count)
        took = duration(time.monotonic() - self._begun)
        if copied.refused or copied.differences:
            self.fail(f"{target}: {counts or 'nothing'} copied in {took}; it is not the same.", Exit.OWED)
            return
        out(f"{target}: {counts or 'nothing'} copied in {took}; compared row by row, all is the same.")


def _part(sides: Sequence[Side], migrations: Migrations) -> Part:
    """Return a part of a copy. Raise BadArgumentError where what is copied has an older schema."""
    from farscrawler.archive.writing.transfer import Part, tables_of

    source, target = sides
    if source.db.version(len(migrations)) != len(migrations):
        raise BadArgumentError(f"{source.place} has an older schema. Crawl with it once, which renews it.")
    return Part(source, target, tables_of(migrations))


def _refuse_same(source: Location, target: Location) -> None:
    """Raise BadArgumentError where both names lead to one archive, or where there is none to copy."""
    if not source.exists():
        raise BadArgumentError(f"{source} does not exist.")
    same = str(source) == str(target)
    if isinstance(source, Path) and isinstance(target, Path):
        same = target.exists() and source.samefile(target)
    if same:
        raise BadArgumentError(f"{target} is the archive itself; name a new one.")
