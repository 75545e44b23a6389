"""Reparse: hold what today's parsers read in saved pages against the archive, and keep what has become better.

The pages are read in all processes, a segment at a time, and weighed one after another in the order of time, so that
the outcome does not depend on who was faster, and no more is held than a few segments for each process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler.archive import Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.extract.article import HASHED_FIELDS
from farscrawler.saved import segments
from farscrawler.saved.page import SavedPage, Skipped
from farscrawler.saved.reading import read_page
from farscrawler.saved.url_filter import UrlFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from farscrawler.archive import Archive
    from farscrawler.archive.ledger import Known
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.saved.reading import Reading
    from farscrawler.saved.segments import Segment

#: Segments in work or waiting to be weighed, for each process: one to read, and two so that no process waits for a
#: slower one whose turn it is. A segment's articles take a few megabytes.
_AHEAD = 3
_EXAMPLES = 5

OLDER = "older than the stored page"
OTHER_FORM = "another form than the stored one"
UNKNOWN = "not in the archive; -a pages= stores them"
NO_ARTICLE = "no article now as before"
NO_ARTICLE_LATER = "no article, and not the stored page"


@dataclass(slots=True)
class Batch:
    """What a segment came to: its readings in order, and what was passed over or could not be read."""

    size: int
    readings: list[Reading] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """How a reparse went. ``pages`` were read; each is one of the next four, or ``left`` for a reason.

    ``lost`` are stored articles whose very page is no article any more; they stay as they are. ``examples`` holds, for
    the first changes of each field, the id and the value before and after.
    """

    publisher: str
    pages: int = 0
    unchanged: int = 0
    changed: int = 0
    readable: int = 0
    lost: int = 0
    left: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    lost_examples: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


def changed_fields(old: Article, new: Article) -> Iterator[tuple[str, Any, Any]]:
    """Give each parsed field that differs, with both values."""
    for name in HASHED_FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield name, before, after


# -- reading, in any process -------------------------------------------------------------------------


def read_segment(segment: Segment, url_filter: UrlFilter) -> Batch:
    """Read the pages of a segment."""
    batch = Batch(segment.size)
    for finding in segments.read(segment, url_filter):
        if isinstance(finding, SavedPage):
            batch.readings.append(read_page(finding, url_filter.publisher))
        elif isinstance(finding, Skipped):
            batch.skipped[finding.reason] += 1
        else:
            batch.complaints.append(finding.sentence)
    return batch


_url_filter: UrlFilter | None = None  # of this process, for its one reparse


def _begin_worker(publisher: str, folders: str) -> None:
    global _url_filter  # noqa: PLW0603  # what an initializer of a pool is for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that weighs; it ends the others
    _url_filter = UrlFilter(publishers.of(Settings({"PUBLISHERS": folders})).load(publisher))
    parent = multiprocessing.parent_process()
    if parent is not None:  # where that is killed, nobody would ever end us
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _work(segment: Segment) -> Batch:
    assert _url_filter is not None  # noqa: S101  # set by the initializer
    return read_segment(segment, _url_filter)


def batches(work: Iterable[Segment], publisher: Publisher, *, jobs: int, folders: str = "") -> Iterator[Batch]:
    """Give what each segment came to, in their order, read by so many processes (in this one for one job).

    ``folders`` is the setting PUBLISHERS, from which other processes read what the publisher is.
    """
    if jobs == 1:
        url_filter = UrlFilter(publisher)
        for segment in work:
            yield read_segment(segment, url_filter)
        return
    # Fresh processes rather than forks: nothing of this one, not even the open archive, is in them.
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(publisher.key, folders),
    )
    try:
        running: deque[Any] = deque()
        for segment in work:
            running.append(pool.submit(_work, segment))
            if len(running) >= _AHEAD * jobs:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# -- weighing, in one ---------------------------------------------------------------------------------


class Scales:
    """Holds readings against the archive of one publisher, and stores what is better; nothing with ``dry``."""

    def __init__(self, archive: Archive, ledger: Ledger, *, dry: bool) -> None:
        self.archive = archive
        self.ledger = ledger
        self.dry = dry
        self.report = Report(ledger.publisher)
        self._uncommitted: set[str] = set()
        self._would_be: dict[str, tuple[str, str]] = {}  # of a dry run: fetched_at and hash that were stored by now

    def weigh(self, batch: Batch) -> None:
        """Weigh what a segment came to."""
        self.report.passed_over.update(batch.skipped)
        self.report.complaints += batch.complaints
        known = self.ledger.known(reading.key for reading in batch.readings)
        for reading in batch.readings:
            self.report.pages += 1
            if reading.key in self._uncommitted:
                self.archive.flush()
                self._uncommitted.clear()
                known = self.ledger.known(reading.key for reading in batch.readings)
            self._weigh(reading, known.get(reading.key))
        if not self.dry:
            self.archive.flush()
            self._uncommitted.clear()

    def _weigh(self, reading: Reading, known: Known | None) -> None:
        stored = self.archive.article(self.ledger.publisher, reading.key)
        if would_be := self._would_be.get(reading.key):
            stored = stored or reading.article
            if stored is not None:
                stored = replace(stored, fetched_at=would_be[0], content_hash=would_be[1])
        if stored is None:
            self._weigh_new(reading, known)
        elif known is not None and known.form not in (None, reading.form):
            self.report.left[OTHER_FORM] += 1
        elif reading.at < stored.fetched_at:
            self.report.left[OLDER] += 1
        elif reading.article is None:
            self._weigh_lost(reading, stored, known.page_hash if known is not None else None)
        elif reading.article.content_hash == stored.content_hash:
            self.report.unchanged += 1
        else:
            reading.article.url = stored.url
            self._count_change(stored, reading.article)
            self._keep(reading.article, None)

    def _weigh_new(self, reading: Reading, known: Known | None) -> None:
        if known is None:
            self.report.left[UNKNOWN] += 1
        elif reading.article is None:
            self.report.left[NO_ARTICLE] += 1
        elif reading.at < known.last_at:
            self.report.left[OLDER] += 1
        else:
            self.report.readable += 1
            visit = Visit(
                publisher=self.ledger.publisher,
                key=reading.key,
                url=known.url,
                outcome="article",
                at=reading.at,
                status=reading.status,
                tries=0,
                form=reading.form,
                etag=reading.etag,
                last_modified=reading.last_modified,
                page_hash=reading.page_hash,
                source=reading.source,
                source_at=reading.at,
            )
            reading.article.url = known.url
            self._keep(reading.article, visit)

    def _weigh_lost(self, reading: Reading, stored: Article, page_hash: str | None) -> None:
        if reading.status != HTTPStatus.OK or (reading.at != stored.fetched_at and reading.page_hash != page_hash):
            self.report.left[NO_ARTICLE_LATER] += 1  # an error before it was asked again; gone, or cut, by then
            return
        self.report.lost += 1
        if len(self.report.lost_examples) < _EXAMPLES:
            self.report.lost_examples.append((reading.key, reading.reason))

    def _count_change(self, old: Article, new: Article) -> None:
        self.report.changed += 1
        for name, before, after in changed_fields(old, new):
            self.report.fields[name] += 1
            examples = self.report.examples.setdefault(name, [])
            if len(examples) < _EXAMPLES:
                examples.append((new.article_id, before, after))

    def _keep(self, article: Article, visit: Visit | None) -> None:
        if self.dry:
            self._would_be[article.article_id] = (article.fetched_at, article.content_hash)
            return
        if visit is None:
            self.archive.revise(article)
        else:
            self.archive.save(visit, article)
        self._uncommitted.add(article.article_id)


def reparse(
    archive: Archive,
    publisher: Publisher,
    work: Iterable[Segment],
    *,
    jobs: int,
    tell: Callable[[Report, int], None],
    dry: bool = False,
    folders: str = "",
) -> Report:
    """Reparse segments into an archive; ``tell`` hears after each how it stands, and how many bytes it had."""
    scales = Scales(archive, Ledger(archive, publisher.key), dry=dry)
    for batch in batches(work, publisher, jobs=jobs, folders=folders):
        scales.weigh(batch)
        tell(scales.report, batch.size)
    return scales.report
