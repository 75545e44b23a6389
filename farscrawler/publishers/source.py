"""The text of stanzas: cut a TOML file into its stanzas without reading them, and say on which line a key stands.

Reading 350 stanzas takes longer than most commands run; cutting them apart takes a few milliseconds, and one that is
malformed harms no other.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from farscrawler.errors import MalformedPublisher

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEADER = re.compile(r"""[ \t]*\[[ \t]*("[^"]*"|'[^']*'|[^\s\[\]."'=,]+)[ \t]*(?:[\].]|$)""")
_AT_LINE = re.compile(r"\(at line (\d+)")
_LONG_STRINGS = ('"""', "'''")


class StanzaText:
    """The lines of one stanza as they stand in its file, with the number of each."""

    def __init__(self, file: str, key: str, lines: Iterable[tuple[int, str]]) -> None:
        self.file = file
        self.key = key
        self.numbers, self.lines = [], []
        for number, line in lines:
            self.numbers.append(number)
            self.lines.append(line)

    @property
    def place(self) -> str:
        """Return where the stanza begins: `mine.toml, line 3`."""
        return f"{self.file}, line {self.numbers[0] if self.numbers else 1}"

    def table(self) -> object:
        """Read the stanza. Raises MalformedPublisher for what is no TOML."""
        try:
            return tomllib.loads("\n".join(self.lines))[self.key]
        except tomllib.TOMLDecodeError as error:
            found = _AT_LINE.search(str(error))
            at = min(int(found[1]) if found else 1, len(self.numbers)) - 1
            what = str(error).partition(" (at ")[0]
            raise MalformedPublisher(f"{self.file}, line {self.numbers[at]}: [{self.key}]: {what}") from error
        except KeyError:  # the header is written in a way that we do not cut along
            raise self.error(self.key, None, "write the header plainly, as in [example]") from None

    def error(self, table: str, key: str | None, what: str) -> MalformedPublisher:
        """Make the error of a key in a (sub)table of the stanza, such as `example.forms.article`."""
        said = f"{key}: {what}" if key is not None else what
        return self.error_at(table, key, said)

    def error_at(self, table: str, key: str | None, said: str) -> MalformedPublisher:
        """Make an error that stands at a key and says something of its own."""
        return MalformedPublisher(f"{self.file}, line {self.line(table, key)}: [{table}]: {said}")

    def line(self, table: str, key: str | None) -> int:
        """Return the line of a key, or of the nearest header or key above it that the stanza has."""
        best = 0
        within = ""
        for index, line in enumerate(self.lines):
            text = line.strip()
            if text.startswith("["):
                within = text.strip("[]").partition("#")[0].strip().rstrip("]").replace(" ", "")
                if table == within or table.startswith(within + "."):
                    best = index
                continue
            name = re.split(r"[\s=]", text, maxsplit=1)[0].strip("\"'")
            wanted = (f"{table}.{key}" if key else table).removeprefix(within + ".")
            if within and name and (wanted == name or wanted.startswith(name + ".")) and table.startswith(within):
                best = index
        return self.numbers[best] if self.numbers else 1


def cut(text: str, file: str) -> list[StanzaText]:
    """Cut a file into its stanzas, in their order. Raises MalformedPublisher for values outside of all stanzas."""
    parts: dict[str, list[tuple[int, str]]] = {}
    waiting: list[tuple[int, str]] = []  # remarks and blank lines: they belong to nobody
    key: str | None = None
    quote: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if quote is None and (found := _HEADER.match(line)):
            key = found[1].strip("\"'")
        if key is not None:
            parts.setdefault(key, []).append((number, line))
        elif line.strip() and not line.lstrip().startswith("#"):
            waiting.append((number, line))
        for mark in _LONG_STRINGS:
            if mark in line and quote in (None, mark) and line.count(mark) % 2:
                quote = None if quote else mark
    if waiting:
        number, line = waiting[0]
        name = line.partition("=")[0].strip("[] \t")
        raise MalformedPublisher(f"{file}, line {number}: {name}: a publisher is a table, as in [{name or 'example'}]")
    return [StanzaText(file, key, lines) for key, lines in parts.items()]


def whole(text: str, file: str) -> dict[str, Any]:
    """Read a whole file that is not made of stanzas. Raises MalformedPublisher."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedPublisher(f"{file}: {error}") from error
