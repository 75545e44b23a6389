"""Rounds of measurements as medians, spreads and ratios, and as Markdown tables."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WHOLE_FROM = 100  # from here on decimals are noise


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, with the lowest and the highest of them."""

    middle: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Sum up one figure of every round. Raises ValueError where there is none."""
        rounds = sorted(values)
        if not rounds:
            raise ValueError("no round was measured")
        return cls(median(rounds), rounds[0], rounds[-1])

    def __str__(self) -> str:
        return f"{number(self.middle)} ({number(self.lowest)}–{number(self.highest)})"


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Divide two series round by round: what slows the machine down for a while slows both sides of a round.

    A round that was too short for the clock says nothing. Raises ValueError where the series are not equally long.
    """
    return Spread.of(a / b for a, b in zip(over, under, strict=True) if b)


def number(value: float) -> str:
    """Write a figure with as many digits as mean something."""
    if abs(value) >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table whose first column is text and whose others are figures."""
    lines = [list(head), ["---", *("---:" for _ in head[1:])], *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
