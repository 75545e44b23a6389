"""What can be wrong with an archive, each as one sentence that says what to do."""


class ArchiveError(Exception):
    """The archive cannot be opened, read or written; the message names the file and what to do."""


class NotAnArchiveError(ArchiveError):
    """The file exists and is something else; it was not touched."""


class ArchiveTooNewError(ArchiveError):
    """The archive was written by a newer farscrawler; it was not touched."""


class HeldError(ArchiveError):
    """Another run works on this archive for this publisher; the message names it."""
