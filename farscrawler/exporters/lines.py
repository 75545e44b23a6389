"""One article as one piece of a text file: a JSON line or CSV row, and what a whole file of each looks like."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Protocol

from itemadapter import ItemAdapter

from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from farscrawler.items import Article


class LineFormat(Protocol):
    """A text format that an export file can grow in, a line or row at a time."""

    def header(self) -> bytes:
        """Give what a new file begins with."""

    def render(self, article: Article) -> bytes:
        """Give one article, its line end included."""

    def is_ours(self, extra: bytes, publisher: str) -> bool:
        """Tell whether bytes behind the known end were written by us, the last line perhaps torn."""

    def is_whole(self, last: bytes) -> bool:
        """Tell whether a foreign file's last line is a whole one of this format."""


def values(item: Any) -> dict[str, Any]:
    """Give an article's fields in the order of the schema."""
    adapter = ItemAdapter(item)
    return {name: adapter[name] for name in FIELD_NAMES if name in adapter}


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def header(self) -> bytes:
        """Nothing: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Give one line."""
        fields = {name: getattr(article, name) for name in FIELD_NAMES}
        return json.dumps(fields, ensure_ascii=False).encode() + b"\n"

    def is_ours(self, extra: bytes, publisher: str) -> bool:
        """Tell whether every whole line is an article of this publisher and a torn last one begins as such."""
        *whole, torn = extra.split(b"\n")
        begin = json.dumps({"publisher": publisher}, ensure_ascii=False).encode()[:-1]
        return all(line.startswith(begin) for line in whole) and (torn.startswith(begin) or begin.startswith(torn))

    def is_whole(self, last: bytes) -> bool:
        """Tell whether a line is a JSON object and ended."""
        if not last.endswith(b"\n"):
            return False
        try:
            return isinstance(json.loads(last), dict)
        except ValueError:
            return False


class Csv:
    """CSV as RFC 4180 has it, UTF-8, with a head of field names; lists are JSON within a cell."""

    def header(self) -> bytes:
        """Give the names of the fields."""
        return _csv_row(FIELD_NAMES)

    def render(self, article: Article) -> bytes:
        """Give one row; a body of several paragraphs makes it several lines within quotes."""
        return _csv_row(
            [
                json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
                for value in (getattr(article, name) for name in FIELD_NAMES)
            ]
        )

    def is_ours(self, extra: bytes, publisher: str) -> bool:
        """Tell whether the bytes begin a row of this publisher; rows may span lines, so no more can be told."""
        begin = f"{publisher},".encode()
        return extra.startswith(begin) or begin.startswith(extra)

    def is_whole(self, last: bytes) -> bool:
        """Tell whether the file ends with a line end."""
        return last.endswith(b"\n")


def _csv_row(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()
