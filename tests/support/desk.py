"""A desk: lets a plan crawl a made-up site into a real archive, as the spider does, without any network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.statscollectors import StatsCollector

from farscrawler import publishers
from farscrawler.archive import Archive, Outcome, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.frontier.base import Context, ListPage, SiteClient, UnreachableError
from farscrawler.frontier.inflight import InFlight
from farscrawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.frontier.base import Strategy, Target

FARSONLINE = publishers.load("farsonline")
AT = "2026-11-23T08:00:00+00:00"
_SECONDS = 60


class Stats(StatsCollector):
    """Scrapy's counters without a crawler."""

    def __init__(self) -> None:
        self._stats = {}


class _Lists(SiteClient):
    """The lists of a desk's site: one newest id, and nothing else."""

    def __init__(self, listed: int | None) -> None:
        self.listed = listed
        self.asked = 0

    async def newest_listed(self) -> int | None:
        self.asked += 1
        return self.listed

    async def fetch(self, url: str, **_: object) -> ListPage:
        raise UnreachableError(f"{url} is not there")


class Desk(Context):
    """A Context over a real archive.

    ``site`` tells the outcome of every id, or gives its article; ``listed`` is the newest id that it lists.
    """

    def __init__(
        self, archive: Archive, site: Callable[[int], Outcome | Article], listed: int | None, in_flight: int = 1
    ) -> None:
        self.archive = archive
        self.site = site
        self.at_once = in_flight
        self.asked: list[int] = []
        self.stored: list[str] = []
        super().__init__(
            publisher=FARSONLINE,
            ledger=Ledger(archive, "farsonline"),
            client=_Lists(listed),
            stats=Stats(),
            in_flight=InFlight(in_flight),
            on_stored=self.stored.extend,
        )

    @property
    def settled(self) -> int:
        found: int = self.stats.get_value("farscrawler/known/settled", 0)
        return found

    @property
    def lists(self) -> int:
        assert isinstance(self.client, _Lists)
        return self.client.asked

    def passed_over(self, reason: str) -> None:
        raise AssertionError(reason)

    def crawl(self, plan: Strategy, *, die_after: int | None = None) -> None:
        """Settle what the plan hands out, ``in_flight`` at a time, as the spider does."""
        asyncio.run(asyncio.wait_for(self._crawl(plan, die_after), _SECONDS))

    async def _crawl(self, plan: Strategy, die_after: int | None) -> None:
        flying: list[Target] = []
        queue = plan.targets()
        while True:
            taking = asyncio.ensure_future(anext(queue, None))
            while not taking.done():
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                if not taking.done():
                    self._settle(plan, flying.pop(0))
            target = taking.result()
            if target is None:
                break
            self.asked.append(int(target.key))
            flying.append(target)
            self.in_flight.enter(target.key)
            if len(flying) >= self.at_once:
                self._settle(plan, flying.pop(0))
            if die_after is not None and len(self.asked) >= die_after:
                self.archive.flush()
                return
        while flying:
            self._settle(plan, flying.pop(0))
        self.archive.flush()
        plan.finish()

    def _settle(self, plan: Strategy, target: Target) -> None:
        found = self.site(int(target.key))
        article = found if isinstance(found, Article) else None
        outcome: Outcome = "article" if isinstance(found, Article) else found
        self.archive.save(
            Visit(
                publisher="farsonline",
                key=target.key,
                url="x",
                outcome=outcome,
                at=AT,
                provisional=outcome == "missing" and plan.provisional(target),
            ),
            article,
        )
        self.in_flight.leave(target.key)
        plan.settled(target, outcome, article)
