"""`farscrawler copies`: which articles are the same text, and who printed it first."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.addressed import absence, addressed, archive_words, check_name, publisher_key, stanza_of
from farscrawler.cli.base import ArchiveCommand, UsageError, damage_told
from farscrawler.cli.output import (
    out,
    out_csv,
    out_json,
    out_json_lists,
    out_parts,
)
from farscrawler.cli.progress import progress
from farscrawler.config import switch_of
from farscrawler.days import parse_date_range
from farscrawler.errors import BadArgumentError, Exit, HeldError
from farscrawler.files import write_whole
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from farscrawler.archive import Archive
    from farscrawler.cli.addressed import Addressed
    from farscrawler.copies.agencies import Names
    from farscrawler.copies.report import Report
    from farscrawler.errors import FarscrawlerError

_PAGES = (".html", ".htm")
#: The groups of a list.
_COUNT = 20


class Command(ArchiveCommand):
    """The copies command; ``comparing`` once it has begun to change the archive."""

    comparing = False

    def syntax(self) -> str:
        return "[--report | --groups [options] [PUBLISHER ...]] [--of PUBLISHER ID] [--drop]"

    def long_desc(self) -> str:
        return (
            "Find the articles of the archive (--archive FILE, archive.db in the working folder by default) that are "
            "the same text, within and across publishers and within days of each other, and keep what was found in the "
            "archive. Each run reads only what is new or changed; a run that was stopped is continued by the next one. "
            "Bulletins with the same words and other numbers are told apart. --report shows who printed a text first, "
            "who after that and how soon, and what they name as their source; --groups lists the groups, --of "
            "shows the copies of one article. Exit codes: 0 done; 1 nothing was found, or the archive or FILE cannot "
            "be written; 2 bad arguments; 75 another command compares the articles; 130 interrupted, "
            "and what was compared is kept."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--report", action="store_true", help="show what was found, of these publishers or of all; compare nothing"
        )
        parser.add_argument(
            "--since", metavar="DAY", help="the first day of copies: 1401-02-01, 1401-02 or 1401, or a Gregorian one"
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--csv", action="store_true", help="print CSV: a row for each month and pair of publishers")
        parser.add_argument(
            "--csv-safe",
            action="store_true",
            help="the same, with a leading ' before cells that a spreadsheet would run as formulas (setting CSV_SAFE)",
        )
        parser.add_argument(
            "--html", metavar="FILE", type=Path, help="write a page with figures into FILE (ends with .html)"
        )
        parser.add_argument(
            "--of", nargs=2, metavar=("PUBLISHER", "ID"), help="show the articles that are the same text as this one"
        )
        parser.add_argument(
            "--groups",
            action="store_true",
            help="list the groups of the same text, those of the most publishers first; with names, those that hold an "
            "article of one of them",
        )
        parser.add_argument(
            "-n", "--limit", type=int, metavar="N", help=f"groups of --groups; 0 lists all (default: {_COUNT})"
        )
        parser.add_argument("--drop", action="store_true", help="remove all that was found from the archive")

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for an archive that is held or cannot be written than for one that is wrongly named."""
        if isinstance(error, HeldError):
            return Exit.HELD
        return Exit.BROKE if self.comparing else super().exit_code_of(error)

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        _check(args, opts)
        self.opts = opts
        self.catalogue = publishers.of(self.settings)
        self.span = parse_date_range(opts.since, opts.until)
        self.names = list(dict.fromkeys(args))
        for name in (*args, *(opts.of or ())[:1]):
            check_name(name, self.catalogue, location_of(self.settings["ARCHIVE"]))
        self.safe = _is_safe(str(self.settings["CSV_SAFE"])) or opts.csv_safe

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Show what was found, compare, or drop."""
        if opts.report or opts.of or opts.groups:
            super().execute(args, opts)
            return
        from farscrawler.archive import Archive

        self.prepare(args, opts)
        path = location_of(self.settings["ARCHIVE"])
        if not path.exists():
            raise BadArgumentError(f"{path} does not exist. Crawl first, or name the archive with --archive FILE.")
        with Archive(path, readonly=False) as archive, damage_told(archive):
            self._drop(archive) if opts.drop else self._update(archive)

    def read(self, archive: Archive) -> None:
        """Show the copies of one article, or the report."""
        if self.opts.groups:
            self._show_groups(archive, [publisher_key(name, self.catalogue, archive) for name in self.names])
        elif self.opts.of:
            self._show_group(archive, addressed(self.opts.of, self.catalogue, archive, self.settings))
        else:
            self._show_report(archive, [publisher_key(name, self.catalogue, archive) for name in self.names])

    # Comparing.

    def _update(self, archive: Archive) -> None:
        from farscrawler.archive.ledger import take_copies_lock
        from farscrawler.copies import update
        from farscrawler.copies.report import report

        held = take_copies_lock(archive)
        self.comparing = True
        try:
            with _shown_progress() as tell:
                done = update(archive, zone_of=self._zone_of(), tell=tell)
        except KeyboardInterrupt:
            self.fail("interrupted; what was compared is kept, and the next run goes on from there.", Exit.INTERRUPTED)
            return
        finally:
            held.release()
        self.comparing = False
        gone = f", {done.gone:,} taken out that are not there any more" if done.gone else ""
        out(f"{archive.path}: {done.read:,} articles read{gone}; {done.days:,} days compared.")
        found = report(archive, self._names())
        out(f"{found.across + found.within:,} groups of the same text, {found.across:,} of them across publishers.")
        out(f"{found.total().copies:,} copies whose first publisher is certain; --report shows them.")
        left_out = found.sizes.too_short + found.sizes.undated
        if left_out:
            out(f"Not compared: {found.sizes.too_short:,} too short, {found.sizes.undated:,} without a known day.")

    def _zone_of(self) -> Callable[[str], str | None]:
        from functools import cache

        def zone_of(key: str) -> str | None:
            found = stanza_of(key, self.catalogue)
            return found.tz if found is not None and not found.anywhere else None

        return cache(zone_of)

    def _names(self) -> Names:
        from farscrawler.copies.agencies import Names

        return Names(self.catalogue.all())

    def _drop(self, archive: Archive) -> None:
        from farscrawler.archive.copies.tables import drop
        from farscrawler.archive.ledger import take_copies_lock

        held = take_copies_lock(archive)
        self.comparing = True
        try:
            there = drop(archive)
        finally:
            held.release()
        out(f"{archive.path}: " + ("what was found is removed." if there else "nothing was compared yet."))

    # Showing.

    def _show_report(self, archive: Archive, keys: list[str]) -> None:
        from farscrawler.copies import asjson
        from farscrawler.copies.html import report_page
        from farscrawler.copies.report import report
        from farscrawler.copies.table import parts
        from farscrawler.timestamps.zones import TEHRAN

        opts = self.opts
        found = report(archive, self._names(), publishers=keys, span=self.span)
        if opts.html is not None:
            names = {one.key: one.name for one in self.catalogue.all()}
            try:
                write_whole(opts.html, report_page(found, names, made_at=dt.datetime.now(TEHRAN)))
            except OSError as error:
                return self.fail(f"{opts.html} cannot be written ({error.strerror}).", Exit.BROKE)
        if opts.json:
            out_json_lists(asjson.as_dict(found), flows=asjson.flows(found), by_month=asjson.flows_by_month(found))
        elif opts.csv or opts.csv_safe:
            out_csv(asjson.csv_rows(found), safe=self.safe)
        elif opts.html is None:
            out_parts(parts(found))
        else:
            out(f"{opts.html} is written; open it in a browser.")
        self._say_what_is_open(found)
        if not found.across + found.within:
            return self.fail(f"{archive.path} holds no copies of this kind.", Exit.BROKE)
        return None

    @staticmethod
    def _say_what_is_open(found: Report) -> None:
        from farscrawler.cli.output import say

        if found.sizes.unread or found.sizes.open_days:
            say(
                f"{found.sizes.unread:,} newer revisions and {found.sizes.open_days:,} days are not compared yet; "
                "`farscrawler copies` compares them."
            )

    def _show_groups(self, archive: Archive, keys: list[str]) -> None:
        from farscrawler.cli.copied import show_groups, summary_as_dict
        from farscrawler.copies.largest import largest_groups

        limit = _COUNT if self.opts.limit is None else self.opts.limit or None
        found = list(largest_groups(archive, limit, publishers=keys, span=self.span))
        if self.opts.json:
            out_json_lists({"archive": str(archive.path), "publishers": keys}, groups=map(summary_as_dict, found))
        else:
            show_groups(found)
        if not found:
            self.fail(f"{archive.path} holds no copies of this kind.", Exit.BROKE)

    def _show_group(self, archive: Archive, asked: Addressed) -> None:
        from farscrawler.cli.copied import group_as_dict, show_group
        from farscrawler.copies.of import copies_of

        if asked.article is None:
            return self.fail(absence(asked, self.catalogue, archive, archive_words(self.opts)), Exit.BROKE)
        publisher, article_id = asked.publisher, asked.article.article_id
        found = copies_of(archive, publisher, article_id, names=self._names())
        if found is None:
            sentence = "was stored after the last comparison; run `farscrawler copies` first."
            return self.fail(f"{publisher} {article_id} {sentence}", Exit.BROKE)
        if self.opts.json:
            out_json(group_as_dict(publisher, article_id, found), indent=1)
        else:
            show_group(found)
        if found.copies:
            if found.doubt and not self.opts.json:
                out(f"Who was first is not known: {found.doubt}.")
            return None
        why = "has no copy" if found.compared else "is too short to be compared, or has no known day"
        alike = f"; {found.bulletins:,} bulletins have its words with other numbers" if found.bulletins else ""
        return self.fail(f"{publisher} {article_id} {why}{alike}.", Exit.BROKE)


@contextmanager
def _shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show how far each step is; what is yielded is called with the step, what is done of it, and all of it."""
    step, done = "", 0
    advance: Callable[[int], object] = abs
    with ExitStack() as shown:

        def tell(what: str, at: int, of: int) -> None:
            nonlocal step, done, advance
            if what != step:
                shown.close()
                step, done, advance = what, 0, shown.enter_context(progress(what, of))
            advance(at - done)
            done = at

        yield tell


