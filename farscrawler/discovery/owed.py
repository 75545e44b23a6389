"""Plan minus ledger: which addresses of a plan are still owed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from farscrawler.archive.records import FINAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from farscrawler.discovery.context import Context
    from farscrawler.discovery.target import Target

#: How much of a plan is held and looked up at a time.
CHUNK = 500

T = TypeVar("T")


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Give the values in lists of at most ``size``."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def owed(context: Context, targets: list[Target]) -> list[Target]:
    """Give the targets that are not settled for good, and tell the crawl of those that are."""
    known = context.ledger.known(target.key for target in targets)
    left, stored, settled = [], [], 0
    for target in targets:
        found = known.get(target.key)
        if found is None or found.outcome not in FINAL:
            left.append(target)
        elif found.outcome == "article":
            stored.append(target.key)
        else:
            settled += 1
    context.already_stored(stored)
    context.already_settled(settled)
    return left
