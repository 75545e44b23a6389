"""Fleet: several crawls in one process of Scrapy's, each with files and settings of its own."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, Crawler

from farscrawler.extensions.ending import broken, ending

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from scrapy import Spider
    from scrapy.settings import Settings

    from farscrawler.extensions.ending import CrawlEnd

#: What stands for the publisher's name in the name of a file.
PLACEHOLDERS = ("{publisher}", "%(name)s")
#: A crawl that has ended is a cycle of half a megabyte, which Python by itself would look for after minutes.
_COLLECT_EVERY = 10
_LOOK_AGAIN_SECONDS = 0.2


def named_for(template: str, publisher: str) -> str:
    """Put a publisher's name into the name of a file."""
    for placeholder in PLACEHOLDERS:
        template = template.replace(placeholder, publisher)
    return template


def spare_the_collector() -> None:
    """Make Python look for cycles more seldom.

    The loaded modules live as long as the process, and pages make few cycles: a search of all objects at every 700 new
    ones, as by default, takes a tenth of the time of a page.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def stop_in_order(process: AsyncCrawlerProcess, *, is_killed: Callable[[], bool] = lambda: False) -> None:
    """Stop the crawls of a process cleanly; return when they have ended, or the process is killed.

    Scrapy returns at once where it is stopping already, and its process would leave; and it takes a crawl for
    stopped whose engine was just about to start, which is then cut off with its process, or waits for ever.
    """
    active = process._active  # noqa: SLF001  # Scrapy tells nobody which they are
    while active and not is_killed():
        await AsyncCrawlerRunner.stop(process)
        engines = [crawler._engine for crawler in process.crawlers]  # noqa: SLF001  # None before it is made
        await asyncio.gather(*(engine.stop_async() for engine in engines if engine is not None and engine.running))
        if active:
            await asyncio.wait(active, timeout=_LOOK_AGAIN_SECONDS)


@dataclass(frozen=True, eq=False, slots=True)
class Crawl:
    """One crawl of a fleet, at work."""

    publisher: str
    crawler: Crawler


class Fleet(AsyncCrawlerProcess):
    """Scrapy's process, which begins the next crawl when one has ended, and none any more once it is to stop.

    ``opened`` is called when the spider of a publisher is open, and ``ended`` with the end of each crawl. What breaks
    one ends no other. A crawler is made when its turn comes, and is not kept: each takes half a megabyte.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        at_once: int,
        ended: Callable[[str, CrawlEnd], None],
        opened: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(settings)
        self.at_once = at_once
        self.waiting: deque[tuple[str, dict[str, str]]] = deque()
        self.at_work: list[Crawl] = []
        self._ended = ended
        self._opened = opened
        self._endings = 0
        self._is_killed = False

    def begin(self) -> None:
        """Begin as many of the waiting crawls as may be at work."""
        while self.waiting and len(self.at_work) < self.at_once:
            publisher, arguments = self.waiting.popleft()
            try:
                crawl = Crawl(publisher, self._made(publisher))
            except Exception as error:  # noqa: BLE001  # an add-on of the user's may raise whatever it likes
                self._ended(publisher, broken(error))
                continue
            self.at_work.append(crawl)
            task = self.crawl(crawl.crawler, **arguments)
            task.add_done_callback(partial(self._done_with, crawl))

    def _made(self, publisher: str) -> Crawler:
        crawler = self.create_crawler(publisher)
        feeds: dict[str, Any] = crawler.settings.getdict("FEEDS")
        named = {named_for(str(uri), publisher): given for uri, given in feeds.items()}
        crawler.settings.set("FEEDS", named, priority="cmdline")
        crawler.settings.set("PROGRESS", value=False, priority="cmdline")  # one display for all

        def opened() -> None:  # Scrapy calls no partial
            if self._opened is not None:
                self._opened(publisher)

        crawler.signals.connect(opened, signal=signals.spider_opened, weak=False)
        return crawler

    def _done_with(self, crawl: Crawl, task: asyncio.Task[None]) -> None:
        self.at_work.remove(crawl)
        self._endings += 1
        if self._endings % _COLLECT_EVERY == 0:
            asyncio.get_running_loop().call_soon(gc.collect)
        if task.cancelled():  # the process is being killed
            return
        try:
            self._ended(crawl.publisher, ending(crawl.crawler, task.exception()))
        finally:
            # Within the callback of the one that has ended: Scrapy waits only as long as some are at work.
            self.begin()

    def create_crawler(self, crawler_or_spidercls: type[Spider] | str | Crawler) -> Crawler:
        """Leave a crawler as it is: Scrapy would lay the settings of all over those of this one."""
        if isinstance(crawler_or_spidercls, Crawler):
            return crawler_or_spidercls
        return super().create_crawler(crawler_or_spidercls)

    async def stop(self) -> None:
        """Stop those at work, cleanly, and begin no other; return when they have ended."""
        self.waiting.clear()
        await stop_in_order(self, is_killed=lambda: self._is_killed)

    def _signal_kill(self, signum: int, frame: Any) -> None:
        self._is_killed = True
        super()._signal_kill(signum, frame)
