"""Sites that log when each request began and when it was answered: whether two were in flight, and how long between."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom import Server as Site
from farscrawler.testing.newsroom.connection import Connection
from farscrawler.testing.newsroom.site import Site as Pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from farscrawler.testing.newsroom.response import Response
    from farscrawler.testing.newsroom.wire import Answer, Request

#: A site notices the end of a client's connection when its loop comes to it, which may be after the next request: a
#: request whose connection ends within this time was over before.
_NOTICED_SECONDS = 0.1


@dataclass(eq=False)
class Exchange:
    """A request, from when it was read to when its answer was written, or its connection ended (monotonic seconds)."""

    target: str
    begun: float
    ended: float = float("inf")
    how: Literal["in flight", "answered", "lost"] = "in flight"


@dataclass
class WireLog:
    """The requests of one host, in the order of their beginnings."""

    requests: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, target: str) -> Exchange:
        exchange = Exchange(target, time.monotonic())
        with self._lock:
            self.requests.append(exchange)
        return exchange

    @staticmethod
    def end(exchange: Exchange, how: Literal["answered", "lost"]) -> None:
        if exchange.how == "in flight":
            exchange.ended, exchange.how = time.monotonic(), how

    def overlaps(self) -> list[tuple[Exchange, Exchange]]:
        """Return the pairs of requests that were in flight at the same time."""
        found = []
        for at, later in enumerate(self.requests):
            for earlier in self.requests[max(at - 20, 0) : at]:
                noticed_late = earlier.how == "lost" and earlier.ended - later.begun < _NOTICED_SECONDS
                if earlier.ended > later.begun and not noticed_late:
                    found.append((earlier, later))
        return found

    def pauses(self) -> list[float]:
        """Return the seconds from the answer to each request to the next request."""
        return [later.begun - earlier.ended for earlier, later in pairwise(self.requests) if earlier.how == "answered"]

    def repeated(self) -> int:
        """Return how many pages were asked for again."""
        pages = [one.target for one in self.requests if "code=" in one.target]
        return len(pages) - len(set(pages))


class PacedPages(Pages):
    """The pages of a newsroom whose robots.txt asks for a pause, counted from the end of an answer."""

    def __init__(self, newsroom: Newsroom, seconds: float, weight: int) -> None:
        super().__init__(newsroom, weight=weight)
        self._pause = seconds

    def _robots(self) -> Response:
        response = super()._robots()
        return replace(response, body=response.body + f"Crawl-delay: {self._pause}\n".encode())


class LoggedSite(Site):
    """A site on an address of its own whose answers take a while, most of them little, and are logged."""

    def __init__(self, newsroom: Newsroom, host: str, *, pause: float, seed: int, weight: int = 2_000) -> None:
        super().__init__(newsroom, host=host, site=PacedPages(newsroom, pause, weight))
        self.wire = WireLog()
        dice = random.Random(seed)
        takes = lambda: dice.uniform(0.5, 1.2) if dice.random() < 0.03 else dice.uniform(0.01, 0.1)  # noqa: E731
        wire = self.wire

        class Logged(_LoggedConnection):
            def __init__(self, handle: Callable[[Request], Answer], everyone: set[Connection]) -> None:
                super().__init__(handle, everyone, wire, takes)

        self.connection = Logged


class _LoggedConnection(Connection):
    """A connection that answers later, and logs it."""

    def __init__(self, handle: Any, everyone: Any, wire: WireLog, takes: Callable[[], float]) -> None:
        super().__init__(handle, everyone)
        self._wire, self._takes = wire, takes
        self._exchange: Exchange | None = None

    def _send(self, transport: asyncio.Transport, answer: Answer, request: Request | None) -> None:
        self._exchange = self._wire.begin(request.target if request is not None else "")
        self._sending = asyncio.get_running_loop().create_task(self._later(transport, answer, request))

    async def _later(self, transport: asyncio.Transport, answer: Answer, request: Request | None) -> None:
        await asyncio.sleep(self._takes())
        self._sending = None
        if self._exchange is not None:
            self._wire.end(self._exchange, "answered")
        super()._send(transport, answer, request)
        self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._exchange is not None:
            self._wire.end(self._exchange, "lost")
