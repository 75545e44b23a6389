"""How a run ends, as other programs see it; the contract of the command line."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `farscrawler crawl`."""

    DONE = 0
    BROKE = 1
    BAD_ARGUMENTS = 2
    OWED = 3  # ended with work still owed: blocked, unreachable, failed pages
    HELD = 75  # another run holds this archive for this publisher (EX_TEMPFAIL: try again later)
    INTERRUPTED = 130
