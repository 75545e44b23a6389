"""Standard output and other streams that several processes write: in turns, so that no line is torn."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Turns:
    """The open file whose lock says whose turn it is; None where this process alone writes its streams."""

    file: int | None = None


def share_streams(lock: int) -> None:
    """Write streams in turns with the other processes that have this file open."""
    _Turns.file = lock


@contextmanager
def turn() -> Iterator[None]:
    """Write a stream while no other process does. The lock goes with the process that holds it, however that dies."""
    if _Turns.file is None:
        yield
        return
    fcntl.lockf(_Turns.file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(_Turns.file, fcntl.LOCK_UN)
