"""Looking again at young articles: news pages are corrected in their first days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.frontier.base import Wrapped
from farscrawler.frontier.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context, Plan
    from farscrawler.items import Article


class Refresh(Wrapped):
    """A plan, and after it the stored articles younger than ``age``, asked with the validators of the last look.

    An article looked at less than ``every`` seconds ago is left in peace.
    """

    def __init__(self, context: Context, plan: Plan, age: dt.timedelta, *, every: float) -> None:
        self.context = context
        super().__init__(plan)
        self.age = age
        self.every = every
        self._again: set[str] = set()

    async def targets(self) -> AsyncIterator[Target]:
        """Give what is new first, then what may have changed."""
        begun = dt.datetime.now(dt.UTC)
        async for target in self.plan.targets():
            yield target
        for page in self.context.ledger.young(self.age, every=self.every, at=begun):
            for key, known in page:
                self._again.add(key)
                yield Target(
                    key=key,
                    form=known.form or self.context.publisher.default_form,
                    etag=known.etag,
                    last_modified=known.last_modified,
                    again=True,
                    url=known.url,
                )

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Pass on what belongs to the plan."""
        if target.key in self._again:
            self._again.discard(target.key)
        else:
            self.plan.settled(target, outcome, article)

    def beyond(self, target: Target) -> bool:
        """Ask the plan, as above."""
        return target.key not in self._again and self.plan.beyond(target)

    def provisional(self, target: Target) -> bool:
        """Ask the plan; an article that was stored once is never a mere miss."""
        return target.key not in self._again and self.plan.provisional(target)
