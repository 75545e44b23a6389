"""Server: the replica on a loopback socket, HTTP/1.1 with keep-alive, in a thread or process of its own.

asyncio protocols of the standard library and nothing else: a page costs far less here than in the crawler.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import threading
import time
from collections import Counter, deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self
from urllib.parse import parse_qsl

from farscrawler.testing.newsroom import spoil
from farscrawler.testing.newsroom.connection import Connection
from farscrawler.testing.newsroom.faults import Dice, Draw, Faults
from farscrawler.testing.newsroom.response import Response
from farscrawler.testing.newsroom.site import WEIGHT, Site
from farscrawler.testing.newsroom.wire import Answer, Request, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from farscrawler.testing.newsroom.press import Newsroom

LOGGED = 200_000  # requests kept in the log
#: The control paths of a newsroom in a process of its own begin with this; their answers are JSON.
CONTROL = "/-/"
_PUBLISHED_AT_ONCE = 100_000
_METHODS = ("GET", "HEAD")
_NO_FAULTS = Faults()
_NO_DRAW = Draw()


class Logged(NamedTuple):
    """One request as it was answered; ``path`` is the target as sent, query included."""

    method: str
    path: str
    status: int


class Answering(Protocol):
    """What is served: a site, which knows how to answer a target."""

    def respond(self, target: str, headers: Mapping[str, str] | None = None) -> Response:
        """Answer a GET."""

    def article_id_of(self, target: str) -> int | None:
        """Return the id of the article that a target asks for."""


class Server:
    """Serve ``newsroom`` on a loopback address; a context manager that runs it in a thread.

    ``port`` 0 takes a free one; ``weight``, ``robots`` and ``validators`` are those of :class:`Site`, or
    ``site`` is another site of the same newsroom, such as a replica of a family, with numbers of its own.
    ``control`` opens the paths under ``/-/``. ``hostile`` maps ids to the kinds of
    hostile answers (:data:`spoil.HOSTILE`) that take their place. Entering raises ``OSError`` if the port
    is taken; ``ValueError`` if ``host`` is not loopback.

    ``connection`` makes the protocol of a client's connection.
    """

    connection: Callable[[Callable[[Request], Answer], set[Connection]], Connection] = Connection

    def __init__(
        self,
        newsroom: Newsroom,
        faults: Faults | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        weight: int = WEIGHT,
        robots: str = "allow",
        validators: bool = True,
        control: bool = False,
        hostile: Mapping[int, str] | None = None,
        site: Answering | None = None,
    ) -> None:
        self.newsroom = newsroom
        self.host = loopback(host)
        self.port = port
        self.site: Answering = site or Site(newsroom, weight=weight, robots=robots, validators=validators)
        self.control = control
        self.hostile = dict(hostile or {})
        if unknown := set(self.hostile.values()) - set(spoil.HOSTILE):
            raise ValueError(f"no such hostile answer: {', '.join(sorted(unknown))}")
        self._dice = None if faults is None else Dice(faults)
        self._log: deque[Logged] = deque(maxlen=LOGGED)
        self._moments: deque[float] = deque(maxlen=LOGGED)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._connections: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: OSError | None = None

    @property
    def url(self) -> str:
        """The address without a closing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def requests(self) -> list[Logged]:
        """The latest requests, oldest first; at most :data:`LOGGED`, those to control paths left out."""
        with self._lock:
            return list(self._log)

    @property
    def pauses(self) -> list[float]:
        """The seconds between one logged request and the next: how politely a crawler asked."""
        with self._lock:
            moments = list(self._moments)
        return [after - before for before, after in pairwise(moments)]

    def count(self, prefix: str = "/") -> int:
        """Return how many logged requests had a path that begins with ``prefix``."""
        return sum(entry.path.startswith(prefix) for entry in self.requests)

    def stats(self) -> dict[str, Any]:
        """Return the number of requests by kind of path, status and fault, and how far the ids reach."""
        with self._lock:
            counts = dict(self._counts)
        groups: dict[str, dict[str, int]] = {"kinds": {}, "statuses": {}, "faults": {}}
        for (group, name), number in sorted(counts.items()):
            groups[group][name] = number
        newsroom = self.newsroom
        return {
            "requests": sum(groups["kinds"].values()),
            **groups,
            "first_id": newsroom.first_id,
            "newest_id": newsroom.newest_id,
        }

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="newsroom", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self.stop)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self.serve())
        except OSError as error:
            self._failure = error
            self._ready.set()

    def stop(self) -> None:
        """End :meth:`serve`; to be called in its event loop."""
        if self._stop is not None:
            self._stop.set()

    async def serve(self, ready: Callable[[], None] | None = None) -> None:
        """Listen until :meth:`stop`; ``ready`` is called once the port is known; ``OSError`` if taken."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        listener = await self._loop.create_server(
            lambda: self.connection(self._handle, self._connections), self.host, self.port, backlog=512
        )
        self.port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        if ready is not None:
            ready()
        try:
            await self._stop.wait()
        finally:
            listener.close()
            for connection in tuple(self._connections):
                connection.abort()
            await listener.wait_closed()
            await asyncio.sleep(0)  # let the aborted connections be told

    def _handle(self, request: Request) -> Answer:
        if self.control and request.target.startswith(CONTROL):
            return self._controlled(request)
        trap = self.hostile.get(self.site.article_id_of(request.target) or 0)
        if trap is not None:
            self._note(request, "hostile", 200, None)
            return spoil.hostile(trap)
        if request.method not in _METHODS:
            response = Response(status=405, body=b"", kind="other", headers=(("Allow", ", ".join(_METHODS)),))
        else:
            response = self.site.respond(request.target, request.headers)
        draw, faults = _NO_DRAW, _NO_FAULTS
        # robots.txt has a switch of its own, and no fault may make it say something else.
        if self._dice is not None and response.kind != "robots":
            draw, faults = self._dice.draw(request.target), self._dice.faults
            response = spoil.replaced(response, draw, faults)
            response = spoil.varied(response, draw, request.headers.get("accept-encoding", ""))
        self._note(request, response.kind, response.status, draw)
        with_body = request.method != "HEAD"
        return spoil.answer(response, draw, faults, with_body=with_body, closing=request.closes)

    def _controlled(self, request: Request) -> Answer:
        kind = request.target.removeprefix("/-/hostile/")
        if kind in spoil.HOSTILE:
            return spoil.hostile(kind)
        response = controlled(request.target, self.newsroom, self.stats)
        return Answer(encode(response, closing=request.closes))

    def _note(self, request: Request, kind: str, status: int, draw: Draw | None) -> None:
        faults = () if draw is None else (draw.failure, draw.charset, draw.coding, "drip" if draw.drip else None)
        with self._lock:
            self._log.append(Logged(request.method, request.target, status))
            self._moments.append(time.monotonic())
            self._counts["kinds", kind] += 1
            self._counts["statuses", str(status)] += 1
            self._counts.update(("faults", fault) for fault in faults if fault is not None)


def loopback(host: str) -> str:
    """Return ``host`` if it is loopback (``localhost`` becomes 127.0.0.1); else raise ``ValueError``."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ValueError(f"the newsroom serves loopback addresses only, not {host!r}")
    return host


