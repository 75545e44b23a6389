"""Named addresses: ids or urls, in the order they were given.

A miss near the newest article is final for them, as it was asked for by name; it is stored as provisional, so that the
incremental crawl asks it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.frontier.base import Strategy, Target
from farscrawler.frontier.outlook import Outlook
from farscrawler.frontier.pending import chunks, count_pending, count_pending_keys, pending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.frontier.id_ranges import IdRanges
    from farscrawler.items import Article


class Seeds(Strategy):
    """Every named address that is not settled for good; a million ids are never held at once.

    ``ids`` are those that the user named, among which there are gaps; without any, addresses of articles were named.
    """

    def __init__(
        self, context: Context, targets: Iterable[Target], total: int, *, edge: int, ids: Sequence[range] = ()
    ) -> None:
        self.context = context
        self._ids = ids
        self._addresses = not ids
        self._keys = () if ids else [target.key for target in targets]
        self._pending = total
        self._targets = targets
        self._edge = edge
        self._newest = context.ledger.newest_id() or 0

    @classmethod
    def of_ids(cls, context: Context, ids: IdRanges, form: str, *, edge: int) -> Seeds:
        """Return the strategy of article ids."""
        targets = (Target(key=str(number), form=form) for number in ids)
        return cls(context, targets, len(ids), edge=edge, ids=ids.ranges)

    async def _look_ahead(self) -> Outlook:
        ledger = self.context.ledger
        left = count_pending(ledger, self._ids) if self._ids else count_pending_keys(ledger, self._keys)
        return Outlook(addresses=left, walked=not self._addresses)

    async def targets(self) -> AsyncIterator[Target]:
        self._outlook = await self._look_ahead()
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
