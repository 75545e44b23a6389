"""Two signals end every command: at the first it ends in order, at the second it does not wait, whatever holds it.

A process may hang in the opening of a pipe that nobody writes to, or in a disk that does not answer, where neither an
event loop nor an exception gets on. What was committed is whole at every moment, so that leaving costs nothing.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from farscrawler.errors import Exit

if TYPE_CHECKING:
    from types import FrameType

    from scrapy.crawler import CrawlerProcessBase

#: Seconds that a crawl has for its end after a second signal: closing files takes less, and a person waits so long.
_PATIENCE = 1.0
_ENDINGS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"


def watch() -> None:
    """Let the first Ctrl-C of a command raise KeyboardInterrupt, and what follows end it at once."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a caller may have switched it off
        signal.signal(signal.SIGINT, interrupt)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  # what signals are handed to
    """Raise KeyboardInterrupt, and do not wait at the next signal."""
    for ending in _ENDINGS:
        signal.signal(ending, _leave)
    raise KeyboardInterrupt


def watch_crawls(process: CrawlerProcessBase) -> None:
    """Let the second signal to Scrapy's process end it, also where its event loop does not come to that."""
    stop = process._signal_kill  # noqa: SLF001  # Scrapy offers no other way to hear of a second signal

    def kill(number: int, frame: FrameType | None) -> None:
        stop(number, frame)  # after this it hears no signal any more
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, _leave)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)

    vars(process)["_signal_kill"] = kill


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  # as above
    with suppress(OSError):
        if os.isatty(2):  # a live display may have hidden it
            os.write(2, _SHOW_CURSOR)
    os._exit(int(Exit.INTERRUPTED))
