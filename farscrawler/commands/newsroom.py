"""`farscrawler newsroom`: serve the replica of the first site on loopback until interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from farscrawler.newsroom import Faults, Newsroom, Server
from farscrawler.newsroom.site import WEIGHT

if TYPE_CHECKING:
    import argparse

_HIGHEST_PORT = 65_535


class Command(ScrapyCommand):
    """Serve invented articles as the first site does, with the faults asked for."""

    requires_project = False
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Serve a replica of Payam-e Fars on loopback, for trying out and testing"

    def long_desc(self) -> str:
        """Return what the command's help begins with."""
        return (
            "Serve invented articles in the pages of Payam-e Fars (Fars-Online) on 127.0.0.1, until Ctrl-C. "
            "The articles follow from the seed, so two newsrooms with the same numbers are the same site."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options; their values are checked in :meth:`run`, so that each mistake is a sentence."""
        super().add_options(parser)
        parser.usage = f"farscrawler newsroom {self.syntax()}"
        group = parser.add_argument_group(title="Newsroom")
        group.add_argument("--port", metavar="N", default="8000", help="port; 0 takes a free one (default: 8000)")
        group.add_argument("--count", metavar="N", default="2000", help="ids handed out at the start (default: 2000)")
        group.add_argument("--first-id", metavar="N", default="1000", help="lowest id (default: 1000)")
        group.add_argument("--seed", metavar="N", default="1401", help="number all text follows from (default: 1401)")
        group.add_argument(
            "--faults",
            metavar="LIST",
            help="all, or name=rate,… with rates from 0 to 1, as in unavailable=0.1,cut=0.05",
        )
        group.add_argument(
            "--control",
            action="store_true",
            help="open /-/publish?n=5, /-/revise?id=…, /-/stats and /-/hostile/…",
        )
        group.add_argument("--port-file", metavar="FILE", help="write the port into FILE once the site is up")
        group.add_argument(
            "--weight",
            metavar="BYTES",
            default=str(WEIGHT),
            help=f"size of article and list pages (default: {WEIGHT})",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until SIGINT or SIGTERM (exit 0); 1 if the port is taken, 2 for a bad value."""
        if args:
            raise UsageError(f"newsroom takes no arguments, only options: {' '.join(args)}")
        try:
            server = _server(opts)
        except ValueError as error:
            raise UsageError(str(error)) from error
        try:
            asyncio.run(_serve(server, opts.port_file))
        except OSError as error:
            self.exitcode = 1
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by this user"
                print(f"farscrawler: port {server.port} {reason}; try --port 0", file=sys.stderr)
            else:
                print(f"farscrawler: the newsroom could not be opened: {error}", file=sys.stderr)


def _server(opts: argparse.Namespace) -> Server:
    newsroom = Newsroom(
        _number(opts, "seed", 0, 2**63),
        _number(opts, "first_id", 1, 10**15),
        _number(opts, "count", 1, 10**8),
    )
    faults = None if opts.faults is None else Faults.parse(opts.faults)
    port = _number(opts, "port", 0, _HIGHEST_PORT)
    weight = _number(opts, "weight", 0, 10**8)
    return Server(newsroom, faults, port, weight=weight, control=opts.control)


def _number(opts: argparse.Namespace, name: str, lowest: int, highest: int) -> int:
    text = getattr(opts, name)
    with contextlib.suppress(ValueError):
        if lowest <= int(text) <= highest:
            return int(text)
    raise ValueError(f"--{name.replace('_', '-')} must be a whole number from {lowest} to {highest}, not {text!r}")


async def _serve(server: Server, port_file: str | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)

    def ready() -> None:
        if port_file is not None:
            # Renamed into place, so that nobody reads half a number.
            half = Path(f"{port_file}.part")
            half.write_text(f"{server.port}\n", encoding="ascii")
            half.replace(port_file)
        print(
            f"newsroom at {server.url} - crawl it: farscrawler crawl farsonline -a base_url={server.url}",
            flush=True,
        )

    await server.serve(ready)
