"""The archive that is browsed, and what the pages know beside it: names of publishers, counts, and reports."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.browse.facets import Facets
from farscrawler.copies.agencies import Names
from farscrawler.coverage import survey
from farscrawler.days import DateRange
from farscrawler.errors import PublisherError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from farscrawler.coverage.model import Report
    from farscrawler.publishers import Catalogue, Publisher

#: Reports of coverage that are kept: those of the publishers that a reader goes back and forth between.
_REPORTS = 8


class NotThereError(Exception):
    """There is no such page; the message, in the reader's language, says what is missing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked for: the parts of its address by name, and the values of its query by name."""

    parts: Mapping[str, str]
    query: Mapping[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """Return the first value of a name, None where it is empty or not there."""
        return next((one.strip() for one in self.query.get(name, []) if one.strip()), None)


class Site:
    """The pages of one archive. Each page opens the archive for itself, since several are made at a time."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self.path = path
        self.catalogue = catalogue
        self.facets = Facets(self.archive)
        #: An opening looks at the file first, which must not be while another thread opens it: POSIX locks would go.
        self.kept_pages_lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._reports: dict[str, tuple[object, Report | None]] = {}
        self._lock = threading.Lock()

    def archive(self) -> Archive:
        """Return the archive, open for reading; whoever asks for it closes it."""
        return Archive(self.path)

    def name(self, key: str) -> str:
        """Return the Persian name of a publisher, its key where it has no stanza."""
        if key not in self._names:
            stanza = self.stanza(key)
            self._names[key] = stanza.name if stanza is not None else key
        return self._names[key]

    def stanza(self, key: str) -> Publisher | None:
        """Return the publisher of a key; None where it has no stanza, or a malformed one."""
        try:
            return self.catalogue.load(key)
        except PublisherError:
            return None

    @cached_property
    def names_in_pages(self) -> Names:
        """The names of publishers as pages print them."""
        return Names(self.catalogue.all())

    def report(self, archive: Archive, publisher: Publisher) -> Report | None:
        """Return what is there and what is missing of a publisher; the same report while nothing has been written."""
        now = dt.datetime.now(dt.UTC)
        state = (self._written(), now.astimezone().date())
        with self._lock:
            known = self._reports.get(publisher.key)
        if known is not None and known[0] == state:
            return known[1]
        made = survey(archive, publisher, DateRange(), now=now)
        with self._lock:
            if len(self._reports) >= _REPORTS:
                self._reports.clear()
            self._reports[publisher.key] = state, made
        return made

    def _written(self) -> tuple[int, ...]:
        """Return sizes and times of the file and its log, one of which every commit changes."""
        real = self.path.resolve()
        found: list[int] = []
        for file in (real, real.with_name(f"{real.name}-wal")):
            try:
                state = file.stat()
            except FileNotFoundError:
                continue
            found += state.st_size, state.st_mtime_ns
        return tuple(found)
