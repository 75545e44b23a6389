"""XML as Scrapy's exporter writes it, of rows of the archive."""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any

from farscrawler.archive.schema import LIST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: What is no character of XML 1.0 (https://www.w3.org/TR/xml/#charsets).
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: What may be the name of an element, among the keys that another program may have written into a list.
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_-]*")


class Xml:
    """Rows on their way into an XML file: an element for each, with one for each field that has a value."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file = file
        self._columns = columns
        file.write(b'<?xml version="1.0" encoding="utf-8"?>\n<items>\n')

    def add_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write an element for each row."""
        self._file.write("".join(f"<item>{''.join(self._fields(row))}</item>\n" for row in rows).encode())

    def finish(self) -> None:
        """Close the outermost element."""
        self._file.write(b"</items>")

    def _fields(self, row: tuple[Any, ...]) -> Iterable[str]:
        for name, value in zip(self._columns, row, strict=True):
            if value is not None:
                yield _element(name, json.loads(value) if name in LIST_COLUMNS else value)


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        inner = "".join(_element("value", one) for one in value)
    elif isinstance(value, dict):
        there = ((key, one) for key, one in value.items() if one is not None)
        inner = "".join(_element(key if _NAME.fullmatch(key) else "value", one) for key, one in there)
    else:
        inner = NO_XML.sub("\ufffd", str(value)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{name}>{inner}</{name}>"
