"""Ask no private address that the user has not named: not by its number, by a name that leads there, or by a redirect.

A page that leads a crawler into the network of its user is an attack, known as server-side request forgery. What counts
is the address that is connected to. Names are judged where they are resolved, in the resolver itself, so that a name
gains nothing by changing its address between a look and the connection. Numbers are judged in the request, and the
address that an answer came from once more, before any other component sees the answer.

In Iran a filtered name is resolved to 10.10.34.34, 35 or 36; the page there is no answer of the site.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, ClassVar
from urllib.request import getproxies

from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from farscrawler.errors import BadArgumentError
from farscrawler.networks import PrivateHosts, address_of, host_and_port, host_of, is_public, says_private
from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.spiders.news import NewsSpider
from farscrawler.spiders.site_client import OnePageSpider

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

    from farscrawler.networks import Address


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, which finds no private address for a name that the user has not named.

    Scrapy has one resolver a process and ``crawl-all`` many crawls: ``named`` holds the hosts of all of them, and
    ``refused`` the private address of each name that was refused.
    """

    named: ClassVar[set[str]] = set()
    refused: ClassVar[dict[str, Address]] = {}
    allowed = PrivateHosts()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        with suppress(BadArgumentError):  # nothing is allowed then, and each crawl says what is wrong
            resolver.allowed = PrivateHosts.read(crawler.settings.getlist("PRIVATE_HOSTS"))
        cls.named.update(origin[0] for url in getproxies().values() if (origin := host_and_port(url)) is not None)
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's name
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(self._judge, host_of(name))

    def _judge(self, found: str, host: str) -> str:
        address = ip_address(found)
        if is_public(address) or host in self.named or self.allowed.allow(host, address):
            self.refused.pop(host, None)
            return found
        self.refused[host] = address
        raise DNSLookupError(f"{host} is the private address {found}")


class PrivateHostsMiddleware:
    """The border to the user's own network, innermost of all: it sees each request last and its answer first."""

    def __init__(self, crawler: Crawler) -> None:
        spider = crawler.spider
        self._is_ours = isinstance(spider, (NewsSpider, OnePageSpider))
        self._allowed = PrivateHosts.read(crawler.settings.getlist("PRIVATE_HOSTS"))
        self._named: set[tuple[str, int]] = set()
        if isinstance(spider, NewsSpider):
            self._named |= _origins(spider.chosen_servers())
        if isinstance(spider, (NewsSpider, OnePageSpider)):
            # A list of addresses may come from anywhere: a name in it says nothing of where it leads.
            self._named |= {one for one in _origins(spider.asked_urls()) if says_private(one[0])}
        GuardedResolver.named.update(host for host, _ in self._named)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a private address that is written as a number. Raise RefusedRequestError."""
        proxy = request.meta.get("proxy")
        if proxy or not self._is_ours:  # the user has chosen it; `scrapy shell` and such ask what they are told to
            GuardedResolver.named.update(host for host, _ in _origins([proxy or request.url]))
        address = address_of(_host(request))
        if self._is_ours and address is not None:
            self._require_named(request, address)

    def process_response(self, request: Request, response: Response) -> Response:
        """Drop the answer of a private address. Raise RefusedRequestError."""
        if self._is_ours and response.ip_address is not None and not request.meta.get("proxy"):
            self._require_named(request, response.ip_address)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say of a name that was refused where it leads. Raise RefusedRequestError."""
        address = GuardedResolver.refused.get(_host(request))
        if address is not None and isinstance(exception, CannotResolveHostError):
            raise _refusal(_host(request), address) from exception

    def _require_named(self, request: Request, address: Address) -> None:
        if is_public(address):
            return
        host = _host(request)
        # Another port of a machine is another service; a name that was named stands for the machine.
        named = _origins([request.url]) <= self._named or (address_of(host) is None and host in GuardedResolver.named)
        if not (named or self._allowed.allow(host, address)):
            raise _refusal(host, address)


def _host(request: Request) -> str:
    origin = host_and_port(request.url)
    return origin[0] if origin is not None else ""


def _origins(urls: Iterable[str]) -> set[tuple[str, int]]:
    return {origin for url in urls if (origin := host_and_port(url)) is not None}


def _refusal(host: str, address: Address) -> RefusedRequestError:
    where = str(address) if address_of(host) is not None else f"{host} is {address}"
    return RefusedRequestError(Refusal.PRIVATE_ADDRESS, f"{where} (PRIVATE_HOSTS can allow it)")
