"""A server on loopback that writes whatever bytes a test gives it, over TCP or TLS, as long as somebody listens."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Self

_LONGEST_REQUEST = 65_536


class RawServer:
    """Answers each connection once, by the path of its request, and closes it.

    ``asked`` are the paths, and ``sent`` counts the bytes written. ``certificate`` is a file of a key and its chain; a
    ``silent`` server accepts connections, and says nothing at all. ``over`` is set at the end, for pieces that wait.
    """

    def __init__(
        self,
        script: Callable[[str], Iterable[bytes]],
        *,
        certificate: Path | None = None,
        silent: bool = False,
        over: threading.Event | None = None,
    ) -> None:
        self.script = script
        self.asked: list[str] = []
        self.sent = 0
        self._silent = silent
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        scheme = "https" if certificate is not None else "http"
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.over = over or threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        # A close alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                taken, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(taken)
            if not self._silent:
                threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stream = stack.enter_context(self._tls.wrap_socket(taken, server_side=True) if self._tls else taken)
            request = b""
            while b"\r\n\r\n" not in request:
                piece = stream.recv(_LONGEST_REQUEST)
                if not piece:
                    return
                request += piece
            path = request.split(b" ", 2)[1].decode("latin-1")
            self.asked.append(path)
            for piece in self.script(path):
                stream.sendall(piece)
                self.sent += len(piece)
                if self.over.is_set():
                    return


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole answer, which ends with its connection."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", "Connection: close", *headers]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def endless(piece: bytes, *, before: bytes = b"", most: int = 10**9) -> Iterable[bytes]:
    """Yield a piece again and again, in blocks, up to a bound in bytes."""
    yield before
    block = piece * max(1, 65_536 // len(piece))
    for _ in range(most // len(block)):
        yield block
