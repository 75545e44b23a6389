r"""Text from outside, made fit to be printed: what a terminal, a log or a reader of lines would obey is shown instead.

Addresses, headers, file names, headlines and the texts of errors come from others. One function, `printable`, shows
what is in them: `\x1b`, `\u202e`. `as_json` is its like for JSON, and `PrintableRecord` for the logs of all loggers. A
spreadsheet obeys too: `as_text_cell` makes text of what it would run.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# C0 and C1; marks, embeddings, overrides and isolates of direction; the separators of lines and paragraphs; deprecated
# formats; the byte order mark; annotations; halves of surrogate pairs; tags, which nobody sees. ZWNJ and ZWJ are
# letters' neighbours in Persian, and stay.
_OTHERS = (
    "\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
_ORDERS = re.compile(f"[\x00-\x0a{_OTHERS}]")
#: The same but for line ends and tabs.
_ORDERS_IN_LINES = re.compile(f"[\x00-\x08{_OTHERS}\x0c]")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LAST_BYTE, _LAST_OF_TWO = 0xFF, 0xFFFF


def printable(text: str, *, lines: bool = False) -> str:
    """Return a text whose characters that are orders are escaped as in Python; line ends and tabs stay with ``lines``.

    Letters stay as they are, the half-space (ZWNJ) among them. What was made printable is not changed again.
    """
    return (_ORDERS_IN_LINES if lines else _ORDERS).sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= _LAST_BYTE:
        return _SHORT.get(found[0], f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= _LAST_OF_TWO else f"\\U{code:08x}"


#: What stands before a line that is not the first one of a sentence.
BELOW = "  "


def below(text: str) -> str:
    """Return a text of several lines, printable; all but the first are indented, so that none looks like ours."""
    return printable(text, lines=True).rstrip("\n").replace("\n", f"\n{BELOW}")


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return JSON of the same value, with letters as they are, and escapes where `printable` has some."""
    return _ORDERS_IN_LINES.sub(_json_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


#: A cell with which a spreadsheet would begin a formula (OWASP, CSV injection), and the mark that makes it text.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'")
TEXT_MARK = "'"
_QUOTE = '"'


def as_text_cell(cell: str) -> str:
    """Return a cell of CSV that no spreadsheet runs: marked with `'` where it would, and where it begins with `'`."""
    return TEXT_MARK + cell if cell.startswith(_FORMULA) else cell


def as_csv(cells: Iterable[Any]) -> str:
    """Return a row of CSV as RFC 4180 has it, its line end included.

    The bytes are those of Python's csv module, which looks at each character and takes seven times as long.
    """
    found = [_csv_cell(cell) if type(cell) is str else "" if cell is None else _csv_cell(str(cell)) for cell in cells]
    return '""\r\n' if found == [""] else ",".join(found) + "\r\n"  # a blank line would be no row


def _csv_cell(text: str) -> str:
    if '"' in text:
        return f'"{text.replace(_QUOTE, _QUOTE * 2)}"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


class PrintableRecord(logging.LogRecord):
    """A log record that says nothing raw, whichever logger, formatter or handler it passes.

    A message whose template has one line stays one line: its arguments can begin no line of their own.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters take a text that is there, and print it on lines of its own.
            self.exc_text = "  " + below("".join(traceback.format_exception(*self.exc_info)))
        if self.stack_info:
            self.stack_info = "  " + below(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802  # logging's name
        """Return the message with its arguments, printable."""
        said = super().getMessage()
        if _ORDERS.search(said) is None:  # nearly all messages
            return said
        # Warnings come as one argument of several lines, from Python itself.
        several = self.name == "py.warnings" or "\n" in str(self.msg)
        return below(said) if several else printable(said)


def guard_logs() -> None:
    """Let every logger of the process make `PrintableRecord`; another program's own kind of records is left alone."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(PrintableRecord)
