"""Keep every answer in WARC files (`-s WARC=FOLDER`): articles, lists, robots.txt, errors, redirects, retries.

The innermost middleware, since it sees what came over the wire, before anything is decompressed, retried or followed;
and a middleware rather than a download handler, since one serves http, https and whatever handler is configured. An
answer that broke off never becomes a response, and is not kept.
"""

from __future__ import annotations

import http
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from farscrawler._version import __version__
from farscrawler.archive import ArchiveError
from farscrawler.days import now
from farscrawler.errors import BadArgumentError
from farscrawler.extensions.run import Run
from farscrawler.frontier.base import crawls_news
from farscrawler.outcomes.judge import StoppingError
from farscrawler.saved.folders import WARCIO_MISSING, has_warcio

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from farscrawler.frontier.base import Asker
    from farscrawler.saved.warc_writer import WarcFolder
    from farscrawler.webarchives.http_message import Headers as Pairs

logger = logging.getLogger("farscrawler")


class WarcMiddleware:
    """Writes each answer with its request before anything is made of it, and stamps the time that both carry."""

    def __init__(self, crawler: Crawler, warcs: WarcFolder) -> None:
        self.run = Run.of(crawler)
        self.warcs = warcs
        # What an article is committed with is on disk by then: the archive never holds one whose page is not kept.
        self.run.archive.preparations.append(warcs.sync)
        crawler.signals.connect(self._closed, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        folder: str = crawler.settings["WARC"]
        if not folder or not crawls_news(crawler):
            raise NotConfigured
        spider: Asker = crawler.spider  # type: ignore[assignment]  # the only spider of this project
        if spider.arguments.pages is not None:  # nothing comes over a wire
            raise NotConfigured
        if not has_warcio():
            raise BadArgumentError(f"-s WARC={folder}: {WARCIO_MISSING}")
        return cls(crawler, _prepared(Path(folder), crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        if "saved" in request.meta or "cached" in response.flags:  # nothing came over the wire
            return response
        at = request.meta["fetched_at"] = now()
        if not self.run.keep(lambda: self._write(request, response, at)):
            raise StoppingError("the page could not be kept")
        return response

    def _write(self, request: Request, response: Response, at: str) -> None:
        from farscrawler.saved.warc_writer import Exchange  # noqa: PLC0415  # warcio is an extra

        self.warcs.write(
            Exchange(
                url=response.url,
                at=at,
                method=request.method,
                sent=_pairs(request.headers),
                sent_body=request.body,
                protocol=_protocol(response.protocol),
                status=response.status,
                reason=http.client.responses.get(response.status, ""),
                headers=_pairs(response.headers),
                body=response.body,
                # Through a proxy it is the proxy's.
                address=str(response.ip_address) if response.ip_address and "proxy" not in request.meta else None,
            )
        )

    def _closed(self) -> None:
        try:
            self.warcs.close()
        except ArchiveError as error:
            logger.error("%s The next run closes the file.", error)  # noqa: TRY400  # the sentence says it all


def _prepared(folder: Path, crawler: Crawler) -> WarcFolder:
    """Make the folder, and close what a killed run left open in it. Raises BadArgumentError."""
    from farscrawler.saved.warc_writer import WarcFolder, mend  # noqa: PLC0415  # warcio is an extra

    spider: Asker = crawler.spider  # type: ignore[assignment]  # the only spider of this project
    publisher = spider.publisher.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sentence in mend(folder, publisher):
            logger.warning("%s", sentence)
    except OSError as error:
        raise BadArgumentError(f"-s WARC={folder}: the folder cannot be used ({error.strerror}).") from error
    settings = crawler.settings
    return WarcFolder(
        folder,
        publisher,
        max_bytes=settings.getint("WARC_MAX_BYTES"),
        info={
            "software": f"farscrawler/{__version__}",
            "format": "WARC file version 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
            "operator": settings["CONTACT"],
            "http-header-user-agent": settings["USER_AGENT"],
            "isPartOf": publisher,
            "base-url": spider.arguments.base_url or "",
        },
    )


def _pairs(headers: Headers) -> Pairs:
    """Give headers line by line."""
    return tuple((bytes(name), bytes(value)) for name, values in headers.items() for value in values or ())


def _protocol(found: str | None) -> str:
    """Give the version a record may name: WARC tools know HTTP/1.0 and HTTP/1.1 only."""
    return found if found in ("HTTP/1.0", "HTTP/1.1") else "HTTP/1.1"
