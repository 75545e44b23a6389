"""Visit again: young articles, since news pages are corrected, and what other rules may read as an article."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from farscrawler.days import duration
from farscrawler.frontier.base import Strategy, Target, WrappedStrategy
from farscrawler.frontier.clock import machine_now
from farscrawler.frontier.listed import by_address

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from farscrawler.frontier.base import Context


logger = logging.getLogger("farscrawler")


class YoungArticles(Strategy):
    """The stored articles younger than ``age``, asked with the validators of the last visit.

    An article that was read by other rules is asked without them: the site would answer that nothing has changed.
    An article visited less than ``every`` seconds before ``begun`` is left in peace. By a clock that is before the
    archive's all of its articles would be young. ``asked_for``: the user has named the age; that no article is due is
    said then.
    """

    def __init__(self, context: Context, age: dt.timedelta, *, every: float, asked_for: bool = False) -> None:
        self.context = context
        self.asked_for = asked_for
        self.age = age
        self.every = every
        self.begun = machine_now()

    def count(self, every: float | None = None) -> int:
        """Count the articles that are due; with ``every`` 0 those too that were visited lately."""
        if self.context.clock.is_behind:
            return 0
        every = self.every if every is None else every
        return sum(map(len, self.context.ledger.due_for_revisit(self.age, every=every, at=self._now())))

    def _now(self) -> dt.datetime:
        return self.begun + (self.context.clock.moment() - machine_now())  # nothing is added to a right clock's time

    async def targets(self) -> AsyncIterator[Target]:
        clock = self.context.clock
        if clock.is_behind:
            self._shortfall = f"no stored article was visited again. {clock.sentence}"
            return
        none = True
        for page in self.context.ledger.due_for_revisit(self.age, every=self.every, at=self._now()):
            for key, known in page:
                none = False
                yield Target(
                    key=key,
                    form=known.form or self.context.publisher.default_form,
                    etag=None if known.other_rules else known.etag,
                    last_modified=None if known.other_rules else known.last_modified,
                    again=True,
                    url=known.url,
                )

        if none and self.asked_for and (young := self.count(0.0)):
            logger.info(
                "%s: none of the %s articles of that age is visited again now: each was visited in the last %s "
                "(REFRESH_EVERY).",
                self.context.publisher.key,
                f"{young:,}",
                duration(self.every),
            )

    def named(self, target: Target) -> bool:
        return True


class Revisit(WrappedStrategy):
    """A strategy, and after it the young articles once more."""

    def __init__(self, inner: Strategy, young: YoungArticles) -> None:
        super().__init__(inner)
        self.young = young

    def owner(self, target: Target) -> Strategy:
        return self.young if target.again else self.inner

    def count_again(self) -> int:
        return self.young.count()

    @property
    def shortfall(self) -> str | None:
        return self.inner.shortfall or self.young.shortfall

    async def targets(self) -> AsyncIterator[Target]:
        """Yield what is new first, then what may have changed."""
        for strategy in (self.inner, self.young):
            async for target in strategy.targets():
                yield target


class SettledAddresses(Strategy):
    """The settled addresses without an article that the ledger asks again (see AskAgain)."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def targets(self) -> AsyncIterator[Target]:
        publisher = self.context.publisher
        for page in self.context.ledger.to_ask_again():
            for key, known in page:
                form = known.form or publisher.default_form
                yield Target(
                    key=key,
                    form=form if form in publisher.forms else publisher.default_form,
                    url=known.url if by_address(publisher) else None,
                )


class AskedAgain(WrappedStrategy):
    """A strategy, and after it the settled addresses that are asked again and that it has not named itself."""

    def __init__(self, inner: Strategy, settled: SettledAddresses) -> None:
        super().__init__(inner)
        self.settled_addresses = settled
        self._handed_out: set[str] = set()

    def owner(self, target: Target) -> Strategy:
        return self.settled_addresses if target.key in self._handed_out else self.inner

    def count_again(self) -> int:
        return sum(map(len, self.settled_addresses.context.ledger.to_ask_again()))

    async def targets(self) -> AsyncIterator[Target]:
        """Yield what is new first; what the strategy has asked again itself must be in the ledger before the rest."""
        async for target in self.inner.targets():
            yield target
        context = self.settled_addresses.context
        await context.in_flight.empty.wait()
        context.ledger.archive.flush()
        async for target in self.settled_addresses.targets():
            self._handed_out.add(target.key)
            yield target
