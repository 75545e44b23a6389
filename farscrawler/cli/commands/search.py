"""`farscrawler search`: the articles that have some words, with the place where they have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from farscrawler import publishers
from farscrawler.archive.search.matches import ORDERS
from farscrawler.cli.absent import why_none
from farscrawler.cli.addressed import archive_words, publisher_key
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.cells import LEFT_TO_RIGHT_MARK, isolated
from farscrawler.cli.commands.show import cells, list_lines
from farscrawler.cli.output import out_cells, out_json_lists, out_ready, say, terminal
from farscrawler.cli.search_index import prepare_search
from farscrawler.days import parse_date_range
from farscrawler.errors import Exit
from farscrawler.locations import location_of
from farscrawler.printing import printable
from farscrawler.search import COLUMNS, TEXT_COLUMNS, read_query

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive
    from farscrawler.archive.search.matches import SearchPage, SearchResult
    from farscrawler.search import Excerpt

_INDENT = "    "
#: Before and after a hit: in colour, and where a terminal has none.
_MARKS = {True: ("\x1b[1;33m", "\x1b[0m"), False: ("[", "]")}
_SHOWN = ("publisher", "article_id", "url", "published_at", "published_date", "published_jalali", "section", "headline")


class Command(ArchiveCommand):
    """The search command."""

    def syntax(self) -> str:
        return "WORDS ... [options]"

    def long_desc(self) -> str:
        return (
            "Find the articles of the archive (--archive FILE, archive.db in the working folder by default) that have "
            "all of these words, however they are typed: yeh and kaf, half-space, affixes, marks, digits. '\"…\"' is a "
            "phrase, AND, OR and NOT in capital letters and brackets join, کتاب* is the beginning of a word, and "
            "headline:کتاب says where (docs/search.md). Each article is shown with an excerpt; piped, as tab-separated "
            "lines. The first search makes an index in the archive, and crawls keep it. Exit codes: 0 found; 1 the "
            "archive holds no such article; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--publisher", action="append", default=[], metavar="NAME", help="only of this one; may be repeated"
        )
        parser.add_argument(
            "--since", metavar="DAY", help="the first day: 1401-02-01, 1401-02 or 1401, or a Gregorian one"
        )
        parser.add_argument("--until", metavar="DAY", help="the last day, included")
        parser.add_argument("--section", metavar="LABEL", help="only articles of a section, in any spelling")
        parser.add_argument(
            "--field",
            action="append",
            default=[],
            choices=COLUMNS,
            metavar="FIELD",
            help=f"look in this field; may be repeated (default: {', '.join(TEXT_COLUMNS)}; also: "
            f"{', '.join(name for name in COLUMNS if name not in TEXT_COLUMNS)})",
        )
        parser.add_argument(
            "--order",
            choices=ORDERS,
            default=ORDERS[0],
            help=f"newest first, or the best match first (default: {ORDERS[0]})",
        )
        parser.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="articles (default: 20)")
        parser.add_argument("--after", metavar="PLACE", help="go on where the page before has ended, which says PLACE")
        parser.add_argument("--json", action="store_true", help="print one JSON object, with the places of the hits")
        parser.add_argument(
            "--drop", action="store_true", help="remove the search index; the next search makes it anew"
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if bool(args) == opts.drop:
            raise UsageError("--drop takes no words" if args else "give words to search for, such as: search کتاب")
        if opts.limit < 1:
            raise UsageError("-n is a number of articles, 1 at least")
        self.opts = opts
        self.words = " ".join(args)
        self.known = publishers.of(self.settings)
        self.publishers = list(dict.fromkeys(opts.publisher))
        self.span = parse_date_range(opts.since, opts.until)
        path = location_of(self.settings["ARCHIVE"])
        if self.publishers:  # before an index is made
            from farscrawler.archive import Archive

            with Archive(path) as archive:
                for name in self.publishers:
                    publisher_key(name, self.known, archive)
        if not opts.drop:
            read_query(self.words, opts.field)
            prepare_search(path)

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Search, or drop the index."""
        if not opts.drop:
            super().execute(args, opts)
            return
        from farscrawler.archive import Archive

        self.prepare(args, opts)
        with Archive(self.settings["ARCHIVE"], readonly=False) as archive:
            if archive.drop_search():
                say(f"{archive.path}: the search index is removed; `VACUUM` in sqlite3 gives its room back.")
            else:
                say(f"{archive.path} has no search index.")

    def read(self, archive: Archive) -> None:
        """Search, and show what is found in the form that was asked for."""
        opts = self.opts
        page = archive.search(
            self.words,
            publishers=self.publishers,
            since=self.span.first,
            until=self.span.last,
            section=opts.section,
            fields=opts.field,
            order=opts.order,
            limit=opts.limit,
            after=opts.after,
        )
        if opts.json:
            self._print_json(archive, page)
        else:
            self._print(page)
        if not page.results:
            why = why_none(
                archive,
                self.known,
                publishers=self.publishers,
                span=self.span,
                words=self.words,
                given=archive_words(opts),
            )
            self.fail(f"{archive.path} holds no such article.{why}", Exit.BROKE)
        elif page.after is not None and not opts.json:
            say(f"there are more: --after {page.after}")

    def _print(self, page: SearchPage) -> None:
        console = terminal()
        for one in page.results:
            excerpt = _most_telling(one)
            if console is None:
                out_cells((*cells(one.article), _on_a_line(excerpt.text) if excerpt is not None else ""))
                continue
            for line in list_lines(one.article, console.width):
                out_ready(line)
            if excerpt is not None:
                out_ready(excerpt_line(excerpt, console.width, colour=not console.no_color))

    def _print_json(self, archive: Archive, page: SearchPage) -> None:
        opts = self.opts
        asked = {"archive": str(archive.path), "words": self.words, "publishers": self.publishers}
        more = {"since": opts.since, "until": opts.until, "section": opts.section, "order": opts.order}
        out_json_lists({**asked, **more, "after": page.after}, results=map(as_dict, page.results))


