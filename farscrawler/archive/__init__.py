"""The archive: one SQLite file that is the truth. Nothing outside this folder writes SQL."""

from farscrawler.archive.records import FINAL, OUTCOMES, Outcome, Visit
from farscrawler.archive.store import Archive
from farscrawler.errors import ArchiveError, ArchiveTooNewError, HeldError, NotAnArchiveError

__all__ = [
    "FINAL",
    "OUTCOMES",
    "Archive",
    "ArchiveError",
    "ArchiveTooNewError",
    "HeldError",
    "NotAnArchiveError",
    "Outcome",
    "Visit",
]
