"""One server for many replicas: `python -m benchmarks.fleet_site COUNT IDS FILE`, with an address of its own for each.

All answer alike, with pages that were composed before: a page costs a twentieth of what it costs the crawler. The file
gets the port, once it listens; at the end a line of JSON on standard output says what was served, and what it took.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

from benchmarks.crawls import replica_of
from farscrawler.testing.newsroom.site import Site
from farscrawler.testing.newsroom.wire import encode

_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def addresses(count: int) -> list[str]:
    """Return addresses of loopback, one for each replica."""
    return [f"127.{1 + at // 200}.{at % 200}.1" for at in range(count)]


class Replica(asyncio.Protocol):
    """A connection; requests come one after the other."""

    answers: dict[str, bytes]
    served = 0
    first = last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("ascii")
            self._transport.write(self.answers.get(path, _MISSING))
            if "code=" in path:
                Replica.served += 1
                Replica.last = time.monotonic()
                Replica.first = Replica.first or Replica.last


async def serve(hosts: list[str], port_file: Path) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(Replica, hosts[0], 0)
    port = server.sockets[0].getsockname()[1]
    others = await loop.create_server(Replica, hosts[1:], port) if hosts[1:] else server
    port_file.with_suffix(".new").write_text(str(port), encoding="ascii")
    port_file.with_suffix(".new").rename(port_file)
    begun = time.process_time()
    await over.wait()
    spent = time.process_time() - begun
    print(json.dumps({"pages": Replica.served, "wall": Replica.last - Replica.first, "cpu": spent}))
    others.close()
    server.close()


def main() -> None:
    """Compose the pages, and serve."""
    count, ids, port_file = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    newsroom = replica_of(ids)
    site = Site(newsroom)
    paths = ["/robots.txt", *(f"/Incsys/PrtNews.aspx?l=Fa&code={at}&k=0" for at in newsroom.ids()[:ids])]
    Replica.answers = {path: encode(site.respond(path)) for path in paths}
    asyncio.run(serve(addresses(count), port_file))


if __name__ == "__main__":
    main()
