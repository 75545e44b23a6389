"""Text in the cells of a terminal: how wide it is, where it is cut or goes on below, and in which direction it runs.

Some terminals (VTE, Konsole, mlterm, Terminal.app) order Persian text themselves, others (xterm, kitty, tmux) show the
letters in the order they are written, and none says which it is. So nothing is reordered here: the former would turn
the text around again, and so would whoever pastes it. Nor is a mode of the terminal switched, which would outlive us.
Marks of direction are enough: who orders text obeys them, and who does not shows nothing in their place.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A terminal that orders text takes the direction of a line from its first letter, or has all lines run from left to
# right. The mark decides for the former, and keeps the columns of a table in their places; the isolate keeps a text
# of the other direction to itself, and so its full stop at its end, in the latter too.
LEFT_TO_RIGHT_MARK, _RIGHT_TO_LEFT_MARK = "\u200e", "\u200f"
_ISOLATE, _RIGHT_TO_LEFT_ISOLATE, _END_ISOLATE = "\u2068", "\u2067", "\u2069"
#: What a line is not broken in: a command between backquotes, which is copied, and a word.
_PIECE = re.compile(r"`[^`\n]*`\S*|[^\s`]+`[^`\n]*`\S*|\S+")

#: An indent, with a term before its text as in a list of commands.
_HEAD = re.compile(r" *(?:\S+ {2,})?")


def isolated(text: str) -> str:
    """Return a printable text for a line of a terminal that begins with ``LEFT_TO_RIGHT_MARK``."""
    return f"{_ISOLATE}{text}{_END_ISOLATE}"


def from_right_to_left(text: str) -> str:
    """Return a printable text as a line of a terminal that runs from right to left."""
    return f"{_RIGHT_TO_LEFT_MARK}{_RIGHT_TO_LEFT_ISOLATE}{text}{_END_ISOLATE}"


def runs_from_right(text: str) -> bool:
    """Whether the first letter with a direction is of a script that runs from right to left."""
    found = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in found if kind in ("L", "R", "AL")), False)


def shortened(text: str, cells: int) -> str:
    """Return a text that takes no more than a number of cells, cut and with an ellipsis where it is longer."""
    return text if cell_len(text) <= cells else set_cell_size(text, max(0, cells - 1)).rstrip() + "…"


def padded(text: str, cells: int, *, cut: bool = True, marked: bool = True) -> str:
    """Return a text with blanks up to a number of cells, a longer one ``cut``, one of other letters ``marked``."""
    if cut:
        text = shortened(text, cells)
    blanks = " " * (cells - cell_len(text))
    return (text if text.isascii() or not marked else isolated(text)) + blanks


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, broken at blanks, each of at most ``width`` cells.

    A word that is wider, such as an address, and a command between backquotes stand whole on a line of their own: a
    terminal breaks it too, but it is one line to whoever copies it.
    """
    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len(line) + 1 + cell_len(piece) > width:
            yield line
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    yield line


def hanging(head: str, text: str, width: int, *, mark: Callable[[str], str] = str) -> Iterator[str]:
    """Yield the lines of a text behind its head, with marks of direction; further ones are indented as far.

    One that is too wide for that is not indented.
    """
    indent = cell_len(head)
    for at, line in enumerate(wrapped(text, max(1, width - indent))):
        begin = " " * indent if at else head
        if cell_len(line) > width - indent and indent:
            if not at:
                yield head.rstrip()
            begin = ""
        yield f"{begin}{mark(line)}"


def broken(line: str, width: int) -> Iterator[str]:
    """Yield a printable line, broken at blanks where it is too long; a term at its beginning stands apart."""
    if cell_len(line) <= width:
        yield line
        return
    head = _HEAD.match(line)
    at = head.end() if head is not None else 0
    yield from hanging(line[:at], line[at:], width)
