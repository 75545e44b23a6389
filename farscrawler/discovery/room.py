"""Room for addresses in flight: the plan hands out the next one only when one has left."""

from __future__ import annotations

import asyncio


class Room:
    """Holds at most ``size`` addresses at a time, until it is ``opened`` for good because the run ends."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._open = False
        self._waiting: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Wait until there is room for another one."""
        while self.taken >= self.size and not self._open:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def enter(self) -> None:
        """Take a place."""
        self.taken += 1

    def leave(self) -> None:
        """Give a place back."""
        self.taken -= 1
        self._wake()

    def open_up(self) -> None:
        """Let nobody wait any more."""
        self._open = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
