"""The server: Datasette on a port of loopback, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from importlib import resources
from typing import TYPE_CHECKING, Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from farscrawler.archive import Archive
from farscrawler.archive.browsing import check_schema
from farscrawler.browse.database import ArchiveDatabase
from farscrawler.browse.guard import DATABASE, STATIC
from farscrawler.browse.plugin import BrowsePlugin
from farscrawler.browse.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from farscrawler.publishers import Catalogue

LOOPBACK = "127.0.0.1"
_DISTRIBUTION = "farscrawler"
_SETTINGS = {
    "allow_download": False,
    "allow_csv_stream": False,
    # Each of them asks for a count of the whole table by one column.
    "suggest_facets": False,
    "default_cache_ttl": 0,
    "default_page_size": 50,
    "sql_time_limit_ms": 1_000,
    "facet_time_limit_ms": 500,
    "max_returned_rows": 1_000,
    "truncate_cells_html": 300,
}
#: Seconds that answers have for their end when the server is stopped.
_GRACE = 2


def open_socket(port: int) -> socket.socket:
    """Return a socket that listens on a port of loopback, 0 for a free one. Raise OSError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((LOOPBACK, port))
        opened.listen()
    except BaseException:
        opened.close()
        raise
    return opened


def serve(path: Path, catalogue: Catalogue, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve the pages of an archive until SIGINT or SIGTERM; ``ready`` is called when they are answered.

    Raise ArchiveError where the archive cannot be read, or is of an older schema.
    """
    # Held open to the end: nothing else of this process may open and close the file while Datasette reads it.
    with Archive(path) as archive:
        check_schema(archive)
        site = Site(path, catalogue)
        site.facets.newest(archive)
        asyncio.run(_serve(_application(site), listening, ready))


def _application(site: Site) -> Any:
    """Return Datasette with our pages, and without the plugins of others: they might write, or ask the network."""
    for plugin, distribution in pm.list_plugin_distinfo():
        if distribution.metadata["Name"] != _DISTRIBUTION and pm.is_registered(plugin):
            pm.unregister(plugin)
    pm.unregister(name="datasette.handle_exception")  # ours answers every error
    pm.register(BrowsePlugin(site))
    folder = resources.files(__package__)
    datasette = Datasette(
        memory=False,
        settings=_SETTINGS,
        template_dir=str(folder / "templates"),
        static_mounts=[(STATIC, str(folder / "static"))],
    )
    datasette.remove_database("_memory")
    datasette.add_database(ArchiveDatabase(datasette, site.path), name=DATABASE)
    return datasette.app()


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise them again at its end, and so end by them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def _serve(application: Any, listening: socket.socket, ready: Callable[[], None]) -> None:
    config = uvicorn.Config(
        application,
        lifespan="on",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    # The socket listens already, so that whoever asks from now on is answered.
    ready()
    await server.serve(sockets=[listening])
