"""Download an answer within limits of its headers, say of a certificate why it is not valid, and ask by lease only.

Scrapy bounds the body of an answer (DOWNLOAD_MAXSIZE) and Twisted the length of a line; neither bounds the number of
lines, so that headers without end took 7 GB in a minute. What of an answer is no header has a line of its own: the
lines before it (1xx), and chunks, whose own line Twisted bounds.

A crawl that holds its hosts by a lease (archive in a database) asks nothing while that is not confirmed. It is looked
at before a connection is made, and once more when the request is written: a crawl may be frozen in between (SIGSTOP, a
suspended machine) while another one takes the host over.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import DownloadFailedError
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from service_identity import VerificationError
from twisted.internet.defer import fail
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from farscrawler.archive.lease import machine_seconds
from farscrawler.errors import ArchiveError
from farscrawler.middlewares.endpoints import LateScrapyAgent
from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.spiders.ending import is_ending
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

    from farscrawler.archive.guard import SharedTurns
    from farscrawler.archive.lease import Lease

#: How soon a waiting request notices that its lease is confirmed, or that the run is ending.
_LOOK_UP_SECONDS = 0.1
#: Seconds between two questions for a turn where the database does not answer.
_TRY_AGAIN_SECONDS = 1.0
_VERIFY_FAILED = "certificate verify failed"
_TAKE_IT_ANYWAY = "verify_certificates = false in its stanza or -s DOWNLOAD_VERIFY_CERTIFICATES=False takes it anyway"


class _HeaderBudget:
    """What is left of the bytes and lines that the headers of one answer may have."""

    def __init__(self, size: int, lines: int) -> None:
        self.size, self.lines = size, lines
        self._said = f"over {size:,} bytes or {lines:,} lines (DOWNLOAD_MAXHEADERSIZE, DOWNLOAD_MAXHEADERLINES)"

    def take(self, line: bytes) -> None:
        """Take a line from the budget. Raise RefusedRequestError where it is used up."""
        self.size -= len(line) + 1
        self.lines -= 1
        if self.size < 0 or self.lines < 0:
            self.refuse()

    def refuse(self) -> None:
        """Raise RefusedRequestError."""
        raise RefusedRequestError(Refusal.HEADERS_TOO_LARGE, self._said)


class _BoundedParser(_LenientHTTPClientParser):
    """Scrapy's reader of an answer, which stops at the end of its budget; interim answers (1xx) take from it too."""

    budget: _HeaderBudget

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  # Twisted's name
        self.budget.take(line)
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802  # Twisted's name
        self.budget.refuse()


