"""`farscrawler newsroom`: serve the replica of the first site, or of families, on loopback until interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out
from farscrawler.errors import Exit
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from farscrawler.testing.newsroom.replicas import SITES, Street, families
from farscrawler.testing.newsroom.replicas.familysite import WEIGHT as FAMILY_WEIGHT
from farscrawler.testing.newsroom.site import WEIGHT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

_HIGHEST_PORT = 65_535


class Command(LightCommand):
    """Serve invented articles as the first site does, with the faults asked for."""

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options]"

    def long_desc(self) -> str:
        """Return what the command's help begins with."""
        return (
            "Serve invented articles in the pages of Payam-e Fars (Fars-Online) on 127.0.0.1, until Ctrl-C. The "
            "seed determines the articles, so two newsrooms with the same numbers are the same site. With --family "
            "the pages, lists and sitemaps are those of content systems that many sites share; each of several "
            "families is served on the next loopback address (127.0.0.1, 127.0.0.2, …)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options; their values are checked in :meth:`execute`, so that each mistake is a sentence."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Newsroom")
        group.add_argument(
            "--family",
            metavar="NAMES",
            help=f"serve sites of these families instead, separated by commas: {', '.join(SITES)}",
        )
        group.add_argument("--port", metavar="N", default="8000", help="port; 0 takes a free one (default: 8000)")
        group.add_argument("--count", metavar="N", default="2000", help="ids assigned at the start (default: 2000)")
        group.add_argument("--first-id", metavar="N", default="1000", help="lowest id (default: 1000)")
        group.add_argument(
            "--seed", metavar="N", default="1401", help="number that determines all text (default: 1401)"
        )
        group.add_argument(
            "--disorder", metavar="HOURS", default="0", help="longest delay of an article after its id's turn"
        )
        group.add_argument("--wild", metavar="SHARE", default="0", help="share of articles dated years too early")
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
        group.add_argument("--port-file", metavar="FILE", help="write the port into FILE when the site is up")
        group.add_argument(
            "--weight",
            metavar="BYTES",
            help=f"size of article and list pages (default: {WEIGHT}, of families {FAMILY_WEIGHT})",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until SIGINT or SIGTERM (exit 0); 1 if the port is taken, 2 for a bad value."""
        if args:
            raise UsageError(f"newsroom takes no arguments, only options: {' '.join(args)}")
        try:
            servers = _servers(opts)
        except ValueError as error:
            raise UsageError(str(error)) from error
        try:
            asyncio.run(_serve(servers, opts.port_file))
        except* OSError as group:
            self.fail(_trouble(group.exceptions[0], opts.port), Exit.BROKE)


def _trouble(error: BaseException, port: str) -> str:
    if isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES):
        reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by this user"
        return f"port {port} {reason}; try --port 0"
    return f"the newsroom could not be opened: {error}"


def _servers(opts: argparse.Namespace) -> Mapping[str, Server]:
    """Make the servers asked for, by the publisher that each one plays."""
    seed, first_id = _number(opts, "seed", 0, 2**63), _number(opts, "first_id", 1, 10**15)
    count = _number(opts, "count", 1, 10**8)
    disorder, wild = _share(opts, "disorder"), _share(opts, "wild")
    faults = None if opts.faults is None else Faults.parse(opts.faults)
    port = _number(opts, "port", 0, _HIGHEST_PORT)
    weight = None if opts.weight is None else _number(opts, "weight", 0, 10**8)
    if opts.family is None:
        newsroom = Newsroom(seed, first_id, count, disorder=disorder, wild=wild)
        weight = WEIGHT if weight is None else weight
        return {"farsonline": Server(newsroom, faults, port, weight=weight, control=opts.control)}
    if disorder or wild:
        raise ValueError("--disorder and --wild are for the first site alone; leave them or --family out")
    names = [name.strip() for name in opts.family.split(",")]
    weight = FAMILY_WEIGHT if weight is None else weight
    sites = families(names, seed=seed, first_id=first_id, count=count, weight=weight)
    return Street(sites, faults, port, control=opts.control).servers


def _number(opts: argparse.Namespace, name: str, lowest: int, highest: int) -> int:
    text = getattr(opts, name)
    with contextlib.suppress(ValueError):
        if lowest <= int(text) <= highest:
            return int(text)
    raise ValueError(f"--{name.replace('_', '-')} must be a whole number from {lowest} to {highest}, not {text!r}")


def _share(opts: argparse.Namespace, name: str) -> float:
    text = getattr(opts, name)
    try:
        return float(text)  # its bounds are the newsroom's to check
    except ValueError:
        raise ValueError(f"--{name} must be a number, not {text!r}") from None


async def _serve(servers: Mapping[str, Server], port_file: str | None) -> None:
    loop = asyncio.get_running_loop()
    waiting = set(servers)

    def stop() -> None:
        for server in servers.values():
            server.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)

    def ready(publisher: str) -> None:
        waiting.discard(publisher)
        if waiting:
            return
        if port_file is not None:
            # Renamed into place, so that nobody reads half a number. One line a site, in the order asked for.
            half = Path(f"{port_file}.part")
            half.write_text("".join(f"{server.port}\n" for server in servers.values()), encoding="ascii")
            half.replace(port_file)
        for name, server in servers.items():
            # An archive of its own: invented articles must not mix with those of the site.
            command = f"farscrawler crawl {name} --base-url {server.url} --archive try.db"
            out(f"newsroom at {server.url} - crawl it: {command}", flush=True)

    async with asyncio.TaskGroup() as group:
        for name, server in servers.items():
            group.create_task(server.serve(partial(ready, name)))
