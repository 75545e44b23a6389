"""Who crawls what: publishers that share a host are never crawled in two processes at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from farscrawler.networks import host_and_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Shares:
    """The publishers that wait, in their order, and those at work.

    ``hosts`` names the hosts that each publisher asks. The pace of a host is kept within a process, so that publishers
    with a host in common form a group, and a group is at work in one process at a time.
    """

    def __init__(self, hosts: Mapping[str, Iterable[str]]) -> None:
        self._waiting = list(hosts)
        self._group = _groups(hosts)
        self._place: dict[str, object] = {}
        self._at_work: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many publishers wait."""
        return len(self._waiting)

    def take(self, process: object, may_join: Callable[[str], bool] = lambda _: True) -> str | None:
        """Return the first publisher that a process may crawl now, which is at work from now on; None for none.

        ``may_join`` says whether a publisher may be crawled beside those at work in the process.
        """
        for publisher in self._waiting:
            group = self._group[publisher]
            if self._place.get(group, process) is process and may_join(publisher):
                self._waiting.remove(publisher)
                self._place[group] = process
                self._at_work[group] += 1
                return publisher
        return None

    def leave(self, publisher: str) -> None:
        """Note that a publisher is at work no more."""
        group = self._group[publisher]
        self._at_work[group] -= 1
        if not self._at_work[group]:
            del self._at_work[group]
            self._place.pop(group, None)

    def again(self, publisher: str) -> None:
        """Put a publisher that has left without being done before all that wait."""
        self._waiting.insert(0, publisher)

    def clear(self) -> None:
        """Hand out no publisher any more."""
        self._waiting.clear()


def _groups(hosts: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the group of each publisher, named after its first one."""
    group = {publisher: publisher for publisher in hosts}

    def root(publisher: str) -> str:
        while group[publisher] != publisher:
            publisher = group[publisher]
        return publisher

    first: dict[str, str] = {}
    for publisher, named in hosts.items():
        for host in named:
            other = root(first.setdefault(host, publisher))
            group[root(publisher)] = other
    return {publisher: root(publisher) for publisher in hosts}


def host_of_url(url: str) -> str:
    """Return what stands for the host of an address: a port of its own is a site of its own.

    By its name, not by where that leads: hundreds of sites share the few addresses of a content network.
    """
    origin = host_and_port(url)
    return f"{origin[0]}:{origin[1]}" if origin is not None else url
