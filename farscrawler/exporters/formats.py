"""The text formats of exports: an article as one line of JSON or row of CSV, its keys in the order of the schema.

`LineFile` writes them into plain local files. Streams, and feeds that choose their fields, take them through the item
exporters here, beside those of Scrapy.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import IO, Any, Protocol

from itemadapter import ItemAdapter
from scrapy.exporters import BaseItemExporter, XmlItemExporter

from farscrawler.items import FIELD_NAMES, Article
from farscrawler.printing import TEXT_MARK, as_csv, as_text_cell

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every line

#: What is no character of XML 1.0 (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Where `str.splitlines()` ends a line within a line of JSON, as JSON escapes it; JSON itself escapes the rest.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}

#: The key of a line: article id, revision, content hash.
LineKey = tuple[str, int, str]


class LineFormat(Protocol):
    """A text format in which an export file grows, a line or row at a time."""

    def header(self) -> bytes:
        """Return the first bytes of a new file."""

    def render(self, article: Article) -> bytes:
        """Return one article, its line end included."""

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Return the keys of the whole lines among bytes; None where a line, or a torn last one, is not ours."""

    def is_whole(self, last: bytes) -> bool:
        """Whether the last line of a foreign file is a whole one of this format."""


def _key(line: dict[str, Any], publisher: str) -> LineKey:
    if line["publisher"] != publisher:
        raise ValueError("another publisher's line")
    return line["article_id"], int(line["revision"]), line["content_hash"]


#: The names of the fields that are written, by the fields of an article.
_ALL = {name: name for name in FIELD_NAMES}


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def __init__(self, names: Mapping[str, str] = _ALL) -> None:
        self._names = names

    def header(self) -> bytes:
        """Return no bytes: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Return one line."""
        fields = {said: getattr(article, name) for name, said in self._names.items()}
        line = _encode(fields)
        for end, escaped in _LINE_ENDS.items():
            if end in line:  # a search by itself costs a microsecond; the value stays the same
                line = line.replace(end, escaped)
        return line.encode() + b"\n"

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Return the keys of the whole lines, as in `LineFormat`."""
        *whole, torn = extra.split(b"\n")
        begin = json.dumps({"publisher": publisher}, ensure_ascii=False).encode()[:-1]
        if not (torn.startswith(begin) or begin.startswith(torn)):
            return None
        try:
            found = [json.loads(line) for line in whole]
            return [_key(line, publisher) for line in found]
        except (ValueError, KeyError, TypeError):
            return None

    def is_whole(self, last: bytes) -> bool:
        """Whether a line is a JSON object and ended."""
        if not last.endswith(b"\n"):
            return False
        try:
            return isinstance(json.loads(last), dict)
        except ValueError:
            return False


class Csv:
    """CSV as RFC 4180 has it, UTF-8, with a head of field names; lists are JSON within a cell."""

    def __init__(self, names: Mapping[str, str] = _ALL) -> None:
        self._names = names

    def header(self) -> bytes:
        """Return the row of field names."""
        return as_csv(self._names.values()).encode()

    def render(self, article: Article) -> bytes:
        """Return one row; a body of several paragraphs makes it several lines within quotes."""
        return as_csv(self._cell(getattr(article, name)) for name in self._names).encode()

    def _cell(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value

    def _text(self, cell: str) -> str:
        """Return what a cell says."""
        return cell

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Return the keys of the whole rows; the last one may be torn, so only its beginning is compared."""
        try:
            rows = _csv_rows(extra.decode("utf-8", "replace"))
        except csv.Error:
            return None
        torn = (
            rows.pop() if rows and not (extra.endswith(b"\r\n") and len(rows[-1]) == len(FIELD_NAMES)) else [publisher]
        )
        if not torn:  # a blank line, which no export of ours has
            return None
        if not publisher.startswith(torn[0]) or (len(torn) > 1 and torn[0] != publisher):
            return None
        try:
            return [_key(dict(zip(FIELD_NAMES, map(self._text, row), strict=True)), publisher) for row in rows]
        except (ValueError, KeyError):
            return None

    def is_whole(self, last: bytes) -> bool:
        """Whether the last line ends a row: it has a line end, and as far as this line shows outside of quotes."""
        return last.endswith(b"\n") and last.count(b'"') % 2 == 0


class SafeCsv(Csv):
    """CSV for spreadsheets: a cell that would begin a formula begins with `'`, and so does one that begins with `'`.

    To read a cell as it was, drop one `'` from its beginning.
    """

    def _cell(self, value: Any) -> Any:
        cell = super()._cell(value)
        return as_text_cell(cell) if isinstance(cell, str) else cell

    def _text(self, cell: str) -> str:
        return cell.removeprefix(TEXT_MARK)


def _csv_rows(text: str) -> list[list[str]]:
    """Return the rows of a text, its last one torn perhaps. Raise csv.Error for what is no CSV.

    Python's reader gives up at a field of 131,072 characters (csv.field_size_limit), and a body may be longer.
    """
    before = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    finally:
        csv.field_size_limit(before)


#: The text formats by the names they have on the command line.
FORMATS: dict[str, type[JsonLines | Csv]] = {
    "jsonl": JsonLines,
    "jsonlines": JsonLines,
    "jl": JsonLines,
    "csv": Csv,
    "csv-safe": SafeCsv,
}


class _LineExporter(BaseItemExporter):
    form: type[JsonLines | Csv]

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file
        wanted = self.fields_to_export
        names = (
            _ALL if wanted is None else dict(wanted) if isinstance(wanted, Mapping) else {one: one for one in wanted}
        )
        self.lines: LineFormat = self.form({name: said for name, said in names.items() if name in _ALL})

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
    """Scrapy's exporter of XML; a character that no XML can hold becomes U+FFFD, as the file could not be read."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        found = super().serialize_field(field, name, value)
        return _readable(found)


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return _NO_XML.sub("\ufffd", value)
    if isinstance(value, list):
        return [_readable(one) for one in value]
    if isinstance(value, dict):
        return {name: _readable(one) for name, one in value.items()}
    return value
