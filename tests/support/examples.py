"""How many examples a property is tried with."""

from __future__ import annotations

from hypothesis import settings

_USUAL = 100


def examples(number: int) -> settings:
    """Return the decorator of a property that wants other than the usual hundred examples; `make fuzz` tries more."""
    return settings(max_examples=max(1, number * settings().max_examples // _USUAL))
