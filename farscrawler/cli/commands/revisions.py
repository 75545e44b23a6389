"""`farscrawler revisions PUBLISHER ID`: what changed in an article, word by word."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from farscrawler import publishers
from farscrawler.cli.addressed import absence, addressed, archive_words, check_name
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.errors import Exit
from farscrawler.locations import location_of
from farscrawler.printing import below, printable
from farscrawler.word_diff import changes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive
    from farscrawler.items import Article

_STYLES = {"same": "", "removed": "red strike", "added": "green"}


class Command(ArchiveCommand):
    """The revisions command."""

    def syntax(self) -> str:
        return "PUBLISHER ID | [PUBLISHER] URL"

    def long_desc(self) -> str:
        return (
            "Show every stored revision of an article and, field by field, the words that were removed (red, or "
            "[-so-] without colour) and added (green, or {+so+}). An id may be in Persian digits. Exit "
            "codes: 0 shown; 1 no such article is "
            "stored."
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) not in (1, 2) or (len(args) == 1 and "://" not in args[0]):
            raise UsageError("name a publisher and an article id, such as: revisions farsonline 267403")
        self.known = publishers.of(self.settings)
        if len(args) > 1:
            check_name(args[0], self.known, location_of(self.settings["ARCHIVE"]))
        self.args, self.opts = args, opts

    def read(self, archive: Archive) -> None:
        """Print the differences."""
        asked = addressed(self.args, self.known, archive, self.settings)
        if asked.article is None:
            return self.fail(absence(asked, self.known, archive, archive_words(self.opts)), Exit.BROKE)
        found = archive.revisions(asked.publisher, asked.article.article_id)
        console = Console(highlight=False, markup=False, emoji=False)
        for text in _shown(found, colour=console.is_terminal and not console.no_color):
            # A line for programs stays one line.
            console.print(text, soft_wrap=not console.is_terminal)
        return None


def _shown(found: Sequence[Article], *, colour: bool) -> Iterator[Text]:
    yield Text(f"revision 1, fetched {found[0].fetched_at}: {printable(found[0].headline)}")
    for old, new in pairwise(found):
        yield Text(f"revision {new.revision}, fetched {new.fetched_at}:")
        for name, pieces in changes(old, new):
            yield _change(name, pieces, colour=colour)


def _change(name: str, pieces: Sequence[tuple[str, str]], *, colour: bool) -> Text:
    text = Text(f"  {name}: ")
    for kind, raw in pieces:
        piece = below(raw)  # a body has lines of its own
        if colour or kind == "same":
            text.append(piece, style=_STYLES[kind])
        else:
            text.append(f"[-{piece}-]" if kind == "removed" else f"{{+{piece}+}}")
    return text
