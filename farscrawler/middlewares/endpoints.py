"""Make what opens a connection when one is opened, and not for each request over one that is open.

Twisted's agent prepares the end of a connection for every request: it encodes the name of the host and, for https,
makes the objects of OpenSSL that check its certificate (0.14 ms). For nearly all requests a connection is open already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import _BindAddressAgent, _ScrapyAgent

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IProtocol, IProtocolFactory
    from twisted.web.client import URI, Agent

_SCHEMES = (b"http", b"https")


class LateEndpoint:
    """An endpoint of Twisted (IStreamClientEndpoint) that is made when it is connected to."""

    def __init__(self, make: Callable[[URI], Any], uri: URI) -> None:
        self._make, self._uri = make, uri

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803  # Twisted's name
        """Make the endpoint and connect to it."""
        connecting: Deferred[IProtocol] = self._make(self._uri).connect(protocolFactory)
        return connecting


class LateAgent(_BindAddressAgent):
    """Scrapy's agent of requests without a proxy, with late endpoints."""

    def _getEndpoint(self, uri: URI) -> Any:  # noqa: N802  # Twisted's name
        make: Callable[[URI], Any] = super()._getEndpoint
        return LateEndpoint(make, uri) if uri.scheme in _SCHEMES else make(uri)  # which says what is wrong


class LateScrapyAgent(_ScrapyAgent):
    """Scrapy's way from a request to its answer, with late endpoints."""

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        agent = super()._get_agent(request, timeout)
        if type(agent) is _BindAddressAgent:  # Scrapy names the class in the middle of its method
            agent.__class__ = LateAgent
        return agent
