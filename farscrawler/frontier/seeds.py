"""Named addresses: ids or urls, in the order they were given.

A miss near the newest article is final for them, as it was asked for by name; it is stored as provisional, so that the
incremental crawl asks it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.frontier.base import Strategy, Target
from farscrawler.frontier.pending import chunks, pending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article


class Seeds(Strategy):
    """Every named address that is not settled for good; a million ids are never held at once.

    ``addresses``: the user named addresses of articles, not ids, among which there are gaps.
    """

    def __init__(
        self, context: Context, targets: Iterable[Target], total: int, *, edge: int, addresses: bool = True
    ) -> None:
        self.context = context
        self._addresses = addresses
        self._pending = total
        self._targets = targets
        self._edge = edge
        self._newest = context.ledger.newest_id() or 0

    @classmethod
    def of_ids(cls, context: Context, ids: Iterable[int], total: int, form: str, *, edge: int) -> Seeds:
        """Return the strategy of article ids."""
        return cls(context, (Target(key=str(i), form=form) for i in ids), total, edge=edge, addresses=False)

    async def targets(self) -> AsyncIterator[Target]:
        for part in chunks(self._targets):
            left = pending(self.context, part)
            self._count_down(len(part) - len(left))
            for target in left:
                yield target

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        super().settled(target, outcome, article)
        if outcome == "article" and target.key.isdigit():
            self._newest = max(self._newest, int(target.key))

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near or above the newest known article."""
        return target.key.isdigit() and int(target.key) > self._newest - self._edge

    def named(self, target: Target) -> bool:
        return self._addresses
