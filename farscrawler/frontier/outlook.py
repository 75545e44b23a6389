"""What a strategy expects to ask for, as soon as it can tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

#: Periods of lists that an estimate reads: each weekday twice, as few sites publish much on a Friday.
SAMPLE = 14
_WEEK = 7
#: Settled addresses that say how many ids hold an article; fewer say little.
_LEAST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What lies ahead of a run.

    ``addresses`` are the pending ones, None where nobody knows; with ``walked`` they are ids, of which some have no
    article, and ``articles`` says how many do where that is what was asked for. ``misses`` are ids that are asked
    although nothing is expected there, ``revisits`` stored and settled addresses that are asked again, and ``lists``
    the requests for lists.
    ``seen`` says what the numbers rest on, where they are not counted, and ``unknown`` what nobody can tell before.
    """

    addresses: int | None
    articles: int | None = None
    walked: bool = False
    misses: int = 0
    revisits: int = 0
    lists: int = 0
    seen: str | None = None
    unknown: str | None = None

    def with_revisits(self, more: int) -> Self:
        """Return the same with more addresses that are asked again."""
        return replace(self, revisits=self.revisits + more)

    def and_then(self, other: Outlook) -> Outlook:
        """Return what lies ahead with another part of the same plan."""
        known = self.addresses is not None and other.addresses is not None
        return Outlook(
            addresses=(self.addresses or 0) + (other.addresses or 0) if known else None,
            walked=self.walked or other.walked,
            misses=self.misses + other.misses,
            revisits=self.revisits + other.revisits,
            lists=self.lists + other.lists,
            seen="; ".join(filter(None, (self.seen, other.seen))) or None,
            unknown="; ".join(filter(None, (self.unknown, other.unknown))) or None,
        )


def article_share(counts: Mapping[str, int]) -> float | None:
    """Return the share of settled addresses that hold an article; None where too few are settled."""
    settled = sum(counts.get(outcome, 0) for outcome in ("article", "missing", "not-article"))
    return counts.get("article", 0) / settled if settled >= _LEAST else None


def sample(count: int, most: int = SAMPLE) -> Sequence[int]:
    """Return the numbers of the periods to read of so many, spread evenly and over the days of the week."""
    if count <= most:
        return range(count)
    places = (int((at + 0.5) * count / most) for at in range(most))
    spread = (min(place - place % _WEEK + at * 3 % _WEEK, count - 1) for at, place in enumerate(places))
    return sorted(set(spread))
