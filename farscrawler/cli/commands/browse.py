"""`farscrawler browse`: read the archive in a browser, on loopback, until interrupted."""

from __future__ import annotations

import contextlib
import errno
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out, say
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.locations import Server, location_of

if TYPE_CHECKING:
    import argparse

_PORT, _HIGHEST_PORT = 8001, 65_535
DATASETTE_MISSING = (
    "the pages need Datasette; install it with: pip install 'farscrawler[browse]' (in a clone: pip install '.[browse]')"
)


class Command(LightCommand):
    """The browse command."""

    def syntax(self) -> str:
        return "[options]"

    def long_desc(self) -> str:
        return (
            "Serve the archive (--archive FILE, archive.db in the working folder by default) as pages to read in a "
            "browser, on 127.0.0.1 alone, until Ctrl-C: articles, lists by publisher, Jalali year, month and section, "
            "search, revisions, the calendar of coverage with the ledger behind each day, and Datasette's tables and "
            "SQL. The archive is opened for reading alone, also while a crawl writes into it. Exit codes: 0 stopped; "
            "1 the port is taken; 2 bad arguments, or there is no archive of this version."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Browse")
        group.add_argument(
            "--port", metavar="N", default=str(_PORT), help=f"port; 0 takes a free one (default: {_PORT})"
        )
        group.add_argument("--open", action="store_true", help="open the first page in the browser of this machine")
        group.add_argument("--port-file", metavar="FILE", help="write the port into FILE when the pages are up")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until SIGINT or SIGTERM."""
        if args:
            raise UsageError(f"browse takes no arguments, only options: {' '.join(args)}")
        port = _port(opts.port)
        try:
            from farscrawler.browse.server import LOOPBACK, open_socket, serve
        except ImportError as error:
            if error.name is None or error.name.partition(".")[0] not in (
                "datasette",
                "uvicorn",
                "jinja2",
                "markupsafe",
            ):
                raise
            raise BadArgumentError(DATASETTE_MISSING) from error
        catalogue = publishers.of(self.settings)
        path = location_of(self.settings["ARCHIVE"])
        if isinstance(path, Server):
            raise BadArgumentError(
                f"browse reads an archive that is a file, and {path} is a database; `farscrawler copy {path} FILE` "
                "makes a file of it."
            )
        try:
            listening = open_socket(port)
        except OSError as error:
            return self.fail(_trouble(error, port), Exit.BROKE)
        with listening:
            number = listening.getsockname()[1]

            def ready() -> None:
                if opts.port_file is not None:
                    # Renamed into place, so that nobody reads half a number.
                    half = Path(f"{opts.port_file}.part")
                    half.write_text(f"{number}\n", encoding="ascii")
                    half.replace(opts.port_file)
                out(f"{path} is open at http://{LOOPBACK}:{number}/ - Ctrl-C ends it.", flush=True)
                if opts.open:
                    # A browser that ends when it is closed is waited for, and would wait for its page meanwhile.
                    url = f"http://{LOOPBACK}:{number}/"
                    threading.Thread(target=_open, args=(url,), daemon=True).start()

            serve(path, catalogue, listening, ready)
        return None


def _port(text: str) -> int:
    with contextlib.suppress(ValueError):
        if 0 <= int(text) <= _HIGHEST_PORT:
            return int(text)
    raise UsageError(f"--port must be a whole number from 0 to {_HIGHEST_PORT}, not {text!r}")


def _trouble(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; try --port 0"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user; try --port 0"
    return f"the pages could not be opened: {error}"


def _open(url: str) -> None:
    """Open an address in the user's browser, and say so where there is none."""
    import webbrowser

    if not webbrowser.open(url):
        say(f"no browser was found on this machine; open {url} in one.")
