"""The text formats of exports, JSON Lines and CSV: an article as one line or row, its keys in the order of the schema.

`LineFile` writes them into plain local files. Scrapy's own feed storages (standard output, S3, FTP) write them through
the item exporters here.
"""

from __future__ import annotations

import csv
import io
import json
from typing import IO, Any, Protocol

from itemadapter import ItemAdapter
from scrapy.exporters import BaseItemExporter

from farscrawler.items import FIELD_NAMES, Article

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every line

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


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def header(self) -> bytes:
        """Return no bytes: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Return one line."""
        fields = {name: getattr(article, name) for name in FIELD_NAMES}
        return _encode(fields).encode() + b"\n"

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

    def header(self) -> bytes:
        """Return the row of field names."""
        return _csv_row(FIELD_NAMES)

    def render(self, article: Article) -> bytes:
        """Return one row; a body of several paragraphs makes it several lines within quotes."""
        return _csv_row(
            [
                json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for value in (getattr(article, name) for name in FIELD_NAMES)
            ]
        )

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Return the keys of the whole rows; the last one may be torn, so only its beginning is compared."""
        rows = list(csv.reader(io.StringIO(extra.decode("utf-8", "replace"), newline="")))
        torn = (
            rows.pop() if rows and not (extra.endswith(b"\r\n") and len(rows[-1]) == len(FIELD_NAMES)) else [publisher]
        )
        if not publisher.startswith(torn[0]) or (len(torn) > 1 and torn[0] != publisher):
            return None
        try:
            return [_key(dict(zip(FIELD_NAMES, row, strict=True)), publisher) for row in rows]
        except (ValueError, KeyError):
            return None

    def is_whole(self, last: bytes) -> bool:
        """Whether the last line ends a row: it has a line end, and as far as this line shows outside of quotes."""
        return last.endswith(b"\n") and last.count(b'"') % 2 == 0


def _csv_row(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


#: The text formats by the names they have on the command line.
FORMATS: dict[str, type[JsonLines | Csv]] = {"jsonl": JsonLines, "jsonlines": JsonLines, "jl": JsonLines, "csv": Csv}


class _LineExporter(BaseItemExporter):
    lines: LineFormat

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file

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

    lines = JsonLines()


class CsvExporter(_LineExporter):
    """CSV as a Scrapy item exporter."""

    lines = Csv()
