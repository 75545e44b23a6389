"""`farscrawler show`: the newest articles of an archive, readable in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from farscrawler import publishers
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.cli.output import LEFT_TO_RIGHT_MARK, isolated, out_cells, out_ready, say, terminal
from farscrawler.printing import printable

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive import Archive
    from farscrawler.items import Article

_PUBLISHER_WIDTH, _ID_WIDTH, _TIME_WIDTH = 11, 9, 19


class Command(ArchiveCommand):
    """The show command."""

    def syntax(self) -> str:
        return "[-n COUNT] [PUBLISHER]"

    def long_desc(self) -> str:
        return (
            "Show the newest articles of the archive (-s ARCHIVE=FILE, archive.db in the working folder by default): "
            "id, Jalali time and headline. Piped, it prints tab-separated lines."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-n", "--count", type=int, default=20, metavar="COUNT", help="number of articles (default: 20)"
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or opts.count < 1:
            raise UsageError("give at most one publisher, and a count of at least 1")
        self.count: int = opts.count
        self.publisher = publishers.of(self.settings).load(args[0]).key if args else None

    def read(self, archive: Archive) -> None:
        """Print them, newest first."""
        articles = archive.newest(self.count, self.publisher)
        console = terminal()
        for article in articles:
            if console is not None:
                out_ready(line(article, console.width))
            else:
                out_cells(cells(article))
        if not articles:
            whose = f" of {self.publisher}" if self.publisher is not None else ""
            say(f"the archive holds no articles{whose} yet")


def jalali(article: Article) -> str:
    """Return the Jalali time with slashes: hyphens turn a date around within right-to-left text."""
    return printable(article.published_jalali).replace("-", "/").replace("T", " ") if article.published_jalali else "-"


def line(article: Article, width: int) -> str:
    """Return one article as a line of a terminal of ``width`` columns."""
    head = (
        f"{set_cell_size(article.publisher, _PUBLISHER_WIDTH)} "
        f"{set_cell_size(printable(article.article_id), _ID_WIDTH)} "
        f"{set_cell_size(jalali(article), _TIME_WIDTH)}  "
    )
    room = max(20, width - cell_len(head))
    headline = printable(article.headline)
    if cell_len(headline) > room:
        headline = set_cell_size(headline, room - 1).rstrip() + "…"
    return f"{LEFT_TO_RIGHT_MARK}{head}{isolated(headline)}"


def cells(article: Article) -> tuple[str, ...]:
    """Return one article as the cells of a line."""
    return article.publisher, article.article_id, jalali(article), article.headline
