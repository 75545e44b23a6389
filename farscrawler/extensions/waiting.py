"""Waiting: a line in the log while a host does not answer, for those who see no live display."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.httpobj import urlparse_cached

from farscrawler.days import duration
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

logger = logging.getLogger("farscrawler")

#: An answer that takes longer is waited for; the line is there within five seconds. Most come within one.
_LONG_SECONDS = 4.0
_LOOK_SECONDS = 0.5
#: While a site stays slow, the line comes once in this time.
_AGAIN_SECONDS = 60.0


class Waiting:
    """Watches the requests that are on their way."""

    def __init__(self, crawler: Crawler) -> None:
        NewsSpider.of(crawler)
        self.crawler = crawler
        self._patience = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._begun: dict[Request, float] = {}
        self._said_at: float | None = None
        self._tick: AsyncioLoopingCall | LoopingCall = create_looping_call(self._look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        waiting = cls(crawler)
        crawler.signals.connect(waiting._opened, signal=signals.spider_opened)
        crawler.signals.connect(waiting._closed, signal=signals.spider_closed)
        return waiting

    def _opened(self) -> None:
        self._tick.start(_LOOK_SECONDS, now=False)

    def _closed(self) -> None:
        if self._tick.running:
            self._tick.stop()

    def _look(self) -> None:
        now = time.monotonic()
        # A request that waits for its turn is in the queue of its slot; those in transfer wait for the host.
        away = {request for slot in self.crawler.engine.downloader.slots.values() for request in slot.transferring}
        self._begun = {request: self._begun.get(request, now) for request in away}
        slow = [request for request, begun in self._begun.items() if now - begun >= _LONG_SECONDS]
        if slow and (self._said_at is None or now - self._said_at >= _AGAIN_SECONDS):
            self._said_at = now
            host = urlparse_cached(slow[0]).netloc
            logger.info(
                "%s: waiting for %s: no whole answer in %s so far; a request is given up after %s.",
                NewsSpider.of(self.crawler).publisher.key,
                host,
                duration(now - self._begun[slow[0]]),
                duration(self._patience),
            )
