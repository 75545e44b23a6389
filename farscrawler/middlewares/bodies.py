"""Undo the Content-Encoding of an answer within its limit, by the same rule as for a body that is sent plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.webarchives.http_body import BodyError, beginning, codings

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

#: The key in `request.meta` for a number of bytes: no more than the beginning of the body is wanted.
FIRST_BYTES = "farscrawler_first_bytes"
#: A server compresses a page once, and a careless proxy once more; each coding may unpack to the whole limit.
_MOST_CODINGS = 3
_UNLIMITED = 1024**3  # for DOWNLOAD_MAXSIZE=0, which sets no limit to what comes over the wire


class BoundedCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's decompression, with a limit that says what it is.

    Scrapy's own ends with an IgnoreRequest, as of a request that was refused, and takes a second and more for a body of
    many empty members, or of one that is deflated and hardly smaller for it.

    While answers are kept in WARC files (``WARC``), only gzip is asked for: other tools read it, and few read Brotli
    and zstandard.
    """

    def __init__(self, stats: StatsCollector | None = None, *, crawler: Crawler | None = None) -> None:
        super().__init__(stats, crawler=crawler)
        self._only_gzip = crawler is not None and bool(crawler.settings.get("WARC"))

    def process_request(self, request: Request, spider: Spider | None = None) -> Request | Response | None:
        """Name the codings that are asked for."""
        if self._only_gzip:
            request.headers.setdefault("Accept-Encoding", b"gzip")
        return super().process_request(request)

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Undo the codings. Raise RefusedRequestError for a body over the limit."""
        coding = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if (most := request.meta.get(FIRST_BYTES)) is not None:
            return _begun(response, coding, most)
        if len(codings(coding)) > _MOST_CODINGS:
            raise RefusedRequestError(Refusal.PAGE_TOO_LARGE, f"compressed more than {_MOST_CODINGS} times")
        return super().process_response(request, response)

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Undo one coding, up to where the body is cut or damaged, as Scrapy does."""
        most = max_size or _UNLIMITED
        found = beginning(body, encoding.decode("latin-1"), most=most + 1)
        if len(found) > most:
            raise RefusedRequestError(Refusal.PAGE_TOO_LARGE)
        return found


def _begun(response: Response, coding: str, most: int) -> Response:
    """Return an answer with the beginning of its body, empty where it cannot be unpacked."""
    try:
        body = beginning(response.body, coding, most=most)
    except BodyError:
        body = b""
    plain = response.replace(body=body)
    plain.headers.pop("Content-Encoding", None)
    return plain