class _NotSentError(Exception):
    """The lease was over when the request was to be written; nothing of it has left."""


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client of a connection, with a budget for each answer, which hangs up on what is over it."""

    def __init__(self, quiescent: Any, size: int, lines: int, lease: Lease | None) -> None:
        super().__init__(quiescent)
        self._size, self._lines, self._lease = size, lines, lease

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        if self._lease is not None and not self._lease.may_ask:
            transport: Any = self.transport
            transport.abortConnection()
            return fail(_NotSentError())
        answer = super().request(request)
        parser: Any = self._parser
        # Twisted names the class of the parser in the middle of a method; Scrapy changes it after that in the same way.
        parser.__class__ = _BoundedParser
        parser.budget = _HeaderBudget(self._size, self._lines)
        return answer

    def _giveUp(self, reason: Failure) -> None:  # noqa: N802  # Twisted's name
        """Abort the connection of a broken answer: over TLS a polite end waits for the other side."""
        super()._giveUp(reason)
        if isinstance(reason.value, RefusedRequestError):
            transport: Any = self.transport
            transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802  # Twisted's name
        said: str | None = None
        if isinstance(reason.value, VerificationError):
            said = "it is for another host"
        elif isinstance(reason.value, SSL.Error) and _VERIFY_FAILED in str(reason.value):
            said = _why_not_valid(self.transport)
        if said is not None:
            reason = Failure(RefusedRequestError(Refusal.CERTIFICATE, f"{said} ({_TAKE_IT_ANYWAY})"))
        super().connectionLost(reason)


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def __init__(self, *given: Any, size: int, lines: int, lease: Lease | None) -> None:
        super().__init__(*given)
        self._size, self._lines, self._lease = size, lines, lease

    def buildProtocol(self, addr: IAddress | None) -> _BoundedProtocol:  # noqa: N802  # Twisted's name
        return _BoundedProtocol(self._quiescentCallback, self._size, self._lines, self._lease)


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, with limits of the headers and outcomes that say what was wrong."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider = crawler.spider
        self._lease, self._turns = (spider.lease, spider.turns) if isinstance(spider, NewsSpider) else (None, None)
        pool: Any = self._pool
        pool._factory = partial(  # noqa: SLF001  # Scrapy sets it in the same way
            _BoundedFactory,
            size=crawler.settings.getint("DOWNLOAD_MAXHEADERSIZE"),
            lines=crawler.settings.getint("DOWNLOAD_MAXHEADERLINES"),
            lease=self._lease,
        )

    async def download_request(self, request: Request) -> Response:
        """Return the answer. Raise RefusedRequestError for headers over a limit, and for a certificate in vain."""
        while True:
            if self._lease is not None and not self._lease.may_ask:
                await self._wait(self._lease, request)
            if self._turns is not None:
                await self._wait_for_turn(self._turns, request)
            try:
                return await self._answer(request)
            except _NotSentError:
                continue
            except DownloadFailedError as error:
                for reason in _causes(error.__cause__):
                    if isinstance(reason, RefusedRequestError):
                        raise reason from error
                raise

    async def _answer(self, request: Request) -> Response:
        """Return the answer, as Scrapy's own method does, with another agent."""
        agent = LateScrapyAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self.crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))

    async def _wait(self, lease: Lease, request: Request) -> None:
        """Wait until the lease lets a request go. Raise RefusedRequestError where the run ends meanwhile."""
        while not lease.may_ask:
            if is_ending(self.crawler):
                raise RefusedRequestError(Refusal.STOPPING)
            await asyncio.sleep(_LOOK_UP_SECONDS)
        self._goes_now(request)

    async def _wait_for_turn(self, turns: SharedTurns, request: Request) -> None:
        """Wait for the turn of this run at a host that runs of all machines ask.

        Raise RefusedRequestError where the run ends meanwhile.
        """
        host, pause = urlsplit(request.url).netloc, self.crawler.settings.getfloat("DOWNLOAD_DELAY")
        late = float("inf")
        while late > max(pause, _LOOK_UP_SECONDS):  # who stood still meanwhile has missed its turn
            if is_ending(self.crawler):
                raise RefusedRequestError(Refusal.STOPPING)
            try:
                at = machine_seconds() + await asyncio.to_thread(turns.turn, host, pause)
            except ArchiveError:  # it ends the run by itself, where it does not pass
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
                continue
            while (left := at - machine_seconds()) > 0:
                if is_ending(self.crawler):
                    raise RefusedRequestError(Refusal.STOPPING)
                await asyncio.sleep(min(left, _LOOK_UP_SECONDS))
            late = machine_seconds() - at
        self._goes_now(request)

    def _goes_now(self, request: Request) -> None:
        """Let the next request keep its distance from when this one goes, and not from when it was to go."""
        downloader: Downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(request.meta.get(Downloader.DOWNLOAD_SLOT, ""))
        if slot is not None:
            slot.lastseen = time.monotonic()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error of Twisted, and the errors that it wraps."""
    if error is not None:
        yield error
        for failure in getattr(error, "reasons", ()):
            yield from _causes(failure.value)


def _why_not_valid(transport: Any) -> str:
    """Return OpenSSL's own words for the result of a verification, such as `self-signed certificate`."""
    openssl: Any = SSL
    try:
        number = openssl._lib.SSL_get_verify_result(transport.getHandle()._ssl)  # noqa: SLF001  # no other way leads to it
        said: bytes = openssl._ffi.string(openssl._lib.X509_verify_cert_error_string(number))  # noqa: SLF001  # as above
    except (AttributeError, TypeError):  # of another pyOpenSSL
        return _VERIFY_FAILED
    return said.decode("ascii", "replace")
