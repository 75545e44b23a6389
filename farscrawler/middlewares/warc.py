"""Keep every answer in WARC files (`-s WARC=FOLDER`): articles, lists, robots.txt, errors, redirects, retries.

Beside an answer that was read stands what was read in it, once its address is settled.

Near the wire, since it sees what came over it, before anything is decompressed, retried or followed;
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
from farscrawler.errors import ArchiveError, BadArgumentError
from farscrawler.networks import PrivateHosts, host_and_port, is_public
from farscrawler.outcomes.description import described
from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.outcomes.visit import META_KEY
from farscrawler.saved.folders import WARCIO_MISSING, has_warcio
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from farscrawler.outcomes.judge import Verdict
    from farscrawler.outcomes.visit import FetchedArticle, VisitState
    from farscrawler.saved.page import KeptRecord
    from farscrawler.saved.warc_writer import WarcFolder
    from farscrawler.webarchives.http_message import Headers as Pairs

logger = logging.getLogger("farscrawler")


class WarcMiddleware:
    """The writer of each answer with its request, before anything is made of it; it dates both."""

    def __init__(self, crawler: Crawler, warcs: WarcFolder) -> None:
        self.recorder = NewsSpider.of(crawler).recorder
        self.warcs = warcs
        self._private = PrivateHosts.read(crawler.settings.getlist("PRIVATE_HOSTS"))
        self._is_mirror = NewsSpider.of(crawler).arguments.base_url is not None
        # What an article is committed with is on disk by then: the archive never holds one whose page is not kept.
        self.recorder.archive.preparations.append(warcs.sync)
        self.recorder.observers.append(self._describe)
        crawler.signals.connect(self._closed, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = NewsSpider.of(crawler)
        folder: str = crawler.settings["WARC"]
        if not folder or spider.arguments.reads_saved:  # they are in files already
            raise NotConfigured
        if not has_warcio():
            raise BadArgumentError(f"-s WARC={folder}: {WARCIO_MISSING}")
        return cls(crawler, _prepared(Path(folder), spider))

    def process_response(self, request: Request, response: Response) -> Response:
        visit: VisitState | None = request.meta.get(META_KEY)
        if (visit is not None and visit.target.saved is not None) or "cached" in response.flags:
            return response  # nothing came over the wire
        if "download_stopped" in response.flags:
            return response  # a robots.txt that goes on; a record would say that this is all of it
        at = self.recorder.clock.now()
        if visit is not None:
            visit.received_at = at
        with self.recorder.guarded():
            kept = self._write(request, response, at, self._unchanged_since(visit, response))
            if visit is not None:
                visit.kept = kept
        if self.recorder.storage_failed:
            raise RefusedRequestError(Refusal.STOPPING, "the page could not be kept")
        return response

    def _write(self, request: Request, response: Response, at: str, unchanged_since: str | None) -> KeptRecord:
        from farscrawler.saved.warc_writer import Exchange  # noqa: PLC0415  # warcio is an extra

        return self.warcs.write(
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
                address=self._address_of_site(request, response),
                unchanged_since=unchanged_since,
            )
        )

    def _unchanged_since(self, visit: VisitState | None, response: Response) -> str | None:
        """Return when the page was taken of which an answer 304 says that it has not changed.

        None of a mirror: nobody knows which one that page came from.
        """
        if visit is None or response.status != http.HTTPStatus.NOT_MODIFIED or self._is_mirror:
            return None
        stored = self.recorder.archive.article(self.recorder.publisher.key, visit.target.key)
        return stored.fetched_at if stored is not None else None

    def _describe(self, visit: VisitState, verdict: Verdict, article: FetchedArticle | None) -> None:
        """Write beside each answer of a settled visit what was read in it."""
        publisher, rules = self.recorder.publisher.key, self.recorder.rules
        for answer, lines in described(visit, verdict, article, publisher=publisher, rules=rules):
            if answer.kept is not None:
                self.warcs.describe(answer.kept, lines)

    def _address_of_site(self, request: Request, response: Response) -> str | None:
        """Return the address of the site: neither a proxy's, nor one of the user's network that stands for the site."""
        address = response.ip_address
        if address is None or request.meta.get("proxy"):
            return None
        host = host_and_port(request.url)
        is_users = not is_public(address) and host is not None and self._private.allow(host[0], address)
        return None if is_users else str(address)

    def _closed(self) -> None:
        try:
            self.warcs.close()
        except ArchiveError as error:
            logger.error("%s The next run closes the file.", error)  # noqa: TRY400  # the sentence says it all


def _prepared(folder: Path, spider: NewsSpider) -> WarcFolder:
    """Make the folder, and close the files that a killed run left open in it. Raises BadArgumentError."""
    from farscrawler.saved.warc_writer import WarcFolder, mend  # noqa: PLC0415  # warcio is an extra

    publisher = spider.publisher.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sentence in mend(folder, publisher):
            logger.warning("%s", sentence)
    except OSError as error:
        raise BadArgumentError(f"-s WARC={folder}: the folder cannot be used ({error.strerror}).") from error
    settings = spider.settings
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
    """Return headers line by line."""
    return tuple((bytes(name), bytes(value)) for name, values in headers.items() for value in values or ())


def _protocol(found: str | None) -> str:
    """Return the version a record may name: WARC tools know HTTP/1.0 and HTTP/1.1 only."""
    return found if found in ("HTTP/1.0", "HTTP/1.1") else "HTTP/1.1"
