"""The text formats of exports: an article as one line of JSON or row of CSV, its keys in the order of the schema.

What is written is a row of the archive: its lists are JSON already, and an article is made such a row first. So a line
is the same whether a crawl or `farscrawler export` writes it.
"""

from __future__ import annotations

import csv
import io
import json
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Protocol

from farscrawler.archive.article_rows import to_row
from farscrawler.archive.schema import LIST_COLUMNS
from farscrawler.items import FIELD_NAMES, SCHEMA_VERSION
from farscrawler.printing import TEXT_MARK, as_csv, as_text_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from farscrawler.items import Article

    Row = tuple[Any, ...]

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every value

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

    def render_rows(self, rows: Iterable[Row]) -> bytes:
        """Return articles given as rows of the archive, with the values of the fields that are written."""

    def keys(self, extra: bytes, publisher: str) -> list[LineKey] | None:
        """Return the keys of the whole lines among bytes; None where a line, or a torn last one, is not ours."""

    def is_whole(self, last: bytes) -> bool:
        """Whether the last line of a foreign file is a whole one of this format."""

    def is_older(self, first: bytes, last: bytes) -> bool:
        """Whether a foreign file with this first and last line has articles of an older version of the schema."""

    def has_other_fields(self, first: bytes) -> bool:
        """Whether rows of all fields would not fit below the first line of a foreign file."""


def _key(line: dict[str, Any], publisher: str) -> LineKey:
    if line["publisher"] != publisher:
        raise ValueError("another publisher's line")
    return line["article_id"], int(line["revision"]), line["content_hash"]


#: The names of the fields that are written, by the fields of an article.
_ALL = {name: name for name in FIELD_NAMES}
#: Excel takes CSV for UTF-8 where it begins with this mark, and else for the code page of the machine.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Fields by which an article of any version is known.
_ALWAYS = frozenset({"publisher", "article_id", "published_jalali", "content_hash"})


class JsonLines:
    """JSON lines: UTF-8, letters as they are, one object a line."""

    def __init__(self, names: Mapping[str, str] = _ALL) -> None:
        self._names = tuple(names)
        keys = [encode_basestring(said).replace("%", "%%") for said in names.values()]
        self._object = f"{{{', '.join(f'{key}: %s' for key in keys)}}}"
        self._lists = frozenset(at for at, name in enumerate(names) if name in LIST_COLUMNS)

    def header(self) -> bytes:
        """Return no bytes: a JSON Lines file has no head."""
        return b""

    def render(self, article: Article) -> bytes:
        """Return one line."""
        return self.render_rows((to_row(article, self._names),))

    def render_rows(self, rows: Iterable[Row]) -> bytes:
        """Return a line for each row."""
        text = "".join(f"{one}\n" for one in self.objects(rows))
        for end, escaped in _LINE_ENDS.items():
            if end in text:  # the value stays the same
                text = text.replace(end, escaped)
        return text.encode()

    def objects(self, rows: Iterable[Row]) -> Iterable[str]:
        """Return the JSON of each row. Values are written one by one, which takes half the time of a dict."""
        lists, whole = self._lists, self._object
        return [
            whole
            % tuple(
                [
                    "null" if value is None
                    else value if at in lists
                    else encode_basestring(value) if type(value) is str
                    else str(value) if type(value) is int  # in a tenth of the encoder's time
                    else _encode(value)
                    for at, value in enumerate(row)
                ]
            )
            for row in rows
        ]  # fmt: skip

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

    def is_older(self, _first: bytes, last: bytes) -> bool:
        """Whether the last line is an article of another version."""
        try:
            found = json.loads(last)
        except ValueError:
            return False
        ours = isinstance(found, dict) and found.keys() >= _ALWAYS
        return ours and found.get("schema_version") != SCHEMA_VERSION

    def has_other_fields(self, _first: bytes) -> bool:
        """Return False: each line names its own fields."""
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
        return self.render_rows((to_row(article, tuple(self._names)),))

    def render_rows(self, rows: Iterable[Row]) -> bytes:
        """Return a row of CSV for each row."""
        return "".join(map(as_csv, rows)).encode()

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

    def is_older(self, first: bytes, _last: bytes) -> bool:
        """Whether the head has the fields of another version."""
        head = set(first.decode("utf-8", "replace").rstrip("\r\n").split(","))
        return head >= _ALWAYS and "schema_version" not in head

    def has_other_fields(self, first: bytes) -> bool:
        """Whether the head is another one: a reader would take cells for those of other columns."""
        return first.removeprefix(BYTE_ORDER_MARK) != self.header()


class SafeCsv(Csv):
    """CSV for spreadsheets: a cell that would begin a formula begins with `'`, and so does one that begins with `'`.

    To read a cell as it was, drop one `'` from its beginning.
    """

    def render_rows(self, rows: Iterable[Row]) -> bytes:
        """Return a row of CSV for each row, its cells marked."""
        return super().render_rows(
            tuple(as_text_cell(cell) if isinstance(cell, str) else cell for cell in row) for row in rows
        )

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
