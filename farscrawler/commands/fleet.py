"""A fleet: several crawls in one process, so many at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerProcess, Crawler

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from scrapy import Spider
    from scrapy.settings import Settings


@dataclass(kw_only=True, eq=False)
class Crawl:
    """One crawl of a fleet; ``arguments`` are those of its spider."""

    publisher: str
    crawler: Crawler
    arguments: dict[str, str] = field(default_factory=dict)


class Fleet(AsyncCrawlerProcess):
    """Scrapy's process, which begins the next crawl when one has ended, and none any more once it is to stop.

    ``ended`` is called after each with what kept it from beginning, if anything did: what breaks one ends no other.
    """

    def __init__(
        self, settings: Settings, *, at_once: int, ended: Callable[[Crawl, BaseException | None], None]
    ) -> None:
        super().__init__(settings)
        self.at_once = at_once
        self.waiting: deque[Crawl] = deque()
        self.at_work: list[Crawl] = []
        self._ended = ended

    def begin(self) -> None:
        """Begin as many of the waiting crawls as may be at work."""
        while self.waiting and len(self.at_work) < self.at_once:
            crawl = self.waiting.popleft()
            self.at_work.append(crawl)
            task = self.crawl(crawl.crawler, **crawl.arguments)
            task.add_done_callback(partial(self._done_with, crawl))

    def _done_with(self, crawl: Crawl, task: asyncio.Task[None]) -> None:
        self.at_work.remove(crawl)
        if task.cancelled():  # the process is being killed
            return
        try:
            self._ended(crawl, task.exception())
        finally:
            # Within the callback of the one that has ended: Scrapy waits only as long as some are at work.
            self.begin()

    def create_crawler(self, crawler_or_spidercls: type[Spider] | str | Crawler) -> Crawler:
        """Leave a crawler as it is: Scrapy would lay the settings of all over those of this one."""
        if isinstance(crawler_or_spidercls, Crawler):
            return crawler_or_spidercls
        return super().create_crawler(crawler_or_spidercls)

    async def stop(self) -> None:
        """Stop those at work, cleanly, and begin no other."""
        self.waiting.clear()
        await super().stop()
