"""A child process, as its parent holds it: a fork, with a pipe of orders and one of reports."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from farscrawler import forks
from farscrawler.cluster.child import serve
from farscrawler.cluster.wire import frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerProcess

    from farscrawler.cluster.wire import Order

_T = TypeVar("_T")
#: Children begin one after the other.
_turn = threading.Lock()


class Child:
    """A child process, and what is known of it."""

    def __init__(self, number: int, process: ForkServerProcess, orders: asyncio.WriteTransport) -> None:
        assert process.pid is not None  # noqa: S101  # it has begun
        self.number = number
        self.pid = process.pid
        self.orders = orders
        self.at_work: set[str] = set()
        self.beginning: str | None = None
        self.is_ready = self.is_last = self.has_ended = False
        self.lines: tuple[str, ...] = ()
        #: How it ends; also LOST, as soon as the process has died by which it is known.
        self.code: asyncio.Task[int] = asyncio.create_task(_code_of(process))

    @property
    def has_room(self) -> bool:
        """Whether it may be given a publisher: one begins at a time, so that no start holds up those at work."""
        return self.is_ready and not self.is_last and self.beginning is None

    def order(self, order: Order) -> None:
        """Send an order; one that has died gets none."""
        if not self.orders.is_closing():
            self.orders.write(frame(order))

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended: its process id may be another's then."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end_in_order(self) -> None:
        """Send the signal after which it ends in order, and the next time at once; it gets no other publisher."""
        self.is_last = True
        self.signal(signal.SIGTERM)


async def begin(number: int, turns: int) -> tuple[Child, asyncio.StreamReader]:
    """Begin a child, and return it with what it reports. Raise OSError where no process can be had.

    One that nobody waits for any more (a task that is cancelled) ends as soon as it has begun.
    """
    orders, to_child = os.pipe()
    from_child, reports = os.pipe()
    given_up = threading.Event()
    try:
        process = await _aside(partial(_start, (orders, reports, turns), given_up))
    except BaseException:
        given_up.set()
        os.close(to_child)
        os.close(from_child)
        raise
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_child, "rb"))
    transport, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(to_child, "wb"))
    return Child(number, process, transport), reader


async def over() -> None:
    """Let the server of the children end, when the last of them has."""
    await _aside(forks.stop)


def _start(descriptors: tuple[int, int, int], given_up: threading.Event) -> ForkServerProcess:
    """Start a child, unless nobody waits for it when its turn comes: the parent may be gone before it is whole."""
    try:
        with _turn:
            if given_up.is_set():
                raise OSError("nobody waits for this child")
            return forks.start(serve, *map(forks.Descriptor, descriptors))
    finally:
        for theirs in descriptors[:2]:
            os.close(theirs)


async def _code_of(process: ForkServerProcess) -> int:
    """Return the exit code of a child when it has ended."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
    return await _aside(partial(forks.exit_code_of, process))


def _aside(function: Callable[[], _T]) -> asyncio.Future[_T]:
    """Call a function that waits for the server of forks in a thread, which keeps nobody from leaving."""
    found: Future[_T] = Future()
    found.set_running_or_notify_cancel()

    def call() -> None:
        try:
            found.set_result(function())
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            found.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return asyncio.wrap_future(found)
