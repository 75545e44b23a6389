"""The newest article id among those that list pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Longer numbers are no ids, and more than SQLite can count.
MAX_DIGITS = 18
#: An id so far above all others of its page is a slip of the page, not an article: hundreds of ids a day are normal,
#: and a list spans days. A share of the id itself, for sites whose ids are time stamps.
_NEIGHBOUR_IDS = 10_000
_NEIGHBOUR_SHARE = 0.1


def newest_of(keys: Iterable[str], known: int | None) -> int | None:
    """Give the highest id that has a neighbour: another listed one, or the newest ``known`` one, not far below it.

    A single id on an unknown site is taken as it is. None where there is no id at all.
    """
    ids = sorted({int(key) for key in keys if key.isdigit() and len(key) <= MAX_DIGITS}, reverse=True)
    if not ids:
        return None
    if len(ids) == 1 and known is None:
        return ids[0]
    below = [*ids[1:], known or 0]
    for number, next_below in zip(ids, below, strict=True):
        nearest = max(next_below, known if known is not None and known <= number else 0)
        if number - nearest <= max(_NEIGHBOUR_IDS, number * _NEIGHBOUR_SHARE):
            return number
    return None
