"""How a run ends, as other programs see it; the contract of the command line."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """Exit codes of `farscrawler crawl` and `farscrawler crawl-all`."""

    DONE = 0
    BROKE = 1
    BAD_ARGUMENTS = 2
    OWED = 3  # ended with work still owed: blocked, unreachable, failed pages
    HELD = 75  # another run holds this archive for this publisher (EX_TEMPFAIL: try again later)
    INTERRUPTED = 130


#: Of several crawls in one process the exit code of the worst, in this order: what was interrupted is to be begun
#: again, what broke or was asked wrongly needs a person, what is owed needs another run, and what another run holds is
#: being done.
WORST_FIRST = (Exit.INTERRUPTED, Exit.BROKE, Exit.BAD_ARGUMENTS, Exit.OWED, Exit.HELD, Exit.DONE)


def worst(codes: Iterable[Exit]) -> Exit:
    """Give the worst of some exit codes; DONE where there is none."""
    return min(codes, key=WORST_FIRST.index, default=Exit.DONE)
