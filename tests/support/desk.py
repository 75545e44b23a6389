"""A desk: lets a plan crawl a made-up site into a real archive, as the spider does, without any network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.archive import Archive, Outcome, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.frontier.base import ListPage, UnreachableError
from farscrawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.frontier.base import Plan
    from farscrawler.frontier.target import Target

FARSONLINE = publishers.load("farsonline")
AT = "2026-11-23T08:00:00+00:00"
_SECONDS = 60


@dataclass
class Desk:
    """A Context over a real archive.

    ``site`` tells the outcome of every id, or gives its article; ``listed`` is the newest id that it lists.
    """

    archive: Archive
    site: Callable[[int], Outcome | Article]
    listed: int | None
    in_flight: int = 1
    asked: list[int] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    settled: int = 0
    lists: int = 0
    publisher: publishers.Publisher = FARSONLINE

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.archive, "farsonline")

    async def newest_listed(self) -> int | None:
        self.lists += 1
        return self.listed

    async def fetch(self, url: str, **_: str | None) -> ListPage:
        raise UnreachableError(f"{url} is not there")

    def already_stored(self, keys: Sequence[str]) -> None:
        self.stored.extend(keys)

    def passed_over(self, reason: str) -> None:
        raise AssertionError(reason)

    def already_settled(self, count: int) -> None:
        self.settled += count

    def crawl(self, plan: Plan, *, die_after: int | None = None) -> None:
        """Settle what the plan hands out, ``in_flight`` at a time, as the spider does."""
        asyncio.run(asyncio.wait_for(self._crawl(plan, die_after), _SECONDS))

    async def _crawl(self, plan: Plan, die_after: int | None) -> None:
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
            if len(flying) >= self.in_flight:
                self._settle(plan, flying.pop(0))
            if die_after is not None and len(self.asked) >= die_after:
                self.archive.flush()
                return
        while flying:
            self._settle(plan, flying.pop(0))
        self.archive.flush()
        plan.finish()

    def _settle(self, plan: Plan, target: Target) -> None:
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
        plan.settled(target, outcome, article)
