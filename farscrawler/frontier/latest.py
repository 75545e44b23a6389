"""The newest N articles: from the newest id that the site lists downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.frontier.base import Feedback, chunks
from farscrawler.frontier.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article

#: So many ids in a row without an article end the walk: no gap near the newest ids has been seen that long, and a
#: walk down to id 1 for want of articles would take days.
MISSES_END = 500


class Latest:
    """Hands out ids downwards until so many articles are found, stored ones included."""

    def __init__(self, context: Context, count: int, form: str, *, edge: int) -> None:
        self.context = context
        self.owed: int | None = count
        self.form = form
        self._found = 0
        self._wanted = count
        self.shortfall: str | None = None
        self._open = 0
        self._misses = 0
        self._edge = edge
        self._newest = 0
        self._feedback = Feedback()

    async def targets(self) -> AsyncIterator[Target]:
        """Give ids while articles are wanted; with enough in flight, wait what becomes of them."""
        newest = await self.context.newest_listed() or self.context.ledger.newest_id()
        if newest is None:
            return
        self._newest = newest
        for part in chunks(range(newest, 0, -1), 50):
            known = self.context.ledger.known(str(i) for i in part)
            for number in part:
                while self._open and self._found + self._open >= self._wanted:
                    await self._feedback.wait()
                if self._found >= self._wanted:
                    return
                if self._misses >= MISSES_END:
                    self.shortfall = f"{MISSES_END} ids in a row hold no article, down from the newest listed"
                    return
                key = str(number)
                found = known.get(key)
                if found is not None and found.outcome == "article":
                    self._count_found()
                    self.context.already_stored([key])
                elif found is not None and found.final:
                    self.context.already_settled(1)
                else:
                    self._open += 1
                    yield Target(key=key, form=self.form)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Count what was found."""
        self._open -= 1
        if outcome == "article":
            self._count_found()
        else:
            self._misses += 1
        self._feedback.notify()

    def _count_found(self) -> None:
        self._found += 1
        self._misses = 0
        self.owed = max(0, self._wanted - self._found)

    def beyond(self, target: Target) -> bool:
        """None is."""
        return False

    def provisional(self, target: Target) -> bool:
        """Tell whether a miss is near the newest listed id."""
        return int(target.key) > self._newest - self._edge

    def finish(self) -> None:
        """Nothing: the ledger says it all."""
