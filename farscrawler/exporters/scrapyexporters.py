"""Scrapy item exporters of our formats, for feeds that are no plain local file (standard output, S3, FTP)."""

from __future__ import annotations

from typing import IO, Any

from scrapy.exceptions import NotSupported
from scrapy.exporters import BaseItemExporter

from farscrawler.exporters.textfile import Csv, JsonLines, LineFormat


class _LineExporter(BaseItemExporter):
    lines: LineFormat

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file

    def start_exporting(self) -> None:
        self.file.write(self.lines.header())

    def export_item(self, item: Any) -> None:
        self.file.write(self.lines.render(item))


class JsonLinesExporter(_LineExporter):
    """JSON lines in the order of the schema."""

    lines = JsonLines()


class CsvExporter(_LineExporter):
    """CSV in the order of the schema."""

    lines = Csv()


class SqliteExporter(BaseItemExporter):
    """Stands for the format `db` on the command line; such a file is written by exporters.sqlitefile."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        raise NotSupported("An SQLite export can only be written to a plain local file, such as -o news.db.")
