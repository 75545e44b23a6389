"""FeedExports (-o, -O, FEEDS): exports are written from what the archive has committed, none by Scrapy's own storages.

Scrapy writes a feed when an item passes, before anything is stored, and buffers it: killed, the file and the
archive disagree. Here a line is written after its article is committed and the archive knows how far the file
is whole; formats that cannot grow are written at the end and renamed; what cannot be kept whole is refused.
"""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter
from scrapy.utils.conf import feed_complete_default_values_from_settings

from farscrawler.archive.exports import ExportLog
from farscrawler.config import switch
from farscrawler.errors import ExportError
from farscrawler.exporters.feeds import DATABASES, check_place, feed_of
from farscrawler.exporters.formats import FORMATS
from farscrawler.exporters.item_exporters import CsvExporter, JsonLinesExporter, SafeCsvExporter
from farscrawler.exporters.itemfile import ItemWriter, Stream, WholeFile
from farscrawler.exporters.lock import ExportLock
from farscrawler.exporters.sqlitefile import SqliteFile
from farscrawler.exporters.textfile import LineFile
from farscrawler.files import keys_of, open_stream
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler

    from farscrawler.archive import Archive
    from farscrawler.archive.writing.batch import Stored
    from farscrawler.exporters.feeds import Feed
    from farscrawler.items import Article

    ExportedFile = LineFile | SqliteFile | WholeFile

logger = logging.getLogger("farscrawler")

#: Text that Scrapy's exporters end without an end of line, into which the next command's output would run.
_WITHOUT_LINE_END = ("json", "xml")
_OWN = (JsonLinesExporter, CsvExporter, SafeCsvExporter)


