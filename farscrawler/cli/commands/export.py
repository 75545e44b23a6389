"""`farscrawler export`: articles of an archive, written into files without a crawl."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.archive.article_rows import RowCheck
from farscrawler.archive.reading.selection import Selected, Selection, undated
from farscrawler.cli.absent import why_none
from farscrawler.cli.addressed import archive_words, publisher_key
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.datasets import check_dataset, grow_dataset
from farscrawler.cli.output import CANNOT_WRITE, say
from farscrawler.cli.progress import progress
from farscrawler.cli.search_index import prepare_search
from farscrawler.config import switch_of
from farscrawler.days import DateRange, duration, parse_date_range
from farscrawler.errors import BadArgumentError, Exit, ExportError, HeldError
from farscrawler.exporters.feeds import DATABASES, check_place
from farscrawler.exporters.parquet import load_pyarrow
from farscrawler.exporters.rowfiles import CSV, FORMATS, RowFile, output_of
from farscrawler.items import FIELD_NAMES, OTHER_NAMES
from farscrawler.search import read_query
from farscrawler.strings import did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive
    from farscrawler.errors import FarscrawlerError
    from farscrawler.exporters.rowfiles import Output

#: Damaged rows that are named; an archive with more of them is for `farscrawler check`.
_NAMED = 20
_MEGABYTE = 1_000_000


class Command(ArchiveCommand):
    """The export command; ``writing`` once it has begun to write."""

    writing = False
    damaged = nulled = missing = 0

    def syntax(self) -> str:
        return "(-O FILE ... | --dataset FOLDER) [options] [PUBLISHER ...]"

    def long_desc(self) -> str:
        return (
            "Write the articles of the archive (--archive FILE, archive.db in the working folder by default), of "
            "these publishers or of all, into files. Nothing is fetched, and a crawl may be at work. The ending of a "
            f"name selects the format: {', '.join(f'.{name}' for name in FORMATS)}; .gz after it packs a text format, "
            "FILE:FORMAT names a format, and -:jsonl is standard output. Each file is written whole or not at all: "
            "whatever happens, it is the old one or the new one. --dataset FOLDER writes a folder of Parquet files, "
            "and later what is new. Exit codes: 0 written; 1 no article meets the "
            "conditions (the file is written, without any), or the archive or the disk failed; 2 bad arguments; 3 "
            "written without damaged articles, each of which is named; 75 another run writes the file; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-O",
            "--overwrite-output",
            action="append",
            default=[],
            metavar="FILE",
            help="write FILE, over the one that is there; may be repeated",
        )
        parser.add_argument(
            "-o",
            "--output",
            action="append",
            default=[],
            metavar="FILE",
            help="the same for a FILE that is not there yet; one that is there is refused",
        )
        parser.add_argument(
            "--dataset",
            metavar="FOLDER",
            help="write a dataset instead: Parquet by publisher and Jalali year, with a card; it grows by what is new",
        )
        parser.add_argument(
            "--since", metavar="DAY", help="the first day: 1401-02-01, 1401-02 or 1401, or a Gregorian one"
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included")
        parser.add_argument("--section", metavar="LABEL", help="only articles of a section, in any spelling")
        parser.add_argument(
            "--search",
            metavar="WORDS",
            help="only articles that `farscrawler search` finds; the first search makes an index",
        )
        parser.add_argument(
            "--columns", metavar="FIELDS", help="only these fields, in this order: publisher,article_id,headline"
        )
        parser.add_argument(
            "-n",
            "--limit",
            type=int,
            metavar="N",
            help="at most so many rows, the first ones in the order of the export (default: all)",
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--newest-revision",
            dest="all_revisions",
            action="store_false",
            default=False,
            help="each article once, as it was stored last (default)",
        )
        which.add_argument(
            "--all-revisions", action="store_true", help="every stored revision of the articles, as a row of its own"
        )
        parser.add_argument(
            "--csv-bom", action="store_true", help="begin CSV with a byte order mark, by which Excel knows UTF-8"
        )
        parser.add_argument(
            "--csv-safe",
            action="store_true",
            help="mark CSV cells that a spreadsheet would run as formulas with a leading ' (setting CSV_SAFE)",
        )

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return another code for a file that is held, or a failure on the way, than for what is wrongly named."""
        if isinstance(error, HeldError):
            return Exit.HELD
        full = getattr(error.__cause__, "errno", None) in CANNOT_WRITE  # when a stream is opened already
        return Exit.BROKE if self.writing or full else super().exit_code_of(error)

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        self.dataset = Path(opts.dataset) if opts.dataset else None
        if self.dataset is not None:
            check_dataset(opts)
        words = [*opts.overwrite_output, *opts.output]
        if not words and self.dataset is None:
            raise UsageError(
                "name a file to write, such as -O news.jsonl, -O -:jsonl for standard output, or --dataset FOLDER"
            )
        self.outputs = [output_of(word, csv_safe=self._csv_safe(opts)) for word in words]
        for output in self.outputs[len(opts.overwrite_output) :]:
            if not output.is_stream and output.path is not None and output.path.exists():
                raise BadArgumentError(
                    f"-o {output.name}: it is there already, and an export is written anew; write -O."
                )
        if sum(output.path is None for output in self.outputs) > 1:
            raise BadArgumentError("standard output is named for two exports; each needs a file of its own.")
        if opts.limit is not None and opts.limit < 1:
            raise BadArgumentError(f"--limit {opts.limit}: an export has at least one row.")
        self.limit: int | None = opts.limit
        if self._first(("parquet",)):
            load_pyarrow()
        self.columns = _columns(opts.columns)
        self._check_csv(opts)
        if opts.all_revisions and (database := self._first(DATABASES)):
            raise BadArgumentError(
                f"{database.name}: an SQLite export holds each article once; choose another format for "
                "--all-revisions, or read the table revisions of the archive."
            )
        self.selection = Selection(
            publishers=tuple(dict.fromkeys(args)),
            span=None if opts.since is None and opts.until is None else parse_date_range(opts.since, opts.until),
            section=opts.section,
            all_revisions=opts.all_revisions,
        )
        self.known = publishers.of(self.settings)
        self.archive_words = archive_words(opts)
        self.mark: bool = opts.csv_bom
        self.search: str | None = opts.search
        if self.search is not None:
            read_query(self.search)

    def _first(self, forms: Sequence[str]) -> Output | None:
        return next((output for output in self.outputs if output.form in forms), None)

    def _csv_safe(self, opts: argparse.Namespace) -> bool:
        safe = switch_of(str(self.settings["CSV_SAFE"]))
        if safe is None:
            raise BadArgumentError(f"-s CSV_SAFE={self.settings['CSV_SAFE']}: write on or off.")
        return safe or bool(opts.csv_safe)

    def _check_csv(self, opts: argparse.Namespace) -> None:
        """Raise BadArgumentError for options of CSV without any CSV."""
        for given, name in ((opts.csv_bom, "--csv-bom"), (opts.csv_safe, "--csv-safe")):
            if given and self._first(CSV) is None:
                raise BadArgumentError(f"{name} is for CSV, and no file here is; name one that ends with .csv.")

    def read(self, archive: Archive) -> None:
        """Write all files, or the dataset."""
        self._check_publishers(archive)
        if self.dataset is not None:
            self._grow(archive, self.dataset)
        else:
            self._write_files(archive)

    def _write_files(self, archive: Archive) -> None:
        """Write all files in one reading of the archive."""
        for output in self.outputs:
            if output.path is not None and not output.is_stream:
                check_place(output.path, output.form, archive)
        if self.search is not None:
            prepare_search(archive.path)
        begun = time.monotonic()
        with contextlib.ExitStack() as stack:
            files = [RowFile(output, self.columns, mark=self.mark and output.form in CSV) for output in self.outputs]
            for file in files:
                stack.callback(file.close)
                file.open(f"the export of {archive.path}")
            self.writing = True
            try:
                written = self._written(archive, files)
            except BrokenPipeError:  # of standard output: its reader has seen enough
                if all(file.output.is_stream for file in files):
                    raise
                raise ExportError("standard output: its reader has gone. The files are as they were.") from None
            except KeyboardInterrupt:
                say("interrupted; the files are as they were.")
                raise
            for file in files:
                file.put()
        seconds = time.monotonic() - begun
        what = "revisions" if self.selection.all_revisions else "articles"
        for file in files:
            size = f"{file.size / 1e6:,.1f} MB" if file.size >= _MEGABYTE else f"{file.size:,} bytes"
            rate = f" ({written / seconds:,.0f} a second)" if seconds >= 1 else ""
            say(f"{file.output.shown}: {written:,} {what}, {size} in {duration(seconds)}{rate}")
        self.nulled = sum(file.nulled for file in files)
        self._end(archive, written)

    def _grow(self, archive: Archive, folder: Path) -> None:
        """Bring a dataset up to date."""

        def begin() -> None:
            self.writing = True

        grown = grow_dataset(archive, folder, self.selection, damaged=self._say_damaged, writing=begin)
        self.nulled = grown.nulled.total()
        self._end(archive, grown.rows)

    def _check_publishers(self, archive: Archive) -> None:
        """Raise UnknownPublisher for a name that neither a stanza nor the archive has."""
        for name in self.selection.publishers:
            publisher_key(name, self.known, archive)

    def _written(self, archive: Archive, files: Sequence[RowFile]) -> int:
        """Write the selection into all files, and return the number of rows."""
        rows = Selected(
            archive.db,
            archive.path,
            self.selection,
            RowCheck(self.columns),
            damaged=self._say_damaged,
            columns=self.columns,
            among=None if self.search is None else self._found(archive, self.search),
        )
        written = 0
        count = rows.count()
        most = count if self.limit is None else self.limit
        with progress("export", count) as advance:
            for page, read in rows.pages():
                wanted = page[: most - written]
                for file in files:
                    file.add_rows(wanted)
                written += len(wanted)
                advance(read)
                if written >= most:
                    break
        self.missing = rows.missing
        for file in files:
            file.finish()
        return written

    def _found(self, archive: Archive, words: str) -> Iterator[tuple[str, str]]:
        """Return publisher and id of the articles that a search finds: of those that the selection reads, at least."""
        chosen = self.selection
        # An older revision may be of another day than the article that is found.
        span = chosen.span if chosen.span is not None and not chosen.all_revisions else DateRange()
        return archive.matching(words, publishers=chosen.publishers, since=span.first, until=span.last)

    def _say_damaged(self, name: str, what: str) -> None:
        self.damaged += 1
        if self.damaged <= _NAMED:
            say(f"{name} is damaged ({what}) and was left out.")

    def _end(self, archive: Archive, written: int) -> None:
        """Say what is not in the files, and choose the exit code."""
        if self.selection.span is not None and (count := undated(archive.db, archive.path, self.selection.publishers)):
            say(f"{count:,} articles of the archive have no known day, and so are in no range.")
        if self.missing:
            self.fail(
                f"{self.missing:,} articles of {archive.path} were removed while they were read, or an index that "
                "lists them is damaged, which `farscrawler check` says.",
                Exit.OWED,
            )
        if self.damaged:
            self.fail(
                f"{self.damaged:,} damaged articles of {archive.path} were left out; `farscrawler check` shows all "
                "that is damaged, and `farscrawler check --repair` has it fetched again.",
                Exit.OWED,
            )
        elif self.nulled:
            self.fail(
                f"damaged values that are null in Parquet: {self.nulled:,}; `farscrawler check` shows what is damaged.",
                Exit.OWED,
            )
        elif not written and not self.missing:
            why = why_none(
                archive,
                self.known,
                publishers=self.selection.publishers,
                span=self.selection.span,
                words=self.search,
                given=self.archive_words,
            )
            self.fail(f"{archive.path} holds no such article.{why}", Exit.BROKE)


def _columns(given: str | None) -> tuple[str, ...]:
    """Return the fields of --columns, all without it. Raise BadArgumentError."""
    if given is None:
        return FIELD_NAMES
    names = tuple(name.strip() for name in given.split(","))
    for name in names:
        if name not in FIELD_NAMES:
            hint = did_you_mean(name, FIELD_NAMES, OTHER_NAMES) or ";"
            raise BadArgumentError(
                f"--columns: an article has no field {name!r}{hint} fields are {', '.join(FIELD_NAMES)}."
            )
        if names.count(name) > 1:
            raise BadArgumentError(f"--columns: {name} is named twice.")
    return names
