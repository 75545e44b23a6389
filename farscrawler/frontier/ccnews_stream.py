"""The files of CC-NEWS read once for all crawls of a process: each crawl gets the pages of its publisher.

A file is read by a thread, since to unpack it takes longer than other crawls may wait; every thing that a crawl sees is
put into its feed, in the event loop. A feed that is full holds the thread up, so that memory is bounded.
"""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from farscrawler.days import today_in
from farscrawler.files import open_file
from farscrawler.frontier.base import UnreachableError
from farscrawler.frontier.ccnews_files import files_of
from farscrawler.frontier.file_parts import FileParts, NoFileError, PartsFile
from farscrawler.saved.warc_reader import MOST_BYTES, WarcPages
from farscrawler.webarchives.ccnews import host_of, seems_persian
from farscrawler.webarchives.records import Flaw, begins_member, read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import BinaryIO

    from farscrawler.frontier.base import FilePart, SiteClient
    from farscrawler.saved.page import Complaint, SavedEntry
    from farscrawler.saved.url_filter import UrlFilter
    from farscrawler.webarchives.ccnews import CcNews, NewsFile
    from farscrawler.webarchives.heads import Head
    from farscrawler.webarchives.record import Record

logger = logging.getLogger("farscrawler")

#: Things that wait in a feed; its crawl takes 64 pages at a time.
_WAITING = 8
#: A feed hears how far a file was read after so many parts: what a kill costs is read again, and stored once.
_PARTS_BETWEEN_MARKS = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """All of a file before ``offset`` was put into the feed, or with ``done`` all of it; it has ``size`` bytes."""

    file: NewsFile
    offset: int
    size: int
    done: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """There is no more to come; ``error`` says why, where files are left. ``missing`` are lists and files not there."""

    error: UnreachableError | None = None
    missing: tuple[str, ...] = ()


@dataclass(eq=False, kw_only=True)
class Feed:
    """What one crawl gets. ``start_of`` says from which byte on a file is new to it, None where all of it is known.

    ``others`` are the hosts that a publisher of pages from anywhere leaves to other publishers.
    """

    publisher: str
    client: SiteClient
    url_filter: UrlFilter
    start_of: Callable[[NewsFile], int | None]
    others: frozenset[str] = frozenset()
    left: bool = False
    entries: asyncio.Queue[SavedEntry | Reached | Ended] = field(default_factory=lambda: asyncio.Queue(_WAITING))
    passed: set[str] = field(default_factory=set)

    async def put(self, entry: SavedEntry | Reached | Ended) -> None:
        """Hand a thing over, as soon as there is room for it; nothing to a crawl that has left."""
        if not self.left:
            await self.entries.put(entry)

    def leave(self) -> None:
        """Take nothing any more, and let go of whoever waits for room."""
        self.left = True
        while not self.entries.empty():
            self.entries.get_nowait()


class CcNewsStream:
    """One reading of the files, for all feeds that join it."""

    _present: ClassVar[dict[CcNews, CcNewsStream]] = {}
    _awaited: ClassVar[set[str]] = set()
    _listings: ClassVar[dict[CcNews, asyncio.Future[tuple[list[NewsFile], list[str]]]]] = {}

    def __init__(self, source: CcNews) -> None:
        self.source = source
        self.feeds: list[Feed] = []
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    @classmethod
    def expect(cls, publishers: Iterable[str]) -> None:
        """Let the reading wait for the crawls of these publishers, so that no file is read twice."""
        cls._awaited = set(publishers)

    @classmethod
    def wait_no_more(cls, publisher: str) -> None:
        """Wait no more for a crawl, which has joined, or has ended before it did."""
        cls._awaited.discard(publisher)
        for stream in cls._present.values():
            stream.begin()

    @classmethod
    def join(cls, source: CcNews, feed: Feed) -> CcNewsStream:
        """Join the present reading of the source with a feed, or begin one."""
        found = cls._present.get(source)
        if found is None or found.is_over:
            found = cls._present[source] = cls(source)
        found.feeds.append(feed)
        cls.wait_no_more(feed.publisher)
        return found

    @classmethod
    async def files(cls, source: CcNews, client: SiteClient) -> tuple[list[NewsFile], list[str]]:
        """Return what ``files_of`` does; the lists are asked for once for all crawls. Raise UnreachableError."""
        found = cls._listings.get(source)
        if found is None or found.get_loop() is not asyncio.get_running_loop():
            found = cls._listings[source] = asyncio.ensure_future(files_of(source, client, today_in("UTC")))
        try:
            return await asyncio.shield(found)
        except UnreachableError:
            cls._listings.pop(source, None)  # whoever comes later asks again
            raise

    def leave(self, feed: Feed) -> None:
        """Take a feed out; the reading ends with the last one."""
        feed.leave()
        if not self._live() and self._task is not None:
            self._task.cancel()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or can read nothing any more since its event loop has ended."""
        return (self._task is not None and self._task.done()) or self._loop.is_closed()

    def begin(self) -> None:
        """Begin to read, once all crawls that are waited for have joined or ended."""
        if self._task is None and self.feeds and not CcNewsStream._awaited:
            self._task = asyncio.ensure_future(self._run())

    def _live(self) -> list[Feed]:
        return [feed for feed in self.feeds if not feed.left]

    async def _run(self) -> None:
        error: UnreachableError | None = None
        missing: list[str] = []
        try:
            files, missing = await self.files(self.source, self._live()[0].client)
            begun = True
            while begun:  # again for crawls that joined meanwhile
                begun = False
                for file in files:
                    feeds = {feed: start for feed in self._live() if (start := _start(feed, file)) is not None}
                    if feeds:
                        begun = True
                        if not await self._read(file, feeds):
                            missing.append(str(file))
        except UnreachableError as found:
            error = found
        for feed in self._live():
            await feed.put(Ended(error, tuple(missing)))

    async def _read(self, file: NewsFile, feeds: dict[Feed, int]) -> bool:
        """Read a file for some feeds. Return False where it is not there. Raise UnreachableError."""
        for feed in feeds:
            feed.passed.add(file.name)
        parts = None
        if file.url is not None:
            parts = FileParts(file.url, self._fetch_part, part_bytes=self.source.part_bytes)
        scan = _Scan(file, parts, feeds, self._loop, mark_every=_PARTS_BETWEEN_MARKS * self.source.part_bytes)
        done: asyncio.Future[None] = self._loop.create_future()
        threading.Thread(target=scan.run, args=(done,), name=file.name, daemon=True).start()
        try:
            await done
        except NoFileError:
            return False
        except OSError as error:
            raise UnreachableError(f"{file} cannot be read ({error.strerror or error})") from error
        finally:
            if parts is not None:
                parts.close()
        return True

    async def _fetch_part(self, url: str, first: int, last: int) -> FilePart | None:
        """Fetch a part with the client of a crawl; where that crawl ends meanwhile, with another's."""
        while feeds := self._live():
            try:
                return await feeds[0].client.fetch_part(url, first, last)
            except UnreachableError:
                if not feeds[0].left:
                    raise
        raise UnreachableError("all crawls have ended")


