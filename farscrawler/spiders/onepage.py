"""Fetch one page as politely as a crawl would: with its manners, its patience and robots.txt; nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request, Spider

from farscrawler.outcomes.judge import judge_failure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from twisted.python.failure import Failure


class OnePageSpider(Spider):
    """Asks for one address; ``response`` is what came, ``problem`` a phrase that says why nothing did."""

    name = "onepage"
    response: Response | None = None
    problem: str | None = None

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    async def start(self) -> AsyncIterator[Request]:
        """Ask."""
        yield Request(self.url, callback=self.take, errback=self.fail, dont_filter=True)

    def take(self, response: Response) -> None:
        """Keep what came."""
        self.response = response

    def fail(self, failure: Failure) -> None:
        """Keep why nothing came."""
        self.problem = judge_failure(failure.value or RuntimeError("no reason given")).reason
