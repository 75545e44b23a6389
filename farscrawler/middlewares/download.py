"""Download an answer within limits of its headers, and say of a certificate why it is not valid.

Scrapy bounds the body of an answer (DOWNLOAD_MAXSIZE) and Twisted the length of a line; neither bounds the number of
lines, so that headers without end took 7 GB in a minute. What of an answer is no header has a line of its own: the
lines before it (1xx), and chunks, whose own line Twisted bounds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import DownloadFailedError
from service_identity import VerificationError
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from farscrawler.outcomes.judge import Refusal, RefusedRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

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


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client of a connection, with a budget for each answer, which hangs up on what is over it."""

    def __init__(self, quiescent: Any, size: int, lines: int) -> None:
        super().__init__(quiescent)
        self._size, self._lines = size, lines

    def request(self, request: TxRequest) -> Deferred[IResponse]:
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
    def __init__(self, *given: Any, size: int, lines: int) -> None:
        super().__init__(*given)
        self._size, self._lines = size, lines

    def buildProtocol(self, addr: IAddress | None) -> _BoundedProtocol:  # noqa: N802  # Twisted's name
        return _BoundedProtocol(self._quiescentCallback, self._size, self._lines)


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, with limits of the headers and outcomes that say what was wrong."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        pool: Any = self._pool
        pool._factory = partial(  # noqa: SLF001  # Scrapy sets it in the same way
            _BoundedFactory,
            size=crawler.settings.getint("DOWNLOAD_MAXHEADERSIZE"),
            lines=crawler.settings.getint("DOWNLOAD_MAXHEADERLINES"),
        )

    async def download_request(self, request: Request) -> Response:
        """Return the answer. Raise RefusedRequestError for headers over a limit, and for a certificate in vain."""
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            for reason in _causes(error.__cause__):
                if isinstance(reason, RefusedRequestError):
                    raise reason from error
            raise


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
