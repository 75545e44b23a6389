"""CC-NEWS instead of the site: the pages of a publisher in the files of Common Crawl's news crawl.

What counts of them is decided as for saved pages, by the ledger. Beside it stands how far each file was read.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from farscrawler.archive.listing_cache import ReadFile, ReadFiles
from farscrawler.days import now
from farscrawler.frontier.ccnews_stream import CcNewsStream, Ended, Feed, Reached
from farscrawler.frontier.outlook import Outlook
from farscrawler.frontier.saved_pages import SavedPages
from farscrawler.webarchives.ccnews import TYPICAL_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from farscrawler.frontier.base import Context, Target
    from farscrawler.saved.page import SavedPage
    from farscrawler.saved.url_filter import UrlFilter
    from farscrawler.webarchives.ccnews import CcNews, NewsFile

_GIGABYTE = 1_000_000_000


class CcNewsPages(SavedPages):
    """Every page of a publisher in the files of CC-NEWS that the ledger does not know, in the order of the files.

    ``others`` are the hosts of other publishers, for one of pages from anywhere.
    """

    def __init__(
        self, context: Context, source: CcNews, url_filter: UrlFilter, *, others: frozenset[str], edge: int
    ) -> None:
        super().__init__(context, (), url_filter, edge=edge)
        self.source = source
        self._read = ReadFiles(context.ledger.archive, context.publisher.key)
        self._way = _way(url_filter)
        self._missing: tuple[str, ...] = ()
        self._stream: CcNewsStream | None = None
        self._feed = Feed(
            publisher=context.publisher.key,
            client=context.client,
            url_filter=url_filter,
            start_of=self._start_of,
            others=others,
        )

    def _start_of(self, file: NewsFile) -> int | None:
        """Return from which byte on a file is new, None where all of it was read."""
        found = self._read.find(file.name)
        if found is None or found.way != self._way:
            return 0
        if file.path is not None and file.path.stat().st_size != found.size:
            return 0  # it was cut when it was read, or is another one of that name
        return None if found.done else found.offset

    async def _look_ahead(self) -> Outlook:
        """Count the files that are left: what they hold is known when they are read."""
        files, _ = await CcNewsStream.files(self.source, self.context.client)
        left = [(file, start) for file in files if (start := self._start_of(file)) is not None]
        size = sum((file.path.stat().st_size if file.path else TYPICAL_BYTES) - start for file, start in left)
        seen = f"{len(files):,} files of CC-NEWS, {len(left):,} of them to read, about {size / _GIGABYTE:,.1f} GB"
        if any(file.url for file, _ in left):
            seen += f" in {-(-size // self.source.part_bytes):,} requests"
        return Outlook(addresses=None, seen=seen, unknown="how many articles they hold")

    async def targets(self) -> AsyncIterator[Target]:
        """Yield the pages that the ledger does not know; a file is read on only when the next one is asked for."""
        self._stream = CcNewsStream.join(self.source, self._feed)
        part: list[SavedPage] = []
        while True:
            entry = await self._feed.entries.get()
            if isinstance(entry, (Reached, Ended)):
                async for target in self._pending_of(part):
                    yield target
                part = []
                await self.context.in_flight.empty.wait()
                self.commit()
                if isinstance(entry, Ended):
                    break
                self._reached(entry)
            elif (page := self._taken(entry)) is not None:
                part.append(page)
                if self.is_full(part):
                    async for target in self._pending_of(part):
                        yield target
                    part = []
        self._missing = entry.missing
        self._warn_of_the_rest()
        if entry.error is not None:
            raise entry.error

    def _reached(self, reached: Reached) -> None:
        read = ReadFile(reached.offset, reached.size, reached.done, self._way)
        self._read.save(reached.file.name, read, at=now())

    @property
    def _place(self) -> str:
        return str(self.source.local or self.source.url)

    @property
    def shortfall(self) -> str | None:
        """The sentence that lists or files were not there; that a publisher has no page in them is no shortfall."""
        if not self._missing:
            return None
        several = f" and {len(self._missing) - 1:,} more are" if len(self._missing) > 1 else " is"
        return f"{self._missing[0]}{several} not there (HTTP 404)"

    def leave(self) -> None:
        """Leave the reading that is shared with other crawls."""
        if self._stream is not None:
            self._stream.leave(self._feed)


def _way(url_filter: UrlFilter) -> str:
    """Return a digest of what is looked for in a file: with other hosts it holds other pages."""
    said = [sorted(url_filter.publisher.hosts), url_filter.form]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()
