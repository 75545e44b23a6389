"""Every error a user reads, each one sentence that says what to do, and the exit codes of the command line.

FarscrawlerError
├── ArchiveError                        the archive cannot be opened, read or written
│   ├── ServerAwayError                 its database does not answer just now
│   ├── NotAnArchiveError               the file is something else
│   ├── ArchiveTooNewError              a newer farscrawler wrote it
│   ├── DamagedArchiveError             the file is damaged
│   ├── NoSearchIndexError              nothing can be searched before the index is made
│   └── HeldError                       another run works on it for this publisher, or on an export
├── BadArgumentError (ValueError)       an argument or a setting cannot be used
├── ExportError                         an export file cannot be written
├── StaleZonesError                     the time zone tables would shift articles
└── PublisherError                      a publisher cannot be had
    ├── UnknownPublisher (LookupError)  there is none of this name
    └── MalformedPublisher (ValueError) its stanza says something impossible
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class FarscrawlerError(Exception):
    """Something that a user can mend; the message says how."""


class ArchiveError(FarscrawlerError):
    """The archive cannot be opened, read or written; the message names the file and what to do."""


class ServerAwayError(ArchiveError):
    """The database of an archive does not answer, lets nobody in or has no room just now: the same may work later."""


class NotAnArchiveError(ArchiveError):
    """The file exists and is something else; it was not touched."""


class ArchiveTooNewError(ArchiveError):
    """The archive was written by a newer farscrawler; it was not touched."""


class DamagedArchiveError(ArchiveError):
    """The file, or a row in it, is damaged; the message says what to do."""


class NoSearchIndexError(ArchiveError):
    """The archive is open for reading alone and has no search index; the message says who makes it."""


class HeldError(ArchiveError):
    """Another run works on this archive for this publisher, or writes this export; the message names it."""


class BadArgumentError(FarscrawlerError, ValueError):
    """An argument cannot be used; the message names it and says what to write instead."""


class ExportError(FarscrawlerError):
    """The file cannot be written without losing or spoiling something; it was left untouched."""


class StaleZonesError(FarscrawlerError):
    """The time zone tables are too old to date articles by; the message says how to renew them."""


class PublisherError(FarscrawlerError):
    """A publisher that was asked for cannot be had; the message says why and what to do."""


class UnknownPublisher(PublisherError, LookupError):  # noqa: N818 - named for what it is, as the callers say it
    """No stanza has this name; the message names close ones and how to list them all."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        import difflib  # noqa: PLC0415 - every command imports this module, and one in a thousand mistypes a name

        close = difflib.get_close_matches(name.lower(), known, n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(
            f"there is no publisher named {name!r}.{hint} `farscrawler publishers` lists all of them, "
            "and -s PUBLISHERS=FOLDER adds those of your own."
        )
        self.name = name


class MalformedPublisher(PublisherError, ValueError):  # noqa: N818 - see UnknownPublisher
    """A stanza says something impossible; the message names file, line, stanza and key."""


class Exit(IntEnum):
    """How a command ends, as other programs see it; the contract of the command line."""

    DONE = 0
    BROKE = 1
    BAD_ARGUMENTS = 2
    OWED = 3  # ended with addresses still pending: blocked, unreachable, failed
    HELD = 75  # another run holds this archive for this publisher, or an export file (EX_TEMPFAIL: try again later)
    INTERRUPTED = 130


#: What was interrupted is to be begun again, what broke or was asked wrongly needs a person, pending addresses need
#: another run, and what another run holds is being done.
WORST_FIRST = (Exit.INTERRUPTED, Exit.BROKE, Exit.BAD_ARGUMENTS, Exit.OWED, Exit.HELD, Exit.DONE)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the worst of the exit codes of several crawls; DONE where there was no crawl."""
    return min(codes, key=WORST_FIRST.index, default=Exit.DONE)