def as_dict(one: SearchResult) -> dict[str, Any]:
    """Return a result as JSON has it; hits are begin and end, counted in characters of the excerpt."""
    article = {name: getattr(one.article, name) for name in _SHOWN}
    excerpts = [
        {
            "field": excerpt.field,
            "text": excerpt.text,
            "start": excerpt.start,
            "hits": excerpt.hits,
            "more_before": excerpt.more_before,
            "more_after": excerpt.more_after,
        }
        for excerpt in one.excerpts
    ]
    return {**article, "excerpts": excerpts}


def excerpt_line(excerpt: Excerpt, width: int, *, colour: bool) -> str:
    """Return an excerpt as a line of a terminal of ``width`` columns, its hits marked."""
    before, after = _MARKS[colour]
    pieces = list[str]()
    room = max(20, width - len(_INDENT) - 2)
    for piece, is_hit in _pieces(excerpt):
        shown = printable(_on_a_line(piece))
        if cell_len(shown) > room:
            shown = set_cell_size(shown, room).rstrip()
        room -= cell_len(shown) + (0 if colour or not is_hit else len(before + after))
        pieces.append(f"{before}{shown}{after}" if is_hit and shown else shown)
        if room <= 0:
            break
    ends = ("…" if excerpt.more_before else "", "…" if excerpt.more_after else "")
    return f"{LEFT_TO_RIGHT_MARK}{_INDENT}{isolated(ends[0] + ''.join(pieces) + ends[1])}"


def _pieces(excerpt: Excerpt) -> list[tuple[str, bool]]:
    """Return the parts of an excerpt, and whether each is a hit."""
    found, last = list[tuple[str, bool]](), 0
    for first, end in excerpt.hits:
        found += [(excerpt.text[last:first], False), (excerpt.text[first:end], True)]
        last = end
    return [*found, (excerpt.text[last:], False)]


def _most_telling(one: SearchResult) -> Excerpt | None:
    """Return the excerpt to show beside the headline: another field where one has a hit."""
    others = [excerpt for excerpt in one.excerpts if excerpt.field != "headline"]
    return next(iter((*others, *one.excerpts)), None)


def _on_a_line(text: str) -> str:
    return text.replace("\n", " ")
