"""Tell addresses of the internet from private ones, and read which private ones may be asked (PRIVATE_HOSTS)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from farscrawler.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: IPv4 addresses within IPv6 (RFC 6052); those of RFC 4291 and 3056 Python knows itself.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF
#: Networks that are none of the internet, and that the tables of Python 3.11 take for public ones.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # IPv4 addresses within IPv6 as of old (RFC 4291, 2.5.5.1)
        "::ffff:0:0:0/96",  # translated ones (RFC 2765)
        "64:ff9b:1::/48",  # NAT64 of a network's own (RFC 8215)
        "fec0::/10",  # site-local ones of old (RFC 3879)
        "3fff::/20",  # for documents (RFC 9637)
        "5f00::/16",  # segments of a network's own (RFC 9602)
        "192.0.0.0/24",  # for protocols (RFC 6890)
    )
)
_PORTS = {"http": 80, "https": 443}
#: Addresses whose parts are remembered: each request and its answer ask some six times for those of one.
_REMEMBERED = 256
#: What no address of a server has in it.
_ODD = re.compile(r"[\s\x00-\x1f\x7f\\]")


@lru_cache(_REMEMBERED)
def is_public(address: Address) -> bool:
    """Whether an address is one of the internet: neither private, loopback, link-local, shared nor unspecified."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & _LOW_32_BITS)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)


@lru_cache(_REMEMBERED)
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


@lru_cache(_REMEMBERED)
def host_and_port(url: str) -> tuple[str, int] | None:
    """Return host and port of an address, in one spelling; None where it has no host that can be read."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return host_of(host), port or _PORTS.get(parts.scheme, 0)


def origin_of(text: str) -> str | None:
    """Return scheme, host and port of the address of a server; None for one that is none, or that says more."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    more = parts.path not in ("", "/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in _PORTS or not host or port == 0 or more or _ODD.search(text.strip()):
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def plain_url(url: str) -> str:
    """Return an address without what tells nothing of its page: a user name, a password, the port of its scheme.

    Raise ValueError for one whose host or port cannot be read.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.port is not None and parts.port == _PORTS.get(parts.scheme):
        host = host.rpartition(":")[0]
    host = host.removesuffix(":")
    return parts._replace(netloc=host).geturl() if host != parts.netloc else url


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
