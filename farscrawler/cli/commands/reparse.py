"""`farscrawler reparse`: read kept pages with today's parsers, and store what they read better."""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import tally
from farscrawler.archive.kept.pages import KeptPages, has_pages, pages_location
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.writing.transfer import refuse_unfinished
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out, out_json, say
from farscrawler.days import now
from farscrawler.errors import ArchiveError, BadArgumentError, Exit, HeldError
from farscrawler.interrupts import interrupt
from farscrawler.locations import location_of
from farscrawler.printing import printable
from farscrawler.publishers.model import NEWS
from farscrawler.saved import folders
from farscrawler.saved.kept import kept_segments, parse_kept_segment
from farscrawler.saved.reading import parse_segment, segments
from farscrawler.saved.reparse import UNKNOWN, UNKNOWN_KEPT, reparse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.errors import FarscrawlerError
    from farscrawler.locations import Location
    from farscrawler.publishers import Publisher
    from farscrawler.saved.folders import SavedFile
    from farscrawler.saved.reading import Batch
    from farscrawler.saved.reparse import Report
    from farscrawler.saved.url_filter import UrlFilter


_SHOWN = 48  # characters of a value in an example
_BEFORE = 12  # of them before the first difference


def as_dict(report: Report) -> dict[str, Any]:
    """Return a whole report for a JSON line."""
    return {
        **asdict(report),
        "left": dict(report.left),
        "fields": dict(report.fields),
        "passed_over": dict(report.passed_over),
    }


def words(report: Report, *, dry: bool) -> str:
    """Return a report as lines for people."""
    would = "would be " if dry else ""
    head = f"{report.publisher}: {report.pages:,} pages read; {report.unchanged:,} articles unchanged"
    lines = [f"{head}, {report.changed:,} {would}revised, {report.readable:,} {would}new, since they can be read now."]
    if report.lost:
        lines.append(f"{report.lost:,} stored articles are none to today's parsers; they were left as they are:")
        lines += [f"  {key}: {printable(reason)}" for key, reason in report.lost_examples]
    for title, counts in (("Left", report.left), ("Passed over", report.passed_over)):
        if counts:
            lines.append(
                f"{title}: " + ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common()) + "."
            )
    for name, count in report.fields.most_common():
        lines.append(f"{name}: {count:,} changed")
        lines += [f"  {key}: {' → '.join(_around(before, after))}" for key, before, after in report.examples[name]]
    return "\n".join(lines)


def _around(before: object, after: object) -> tuple[str, str]:
    """Return the part of two values where they begin to differ, short and harmless to a terminal."""
    old, new = ("null" if one is None else one if isinstance(one, str) else repr(one) for one in (before, after))
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start = max(0, same - _BEFORE)

    def cut(text: str) -> str:
        part = text[start : start + _SHOWN].replace("\n", "⏎").replace("\t", " ")
        return ("…" if start else "") + printable(part) + ("…" if len(text) > start + _SHOWN else "")

    return cut(old), cut(new)


_NAMED = 10
#: A second process is worth its start from this size on.
_ONE_JOB_BYTES = 512 * 1024