def _check(args: list[str], opts: argparse.Namespace) -> None:
    """Raise UsageError for options that do not go together."""
    if opts.report + bool(opts.of) + opts.groups + opts.drop > 1:
        raise UsageError("choose one of --report, --groups, --of and --drop")
    if args and not (opts.report or opts.groups):
        raise UsageError("all articles are compared, whoever printed them; PUBLISHER is for --report and --groups")
    if (opts.since or opts.until) and not (opts.report or opts.groups):
        raise UsageError("--since and --until are for --report and --groups")
    if (opts.html or opts.csv or opts.csv_safe) and not opts.report:
        raise UsageError("--csv and --html are for --report")
    if opts.json and not (opts.report or opts.groups or opts.of):
        raise UsageError("--json is for --report, --groups and --of")
    if opts.limit is not None and (opts.limit < 0 or not opts.groups):
        raise UsageError("-n is the number of groups that --groups lists, or 0 for all")
    if opts.json and (opts.csv or opts.csv_safe):
        raise UsageError("choose --json or --csv")
    if opts.html and opts.html.suffix.lower() not in _PAGES:  # an archive must never be written over
        raise UsageError(f"--html {opts.html}: name a file that ends with .html")


def _is_safe(said: str) -> bool:
    safe = switch_of(said)
    if safe is None:
        raise BadArgumentError(f"-s CSV_SAFE={said}: write on or off.")
    return safe
