"""One client's connection: heads in, answers out, in order, each sent the way it asks to be sent."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, cast

from farscrawler.testing.newsroom import spoil
from farscrawler.testing.newsroom.wire import Answer, Request, parse

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD_LIMIT = 65_536  # bytes of a request's head; a longer one ends the connection
_DRIPS = 20
_BAD = Answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "cut")
_RESET_AFTER = 0.05  # seconds for what was sent to be read: a reset throws away what still waits in the buffers
_ENDLESS_BLOCK = b"<p>" + b"x" * 8_185 + b"</p>"


class Connection(asyncio.Protocol):
    """Calls ``handle`` for every request; ``everyone`` is the set of open connections it keeps itself in."""

    def __init__(self, handle: Callable[[Request], Answer], everyone: set[Connection]) -> None:
        self._handle = handle
        self._everyone = everyone
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._sending: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._everyone.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Forget the transport, and what was still being sent."""
        self._transport = None
        self._everyone.discard(self)
        self._writable.set()
        if self._sending is not None:
            self._sending.cancel()

    def pause_writing(self) -> None:
        """Hold an endless body while the client reads."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Continue an endless body."""
        self._writable.set()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer every whole request that has arrived."""
        self._buffer += data
        self._work()
        if len(self._buffer) > _HEAD_LIMIT:
            self.abort()

    def _work(self) -> None:
        while (transport := self._transport) is not None and not transport.is_closing():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0 or self._sending is not None:
                return
            head = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            request = parse(head)
            self._send(transport, _BAD if request is None else self._handle(request), request)

    def _send(self, transport: asyncio.Transport, answer: Answer, request: Request | None) -> None:
        closes = request is None or request.closes
        if answer.way in ("drip", "stall", "endless", "reset"):
            self._sending = asyncio.get_running_loop().create_task(self._slowly(transport, answer, closes))
            return
        transport.write(answer.data)
        if closes or answer.way == "cut":
            transport.close()

    async def _slowly(self, transport: asyncio.Transport, answer: Answer, closes: bool) -> None:
        if answer.way == "reset":
            transport.write(answer.data)
            await asyncio.sleep(_RESET_AFTER)
            _reset(transport)
            return
        if answer.way == "stall":
            transport.write(answer.data)
            await asyncio.sleep(answer.seconds)
            transport.abort()
            return
        if answer.way == "endless":
            transport.write(answer.data)
            await self._endlessly(transport, answer.seconds)
            transport.abort()
            return
        size = -(-len(answer.data) // _DRIPS)
        for start in range(0, len(answer.data), size):
            transport.write(answer.data[start : start + size])
            await asyncio.sleep(answer.seconds / _DRIPS)
        self._sending = None
        if closes:
            transport.close()
        self._work()

    async def _endlessly(self, transport: asyncio.Transport, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        sent = 0
        while sent < spoil.ENDLESS_BYTES and loop.time() < end and not transport.is_closing():
            transport.write(_ENDLESS_BLOCK)
            sent += len(_ENDLESS_BLOCK)
            try:
                await asyncio.wait_for(self._writable.wait(), max(0.0, end - loop.time()))
            except TimeoutError:
                return
            await asyncio.sleep(0)


def _reset(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN, as a firewall or a dying server does."""
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
