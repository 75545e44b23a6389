"""One article as one piece of a text file: a JSON line or CSV row, and what a whole file of each looks like."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Protocol

from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from farscrawler.items import Article


class LineFormat(Protocol):
    """A text format that an export file can grow in, a line or row at a time."""

    def header(self) -> bytes:
        """Give what a new file begins with."""

    def render(self, article: Article) -> bytes:
        """Give one article, its line end included."""

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Give what the whole lines among bytes hold; None where a line, or a torn last one, is not of our making."""

    def is_whole(self, last: bytes) -> bool:
        """Tell whether a foreign file's last line is a whole one of this format."""


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every line

#: What tells one line from every other: article id, revision, content hash.
LineKey = tuple[str, int, str]


def _key(line: dict[str, Any], publisher: str) -> LineKey:
    if line["publisher"] != publisher:
        raise ValueError("another publisher's line")
    return line["article_id"], int(line["revision"]), line["content_hash"]


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def header(self) -> bytes:
        """Nothing: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Give one line."""
        fields = {name: getattr(article, name) for name in FIELD_NAMES}
        return _encode(fields).encode() + b"\n"

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """See LineFormat."""
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

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """See LineFormat; the last row may be torn, so of it only the beginning counts."""
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
        """Tell whether the end is that of a row: a line end outside of quotes, as far as the last line tells."""
        return last.endswith(b"\n") and last.count(b'"') % 2 == 0


def _csv_row(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


#: The text formats by the names they have on the command line.
FORMATS: dict[str, type[JsonLines | Csv]] = {"jsonl": JsonLines, "jsonlines": JsonLines, "jl": JsonLines, "csv": Csv}
