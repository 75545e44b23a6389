"""Feeds (-o, -O, FEEDS): plain local files of our formats are written from what the archive has committed.

Scrapy writes a feed when an item passes, before anything is stored, and buffers it: killed, the file and the
archive disagree. Here a line is written after its article is committed and the archive knows how far the file
is whole. Every other feed (standard output, S3, other formats, batches) stays Scrapy's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from farscrawler.archive.exportlog import ExportLog
from farscrawler.discovery.context import crawls_news
from farscrawler.exporters.errors import ExportError
from farscrawler.exporters.linefile import LineFile
from farscrawler.exporters.lines import Csv, JsonLines
from farscrawler.exporters.sqlitefile import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

    from farscrawler.archive import Archive
    from farscrawler.archive.store import Stored

_LINES: dict[str, type[JsonLines | Csv]] = {"jsonl": JsonLines, "jsonlines": JsonLines, "jl": JsonLines, "csv": Csv}
_DATABASES = ("db", "sqlite")
#: With any other option the feed is Scrapy's.
_PLAIN_OPTIONS = {"format", "overwrite"}


def own_path(uri: str, options: dict[str, Any]) -> Path | None:
    """Give the file of a feed that is ours to write, or None for one that is Scrapy's."""
    if not set(options) <= _PLAIN_OPTIONS or options.get("format") not in (*_LINES, *_DATABASES) or "%(" in uri:
        return None
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).resolve()
    if parts.scheme == "" or len(parts.scheme) == 1:
        return Path(uri).resolve()
    return None


class Feeds(FeedExporter):
    """Scrapy's feed extension, less the plain local files, which ``open_own`` opens."""

    def __init__(self, crawler: Crawler) -> None:
        given: dict[str, dict[str, Any]] = {
            str(uri): dict(options) for uri, options in crawler.settings.getdict("FEEDS").items()
        }
        self._own = {
            uri: (path, options)
            for uri, options in given.items()
            if crawls_news(crawler) and (path := own_path(uri, options))
        }
        rest = {uri: options for uri, options in given.items() if uri not in self._own}
        self.files: list[LineFile | SqliteFile] = []
        crawler.settings.set("FEEDS", rest, priority="cmdline")
        try:
            super().__init__(crawler)
        except NotConfigured:
            if rest:
                raise

    def open_own(self, archive: Archive, publisher: str, at: str) -> None:
        """Open the plain local files. Raises ExportError before anything is fetched where one cannot be used."""
        for path, options in self._own.values():
            if path == archive.path.resolve():
                raise ExportError(f"{path} is the archive of this crawl itself; choose another file for the export.")
            if not path.parent.is_dir():
                raise ExportError(f"The folder {path.parent} of the export does not exist; make it first.")
            log = ExportLog(archive, str(path), publisher)
            file: LineFile | SqliteFile
            if options["format"] in _DATABASES:
                file = SqliteFile(path, log, at=at)
            else:
                file = LineFile(path, _LINES[options["format"]](), log, kind=options["format"], at=at)
            file.open(overwrite=bool(options.get("overwrite")))
            self.files.append(file)

    def stored(self, stored: Sequence[Stored]) -> None:
        """Write what the archive has just committed."""
        for file in self.files:
            file.write(stored)

    def already_stored(self, keys: Sequence[str]) -> None:
        """Write those articles of the plan that were stored by an earlier run and are not in the file yet."""
        for file in self.files:
            missing = file.log.missing_of(file.export, keys)
            if missing:
                file.write(missing)

    def close_own(self) -> None:
        """Close the plain local files."""
        for file in self.files:
            file.close()
