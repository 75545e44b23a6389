"""A proxy between a program and a PostgreSQL server, that loses an answer or stops forwarding when it is told to."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from farscrawler.locations import Server

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


class Proxy:
    """Forwards what comes to a port of 127.0.0.1 to the socket of a server, each connection in threads of its own.

    ``lose_answer_to``: the connection on which a client says this is closed when the server has answered it, and the
    client is told nothing; once. ``stalls_at`` stops forwarding at these words, and keeps the connection up; once.
    ``cut`` holds back all that comes until `mend`, as a network does that drops packets; no connection ends.
    """

    def __init__(self, folder: Path) -> None:
        self._server = str(folder / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lose_answer_to: bytes | None = None
        self.stalls_at: bytes | None = None
        self.lost = threading.Event()
        self._flows = threading.Event()
        self._flows.set()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.mend()
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def address(self, server: Server) -> Server:
        """Return the address of an archive by way of this proxy; ``server`` names the socket."""
        return Server(re.sub(r"@/(\w+)\?host=[^&]*&", rf"@127.0.0.1:{self.port}/\1?", server.address))

    def cut(self) -> None:
        self._flows.clear()

    def mend(self) -> None:
        self._flows.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._flows.wait()
                server = socket.socket(socket.AF_UNIX)
                self._open += [client, server]
                try:
                    server.connect(self._server)
                except OSError:  # it is being restarted
                    client.close()
                    continue
                dropped = threading.Event()
                for work in (self._to_server, self._to_client):
                    threading.Thread(target=work, args=(client, server, dropped), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket, dropped: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                self._flows.wait()
                if self.stalls_at is not None and self.stalls_at in data:
                    self.stalls_at = None
                    self.lost.set()
                    return  # both connections stay up, and nothing goes through any more
                if self.lose_answer_to is not None and self.lose_answer_to in data:
                    self.lose_answer_to = None
                    dropped.set()
                server.sendall(data)
        _end(server)

    def _to_client(self, client: socket.socket, server: socket.socket, dropped: threading.Event) -> None:
        # A server that dies with words unread resets the connection; its client would wait for ever else.
        with suppress(OSError):
            while data := server.recv(65_536):
                self._flows.wait()
                if dropped.is_set():
                    self.lost.set()
                    break
                client.sendall(data)
        _end(client)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
