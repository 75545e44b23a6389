"""Two signals end every command: at the first it ends in order, at the second it does not wait, whatever holds it.

A process may hang in the opening of a pipe that nobody writes to, or in a disk that does not answer, where neither an
event loop nor an exception gets on. What was committed is whole at every moment, so that leaving costs nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from farscrawler.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from scrapy.crawler import CrawlerProcessBase

    Hearer = Callable[[int, FrameType | None], object]

#: Seconds that a crawl has for its end after a second signal: closing files takes less, and a person waits so long.
_PATIENCE = 1.0
#: Seconds between two moments at which the main thread hears what it has missed.
_BEAT = 0.5
_ENDINGS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"


def watch() -> None:
    """Let the first Ctrl-C of a command raise KeyboardInterrupt, and what follows end it at once."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a caller may have switched it off
        signal.signal(signal.SIGINT, interrupt)


def watch_from_aside() -> None:
    """Let the second Ctrl-C end a command also where its main thread hears nothing, as in a long statement of SQLite's.

    Python calls handlers in the main thread alone, between two steps of its own; the system writes the number of the
    signal into a pipe at once. Event loops take that pipe for themselves: this is for commands that have none.
    """
    if signal.getsignal(signal.SIGINT) is not interrupt:
        return
    heard, said = os.pipe()
    os.set_blocking(said, False)
    signal.set_wakeup_fd(said, warn_on_full_buffer=False)
    threading.Thread(target=_count, args=(heard,), daemon=True).start()


def _count(heard: int) -> None:
    count = 0
    while numbers := os.read(heard, 64):
        count += sum(number in _ENDINGS for number in numbers)
        if count > 1:
            _leave()


def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  # what signals are handed to
    """Raise KeyboardInterrupt, and do not wait at the next signal."""
    for ending in _ENDINGS:
        signal.signal(ending, _leave)
    raise KeyboardInterrupt


@contextmanager
def watched(process: CrawlerProcessBase) -> Iterator[None]:
    """Let the second signal end a running process of Scrapy, also where its event loop does not come to that."""
    # Scrapy offers no other way to hear of a second signal.
    hear = _hearing(process._signal_shutdown, process._signal_kill)  # noqa: SLF001
    # A second one may come while the first is heard.
    vars(process).update(_signal_shutdown=hear, _signal_kill=hear)
    with _beating():
        yield


@contextmanager
def two_signals(first: Hearer, second: Hearer) -> Iterator[None]:
    """Call ``first`` at the first signal and ``second`` at the next, after which the process ends within a second."""
    hear = _hearing(first, second)
    for ending in _ENDINGS:
        signal.signal(ending, hear)
    try:
        with _beating():
            yield
    finally:
        for ending in _ENDINGS:
            signal.signal(ending, interrupt)


def _hearing(first: Hearer, second: Hearer) -> Hearer:
    signals = 0

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal signals
        signals += 1
        if signals == 1:
            first(number, frame)
            return
        second(number, frame)  # after this Scrapy hears no signal any more
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, _leave)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _BEAT)

    return hear


@contextmanager
def heard(hear: Callable[[], None]) -> Iterator[int]:
    """Give a descriptor that can be read when a signal has come that ends a command, and call ``hear`` for each."""
    bell, rung = os.pipe()
    for descriptor in (bell, rung):
        os.set_blocking(descriptor, False)
    before = {number: signal.signal(number, lambda *_: hear()) for number in _ENDINGS}
    former = signal.set_wakeup_fd(rung, warn_on_full_buffer=False)
    try:
        yield bell
    finally:
        signal.set_wakeup_fd(former)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(bell)
        os.close(rung)


@contextmanager
def _beating() -> Iterator[None]:
    # A signal that comes just before a call that waits, or to another thread, is heard when that call is interrupted.
    signal.signal(signal.SIGALRM, _beat)
    signal.setitimer(signal.ITIMER_REAL, _BEAT, _BEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)  # an interpreter that ends hears it no more, and would be killed by it


def _beat(*_: object) -> None:
    """Do nothing; Python hears all signals that wait."""


def _leave(*_: object) -> NoReturn:
    with suppress(OSError):
        if os.isatty(2):  # a live display may have hidden it
            os.write(2, _SHOW_CURSOR)
    os._exit(int(Exit.INTERRUPTED))
