"""Tables for a terminal: as many columns as there is room for, each whole, and the names of those left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from farscrawler.cli.cells import LEFT_TO_RIGHT_MARK, broken, padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the most important have the lowest ``rank``. One with a ``least`` may be cut down to that width."""

    name: str
    rank: int
    right: bool = False
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a table, its head first, each with the cells it is made of, and the columns that are left out."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]


def fitted(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None, *, letters: bool) -> Table:
    """Return the table of printable cells for a terminal of ``width`` columns; None has room for everything.

    Columns are chosen by their rank. A column that can be cut gets what the others leave of the line.
    """
    whole = [max(cell_len(cell) for cell in cells) for cells in zip([one.name for one in columns], *rows, strict=True)]
    sizes: dict[int, int] = {}
    for at in sorted(range(len(columns)), key=lambda at: columns[at].rank):
        least = columns[at].least
        size = whole[at] if least is None or width is None else min(least, whole[at])
        if width is None or sum(sizes.values()) + size + _GAP * len(sizes) <= width or not sizes:
            sizes[at] = size if width is None else min(size, width)
    left = 0 if width is None else width - sum(sizes.values()) - _GAP * (len(sizes) - 1)
    for at, size in sizes.items():
        if size < whole[at] and left > 0:
            sizes[at], left = min(whole[at], size + left), left - min(whole[at] - size, left)
    chosen = sorted(sizes)
    lines = []
    for row in ([one.name for one in columns], *rows):
        cells = [
            row[at].rjust(sizes[at]) if columns[at].right else padded(row[at], sizes[at], marked=letters)
            for at in chosen
        ]
        cells[-1] = cells[-1].rstrip()
        lines.append(tuple(cells))
    left_out = tuple(one.name for at, one in enumerate(columns) if at not in sizes)
    return Table(tuple(columns[at] for at in chosen), tuple(lines), left_out)


def table_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, *, letters: bool
) -> Iterator[str]:
    """Yield the lines of a table of printable cells for a terminal, and a sentence on what is left out."""
    table = fitted(columns, rows, width, letters=letters)
    yield from ("".join(joined(line, letters=letters)) for line in table.lines)
    if table.left_out:
        yield from broken(f"Left out for want of room: {', '.join(table.left_out)}. A pipe gets all.", width)


def joined(cells: Sequence[str], *, letters: bool) -> Iterator[str]:
    """Yield the cells of a line of a table, and what stands between them."""
    if letters:
        yield LEFT_TO_RIGHT_MARK
    for at, cell in enumerate(cells):
        yield f"{' ' * _GAP if at else ''}{cell}"
