"""Visit young articles again: news pages are corrected in their first days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.frontier.base import Strategy, Target, WrappedStrategy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.frontier.base import Context


class YoungArticles(Strategy):
    """The stored articles younger than ``age``, asked with the validators of the last visit.

    An article visited less than ``every`` seconds before ``begun`` is left in peace.
    """

    def __init__(self, context: Context, age: dt.timedelta, *, every: float) -> None:
        self.context = context
        self.age = age
        self.every = every
        self.begun = dt.datetime.now(dt.UTC)

    async def targets(self) -> AsyncIterator[Target]:
        for page in self.context.ledger.due_for_revisit(self.age, every=self.every, at=self.begun):
            for key, known in page:
                yield Target(
                    key=key,
                    form=known.form or self.context.publisher.default_form,
                    etag=known.etag,
                    last_modified=known.last_modified,
                    again=True,
                    url=known.url,
                )


class Revisit(WrappedStrategy):
    """A strategy, and after it the young articles once more."""

    def __init__(self, inner: Strategy, young: YoungArticles) -> None:
        super().__init__(inner)
        self.young = young

    def owner(self, target: Target) -> Strategy:
        return self.young if target.again else self.inner

    async def targets(self) -> AsyncIterator[Target]:
        """Yield what is new first, then what may have changed."""
        for strategy in (self.inner, self.young):
            async for target in strategy.targets():
                yield target
