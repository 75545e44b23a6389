"""FeedExports (-o, -O, FEEDS): plain local files of our formats are written from what the archive has committed.

Scrapy writes a feed when an item passes, before anything is stored, and buffers it: killed, the file and the
archive disagree. Here a line is written after its article is committed and the archive knows how far the file
is whole. Every other feed (standard output, S3, other formats, batches) stays Scrapy's own.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from farscrawler.archive.exports import ExportLog, is_archive
from farscrawler.errors import ExportError
from farscrawler.exporters.formats import FORMATS
from farscrawler.exporters.sqlitefile import SqliteFile
from farscrawler.exporters.textfile import LineFile
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.crawler import Crawler

    from farscrawler.archive import Archive
    from farscrawler.archive.batch import Stored
    from farscrawler.items import Article

_DATABASES = ("db", "sqlite")
#: With any other option the feed is Scrapy's.
_PLAIN_OPTIONS = {"format", "overwrite"}


def own_path(uri: str, options: dict[str, Any]) -> Path | None:
    """Return the file of a feed that is ours to write, or None for one that is Scrapy's.

    Raises ExportError for a format that only we can write in a place where we cannot.
    """
    path = (
        _plain_file(uri)
        if set(options) <= _PLAIN_OPTIONS and options.get("format") in (*FORMATS, *_DATABASES)
        else None
    )
    if path is None and options.get("format") in _DATABASES:
        raise ExportError(f"An SQLite export is written to a plain local file, such as -o news.db; {uri} is none.")
    return path


def _plain_file(uri: str) -> Path | None:
    """Return the path of a local file, or None for a stream, a device, a remote place or a name that is a template."""
    parts = urlsplit(uri)
    if "%(" in uri or (parts.scheme not in ("", "file") and len(parts.scheme) > 1):
        return None
    name = Path(unquote(parts.path) if parts.scheme == "file" else uri)
    try:
        mode = name.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return name.resolve()
    except OSError as error:  # such as a circle of symbolic links, which Path.exists() hides from Python 3.12 on
        raise ExportError(f"{uri} cannot be found ({error}).") from error
    return name.resolve() if stat.S_ISREG(mode) else None


class FeedExports(FeedExporter):
    """Scrapy's feed extension, less the plain local files, which ``open_own`` opens."""

    def __init__(self, crawler: Crawler) -> None:
        given: dict[str, dict[str, Any]] = {
            str(uri): dict(options) for uri, options in crawler.settings.getdict("FEEDS").items()
        }
        self._own = {
            uri: (path, options)
            for uri, options in given.items()
            if isinstance(crawler.spider, NewsSpider) and (path := own_path(uri, options))
        }
        rest = {uri: options for uri, options in given.items() if uri not in self._own}
        self.files: list[LineFile | SqliteFile] = []
        self._waiting: list[LineFile | SqliteFile] = []
        crawler.settings.set("FEEDS", rest, priority="cmdline")
        try:
            super().__init__(crawler)
        except NotConfigured:
            if rest:
                raise

    def open_own(self, archive: Archive, publisher: str, at: str, covers: Callable[[Article], bool]) -> None:
        """Open the plain local files, for the articles that ``covers`` takes.

        Raises ExportError before anything is fetched where one cannot be used.
        """
        paths = [path for path, _ in self._own.values()]
        for path, options in self._own.values():
            if paths.count(path) > 1:
                raise ExportError(f"{path} is named for two exports; each needs a file of its own.")
            if path.name.endswith(".lock") and path.name.startswith(archive.path.name):
                raise ExportError(f"{path} is the lock of the archive; choose another file for the export.")
            if path == archive.path.resolve():
                raise ExportError(f"{path} is the archive of this crawl itself; choose another file for the export.")
            if not path.parent.is_dir():
                raise ExportError(f"The folder {path.parent} of the export does not exist; make it first.")
            log = ExportLog(archive, str(path), publisher, covers)
            file: LineFile | SqliteFile
            if options["format"] in _DATABASES:
                file = SqliteFile(path, log, at=at)
            else:
                file = LineFile(path, FORMATS[options["format"]](), log, kind=options["format"], at=at)
            if options.get("overwrite"):
                self._check_writable(path)
                self._waiting.append(file)
            else:
                file.open(overwrite=False)
            self.files.append(file)

    @staticmethod
    def _check_writable(path: Path) -> None:
        """Raise ExportError, before anything is fetched, for a file that cannot be written anew; write nothing."""
        if path.exists() and is_archive(path):
            raise ExportError(f"{path} is an archive and was left untouched; choose another file for the export.")
        try:
            path.open("ab").close()
        except OSError as error:
            raise ExportError(f"{path} cannot be written ({error.strerror}).") from error

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
            file.write(stored)

    def already_stored(self, keys: Sequence[str]) -> None:
        """Write articles that were asked for and stored by an earlier run, and are not in the file yet."""
        self._overwrite()
        for file in self.files:
            missing = file.log.missing_of(file.export, keys)
            if missing:
                file.write(missing)

    def close_own(self, *, finished: bool) -> None:
        """Close the plain local files; one of -O stays as it was where the run ended before it had an article."""
        if finished:
            self._overwrite()
        for file in self.files:
            if file not in self._waiting:
                file.close()
