"""A limit of CPU time for a block of code: the last net under patterns that a user's stanza brings.

`re` cannot be given a limit, but looks for signals while it searches, and so does whatever is written in Python.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class TookTooLongError(BaseException):
    """A block took more CPU time than it may; no Exception, so that nothing within the block can take it for one."""


_armed = False


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise TookTooLongError in a block that takes more CPU time of this process, which is none of a busy machine.

    Python hands signals to the main thread alone: in others nothing is limited, nor where a program has a use of its
    own for SIGVTALRM, or the system has none.
    """
    global _armed  # noqa: PLW0603  # there is one such timer for the whole process
    if _armed or not _can_be_armed():
        yield
        return
    _armed = True
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)
    try:
        yield
    finally:
        _armed = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _can_be_armed() -> bool:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGVTALRM"):
        return False
    handler = signal.getsignal(signal.SIGVTALRM)
    if handler is signal.SIG_DFL:
        signal.signal(signal.SIGVTALRM, _ring)
        return True
    return handler is _ring


def _ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # what signals are handed to
    if _armed:
        raise TookTooLongError
