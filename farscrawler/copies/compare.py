"""Whether two texts are the same: by the pairs of words that they share, and by the numbers in them.

Bulletins (weather, prices, prayer times, tables) have the same words every day and other numbers. So the numbers are
compared where they stand: of the shingles with a number that both texts have but for the number, the share that agrees
in the number too. It is near one for a copy, whatever was cut or exchanged in it, and low for two bulletins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from farscrawler.copies.shingles import Text

Kind = Literal["copy", "bulletin"]

#: Of the shorter text's pairs of words so many are in the other one, and of all pairs of both so many in both. A text
#: with 30 % of its words exchanged shares 0.49 of its pairs, one cut to half all of its own, and one of which a third
#: is quoted elsewhere a third. A brief in a long report shares all of its own and few of all.
CONTAINMENT, SIMILARITY = 0.42, 0.25
#: In a text of few words chance, or a common opening, may come to that: so many pairs must be shared, or so large a
#: share of the shorter text.
LEAST_SHARED, SHORT_CONTAINMENT = 20, 0.75
#: Numbers in the same place, each in up to three shingles. With fewer of them nothing is said.
LEAST_NUMBERS = 4
#: The share of numbers that agree, below which two texts may be bulletins. Planted copies keep 0.9 and more, bulletins
#: of two days 0.0 to 0.5 (prayer times, which move by a minute a day, are the highest).
AGREEING = 0.7
#: Of the shorter text's shingles so many have another number in the other text: a report of 120 words in which one of
#: its three numbers was brought up to date (0.03) is still the same report.
DIFFERING = 0.1


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are.

    ``similarity`` is the share of all their pairs of words that both have (Jaccard), ``containment`` the share of the
    shorter one's. ``numbers`` is the count of numbers in the same place, ``agreeing`` the share of them that agree, and
    ``differing`` their number that does not, as a share of the shorter text. ``enough``: of a short text so much is
    shared that it is no chance.
    """

    similarity: float
    containment: float
    numbers: int
    agreeing: float
    differing: float
    enough: bool

    @property
    def kind(self) -> Kind | None:
        """What the pair is; None where the texts are two."""
        if not self.enough or self.containment < CONTAINMENT or self.similarity < SIMILARITY:
            return None
        other_numbers = self.numbers >= LEAST_NUMBERS and self.agreeing < AGREEING and self.differing >= DIFFERING
        return "bulletin" if other_numbers else "copy"


def compare(one: Text, other: Text, *, pairs: set[int] | None = None) -> Likeness:
    """Compare two texts; ``pairs`` are those of the first one as a set, where the caller has it."""
    mine = set(one.pairs) if pairs is None else pairs
    shared = len(mine.intersection(other.pairs))
    least = min(len(mine), len(other.pairs))
    total = len(mine) + len(other.pairs) - shared
    likeness = (shared / total, shared / least) if least else (0.0, 0.0)
    enough = shared >= min(LEAST_SHARED, SHORT_CONTAINMENT * least)
    if likeness[1] < CONTAINMENT or not enough:  # nearly all texts that are no copies end here
        return Likeness(*likeness, 0, 1.0, 0.0, enough)
    numbers, agreeing = _numbers(one, other)
    agree = agreeing / numbers if numbers else 1.0
    return Likeness(*likeness, numbers, agree, (numbers - agreeing) / least, enough)


def _numbers(one: Text, other: Text) -> tuple[int, int]:
    """Return how many numbers stand in the same place of both texts, and how many of them agree."""
    mine, theirs = one.by_mask, other.by_mask
    numbers = agreeing = 0
    for masked in mine.keys() & theirs.keys():
        numbers += min(len(mine[masked]), len(theirs[masked]))
        agreeing += len(mine[masked] & theirs[masked])
    return numbers, agreeing
