"""The newest N articles: from the newest id that the site lists downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.frontier.base import Strategy, settled_outcomes
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article

#: Ids in a row without an article that end the walk: no gap near the newest ids has been seen that long, and a walk
#: down to id 1 for want of articles would take days.
MISSES_END = 500
#: Ids looked up at a time: a few dozen articles are wanted, as a rule.
_LOOKED_UP = 50


class Latest(Strategy):
    """Hands out ids downwards until enough articles are found, stored ones included."""

    def __init__(self, context: Context, count: int, form: str, *, edge: int) -> None:
        self.context = context
        self.form = form
        self._found = 0
        self._wanted = count
        self._misses = 0
        self._edge = edge
        self._newest = 0
        self._in_flight = InFlight()

    @property
    def pending(self) -> int:
        return max(0, self._wanted - self._found)

    async def targets(self) -> AsyncIterator[Target]:
        """Yield ids while articles are wanted; with enough of them in flight, wait for their outcomes."""
        newest = await self.context.client.newest_listed() or self.context.ledger.newest_id()
        if newest is None:
            return
        self._newest = newest
        ids = (Target(key=str(number), form=self.form) for number in range(newest, 0, -1))
        for target, outcome in settled_outcomes(self.context.ledger, ids, size=_LOOKED_UP):
            while self._in_flight and self._found + len(self._in_flight) >= self._wanted:
                await self._in_flight.one_settled()
            if self._found >= self._wanted:
                return
            if self._misses >= MISSES_END:
                self._shortfall = f"{MISSES_END} ids in a row hold no article, down from the newest listed"
                return
            if outcome is None:
                yield self._in_flight.enter(target)
            elif outcome == "article":
                self._count_found()
                self.context.already_stored([target.key])
            else:
                self.context.already_settled(1)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        if outcome == "article":
            self._count_found()
        else:
            self._misses += 1
        self._in_flight.leave(target)

    def _count_found(self) -> None:
        self._found += 1
        self._misses = 0

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near the newest listed id."""
        return int(target.key) > self._newest - self._edge
