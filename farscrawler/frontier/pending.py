"""The one comparison with the ledger: which addresses of a strategy are settled for good, and which are pending."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from farscrawler.archive.records import FINAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from farscrawler.archive.ledger import Ledger
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context, Target

#: Addresses of a strategy that are held and looked up at a time.
CHUNK = 500

T = TypeVar("T")


class Keyed(Protocol):
    """Anything that stands for one address."""

    @property
    def key(self) -> str:
        """The article id."""


K = TypeVar("K", bound=Keyed)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def settled_outcomes(
    ledger: Ledger, keyed: Iterable[K], *, size: int = CHUNK, ask_provisional: bool = True
) -> Iterator[tuple[K, Outcome | None]]:
    """Yield each address with the outcome that is final for it, or None while it is pending.

    Looked up ``size`` at a time. What is asked again is pending; with ``ask_provisional`` a provisional miss is, too.
    """
    for part in chunks(keyed, size):
        known = ledger.known([one.key for one in part])
        for one in part:
            found = known.get(one.key)
            final = found is not None and (
                found.final if ask_provisional else found.outcome in FINAL and not found.asked_again
            )
            yield one, found.outcome if found is not None and final else None


def pending(context: Context, targets: Iterable[Target]) -> list[Target]:
    """Return the targets that are not settled for good, and count those that are.

    A provisional miss counts as settled: the address was named, and it was asked.
    """
    left, stored, settled = [], [], 0
    for target, outcome in settled_outcomes(context.ledger, targets, ask_provisional=False):
        if outcome is None:
            left.append(target)
        elif outcome == "article":
            stored.append(target.key)
        else:
            settled += 1
    context.already_stored(stored)
    context.already_settled(settled)
    return left
