"""`farscrawler show`: the newest articles of an archive as a list, or one article to read."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from farscrawler import publishers
from farscrawler.cli.absent import why_none
from farscrawler.cli.addressed import (
    Addressed,
    absence,
    addressed,
    archive_words,
    check_name,
    publisher_key,
    stanza_of,
    whose_id,
)
from farscrawler.cli.article_lines import plain_lines, screen_lines
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.cells import LEFT_TO_RIGHT_MARK, isolated, padded, shortened, wrapped
from farscrawler.cli.output import out, out_cells, out_json, out_ready, prints_letters, say, terminal
from farscrawler.days import MARK, parse_date_range
from farscrawler.errors import Exit, UnknownPublisher
from farscrawler.locations import location_of
from farscrawler.printing import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.archive.kept.pages import KeptPage
    from farscrawler.items import Article

_COUNT = 20
#: The least columns of a headline beside the other cells; with less it stands below them.
_LEAST_HEADLINE = 24
_PUBLISHER_WIDTH, _ID_WIDTH, _TIME_WIDTH = 11, 9, 19
_OF_LISTS = ("since", "until", "section", "search", "oldest", "limit")
_OF_ONE = ("explain", "page")


class Command(ArchiveCommand):
    """The show command."""

    def syntax(self) -> str:
        return "[options] [PUBLISHER [ID | URL] | URL]"

    def long_desc(self) -> str:
        return (
            "Show the newest articles of the archive (--archive FILE, archive.db in the working folder by default), "
            "of a publisher or of all: id, Jalali time and headline; articles without a known day come last. Piped, "
            "tab-separated lines. With an ID (in Latin or Persian digits) or the article's address: the "
            "whole article to read, its fields and its warnings. Exit codes: 0 shown; 1 there is no such article, or "
            "no page of it is kept; 2 bad arguments; 3 the article is shown, but its page, which --explain needs, is "
            "not kept."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-n",
            "--limit",
            "--count",
            type=int,
            metavar="N",
            help=f"number of articles, 0 for all (default: {_COUNT})",
        )
        parser.add_argument(
            "--since", metavar="DAY", help="the first day: 1401-02-01, 1401-02 or 1401, or a Gregorian one"
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included")
        parser.add_argument("--section", metavar="LABEL", help="only articles of a section, in any spelling")
        parser.add_argument(
            "--search", metavar="WORDS", help="only articles with these words, as `farscrawler search` takes them"
        )
        parser.add_argument("--oldest", action="store_true", help="the oldest first")
        parser.add_argument(
            "--explain",
            action="store_true",
            help="of one article: read its kept page again, and show for each field its place on the page",
        )
        parser.add_argument(
            "--page", type=Path, metavar="FILE", help="of one article: write its kept page into FILE, as it came"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object an article, as in an export")

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        self.one = len(args) == 2 or (len(args) == 1 and "://" in args[0])  # noqa: PLR2004  # PUBLISHER and ID
        if len(args) > 2 or (opts.limit is not None and opts.limit < 0):  # noqa: PLR2004  # as above
            raise UsageError("give at most a publisher and an article id, and a number of articles or 0 for all")
        names, whose = (_OF_LISTS, "a list") if self.one else (_OF_ONE, "one article: show PUBLISHER ID")
        wrong = [name for name in names if getattr(opts, name) not in (None, False)]
        if wrong:
            raise UsageError(f"--{wrong[0]} is for {whose}")
        if opts.explain and (opts.page or opts.json):
            raise UsageError("choose --explain, --page or --json")
        parse_date_range(opts.since, opts.until)  # before the archive is opened
        path = location_of(self.settings["ARCHIVE"])
        self.known = publishers.of(self.settings)
        if args and "://" not in args[0]:
            check_name(args[0], self.known, path)
        self.args = args
        self.opts = opts
        if opts.search is not None:
            from farscrawler.cli.search_index import prepare_search
            from farscrawler.search import read_query

            read_query(opts.search)
            prepare_search(path)

    def read(self, archive: Archive) -> None:
        """Show a list, or one article."""
        if self.one:
            return self._show(addressed(self.args, self.known, archive, self.settings), archive)
        return self._list(archive)

    def _list(self, archive: Archive) -> None:
        opts = self.opts
        try:
            key = publisher_key(self.args[0], self.known, archive) if self.args else None
        except UnknownPublisher as error:
            hint = whose_id(self.args[0], archive, archive_words(self.opts))
            return self.fail(f"{error}{hint}", Exit.BAD_ARGUMENTS)
        limit = _COUNT if opts.limit is None else opts.limit or None
        asked = {"since": opts.since, "until": opts.until, "section": opts.section, "oldest": opts.oldest}
        if opts.search is None:
            found = archive.newest(limit, key, **asked)
        else:
            from farscrawler.cli.found import articles_found

            found = articles_found(archive, opts.search, publisher=key, limit=limit, **asked)
        console = terminal()
        shown = 0
        for shown, article in enumerate(found, 1):  # noqa: B007  # counted
            if opts.json:
                out_json(asdict(article))
            elif console is not None:
                for line in list_lines(article, console.width):
                    out_ready(line)
            else:
                out_cells(cells(article))
        if not shown:
            whose = f" of {key}" if key is not None else ""
            such = " such" if opts.since or opts.until or opts.section or opts.search else ""
            sentence = f"the archive holds no{such} articles{whose}{'' if such else ' yet'}"
            if such:
                why = why_none(
                    archive,
                    self.known,
                    publishers=[key] if key is not None else [],
                    span=parse_date_range(opts.since, opts.until),
                    words=opts.search,
                    given=archive_words(opts),
                )
                return self.fail(f"{sentence}.{why}", Exit.BROKE)
            say(sentence)
        return None

    def _show(self, asked: Addressed, archive: Archive) -> None:
        if self.opts.page is not None:
            return self._write_page(asked, archive)
        if asked.article is None:
            return self.fail(absence(asked, self.known, archive, archive_words(self.opts)), Exit.BROKE)
        if self.opts.json:
            out_json(asdict(asked.article))
        elif self.opts.explain:
            self._explain(asked.article, archive)
        elif (console := terminal()) is not None:
            for text, style in screen_lines(asked.article, console.width, letters=prints_letters()):
                console.print(Text(text, style), soft_wrap=True)
        else:
            for text in plain_lines(asked.article):
                out(text)
        return None

    def _write_page(self, asked: Addressed, archive: Archive) -> None:
        from farscrawler.files import write_whole

        kept, why = _kept_page(archive, asked)
        if kept is None:
            return self.fail(why, Exit.BROKE)
        path = self.opts.page
        try:
            write_whole(path, kept.body)
        except OSError as error:
            return self.fail(f"{path} cannot be written ({error.strerror}).", Exit.BROKE)
        out(
            f"{path} is written: the {kept.form} page of {kept.publisher} {kept.key}, {len(kept.body):,} bytes, "
            f"from {kept.source or kept.url}, {kept.fetched_at}."
        )
        return None

    def _explain(self, article: Article, archive: Archive) -> None:
        from farscrawler.cli.explained import explained_lines

        publisher = stanza_of(article.publisher, self.known)
        kept, why = _kept_page(archive, Addressed(article.publisher, (article.article_id,), article))
        if kept is None or publisher is None:
            for text in plain_lines(article):
                out(text)
            why = why or f"{article.publisher} has no stanza by which its pages could be read."
            return self.fail(f"no field can be explained: {why}", Exit.OWED)
        for text in explained_lines(article, kept, publisher, self.known):
            out(text)
        return None


def _kept_page(archive: Archive, asked: Addressed) -> tuple[KeptPage | None, str]:
    """Return the kept page of an address, that of the article first, or a sentence on why there is none."""
    from farscrawler.archive.kept.pages import DamagedPage, KeptPages, has_pages, pages_location

    name = f"{asked.publisher} {asked.ids[-1]}"
    file = pages_location(archive.path)
    if not has_pages(archive.path):
        return None, f"no page of {name} is kept; {file} is not there. Crawls keep pages unless PAGES is off."
    damaged = None
    with KeptPages(file) as pages:
        found = []
        for key in asked.ids:
            for page in pages.of_address(asked.publisher, key):
                if isinstance(page, DamagedPage):
                    damaged = page.sentence
                else:
                    found.append(page)
    if found:
        return min(found, key=lambda page: page.outcome != "article"), ""
    return None, f"{damaged or f'no page of {name} is kept in {file}'}."


def jalali(article: Article) -> str:
    """Return the Jalali time without its mark: what this command prints is read by people."""
    return printable(article.published_jalali).removeprefix(MARK) if article.published_jalali else "-"


def list_lines(article: Article, width: int) -> Iterator[str]:
    """Yield one article of a list for a terminal: a line, or two where the headline has no room beside the rest."""
    head = " ".join(
        padded(text, size, cut=False)
        for text, size in (
            (printable(article.publisher), _PUBLISHER_WIDTH),
            (printable(article.article_id), _ID_WIDTH),
            (jalali(article), _TIME_WIDTH),
        )
    )
    headline, room = printable(article.headline), width - cell_len(head) - 2
    if room >= _LEAST_HEADLINE:
        yield f"{LEFT_TO_RIGHT_MARK}{head}  {isolated(shortened(headline, room))}"
        return
    for line in wrapped(head, width):
        yield f"{LEFT_TO_RIGHT_MARK}{line}"
    yield f"{LEFT_TO_RIGHT_MARK}  {isolated(shortened(headline, width - 2))}"


def cells(article: Article) -> tuple[str, ...]:
    """Return one article as the cells of a line."""
    return article.publisher, article.article_id, jalali(article), article.headline
