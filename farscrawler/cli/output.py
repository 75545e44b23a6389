"""Standard output: harmless to a terminal, and closed quietly where the reader has seen enough."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

#: C0 and C1 control characters; a page's text may hold them, and a terminal would obey them.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def harmless(text: str) -> str:
    """Return a text whose control characters are shown as U+FFFD; tabs and line ends stay."""
    return text.translate(_CONTROLS)


def terminal() -> Console | None:
    """Return the terminal that standard output is; None where it is a file or a pipe."""
    if not sys.stdout.isatty() and not {"FORCE_COLOR", "TTY_COMPATIBLE"} & set(os.environ):
        return None
    from rich.console import Console  # most output is piped, and rich is half of such a command's time

    console = Console()
    return console if console.is_terminal else None


@contextmanager
def finish_writing() -> Iterator[None]:
    """Write all that is still to be written, and take a reader that has gone, such as head, for no error."""
    try:
        yield
    except BrokenPipeError:
        _stop_writing()
    finally:
        if sys.__stdout__ is not None:  # None where the caller has closed it
            try:
                sys.stdout.flush()
            except BrokenPipeError:
                _stop_writing()


def _stop_writing() -> None:
    """Discard the rest of the output: an interpreter that cannot write at its end prints a complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