class FeedExports(FeedExporter):
    """Scrapy's feed extension without any feed: ``open_own`` opens them all. For spiders of others it is Scrapy's."""

    def __init__(self, crawler: Crawler) -> None:
        given = crawler.settings.getdict("FEEDS")
        ours = isinstance(crawler.spider, NewsSpider)
        if ours:
            crawler.settings.set("FEEDS", {}, priority="cmdline")
            if crawler.settings["FEED_URI"]:
                raise ExportError("FEED_URI is given up by Scrapy, and not used here; name the file with -o or -O.")
        try:
            super().__init__(crawler)
        except NotConfigured:
            if given and not ours:
                raise
        self.files: list[ExportedFile | Stream] = []
        self._waiting: list[ExportedFile] = []
        self._locks: list[ExportLock] = []
        self._exporters = self._load_components("FEED_EXPORTERS")
        self._feeds = [self._feed(str(uri), options) for uri, options in given.items()] if ours else []

    def _feed(self, uri: str, given: dict[str, Any]) -> Feed:
        """Return what one feed asks for, its options completed by the settings. Raise ExportError."""
        options = feed_complete_default_values_from_settings(dict(given), self.settings, uri)
        if options["format"] not in self._exporters:
            raise ExportError(f"{uri}: there is no export format {options['format']!r} (FEED_EXPORTERS).")
        if options["format"] == "csv" and switch(self.settings, "CSV_SAFE"):
            if self._exporters["csv"] is not CsvExporter:
                raise ExportError(f"{uri}: --csv-safe is of no effect on an exporter of your own (FEED_EXPORTERS).")
            options["format"] = "csv-safe"
        own = {name for name in FORMATS if self._exporters.get(name) in _OWN}
        spider = self.crawler.spider
        if "%(" in uri and "%(batch_" not in uri and spider is not None:
            try:
                uri %= self._get_uri_params(spider, options["uri_params"])
            except (KeyError, TypeError, ValueError) as error:
                raise ExportError(f"{uri}: the name of the file cannot be made of it ({error}).") from error
        return feed_of(uri, options, own_formats=own)

    def open_own(
        self,
        archive: Archive,
        publisher: str,
        at: str,
        covers: Callable[[Article], bool],
        broken_since: str | None = None,
    ) -> None:
        """Open the exports, for the articles that ``covers`` takes.

        A file of -O that runs wrote which were killed since ``broken_since`` goes on where they left it, and a stream
        begins with what they have stored: an incremental run does not ask again for that. Raises ExportError before
        anything is fetched where a file cannot be used.
        """
        _refuse_twice(self._feeds)
        for feed in self._feeds:
            if feed.path is not None and not feed.is_stream:
                check_place(feed.path, feed.format, archive)
                who = f"the crawl of {publisher} into {archive.path}"
                self._locks.append(ExportLock(feed.path, who=who, database=feed.format in DATABASES))
            accepts = self._load_filter(dict(feed.options)).accepts
            log = ExportLog(archive, str(feed.path or feed.uri), publisher, partial(_taken, covers, accepts))
            if feed.is_stream or feed.path is None:
                end = b"\n" if feed.format in _WITHOUT_LINE_END else b""
                writer = self._writer(feed)
                stream = Stream(feed.uri, _opened(feed.path), writer, log, end=end, broken_since=broken_since)
                self.files.append(stream)
                continue
            file = self._file(feed, feed.path, log, at)
            if not feed.options.get("overwrite"):
                file.open(overwrite=False)
            elif not _went_on(file, broken_since):
                self._check_writable(feed.path)
                self._waiting.append(file)
            self.files.append(file)

    def _writer(self, feed: Feed) -> Callable[[IO[bytes]], ItemWriter]:
        """Return what begins to write articles into a file. Raise ExportError where its options cannot be used."""
        writer = partial(
            ItemWriter, exporter=self._exporters[feed.format], options=dict(feed.options), crawler=self.crawler
        )
        try:
            writer(io.BytesIO())
        except (TypeError, ValueError) as error:
            raise ExportError(f"{feed.uri}: {feed.format} cannot be written so ({error}).") from error
        return writer

    def _file(self, feed: Feed, path: Path, log: ExportLog, at: str) -> ExportedFile:
        form = feed.format
        if form in DATABASES:
            return SqliteFile(path, log, at=at)
        if feed.lines:
            return LineFile(path, FORMATS[form](), log, kind=form, at=at)
        return WholeFile(path, self._writer(feed), log, kind=form, at=at)

    @staticmethod
    def _check_writable(path: Path) -> None:
        """Raise ExportError, before anything is fetched, for a file that cannot be written anew; write nothing."""
        existed = path.exists()
        try:
            path.open("ab").close()
        except OSError as error:
            raise ExportError(f"{path} cannot be written ({error.strerror}).") from error
        if not existed:  # a file that appears says that a run has ended well
            with suppress(OSError):
                path.unlink()

    def _overwrite(self) -> None:
        """Begin the files of -O, now that there are articles to write: a site that is down must not empty them."""
        while self._waiting:
            self._waiting.pop().open(overwrite=True)

    def stored(self, stored: Sequence[Stored]) -> None:
        """Write what the archive has just committed."""
        if not stored:
            return
        self._overwrite()
        for file in self.files:
            if wanted := [one for one in stored if file.log.covers(one.article)]:
                file.write(wanted)

    def already_stored(self, keys: Sequence[str]) -> None:
        """Write articles that were asked for and stored by an earlier run, and are not in the file yet."""
        self._overwrite()
        for file in self.files:
            missing = file.log.missing_of(file.export, keys)
            if missing:
                file.write(missing)

    def close_own(self, *, finished: bool, incremental: bool) -> None:
        """Close the exports; a file of -O stays as it was where the run ended before it had an article.

        It stays too where an ``incremental`` run has found nothing new: the file of the last run is not emptied.
        """
        if finished and incremental:
            for file in [one for one in self._waiting if one.path.exists()]:
                self._waiting.remove(file)
                self.files.remove(file)
                logger.info("%s: nothing is new; %s stays as it was.", file.log.publisher, file.log.path)
        if finished:
            self._overwrite()
        for export in self.files:
            if export not in self._waiting:
                export.close()

    def release(self) -> None:
        """Give the locks of the files back."""
        while self._locks:
            self._locks.pop().release()


def _taken(covers: Callable[[Article], bool], accepts: Callable[[Any], bool], article: Article) -> bool:
    return covers(article) and accepts(article)


def _went_on(file: ExportedFile, broken_since: str | None) -> bool:
    """Go on with a file that a killed run was at; False where none was, or other hands have changed it since.

    A file of an older farscrawler is written anew with what that run had come to: it is not asked for again.
    """
    known = file.log.find()
    if broken_since is None or known is None or known.at < broken_since:
        return False
    if known.is_older and (known.publisher, known.format) == (file.log.publisher, file.kind):
        file.renew(known)
    try:
        file.open(overwrite=False)
    except ExportError:
        return False
    return True


def _refuse_twice(feeds: Sequence[Feed]) -> None:
    """Raise ExportError where two feeds lead to one file, or both to standard output; a device may be named twice."""
    seen: set[object] = set()
    for feed in feeds:
        keys = {None} if feed.path is None else set() if feed.is_stream else keys_of(feed.path)
        if keys & seen:
            place = feed.path or "standard output"
            raise ExportError(f"{place} is named for two exports; each needs a file of its own.")
        seen |= keys


def _opened(path: Path | None) -> IO[bytes]:
    """Return standard output, or a pipe or device, open for writing. Raise ExportError."""
    if path is None:
        return sys.stdout.buffer
    try:
        return open(open_stream(path), "wb")  # noqa: PTH123  # a descriptor; closed with the process
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}).") from error