def controlled(target: str, newsroom: Newsroom, stats: Callable[[], Mapping[str, Any]]) -> Response:
    """Answer ``/-/publish?n=5``, ``/-/revise?id=1000`` or ``/-/stats``; 400 for a bad value."""
    path, _, query = target.partition("?")
    values = dict(parse_qsl(query, max_num_fields=10))
    try:
        if path == "/-/publish":
            ids = newsroom.publish(_number(values.get("n", "1"), _PUBLISHED_AT_ONCE))
            return _json(200, {"published": ids, "newest_id": newsroom.newest_id})
        if path == "/-/revise":
            story = newsroom.revise(_number(values.get("id", ""), 10**18))
            return _json(200, {"article_id": story.article_id, "revision": story.revision})
        if path == "/-/stats":
            return _json(200, dict(stats()))
    except ValueError as error:
        return _json(400, {"error": str(error)})
    except LookupError as error:
        return _json(404, {"error": str(error.args[0])})
    return _json(404, {"error": f"no such control path: {path}"})


def _number(text: str, highest: int) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 1 <= int(text) <= highest:
        raise ValueError(f"not a number from 1 to {highest}: {text!r}")
    return int(text)


def _json(status: int, value: dict[str, Any]) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    return Response(status=status, body=body, kind="control", content_type="application/json")
