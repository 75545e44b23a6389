"""`farscrawler revisions PUBLISHER ID`: what changed in an article, word by word."""

from __future__ import annotations

import difflib
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from farscrawler import publishers
from farscrawler.cli.base import ArchiveCommand, UsageError
from farscrawler.errors import Exit
from farscrawler.items import FIELD_NAMES
from farscrawler.printing import below, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.items import Article

#: Fields of the visit, not of the article.
_BESIDE = ("fetched_at", "content_hash", "revision", "url")
_STYLES = {"same": "", "removed": "red strike", "added": "green"}
_WORD = re.compile(r"\s+|\S+")


class Command(ArchiveCommand):
    """The revisions command."""

    def syntax(self) -> str:
        return "PUBLISHER ID"

    def long_desc(self) -> str:
        return (
            "Show every stored revision of an article and, field by field, the words that were removed (red, or "
            "[-so-] without colour) and added (green, or {+so+}). Exit codes: 0 shown; 1 no such article is "
            "stored."
        )

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 2:  # noqa: PLR2004  # PUBLISHER and ID
            raise UsageError("name a publisher and an article id, such as: revisions farsonline 267403")
        self.publisher, self.article_id = publishers.of(self.settings).load(args[0]).key, args[1]

    def read(self, archive: Archive) -> None:
        """Print the differences."""
        found = archive.revisions(self.publisher, self.article_id)
        if not found:
            return self.fail(f"no article {self.article_id} of {self.publisher} is stored", Exit.BROKE)
        console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
        console.print(f"revision 1, fetched {found[0].fetched_at}: {printable(found[0].headline)}")
        for old, new in pairwise(found):
            console.print(f"revision {new.revision}, fetched {new.fetched_at}:")
            for name, pieces in changes(old, new):
                console.print(_shown(name, pieces, colour=console.is_terminal and not console.no_color))
        return None


def word_diff(old: str, new: str) -> list[tuple[str, str]]:
    """Return the words of two texts as (`same`, `removed` or `added`, text) in reading order."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    pieces: list[tuple[str, str]] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(a[a1:a2])))
            continue
        if a2 > a1:
            pieces.append(("removed", "".join(a[a1:a2])))
        if b2 > b1:
            pieces.append(("added", "".join(b[b1:b2])))
    return pieces


def changes(old: Article, new: Article) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each field that differs, with its word diff."""
    for name in FIELD_NAMES:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _BESIDE and before != after:
            yield name, word_diff(_as_text(before), _as_text(after))


def _as_text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)


def _shown(name: str, pieces: list[tuple[str, str]], *, colour: bool) -> Text:
    text = Text(f"  {name}: ")
    for kind, raw in pieces:
        piece = below(raw)  # a body has lines of its own
        if colour or kind == "same":
            text.append(piece, style=_STYLES[kind])
        else:
            text.append(f"[-{piece}-]" if kind == "removed" else f"{{+{piece}+}}")
    return text
