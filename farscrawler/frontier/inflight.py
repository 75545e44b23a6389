"""Addresses in flight: handed out, and not settled yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from farscrawler.frontier.target import Target


class InFlight:
    """The addresses that one strategy has handed out and that are not settled yet."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def keys(self) -> set[str]:
        """Return the ids of the addresses in flight."""
        return set(self._keys)

    def enter(self, target: Target) -> Target:
        """Return the target, which is in flight from now on."""
        self._keys.add(target.key)
        return target

    def leave(self, target: Target) -> None:
        """Take a settled target out, and wake the strategy if it waits."""
        self._keys.discard(target.key)
        self._left.set()
        self._left.clear()

    async def one_settled(self) -> None:
        """Wait until one more address is settled."""
        await self._left.wait()

    async def all_settled(self, keys: Collection[str] | None = None) -> None:
        """Wait until none of these addresses is in flight; without ``keys``, until no address is."""
        while self._keys if keys is None else not self._keys.isdisjoint(keys):
            await self._left.wait()


class InFlightLimit:
    """At most ``size`` addresses of a run at a time, until it is opened for good because the run ends."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._is_open = False
        self._left = asyncio.Event()

    async def wait(self) -> None:
        """Wait until one more address may be asked."""
        while self.taken >= self.size and not self._is_open:
            await self._left.wait()

    def enter(self) -> None:
        """Count an address that is asked from now on."""
        self.taken += 1

    def leave(self) -> None:
        """Count an address out that is settled or let go."""
        self.taken -= 1
        self._wake()

    def open_up(self) -> None:
        """Let no address wait any more."""
        self._is_open = True
        self._wake()

    def _wake(self) -> None:
        self._left.set()
        self._left.clear()