def _start(feed: Feed, file: NewsFile) -> int | None:
    return None if file.name in feed.passed else feed.start_of(file)


class _Scan:
    """The reading of one file, in a thread of its own."""

    def __init__(
        self,
        file: NewsFile,
        parts: FileParts | None,
        feeds: dict[Feed, int],
        loop: asyncio.AbstractEventLoop,
        *,
        mark_every: int,
    ) -> None:
        self.file = file
        self.parts = parts
        self.feeds = feeds
        self.loop = loop
        self.mark_every = mark_every
        self._pages = {feed: WarcPages(str(file), file.name, feed.url_filter) for feed in feeds}
        self._by_host: dict[str, list[Feed]] = {}
        for feed in feeds:
            for host in () if feed.url_filter.publisher.anywhere else feed.url_filter.publisher.hosts:
                self._by_host.setdefault(host, []).append(feed)
        self._anywhere = [feed for feed in feeds if feed.url_filter.publisher.anywhere]
        self._others = frozenset().union(*(feed.others for feed in self._anywhere))

    def run(self, done: asyncio.Future[None]) -> None:
        """Read the file, and say in the event loop that it is done, or what went wrong."""
        error: BaseException | None = None
        try:
            with self._opened() as file:
                self._scan(file)
        except BaseException as found:  # noqa: BLE001  # it is raised where the file is waited for
            error = found
        try:
            self.loop.call_soon_threadsafe(_settle, done, error)
        except RuntimeError:  # the process has ended its loop, and waits for nobody
            return

    def _opened(self) -> BinaryIO:
        if self.parts is not None:
            return io.BufferedReader(PartsFile(self.parts, self.loop))
        assert self.file.path is not None  # noqa: S101  # a file is in one of two places
        return open_file(self.file.path)

    def _scan(self, file: BinaryIO) -> None:
        size = file.seek(0, io.SEEK_END)
        start = min(self.feeds.values())
        # Only where a record begins a gzip member can reading begin; elsewhere the file is read from its beginning.
        if start and not begins_member(file, start):
            start = 0
            self.feeds = dict.fromkeys(self.feeds, 0)
        mark = start + self.mark_every
        said = next(iter(self._pages.values()))
        for record in read_records(file, start=start, keep=self._keep, skim=True):
            if all(feed.left for feed in self.feeds):
                return
            if record is None:
                continue
            if isinstance(record, Flaw):
                _warn(said.complaint(record))
                continue
            if record.offset >= mark:
                mark = record.offset + self.mark_every
                self._tell(Reached(self.file, record.offset, size, done=False))
            self._hand_over(record)
        _warn(said.sum_of_lost())
        self._tell(Reached(self.file, size, size, done=True))

    def _keep(self, head: Head) -> int:
        """Return how many bytes of a record are wanted: none of other publishers' pages."""
        return MOST_BYTES if head.kind == "response" and self._owners(head) else 0

    def _owners(self, head: Head) -> list[Feed]:
        host = host_of(head.get("warc-target-uri") or "")
        found = self._by_host.get(host)
        if found is not None:
            return found
        return self._anywhere if self._anywhere and host not in self._others else []

    def _hand_over(self, record: Record) -> None:
        if record.head.kind != "response":
            return
        for feed in self._owners(record.head):
            if record.offset < self.feeds[feed]:
                continue
            if feed.url_filter.publisher.anywhere and not seems_persian(record.block):
                continue
            entry = self._pages[feed].entry(record)
            if entry is not None:
                self._put(feed, entry)

    def _tell(self, reached: Reached) -> None:
        for feed, start in self.feeds.items():
            if reached.offset > start or reached.done:
                self._put(feed, reached)

    def _put(self, feed: Feed, entry: SavedEntry | Reached) -> None:
        asyncio.run_coroutine_threadsafe(feed.put(entry), self.loop).result()


def _warn(complaint: Complaint | None) -> None:
    if complaint is not None:
        logger.warning("%s", complaint.sentence)


def _settle(done: asyncio.Future[None], error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
