"""The guard before every page: who may ask, for what, and what a browser may do with the answer.

The pages are for the user at this machine. Any page of the web can send a browser to a port of loopback, under a name
of its own that leads there (DNS rebinding), so that names other than those of loopback are not answered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The name of the archive in Datasette's own addresses.
DATABASE = "archive"
STATIC = "browse-static"
#: The first parts of the addresses that are answered. Of Datasette's own pages those of the archive and its style
#: sheets; its pages for administrators and for other databases are not.
_FIRST = frozenset(
    {"", DATABASE, f"{DATABASE}.json", f"{DATABASE}.csv", STATIC, "browse.css", "favicon.ico"}
    | {"articles", "article", "search", "coverage", "day", "ledger"}
)
_DATASETTES_STATIC = "/-/static/"
_LOOPBACK = re.compile(rb"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_OWN_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: Datasette's tables have styles in their elements; scripts run nowhere.
_TABLE_POLICY = _OWN_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_REPLACED = {name for name, _ in _HEADERS} | {b"content-security-policy", b"set-cookie", b"access-control-allow-origin"}


class Guard:
    """An ASGI application that lets through what may be asked, and sets the headers of every answer."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no page asks for a websocket
            await send({"type": "websocket.close", "code": 1008})
            return
        path = str(scope.get("raw_path", scope["path"].encode()).decode("latin-1")).partition("?")[0]
        policy = _TABLE_POLICY if path.strip("/").split("/")[0].startswith(DATABASE) else _OWN_POLICY

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in _REPLACED]
                headers = [*kept, *_HEADERS, (b"content-security-policy", policy.encode())]
                message = {**message, "headers": headers}
            await send(message)

        refusal = _refusal(scope, path)
        if refusal is not None:
            await _refuse(guarded, *refusal)
            return
        # Nobody is known here by a cookie: other programs on loopback leave theirs, whatever their port.
        asked = [pair for pair in scope["headers"] if pair[0].lower() not in (b"cookie", b"authorization")]
        await self._app({**scope, "headers": asked}, receive, guarded)


def _refusal(scope: Scope, path: str) -> tuple[int, str] | None:
    """Return the status and the sentence with which a request is refused, None where it is answered."""
    headers = [(name.lower(), value) for name, value in scope["headers"]]
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0]):
        return 403, "This server answers to localhost, 127.0.0.1 and [::1] alone: open the address that it has printed."
    if scope["method"] not in ("GET", "HEAD"):
        return 405, "The archive is open for reading alone: only GET and HEAD are answered."
    given = dict(headers)
    if given.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin") and (
        given.get(b"sec-fetch-mode") != b"navigate" or given.get(b"sec-fetch-dest") != b"document"
    ):
        return 403, "Pages of other sites may lead here, and may not read or embed what is here."
    first = path.removeprefix("/").partition("/")[0]
    if first not in _FIRST and not path.startswith(_DATASETTES_STATIC):
        return 404, "There is no such page. The first one is at /"
    return None


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = f"{sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 405:  # noqa: PLR2004  # Method Not Allowed says which ones are
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
