"""A large file at an address, read like one on disk: part after part is fetched, and up to five are held."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

from farscrawler.frontier.base import FilePart, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    FetchPart = Callable[[str, int, int], Awaitable[FilePart | None]]


class NoFileError(Exception):
    """There is no file at the address."""


class FileParts:
    """The parts of a file, by number; the next one is fetched while one is read. Used in the event loop alone.

    ``fetch`` brings the bytes of a part.
    """

    def __init__(self, url: str, fetch: FetchPart, *, part_bytes: int) -> None:
        self.url = url
        self.part_bytes = part_bytes
        self.size = 0
        self._fetch = fetch
        self._version: str | None = None
        self._tasks: dict[int, asyncio.Task[bytes]] = {}

    async def part(self, number: int) -> bytes:
        """Return a part. Raise UnreachableError, or NoFileError where there is no such file."""
        # Near a border reading goes to and fro between two parts, so what was fetched behind both stays. The first part
        # tells how the file is packed, and is looked at whenever reading begins.
        for other in [one for one in self._tasks if number and one and not number - 1 <= one <= number + 2]:
            self._tasks.pop(other).cancel()
        task = self._begin(number)
        found = await task
        if (number + 1) * self.part_bytes < self.size:
            self._begin(number + 1)
        return found

    def _begin(self, number: int) -> asyncio.Task[bytes]:
        if number not in self._tasks:
            self._tasks[number] = asyncio.ensure_future(self._fetched(number))
            self._tasks[number].add_done_callback(_heard)
        return self._tasks[number]

    async def _fetched(self, number: int) -> bytes:
        first = number * self.part_bytes
        last = first + self.part_bytes - 1
        found = await self._fetch(self.url, first, min(last, self.size - 1) if self.size else last)
        if found is None:
            raise NoFileError
        if not self.size:
            self.size, self._version = found.size, found.version
        elif (found.size, found.version) != (self.size, self._version):
            raise UnreachableError(f"{self.url} was replaced while it was read")
        return found.body

    def close(self) -> None:
        """Ask for no more parts."""
        for task in self._tasks.values():
            task.cancel()


def _heard(task: asyncio.Task[bytes]) -> None:
    """Take note of the error of a part that nobody came to read."""
    if not task.cancelled():
        task.exception()


class PartsFile(io.RawIOBase):
    """The file of some parts, for a thread of its own: a read waits until the event loop has fetched the part."""

    def __init__(self, parts: FileParts, loop: asyncio.AbstractEventLoop) -> None:
        self._parts = parts
        self._loop = loop
        self._at = 0
        self._number = -1
        self._part = b""
        self._bring(0)

    def readable(self) -> bool:
        """Whether it can be read: it can."""
        return True

    def seekable(self) -> bool:
        """Whether its place can be set: it can."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the place that is read next."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._parts.size}[whence]
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # no other buffers are given
        """Read up to the end of the present part."""
        if self._at >= self._parts.size:
            return 0
        number, offset = divmod(self._at, self._parts.part_bytes)
        if number != self._number:
            self._bring(number)
        found = self._part[offset : offset + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _bring(self, number: int) -> None:
        self._part = asyncio.run_coroutine_threadsafe(self._parts.part(number), self._loop).result()
        self._number = number
