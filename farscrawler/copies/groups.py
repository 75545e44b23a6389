"""Groups: articles that pairs of copies join. Each follows from the pairs alone, whatever order they were found in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: A publisher that prints the same text on so many days within the days that are compared prints it regularly: such a
#: text is a copy of those of its own day alone, or a year of them would be one group.
REGULAR_DAYS = 3


@dataclass(frozen=True, slots=True)
class Link:
    """One article that is the same text as another: its number, day and publisher."""

    doc: int
    day: int
    publisher: str


Linked = tuple[Link, list[Link]]


def is_regular(one: Link, links: Iterable[Link]) -> bool:
    """Whether a publisher prints a text regularly."""
    days = {other.day for other in links if other.publisher == one.publisher}
    return len(days | {one.day}) >= REGULAR_DAYS


def grouped(start: Iterable[int], linked: Callable[[Iterable[int]], Mapping[int, Linked]]) -> dict[int, int]:
    """Return for each article that is in a group with one of ``start`` the least number of its group.

    ``linked`` returns articles with all that are the same text. Articles of no group are left out.
    """
    known: dict[int, Linked] = {}

    def learn(docs: Iterable[int]) -> None:
        if wanted := {doc for doc in docs if doc not in known}:
            found = linked(wanted)
            known.update((doc, found.get(doc) or (Link(doc, 0, ""), [])) for doc in wanted)

    roots: dict[int, int] = {}
    waiting = sorted(set(start))
    learn(waiting)
    for doc in waiting:
        if doc in roots:
            continue
        members, edge = {doc}, {doc}
        while edge:
            near = {link.doc for at in edge for link in known[at][1]}
            learn(near)
            edge = {link.doc for at in edge for link in known[at][1] if _holds(known[at], known[link.doc])} - members
            members |= edge
        if len(members) > 1:
            roots.update(dict.fromkeys(members, min(members)))
        else:
            roots[doc] = 0
    return {doc: root for doc, root in roots.items() if root}


def _holds(one: Linked, other: Linked) -> bool:
    """Whether a pair joins its articles."""
    return one[0].day == other[0].day or not (is_regular(*one) or is_regular(*other))
