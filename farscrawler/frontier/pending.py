"""The one comparison with the ledger: which addresses of a strategy are settled for good, and which are pending."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from farscrawler.archive.records import FINAL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from farscrawler.archive.ledger import Ledger
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context, Target

#: Addresses of a strategy that are held and looked up at a time.
CHUNK = 500

#: Ids that are looked up one by one to be counted, in a second; more are counted by SQL, range by range, and each
#: range takes half a second of an archive of a million addresses.
_LOOKED_UP = 50_000
_FEW = 8

T = TypeVar("T")


class Keyed(Protocol):
    """Anything that stands for one address."""

    @property
    def key(self) -> str:
        """The article id."""


K = TypeVar("K", bound=Keyed)


class _Key(NamedTuple):
    """An address by its key alone."""

    key: str


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def settled_outcomes(
    ledger: Ledger,
    keyed: Iterable[K],
    *,
    size: int = CHUNK,
    ask_provisional: bool = True,
    at: dt.datetime | None = None,
) -> Iterator[tuple[K, Outcome | None]]:
    """Yield each address with the outcome that is final for it, or None while it is pending.

    Looked up ``size`` at a time. What is asked again is pending; with ``ask_provisional`` a provisional miss is, too,
    but for one that rests ``at`` this moment.
    """
    for part in chunks(keyed, size):
        known = ledger.known([one.key for one in part])
        for one in part:
            found = known.get(one.key)
            final = found is not None and (
                found.final or (at is not None and found.rests(at))
                if ask_provisional
                else found.outcome in FINAL and not found.asked_again
            )
            yield one, found.outcome if found is not None and final else None


def count_pending(ledger: Ledger, parts: Sequence[range]) -> int:
    """Count the ids of some ranges that are not settled for good; a provisional miss counts as settled."""
    total = sum(map(len, parts))
    if total > _LOOKED_UP and len(parts) <= _FEW:
        return total - sum(ledger.count_settled(min(part[0], part[-1]), max(part[0], part[-1])) for part in parts)
    return count_pending_keys(ledger, (str(number) for part in parts for number in part))


def count_pending_keys(ledger: Ledger, keys: Iterable[str]) -> int:
    """Count the addresses that are not settled for good; a provisional miss counts as settled."""
    found = settled_outcomes(ledger, map(_Key, keys), ask_provisional=False)
    return sum(outcome is None for _, outcome in found)


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
