"""Street: replicas of several families side by side in one process, each on a loopback address of its own.

A crawler keeps its manners by host, so sites that shared an address would be one host to it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from farscrawler.testing.newsroom.press import Newsroom
from farscrawler.testing.newsroom.replicas.asam import Asam
from farscrawler.testing.newsroom.replicas.familysite import WEIGHT
from farscrawler.testing.newsroom.replicas.iransamaneh import IranSamaneh
from farscrawler.testing.newsroom.replicas.nastooh import Nastooh
from farscrawler.testing.newsroom.replicas.wordpress import WordPress
from farscrawler.testing.newsroom.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from farscrawler.testing.newsroom.faults import Faults
    from farscrawler.testing.newsroom.replicas.familysite import FamilySite

SITES: Mapping[str, type[FamilySite]] = {site.family: site for site in (Nastooh, IranSamaneh, Asam, WordPress)}
_MOST = 200  # 127.0.0.1 to 127.0.0.200


def server(
    site: FamilySite, faults: Faults | None = None, port: int = 0, host: str = "127.0.0.1", *, control: bool = False
) -> Server:
    """Return a server of one replica."""
    return Server(site.newsroom, faults, port, host, site=site, control=control)


class Street:
    """Serve ``sites``; a context manager. ``street[publisher]`` is the server of a site.

    Each listens on the next loopback address (127.0.0.1, 127.0.0.2, …), ``port`` on all of them or, with 0, a free one
    on each.
    ValueError for two sites of one publisher.
    """

    def __init__(
        self, sites: Iterable[FamilySite], faults: Faults | None = None, port: int = 0, *, control: bool = False
    ) -> None:
        self.sites = tuple(sites)
        self.servers: dict[str, Server] = {}
        if not 0 < len(self.sites) <= _MOST:
            raise ValueError(f"from 1 to {_MOST} sites stand in a street, not {len(self.sites)}")
        for at, site in enumerate(self.sites, 1):
            if site.publisher_key in self.servers:
                raise ValueError(f"two sites play {site.publisher_key}")
            self.servers[site.publisher_key] = server(site, faults, port, f"127.0.0.{at}", control=control)
        self._open = ExitStack()

    def __getitem__(self, publisher: str) -> Server:
        return self.servers[publisher]

    def __iter__(self) -> Iterator[tuple[FamilySite, Server]]:
        return zip(self.sites, self.servers.values(), strict=True)

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for one in self.servers.values():
                opened.enter_context(one)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


def families(
    names: Iterable[str], *, seed: int = 1401, first_id: int = 1_000, count: int = 2_000, weight: int = WEIGHT
) -> list[FamilySite]:
    """Return one site of each family named, each with stories of its own; ValueError for an unknown family."""
    found = []
    for at, name in enumerate(names):
        if name not in SITES:
            raise ValueError(f"there is no replica of {name!r}; there are {', '.join(SITES)}")
        found.append(SITES[name](Newsroom(seed + at, first_id, count), weight=weight))
    return found
