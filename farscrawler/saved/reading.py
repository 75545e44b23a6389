"""Parse saved pages outside of a crawl, in several processes.

Saved files are cut into segments: parts of WARC files, and groups of HTML files. A part of a compressed WARC file
begins at the first record that begins in it. The process that reads the part finds that record: a gzip member whose
first bytes are those of a record.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Headers, Response
from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler.archive.records import page_hash
from farscrawler.extract import MAX_BODY_BYTES, NoArticle, read_article
from farscrawler.files import open_file
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, SavedPage, Skipped
from farscrawler.saved.url_filter import UrlFilter
from farscrawler.webarchives.records import next_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.saved.folders import SavedFile
    from farscrawler.saved.page import SavedEntry

#: A part of this size is read in half a second, and its articles fit into a few megabytes.
PART_BYTES = 1024 * 1024
_GROUP = 64  # HTML files
#: Segments that are being read or wait for their turn, for each process: one to read, and two so that no process waits
#: for a slower one whose turn it is. A segment's articles take a few megabytes.
_AHEAD = 3
_GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Segment:
    """Files to read one after another; of a WARC file the records from ``start`` up to ``stop``."""

    files: tuple[SavedFile, ...]
    size: int
    start: int = 0
    stop: int | None = None


def segments(files: Iterable[SavedFile], *, part: int = PART_BYTES) -> Iterator[Segment]:
    """Yield the segments in the order of the files."""
    group: list[SavedFile] = []
    for file in files:
        size = _size(file.path)
        if not file.holds_many:
            group.append(file)
            if len(group) == _GROUP:
                yield _segment_of(group)
                group = []
            continue
        if group:
            yield _segment_of(group)
            group = []
        if size <= part or not _is_compressed(file.path):
            yield Segment((file,), size)
            continue
        for start in range(0, size, part):
            last = start + part >= size
            yield Segment((file,), min(part, size - start), start, None if last else start + part)
    if group:
        yield _segment_of(group)


def entries(segment: Segment, url_filter: UrlFilter) -> Iterator[SavedEntry]:
    """Yield the entries of a segment; a file or record that cannot be read is a complaint."""
    for file in segment.files:
        start = segment.start
        if start:
            found = first_record(file.path, start, segment.stop)
            if found is None:
                continue
            start = found
        yield from folders.read(file, url_filter, start=start, stop=segment.stop)


def first_record(path: Path, start: int, stop: int | None) -> int | None:
    """Return the place of the first record of a compressed WARC file from ``start`` on and before ``stop``, or None."""
    try:
        with open_file(path) as file:
            return next_record(file, start, stop)
    except OSError:
        return None  # the reader of the first part complains


def _is_compressed(path: Path) -> bool:
    try:
        with open_file(path) as file:
            return file.read(len(_GZIP)) == _GZIP
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _segment_of(files: list[SavedFile]) -> Segment:
    return Segment(tuple(files), sum(_size(file.path) for file in files))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """What today's parsers read in a saved page: an article, or with ``article`` None the outcome and its reason."""

    key: str
    form: str
    at: str
    source: str | None
    status: int
    article: Article | None
    outcome: str = ""
    reason: str = ""
    page_hash: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class _Decompression(HttpCompressionMiddleware):
    """Scrapy's own decompression, without a crawler."""

    def __init__(self) -> None:  # Scrapy's wants a running crawler, for its statistics alone
        self.stats = None
        self._max_size = MAX_BODY_BYTES
        self._warn_size = 0


@cache
def _decompression() -> _Decompression:
    return _Decompression()


def parse_page(page: SavedPage, publisher: Publisher) -> ParsedPage:
    """Parse a saved page as a crawl would. Never raise: what is wrong with the page is its reason."""
    key, form = publisher.article_id(page.url) or "", publisher.form_of(page.url) or publisher.default_form
    nothing = ParsedPage(key=key, form=form, at=page.at, source=page.source, status=page.status, article=None)
    try:
        body = _decompressed(page)
    except Exception as error:  # noqa: BLE001  # any program may have saved any bytes under any label
        return replace(nothing, outcome="failed", reason=f"cannot be decompressed ({error})")
    nothing = replace(nothing, page_hash=page_hash(body))
    content_type = page.header(b"content-type")
    article = read_article(
        body,
        publisher=publisher,
        form=form,
        url=page.url,
        article_id=key,
        content_type=content_type.decode("latin-1") if content_type else None,
        fetched_at=page.at,
        stored_url=publisher.canonical_url(key) if publisher.makes(key, "article") else page.url,
    )
    if isinstance(article, NoArticle):
        return replace(nothing, outcome=article.outcome, reason=article.text)
    etag, modified = page.header(b"etag"), page.header(b"last-modified")
    return replace(
        nothing,
        article=article,
        outcome="article",
        etag=etag.decode("latin-1") if etag else None,
        last_modified=modified.decode("latin-1") if modified else None,
    )


def _decompressed(page: SavedPage) -> bytes:
    if page.header(b"content-encoding") is None:
        return page.body
    headers = Headers()
    for name, value in page.headers:
        headers.appendlist(name, value)
    answer = _decompression().process_response(Request(page.url), Response(page.url, headers=headers, body=page.body))
    if not isinstance(answer, Response):
        raise TypeError("the decompression answered with a request")
    return answer.body


@dataclass(slots=True)
class Batch:
    """What was read of a segment: its pages in order, the numbers of skipped entries by reason, and the complaints."""

    size: int
    pages: list[ParsedPage] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


def parse_segment(segment: Segment, url_filter: UrlFilter) -> Batch:
    """Parse the pages of a segment."""
    batch = Batch(segment.size)
    for entry in entries(segment, url_filter):
        if isinstance(entry, SavedPage):
            batch.pages.append(parse_page(entry, url_filter.publisher))
        elif isinstance(entry, Skipped):
            batch.skipped[entry.reason] += 1
        elif isinstance(entry, Complaint):
            batch.complaints.append(entry.sentence)
    return batch


_filters: dict[str, UrlFilter] = {}  # of a worker process: the one of its publisher


def _begin_worker(publisher: str, stanzas: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that stores; it ends the others
    _filters[publisher] = UrlFilter(publishers.of(Settings({"PUBLISHERS": stanzas})).load(publisher))
    parent = multiprocessing.parent_process()
    if parent is not None:  # where the parent is killed, this process would run on
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


_Segment = TypeVar("_Segment")  # what a process is handed: files, or a part of the kept pages


def _work(parse: Callable[[_Segment, UrlFilter], Batch], segment: _Segment, publisher: str) -> Batch:
    return parse(segment, _filters[publisher])


def batches(
    work: Iterable[_Segment],
    parse: Callable[[_Segment, UrlFilter], Batch],
    publisher: Publisher,
    *,
    jobs: int,
    stanzas: str = "",
) -> Iterator[Batch]:
    """Yield what ``parse`` reads of each segment, in their order, by ``jobs`` processes; one job is this process.

    ``stanzas`` is the setting PUBLISHERS, from which the other processes load the publisher.
    """
    if jobs == 1:
        url_filter = UrlFilter(publisher)
        for segment in work:
            yield parse(segment, url_filter)
        return
    # Fresh processes rather than forks: they hold nothing of this one, such as its open archive.
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(publisher.key, stanzas),
    )
    try:
        running: deque[Any] = deque()
        for segment in work:
            running.append(pool.submit(_work, parse, segment, publisher.key))
            if len(running) >= _AHEAD * jobs:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
