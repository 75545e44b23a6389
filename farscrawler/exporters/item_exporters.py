"""Our formats as Scrapy's item exporters, for streams and for feeds that choose their fields or packing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import NotSupported
from scrapy.exporters import BaseItemExporter, XmlItemExporter

from farscrawler.exporters.formats import Csv, JsonLines, SafeCsv
from farscrawler.exporters.parquet import ParquetWriter
from farscrawler.exporters.xml import NO_XML
from farscrawler.items import FIELD_NAMES, Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.exporters.formats import LineFormat


class _LineExporter(BaseItemExporter):
    form: type[JsonLines | Csv]

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file
        wanted = self.fields_to_export
        names = (
            {one: one for one in FIELD_NAMES}
            if wanted is None
            else dict(wanted)
            if isinstance(wanted, Mapping)
            else {one: one for one in wanted}
        )
        self.lines: LineFormat = self.form({name: said for name, said in names.items() if name in FIELD_NAMES})

    def start_exporting(self) -> None:
        self.file.write(self.lines.header())

    def export_item(self, item: Any) -> None:
        self.file.write(self.lines.render(item if isinstance(item, Article) else _as_article(item)))


def _as_article(item: Any) -> Article:
    """Return an article that a user's own pipeline has made into another kind of item, such as a dict."""
    given = ItemAdapter(item)
    return Article(**{name: given[name] for name in FIELD_NAMES if name in given})


class JsonLinesExporter(_LineExporter):
    """JSON Lines as a Scrapy item exporter."""

    form = JsonLines


class CsvExporter(_LineExporter):
    """CSV as a Scrapy item exporter."""

    form = Csv


class SafeCsvExporter(_LineExporter):
    """CSV for spreadsheets as a Scrapy item exporter."""

    form = SafeCsv


class XmlExporter(XmlItemExporter):
    """Scrapy's exporter of XML, without what no XML can hold: such a character becomes U+FFFD.

    A field without a value has no element; Scrapy would write the word None.
    """

    def get_serialized_fields(self, item: Any, *args: Any, **kwargs: Any) -> Iterator[tuple[str, Any]]:
        for name, value in super().get_serialized_fields(item, *args, **kwargs):
            if value is not None:
                yield name, value

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        found = super().serialize_field(field, name, value)
        return _readable(found)


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return NO_XML.sub("\ufffd", value)
    if isinstance(value, list):
        return [_readable(one) for one in value]
    if isinstance(value, dict):
        return {name: _readable(one) for name, one in value.items() if one is not None}
    return value


class ParquetExporter(BaseItemExporter):
    """Parquet as a Scrapy item exporter."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        wanted = self.fields_to_export
        if isinstance(wanted, Mapping) and any(name != said for name, said in wanted.items()):
            raise ValueError("its columns have the names of the fields")
        self._writer = ParquetWriter(file, FIELD_NAMES if wanted is None else tuple(wanted))

    def export_item(self, item: Any) -> None:
        self._writer.add(item if isinstance(item, Article) else _as_article(item))

    def finish_exporting(self) -> None:
        self._writer.finish()

    def abandon(self) -> None:
        """Write no more, where a write has failed."""
        self._writer.abandon()


class SqliteExporter(BaseItemExporter):
    """The format `db` for Scrapy's feed storages, which cannot hold it: only `SqliteFile` writes such a file."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        raise NotSupported("An SQLite export can only be written to a plain local file, such as -o news.db.")
