"""Which publisher kills its process: a page that does takes the crawls beside it along, and these are not to blame."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

#: From this death on a publisher may be the one to blame. A first one is mostly the system's, for want of memory.
_SUSPECT = 2
_TIMES = {2: "second", 3: "third"}


class Deaths:
    """How often the process of each publisher has died.

    Publishers whose process has died twice are never at work together: at a third death only one of them can be to
    blame. A publisher is given to other processes three times at most.
    """

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def __getitem__(self, publisher: str) -> int:
        return self._count[publisher]

    def note(self, at_work: Collection[str]) -> str | None:
        """Note the death of a process, and return which of the publishers at work in it is to blame; None for none.

        It is the one that has seen the most deaths, two at least, where there is one such.
        """
        self._count.update(at_work)
        worst = max((self._count[one] for one in at_work), default=0)
        found = [one for one in at_work if self._count[one] == worst]
        return found[0] if worst >= _SUSPECT and len(found) == 1 else None

    def may_join(self, publisher: str, at_work: Collection[str]) -> bool:
        """Whether a publisher may be crawled beside those at work in a process."""
        return self._count[publisher] < _SUSPECT or all(self._count[one] < _SUSPECT for one in at_work)

    def times(self, publisher: str) -> str:
        """Return which death was the last one of a publisher, as a sentence says it."""
        return _TIMES[self._count[publisher]]
