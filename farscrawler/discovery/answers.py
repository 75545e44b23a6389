"""Answers: what became of single ids, from the archive where it knows, from the site otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from farscrawler.discovery.context import Feedback
from farscrawler.discovery.points import point_of
from farscrawler.discovery.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterable

    from farscrawler.archive.records import Outcome
    from farscrawler.discovery.context import Context
    from farscrawler.discovery.points import Point
    from farscrawler.items import Article

T = TypeVar("T")

#: Answers of a walk kept in mind; the archive commits after far fewer, and is asked about older ones.
_REMEMBERED = 1_000


class Answers:
    """Asks ids and hears what became of them; an answer is the article's point, or None where there is no date.

    ``probes`` counts the ids asked one at a time, ``open`` those in flight; ``undated`` are the articles without a
    readable date.
    """

    def __init__(self, context: Context, form: str) -> None:
        self.context = context
        self.form = form
        self.probes = self.open = 0
        self.undated: set[int] = set()
        self._probed: dict[int, Point | None] = {}
        self._walked: dict[int, Point | None] = {}
        self._known: dict[int, Point | None] = {}  # of the last look into the archive
        self._probing = False
        self._feedback = Feedback()

    def __contains__(self, number: int) -> bool:
        return any(number in answers for answers in (self._probed, self._walked, self._known))

    def __getitem__(self, number: int) -> Point | None:
        return next(answers[number] for answers in (self._probed, self._walked, self._known) if number in answers)

    def look_up(self, numbers: Iterable[int]) -> int:
        """Take the answers that the archive has for good, and count the misses among them.

        Those of the look before are forgotten.
        """
        keys = [str(number) for number in numbers if number not in self._probed and number not in self._walked]
        known = {key: found for key, found in self.context.ledger.known(keys).items() if found.final}
        stamps = self.context.ledger.stamps(known)
        self._known = {int(key): point_of(int(key), stamps[key]) if key in stamps else None for key in known}
        articles = {int(key) for key, found in known.items() if found.outcome == "article"}
        self.undated.update(number for number in articles if self._known[number] is None)
        return len(known) - len(articles)

    def ask(self, number: int) -> Target:
        """Give the target of an id that is not answered yet."""
        self.open += 1
        return Target(key=str(number), form=self.form)

    def settle(self, target: Target, outcome: Outcome, article: Article | None) -> None:
        """Hear what became of an id."""
        number = int(target.key)
        point = point_of(number, article) if article is not None else None
        if outcome == "article" and point is None:
            self.undated.add(number)
        self.open -= 1
        if self._probing:
            self._probed[number] = point
        else:
            self._walked[number] = point
            if len(self._walked) > _REMEMBERED:
                del self._walked[next(iter(self._walked))]
        self._feedback.notify()

    def probes_beside(self, first: int, last: int) -> int:
        """Count the ids asked one at a time that lie not between two."""
        return sum(not first <= number <= last for number in self._probed)

    async def all_in(self) -> None:
        """Wait until nothing is in flight."""
        while self.open:
            await self._feedback.wait()

    async def drive(self, steps: Generator[int, Point | None, T], results: list[T]) -> AsyncIterator[Target]:
        """Ask the ids that a search or a walk wants, one at a time; its result is put into ``results``."""
        try:
            number = next(steps)
            while True:
                self.look_up([number])
                if number not in self:
                    self.probes += 1
                    self._probing = True
                    yield self.ask(number)
                    await self.all_in()
                    self._probing = False
                number = steps.send(self[number])
        except StopIteration as end:
            results.append(end.value)