class Command(LightCommand):
    """The reparse command."""

    def syntax(self) -> str:
        return "[--warc FOLDER] [PUBLISHER]"

    def long_desc(self) -> str:
        return (
            "Read the pages that crawls have kept (PAGES) with today's parsers, on all cores and without requesting "
            "the site; with --warc, the pages in WARC files and folders of saved pages. Store each article that could "
            "not be read before, and a new revision of each article of the archive (--archive FILE) whose parsed "
            "fields have changed. Of several pages of one article the newest counts; a page older than the stored "
            "one is skipped; an article whose page is no article any more is reported and kept. "
            "Exit codes: 0 done; 1 failed; 2 bad arguments; 75 another run holds this archive for this publisher; "
            "130 interrupted, stored revisions stay."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--warc",
            metavar="FOLDER",
            type=Path,
            action="append",
            help="a folder of WARC files or saved pages, or one file, in place of the kept pages; may be repeated "
            "(default: the setting WARC, if given)",
        )
        parser.add_argument("--jobs", metavar="N", type=int, help="number of reading processes (default: one a core)")
        parser.add_argument("--dry-run", action="store_true", help="store nothing, only report what would change")
        parser.add_argument(
            "--json", action="store_true", help="print one line of JSON a publisher instead of a summary"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reparse, and set the exit code."""
        if len(args) > 1 or (opts.jobs is not None and opts.jobs < 1):
            raise UsageError("give at most one publisher, and at least one job")
        places = opts.warc or ([Path(self.settings["WARC"])] if self.settings["WARC"] else [])
        try:
            self.exitcode = int(self._reparse(args, opts, places))
        except BrokenProcessPool:
            self.fail("a process that read pages was ended; what was stored is whole.", Exit.BROKE)
        except KeyboardInterrupt:
            self.fail("interrupted; what was stored is whole.", Exit.INTERRUPTED)

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for an archive that is held or breaks than for one that is wrongly named."""
        if isinstance(error, HeldError):
            return Exit.HELD
        return Exit.BROKE if isinstance(error, ArchiveError) else Exit.BAD_ARGUMENTS

    def _reparse(self, args: Sequence[str], opts: argparse.Namespace, places: list[Path]) -> Exit:
        path = location_of(self.settings["ARCHIVE"])
        shelf: _Shelf = _Files(places, publishers.of(self.settings).names()) if places else _Kept(path)
        try:
            if not path.exists():
                raise BadArgumentError(
                    f"{path} does not exist, so nothing can be read better; --pages makes an archive."
                )
            shelf.look()
            opened = Archive(path, readonly=opts.dry_run)
        except ArchiveError as error:
            raise BadArgumentError(str(error)) from error
        with _ended_like_interrupted(), opened as archive:
            for publisher in self._publishers(archive, args, shelf):
                report = self._one(archive, publisher, shelf, opts)
                if opts.json:
                    out_json(as_dict(report))
                else:
                    out(words(report, dry=opts.dry_run), lines=True)
                for sentence in report.complaints[:_NAMED]:
                    say(sentence)
                if len(report.complaints) > _NAMED:
                    say(f"{len(report.complaints) - _NAMED:,} more could not be read.")
        return Exit.DONE

    def _publishers(self, archive: Archive, args: Sequence[str], shelf: _Shelf) -> list[Publisher]:
        """Return the publisher that was named, or each that the archive holds and this version knows."""
        catalogue = publishers.of(self.settings)
        if not args:
            known = {*catalogue.names(), *((NEWS,) if shelf.knows_keys else ())}
            return [catalogue.load(key) for key in sorted(tally(archive)) if key in known]
        publisher = catalogue.load(args[0])
        if publisher.anywhere and not shelf.knows_keys:
            raise BadArgumentError(f"pages from anywhere ({publisher.key}) are not reparsed; name a publisher.")
        return [publisher]

    def _one(self, archive: Archive, publisher: Publisher, shelf: _Shelf, opts: argparse.Namespace) -> Report:
        ledger = Ledger(archive, publisher.key)
        stanzas = ",".join(self.settings.getlist("PUBLISHERS"))
        work = shelf.work(publisher.key, stanzas)
        size = sum(segment.size for segment in work)
        jobs = opts.jobs or (1 if size < _ONE_JOB_BYTES else _cores())
        if not opts.dry_run:
            refuse_unfinished(archive.db, archive.path)
        held = None if opts.dry_run else take_lock(ledger)
        try:
            if not opts.dry_run:
                number = ledger.begin_run({"reparse": shelf.name}, now())
            reason, code = "interrupted", Exit.INTERRUPTED
            try:
                with _progress(publisher.key, size) as tell:
                    report = reparse(
                        archive,
                        publisher,
                        work,
                        shelf.parse,
                        jobs=jobs,
                        tell=tell,
                        unknown=shelf.unknown,
                        dry=opts.dry_run,
                        stanzas=stanzas,
                    )
                reason, code = "finished", Exit.DONE
            finally:
                if not opts.dry_run:
                    ledger.end_run(number, at=now(), reason=reason, exit_code=int(code), counts=archive.committed)
        finally:
            if held is not None:
                held.release()
        return report


class _Shelf(ABC):
    """Where the pages stand.

    ``unknown`` is said of pages that the archive does not know. ``knows_keys``: of each page it is known of which
    address it is, so that those of sites without a stanza can be reparsed too.
    """

    name: str
    unknown: str
    knows_keys: bool
    parse: Callable[[Any, UrlFilter], Batch]

    @abstractmethod
    def look(self) -> None:
        """Raise BadArgumentError or ArchiveError where there are no pages."""

    @abstractmethod
    def work(self, publisher: str, stanzas: str) -> list[Any]:
        """Return the segments of a publisher."""


class _Files(_Shelf):
    """WARC files and folders of saved pages."""

    unknown = UNKNOWN
    knows_keys = False
    parse = staticmethod(parse_segment)

    def __init__(self, places: list[Path], known: Sequence[str]) -> None:
        self.name = ", ".join(map(str, places))
        self._files = _files(places)
        self._known = known

    def look(self) -> None:
        pass  # done when they were found

    def work(self, publisher: str, stanzas: str) -> list[Any]:
        return list(segments(file for file in self._files if folders.may_hold(file.path.name, publisher, self._known)))


class _Kept(_Shelf):
    """The pages that crawls have kept."""

    unknown = UNKNOWN_KEPT
    knows_keys = True
    parse = staticmethod(parse_kept_segment)

    def __init__(self, archive: Location) -> None:
        self._archive = archive
        self._path = pages_location(archive)
        self.name = f"kept pages ({self._path.name})"

    def look(self) -> None:
        if not has_pages(self._archive):
            raise BadArgumentError(
                f"{self._path} is not there: no crawl has kept pages for this archive (setting PAGES), or it was not "
                "copied along. Name WARC files or saved pages with --warc FOLDER."
            )
        KeptPages(self._path).close()

    def work(self, publisher: str, stanzas: str) -> list[Any]:
        with KeptPages(self._path) as pages:
            return list(kept_segments(pages, publisher, stanzas=stanzas))


def _files(places: list[Path]) -> list[SavedFile]:
    """Find the files to read. Raise BadArgumentError where there is no file, or no file can be read."""
    for place in places:
        if not place.exists():
            raise BadArgumentError(f"--warc {place}: there is no such folder or file.")
    files = folders.find(places)
    if not files:
        raise BadArgumentError(f"there is no file in {', '.join(map(str, places))}.")
    return files


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """End the command at SIGTERM as at Ctrl-C."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(publisher: str, size: int) -> Iterator[Any]:
    """Show the progress on a terminal, and nothing elsewhere."""
    console = Console(stderr=True, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[pages]} pages, {task.fields[changed]} changed"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(publisher, total=size, pages="0", changed="0")

        def tell(report: Report, had: int) -> None:
            shown.update(task, advance=had, pages=f"{report.pages:,}", changed=f"{report.changed:,}")

        yield tell
