"""Tables of a report on a terminal, which give up what a narrow one has no room for, and their bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

#: The columns of the longest bar.
_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"
_ANY_WIDTH = 10_000


class PlainTable(Table):
    """A table without lines. Where it is too wide, bars go first, then blanks between columns; numbers stay whole.

    Bars are a last column without a head.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table in the first form that fits."""
        if self._is_too_wide(console, options) and len(self.columns) > 1 and not self.columns[-1].header:
            self.columns.pop()
        if self._is_too_wide(console, options):
            self.padding = (0, 1, 0, 0)
            for column in self.columns:
                column.header = str(column.header).replace(" ", "\n")
        yield from super().__rich_console__(console, options)

    def _is_too_wide(self, console: Console, options: ConsoleOptions) -> bool:
        return self.__rich_measure__(console, options.update_width(_ANY_WIDTH)).maximum > options.max_width


class Either:
    """A cell with two texts: the whole one, and a short one for a column that has no room for it."""

    def __init__(self, whole: str, short: str) -> None:
        self.whole = whole
        self.short = short

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the one that fits."""
        yield self.whole if len(self.whole) <= options.max_width else self.short

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return the widths of both."""
        return Measurement(len(self.short), len(self.whole))


def plain_table(*heads: str) -> PlainTable:
    """Return a table without lines; a head that begins with > is that of a column of numbers."""
    table = PlainTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        numbers = head.startswith(">")
        name = head.removeprefix(">")
        table.add_column(name, justify="right" if numbers else "left", overflow="fold", no_wrap=numbers)
    return table


def bar(count: float, most: float) -> str:
    """Return a bar in eighths of a character, as long as the share of the count in the highest one."""
    eighths = round(8 * _BAR * count / most) if most else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
