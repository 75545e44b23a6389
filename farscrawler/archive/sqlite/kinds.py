"""The kinds of SQLite files of ours: how each is told from others, made and brought up to date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.schema import APPLICATION_ID, MIGRATIONS, READABLE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

#: The first bytes of every SQLite file (sqlite.org/fileformat.html).
MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of SQLite file of ours: how it is told from others, made and brought up to date.

    ``name`` is what sentences call it, ``remedy`` what a user does about a file that cannot be used, and
    ``when_damaged`` a sentence about one that is damaged. ``pragmas``
    are set on each connection that writes, and those of ``first_pragmas`` before the first table is made.
    ``readable`` holds the older versions that need no migration to be read, each with what shows them as the newest.
    """

    name: str
    remedy: str
    when_damaged: str
    application_id: int
    migrations: tuple[Callable[[sqlite3.Connection], None], ...]
    pragmas: tuple[str, ...]
    first_pragmas: tuple[str, ...]
    readable: Mapping[int, Callable[[sqlite3.Connection], None]] = field(default_factory=dict)


ARCHIVE = FileKind(
    name="archive",
    remedy="choose another with --archive FILE",
    when_damaged="`farscrawler check` says what is damaged, and what to do.",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    # WAL: readers are never blocked by the crawl. NORMAL: a killed process loses nothing; a power cut may lose the
    # last commits, never the file.
    pragmas=("journal_mode = WAL", "synchronous = NORMAL"),
    first_pragmas=("page_size = 8192",),  # measured best for 3 KB rows
    readable=READABLE,
)
