"""The archive: one SQLite file that is the truth. Nothing outside this folder writes SQL."""

from farscrawler.archive.errors import ArchiveError, ArchiveTooNewError, HeldError, NotAnArchiveError
from farscrawler.archive.records import FINAL, OUTCOMES, Outcome, Visit
from farscrawler.archive.store import Archive

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
