"""How a run ends, as other programs see it; the contract of the command line."""

from __future__ import annotations

import difflib
from enum import IntEnum
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

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


# What can be wrong with an archive, each as one sentence that says what to do.
class ArchiveError(Exception):
    """The archive cannot be opened, read or written; the message names the file and what to do."""


class NotAnArchiveError(ArchiveError):
    """The file exists and is something else; it was not touched."""


class ArchiveTooNewError(ArchiveError):
    """The archive was written by a newer farscrawler; it was not touched."""


class HeldError(ArchiveError):
    """Another run works on this archive for this publisher; the message names it."""


# What is wrong with an argument of a crawl, as a sentence for the user.
class BadArgumentError(ValueError):
    """An argument cannot be used; the message names it and says what to write instead."""


# What is wrong with an export file, as a sentence for the user.
class ExportError(Exception):
    """The file cannot be written without losing or spoiling something; it was left untouched."""


# Why a middleware would not let a request through.
class OffSiteError(IgnoreRequest):
    """The request would leave the publisher's hosts; the message names where it wanted to go."""


class StoppingError(IgnoreRequest):
    """The run is ending while the request waits; its address stays owed as it was."""


class RedirectLoopError(IgnoreRequest):
    """The site redirects in a circle."""


# What can be wrong with a publisher, each as one sentence for the user.
class PublisherError(Exception):
    """A publisher that was asked for cannot be had; the message says why and what to do."""


class UnknownPublisher(PublisherError, LookupError):  # noqa: N818 - named for what it is, as the callers say it
    """No stanza has this name; the message names close ones and how to list them all."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        close = difflib.get_close_matches(name.lower(), known, n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(f"there is no publisher named {name!r}.{hint} `farscrawler publishers` lists all of them.")
        self.name = name


class MalformedPublisher(PublisherError, ValueError):  # noqa: N818 - see UnknownPublisher
    """A stanza says something impossible; the message names file, line, stanza and key."""
