"""The incremental crawl: what is new since the last one, newest first, and nothing in between forgotten.

A floor is kept in the archive: everything at or below it is behind us. All ids above it are owed until they are
settled, so a run that dies half-way down leaves no hole: the next one owes the rest, whatever is newer by then.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from farscrawler.clock import now
from farscrawler.discovery.context import Feedback
from farscrawler.discovery.owed import chunks
from farscrawler.discovery.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.archive.records import Outcome
    from farscrawler.discovery.context import Context
    from farscrawler.items import Article


logger = logging.getLogger("farscrawler")

#: A walk of more ids than this takes half a day at one request a second, and is worth a word.
_LONG_WALK = 40_000


class Incremental:
    """Probe upwards past the newest listed id, then walk down to the floor.

    ``probe_misses`` ids in a row without an article end the probe. A miss less than ``edge`` below the newest
    article of its time is asked again: an id may be given out before its article is published. The first run of
    all takes ``first`` ids.
    """

    def __init__(self, context: Context, form: str, *, probe_misses: int, edge: int, first: int) -> None:
        self.context = context
        self.form = form
        self.probe_misses = probe_misses
        self.edge = edge
        self.first = first
        self.owed: int | None = None
        self.top = 0
        self.floor = 0
        self._open = 0
        self._lists = False
        self._feedback = Feedback()

    async def targets(self) -> AsyncIterator[Target]:
        """Give the ids above the newest known one, then those down to the floor that are owed."""
        ledger = self.context.ledger
        listed = await self.context.newest_listed()
        self._lists = listed is not None
        newest = max(listed or 0, ledger.newest_id() or 0)
        if not newest:
            return
        self.floor = self._starting_floor(newest)
        self.top = newest
        async for target in self._probe():
            yield target
        async for target in self._walk(newest):
            yield target

    def _starting_floor(self, newest: int) -> int:
        ledger = self.context.ledger
        floor = ledger.floor()
        if floor is not None and floor < newest:
            return floor
        # Before the first crawl of this kind; or the floor stands above all there is, and cannot be right.
        known = ledger.newest_id()
        if known is None:
            floor = max(0, newest - self.first)
        else:
            # What an earlier harvest left undone just below its newest article is owed too.
            floor = min(known, ledger.lowest_undone(known - self.edge) or known) - 1
        if newest - floor > _LONG_WALK:
            logger.warning(
                "%s: %s ids lie between the newest one and the newest known; -a latest=N takes only the newest.",
                self.context.publisher.key,
                f"{newest - floor:,}",
            )
        ledger.set_floor(floor, now())
        return floor

    async def _probe(self) -> AsyncIterator[Target]:
        number = self.top + 1
        while True:
            while number > self.top + self.probe_misses and self._open:
                await self._feedback.wait()
            if number > self.top + self.probe_misses:
                return
            self._open += 1
            yield Target(key=str(number), form=self.form)
            number += 1

    async def _walk(self, newest: int) -> AsyncIterator[Target]:
        self.owed = newest - self.floor
        for part in chunks(range(newest, self.floor, -1)):
            known = self.context.ledger.known(str(i) for i in part)
            for number in part:
                found = known.get(str(number))
                if found is None or not found.final:
                    self._open += 1
                    yield Target(key=str(number), form=self.form)
                else:
                    self.owed -= 1
                    self.context.already_settled(1)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        """Learn the newest article."""
        self._open -= 1
        number = int(target.key)
        if outcome == "article":
            self.top = max(self.top, number)
        if self.owed and number <= self.top:
            self.owed = max(0, self.owed - 1)
        self._feedback.notify()

    shortfall: str | None = None  # what failed or is blocked, the ledger says

    def beyond(self, target: Target) -> bool:
        """Tell whether a site that lists articles says nothing odd in having no page here."""
        return self._lists and int(target.key) > self.top

    def provisional(self, target: Target) -> bool:
        """Tell whether a miss is near or above the newest article."""
        return int(target.key) > self.top - self.edge

    def finish(self) -> None:
        """Raise the floor to just below the lowest id that is still owed, and never into the edge."""
        if not self.top:
            return
        ledger = self.context.ledger
        floor = self.floor
        for part in chunks(range(self.floor + 1, self.top - self.edge + 1)):
            known = ledger.known(str(i) for i in part)
            for number in part:
                found = known.get(str(number))
                if found is None or not found.final:
                    break
                floor = number
            if floor != part[-1]:
                break
        if floor > self.floor:
            ledger.set_floor(floor, now())
