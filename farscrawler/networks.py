"""Tell addresses of the internet from private ones, and read which private ones may be asked (PRIVATE_HOSTS)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from farscrawler.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: IPv4 addresses within IPv6 (RFC 6052); those of RFC 4291 and 3056 Python knows itself.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF
_PORTS = {"http": 80, "https": 443}


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet: neither private, loopback, link-local, shared nor unspecified."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & _LOW_32_BITS)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast


def address_of(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name; ``127.1`` and such are names to a resolver."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def says_private(host: str) -> bool:
    """Whether a host says in so many words that it is private: by its number, or as ``localhost``."""
    address = address_of(host)
    return host == "localhost" if address is None else not is_public(address)


def origin_of(url: str) -> tuple[str, int] | None:
    """Return host and port of an address, in one spelling; None where it has no host that can be read."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return host_of(host), port or _PORTS.get(parts.scheme, 0)


def host_of(name: str) -> str:
    """Return a host in one spelling: lower case, no dot at its end, letters beyond ASCII as the resolver is asked."""
    host = name.lower().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


@dataclass(frozen=True, slots=True)
class PrivateHosts:
    """What of the user's own network may be asked: names of hosts, and networks of addresses."""

    names: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> Self:
        """Read the entries of PRIVATE_HOSTS. Raise BadArgumentError for one that is neither a host nor a network."""
        names, networks = set(), []
        for entry in filter(None, (entry.strip() for entry in entries)):
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if not entry.strip(".") or any(letter in entry for letter in "/:@ ?#"):
                    said = f"-s PRIVATE_HOSTS={entry}: write hosts and networks, such as mirror.lan,10.0.0.0/8."
                    raise BadArgumentError(said) from None
                names.add(host_of(entry))
        return cls(frozenset(names), tuple(networks))

    def allow(self, host: str, address: Address) -> bool:
        """Whether the private address of a host may be asked."""
        return host in self.names or any(address in network for network in self.networks)
