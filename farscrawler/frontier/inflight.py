"""Addresses in flight: handed out by the strategy of a run, and not settled yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class InFlight:
    """The one count of a run: the spider enters each address it asks, the recorder takes it out when it is settled.

    The spider takes at most ``limit`` at a time. An address that an ending run lets go was never settled, and stays.
    ``empty`` is set while no address is in flight.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.empty = asyncio.Event()
        self.empty.set()
        self._keys: set[str] = set()
        self._is_open = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._keys)

    def keys(self) -> set[str]:
        """Return the addresses in flight."""
        return set(self._keys)

    async def admit(self, key: str) -> None:
        """Wait until one more address may be asked, and count it from then on."""
        while len(self._keys) >= self.limit and not self._is_open:
            await self._changed.wait()
        self.enter(key)

    def enter(self, key: str) -> None:
        """Count an address that is asked from now on."""
        self._keys.add(key)
        self.empty.clear()

    def leave(self, key: str) -> None:
        """Take out a settled address, and wake all who wait."""
        self._keys.discard(key)
        if not self._keys:
            self.empty.set()
        self._wake()

    def open_up(self) -> None:
        """Let no address wait for the limit any more, because the run ends."""
        self._is_open = True
        self._wake()

    async def one_settled(self) -> None:
        """Wait until one more address is settled."""
        await self._changed.wait()

    async def all_settled(self, keys: Collection[str]) -> None:
        """Wait until none of these addresses is in flight."""
        while not self._keys.isdisjoint(keys):
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed.clear()
