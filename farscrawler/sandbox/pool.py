"""The side of the crawl: tasks for processes that read heavy answers, fairly shared among publishers."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from farscrawler.sandbox.wire import ANSWER, RAISED, TASK, TOO_LONG, TOO_MUCH_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

#: Processes at most: while one reads for a hostile site, the other is there for its neighbours.
_PROCESSES = 2
#: What they read with is imported once, before the first task.
_READERS = ("extract", "listings.feeds", "listings.pages", "listings.sitemaps")
_PART = 1024 * 1024


class OverBudgetError(Exception):
    """Reading an answer took more than a limit allows, that of memory or of CPU time; the message says it."""

    def __init__(self, said: str, *, of_memory: bool = False) -> None:
        super().__init__(said)
        self.of_memory = of_memory


class BrokenReaderError(Exception):
    """The process that reads could not begin, died, or met an error of farscrawler itself; the message says how."""


def is_heavy(body: bytes, *, most_bytes: int, most_tags: int) -> bool:
    """Whether reading an answer may hold the event loop for long, by its bytes and by what costs time in them."""
    return len(body) > most_bytes or body.count(b"<") > most_tags or body.count(b"&") > most_tags


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    process: asyncio.subprocess.Process
    transport: asyncio.SubprocessTransport


@dataclass(frozen=True, slots=True)
class _Waiting:
    owner: str
    turn: asyncio.Future[None]


class Sandbox:
    """Reads in other processes, which begin with the first task and end with `close`, or with this process.

    ``cpu`` is the CPU time of one answer in seconds, ``memory`` its memory in bytes. Of the publishers that wait, the
    one whose answers have taken the least time so far comes first.
    """

    _shared: ClassVar[Sandbox | None] = None

    def __init__(self, *, cpu: float, memory: int) -> None:
        self.users = 0
        self.cpu = cpu
        self.memory = memory
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._free = _PROCESSES
        self._waiting: list[_Waiting] = []
        self._spent: Counter[str] = Counter()

    async def read(self, function: Callable[..., _T], body: bytes, /, owner: str, **given: object) -> _T:
        """Return ``function(body, **given)``, called elsewhere; all of it must be picklable.

        Raise OverBudgetError, or BrokenReaderError.
        """
        await self._turn(owner)
        begun = asyncio.get_running_loop().time()
        try:
            how, found = await self._asked(pickle.dumps((function, given)), body)
        finally:
            self._spent[owner] += int(1000 * (asyncio.get_running_loop().time() - begun))
            self._pass_on()
        if how == TOO_LONG:
            raise OverBudgetError(f"took too long to read (more than {self.cpu:g} s of CPU time)")
        if how == TOO_MUCH_MEMORY:
            raise OverBudgetError(
                f"took too much memory to read (more than {self.memory // 1024**2} MB)", of_memory=True
            )
        if how == RAISED:
            raise BrokenReaderError(found.decode("utf-8", "replace"))
        # In a thread: the objects of fifty thousand entries take a while.
        return cast("_T", await asyncio.to_thread(pickle.loads, found))

    @classmethod
    def shared(cls, *, cpu: float, memory: int) -> Sandbox:
        """Return the sandbox of this process, which every run gives back; the last one closes it."""
        if cls._shared is None:
            cls._shared = cls(cpu=cpu, memory=memory)
        cls._shared.users += 1
        return cls._shared

    async def give_back(self) -> None:
        """Close it, if nobody else uses it."""
        self.users -= 1
        if self.users <= 0:
            Sandbox._shared = None
            await self.close()

    async def close(self) -> None:
        """End the processes; a task that is being read is given up."""
        ended = (*self._idle, *self._busy)
        self._idle.clear()
        for reader in ended:
            reader.transport.close()
        for reader in ended:
            await reader.process.wait()

    async def _turn(self, owner: str) -> None:
        """Wait until a process is free for this owner."""
        if self._free:
            self._free -= 1
            return
        waiting = _Waiting(owner, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            else:
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Hand a free process to the next owner."""
        if not self._waiting:
            self._free += 1
            return
        following = min(self._waiting, key=lambda one: self._spent[one.owner])
        self._waiting.remove(following)
        following.turn.set_result(None)

    async def _asked(self, call: bytes, body: bytes) -> tuple[int, bytes]:
        """Return how a task has ended, and what it returns."""
        reader = self._idle.pop() if self._idle else await _begun()
        self._busy.add(reader)
        head = TASK.pack(len(call), len(body), self.cpu, self.memory)
        try:
            answer = await _exchanged(reader.process, head + call, body)
        except BaseException as error:  # an answer that is not waited for to its end would be that of the next task
            reader.transport.close()
            if isinstance(error, (OSError, asyncio.IncompleteReadError)):
                raise BrokenReaderError("the process that reads heavy answers has died") from error
            raise
        finally:
            self._busy.discard(reader)
        self._idle.append(reader)
        return answer


async def _begun() -> _Reader:
    """Start a process. It finds the modules where this one does, and never in the working folder by accident."""
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.subprocess_exec(
            lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=_PART, loop=loop),
            sys.executable, "-P", "-m", "farscrawler.sandbox.child", *(f"farscrawler.{name}" for name in _READERS),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise BrokenReaderError(f"the process that reads heavy answers cannot begin ({error.strerror})") from error
    return _Reader(asyncio.subprocess.Process(transport, protocol, loop), transport)


async def _exchanged(process: asyncio.subprocess.Process, head: bytes, body: bytes) -> tuple[int, bytes]:
    given, answers = process.stdin, process.stdout
    if given is None or answers is None:
        raise OSError("no pipes")
    given.write(head)
    for start in range(0, len(body), _PART):
        given.write(body[start : start + _PART])
        await given.drain()
    await given.drain()
    how, length = ANSWER.unpack(await answers.readexactly(ANSWER.size))
    return how, await answers.readexactly(length)
