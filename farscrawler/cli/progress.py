"""How far a long command is: a line on a terminal that is drawn anew, nothing into a pipe or a file."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from farscrawler.cli.output import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds before the first line, which most commands do not need, and between two of them.
_DRAW_SECONDS = 0.5


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show on standard error how many of so many things are done; call what is yielded with each number of them."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    begun = drawn = time.monotonic()
    done = width = 0

    def advance(count: int) -> None:
        nonlocal done, drawn, width
        done += count
        now = time.monotonic()
        if now - drawn < _DRAW_SECONDS:
            return
        drawn = now
        rate = done / (now - begun)
        left = f", {_clock((total - done) / rate)} left" if rate else ""
        line = f"{what}: {done:,} of {total:,} ({done / total:.0%}), {rate:,.0f} a second{left}"
        draw(f"\r{line:<{width}}")
        width = len(line)

    try:
        yield advance
    finally:
        if width:
            draw(f"\r{'':<{width}}\r")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
