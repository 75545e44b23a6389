"""The harvest of named addresses: ids or urls, in the order they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.frontier.base import chunks, owed
from farscrawler.frontier.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article


class Harvest:
    """Every named address that is not settled for good; a plan of a million ids is never held."""

    def __init__(self, context: Context, targets: Iterable[Target], total: int, *, edge: int) -> None:
        self.context = context
        self.owed: int | None = total
        self._targets = targets
        self._edge = edge
        self._newest = context.ledger.newest_id() or 0

    @classmethod
    def of_ids(cls, context: Context, ids: Iterable[int], total: int, form: str, *, edge: int) -> Harvest:
        """Plan the harvest of article ids."""
        return cls(context, (Target(key=str(i), form=form) for i in ids), total, edge=edge)

    async def targets(self) -> AsyncIterator[Target]:
        """Give what is owed, looked up a chunk at a time."""
        for part in chunks(self._targets):
            left = owed(self.context, part)
            if self.owed is not None:
                self.owed -= len(part) - len(left)
            for target in left:
                yield target

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Count down."""
        if self.owed is not None:
            self.owed -= 1
        if outcome == "article" and target.key.isdigit():
            self._newest = max(self._newest, int(target.key))

    shortfall: str | None = None  # what failed or is blocked, the ledger says

    def beyond(self, target: Target) -> bool:
        """None is."""
        return False

    def provisional(self, target: Target) -> bool:
        """Leave misses near or above the newest known article to the incremental crawl.

        For a harvest they are final: it was asked for these addresses, and has asked.
        """
        return target.key.isdigit() and int(target.key) > self._newest - self._edge

    def finish(self) -> None:
        """Nothing: the ledger says it all."""
