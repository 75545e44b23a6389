"""`farscrawler stats`: the articles of an archive, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.archive.counts.articles import check_dimensions, count_articles
from farscrawler.archive.counts.keys import CALENDARS, DIMENSIONS
from farscrawler.cli import count_lines
from farscrawler.cli.absent import why_none
from farscrawler.cli.addressed import archive_words, check_name, publisher_key
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import out, out_csv, out_json_lists, out_ready, prints_letters, say, terminal
from farscrawler.config import switch_of
from farscrawler.days import parse_date_range
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive
    from farscrawler.archive.counts.articles import Counts, Row
    from farscrawler.cli.count_lines import Left


class Command(ArchiveCommand):
    """The stats command."""

    def syntax(self) -> str:
        return "[--by WHAT [--by WHAT]] [options] [PUBLISHER ...]"

    def long_desc(self) -> str:
        return (
            "Count the articles of the archive (--archive FILE, archive.db in the working folder by default), of "
            "these publishers or of all, by one thing or by two: "
            f"{', '.join(DIMENSIONS)}. An article with several authors or tags counts in each; length is that of the "
            "body in words; fill shows for each field how many articles have it. Labels in other spellings (yeh, kaf, "
            "half-space) are one row. Articles without a value, such as a known day, have a row of their own. "
            "On a terminal there are bars. The command only reads, also while a crawl runs. Exit codes: 0 counted; 1 "
            "the archive holds no such article; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--by",
            action="append",
            choices=tuple(DIMENSIONS),
            metavar="WHAT",
            help=f"{', '.join(DIMENSIONS)}; a second one divides each row of the first (default: month)",
        )
        parser.add_argument(
            "--calendar",
            choices=CALENDARS,
            default=CALENDARS[0],
            help=f"of days, months and years (default: {CALENDARS[0]})",
        )
        parser.add_argument(
            "--since", metavar="DAY", help="the first day: 1401-02-01, 1401-02 or 1401, or a Gregorian one"
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included")
        parser.add_argument("--section", metavar="LABEL", help="only articles of a section, in any spelling")
        parser.add_argument(
            "-n",
            "--limit",
            type=int,
            metavar="N",
            help="show the N largest publishers, sections, agencies, authors or tags (of each row of the other --by), "
            f"or the N newest days, months or years; 0 shows all (default: {count_lines.LISTED} of the former in a "
            "table, else all)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--csv", action="store_true", help="print CSV, UTF-8 with a head")
        parser.add_argument(
            "--csv-safe",
            action="store_true",
            help="the same, with a leading ' before cells that a spreadsheet would run as formulas (setting CSV_SAFE)",
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.json and (opts.csv or opts.csv_safe):
            raise UsageError("choose --json or --csv")
        if opts.limit is not None and opts.limit < 0:
            raise UsageError("-n is a number of rows, or 0 for all")
        self.by: list[str] = opts.by or ["month"]
        try:
            check_dimensions(self.by)
        except BadArgumentError as error:
            raise UsageError(f"--by: {error}") from error
        safe = switch_of(str(self.settings["CSV_SAFE"]))
        if safe is None:
            raise BadArgumentError(f"-s CSV_SAFE={self.settings['CSV_SAFE']}: write on or off.")
        self.known = publishers.of(self.settings)
        self.publishers = list(dict.fromkeys(args))
        for name in self.publishers:
            check_name(name, self.known, location_of(self.settings["ARCHIVE"]))
        self.span = parse_date_range(opts.since, opts.until)
        self.safe: bool = safe or opts.csv_safe
        self.opts = opts

    def read(self, archive: Archive) -> None:
        """Count, and show it in the form that was asked for."""
        opts = self.opts
        for name in self.publishers:
            publisher_key(name, self.known, archive)
        counts = count_articles(
            archive,
            self.by,
            publishers=self.publishers,
            span=self.span,
            section=opts.section,
            calendar=opts.calendar,
        )
        for_programs = opts.json or opts.csv or opts.csv_safe
        limit = 0 if for_programs and opts.limit is None else opts.limit
        shown = count_lines.limited(counts, limit)
        if opts.json:
            asked = {"archive": str(archive.path), "publishers": self.publishers, "section": opts.section}
            out_json_lists(
                {**asked, **count_lines.as_dict(counts)},
                rows=count_lines.rows_as_dicts(counts, shown),
                more=count_lines.left_as_dicts(counts, shown),
            )
        elif for_programs:
            out_csv(count_lines.csv_rows(counts, shown), safe=self.safe)
        elif counts.articles:
            section = f", section {opts.section}" if opts.section is not None else ""
            self._print(counts, shown, f"{archive.path}{section}")
        if not counts.articles:
            no_day = f" {count_lines.undated(counts)}" if counts.undated else ""
            why = why_none(archive, self.known, publishers=self.publishers, span=self.span, given=archive_words(opts))
            return self.fail(f"{archive.path} holds no such article.{no_day}{why}", Exit.BROKE)
        if for_programs and not opts.json:
            self._say_what_is_not_there(counts, shown)
        return None

    def _print(self, counts: Counts, shown: list[Row | Left], where: str) -> None:
        screen = terminal()
        width = screen.width if screen is not None else None
        for line in count_lines.table(counts, shown, width=width, letters=prints_letters()):
            out_ready(line)
        out()
        for sentence in count_lines.remarks(counts, where):
            out(sentence)

    def _say_what_is_not_there(self, counts: Counts, shown: list[Row | Left]) -> None:
        """Say what CSV has no place for."""
        if left := sum(one.rows for one in shown if isinstance(one, count_lines.Left)):
            say(f"{left:,} more rows are left out by -n {self.opts.limit}.")
        if counts.undated:
            say(count_lines.undated(counts))
