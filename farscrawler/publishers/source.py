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
#: Tables within tables, as written with dots; a stanza has four at most. The reader of TOML takes time that grows with
#: the square of them.
_MOST_DOTS = 30
_DOTTED = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){{{_MOST_DOTS}}}""")
#: The longest message of an error: a selector may have a hundred thousand letters.
_LONGEST = 500
_LONGEST_NAME = 50


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
        for number, line in zip(self.numbers, self.lines, strict=True):
            if "." in line and _DOTTED.search(line):
                raise self._error_on(number, "nested too deeply")
        try:
            return self._loaded(len(self.lines))[self.key]
        except tomllib.TOMLDecodeError as error:
            found = _AT_LINE.search(str(error))
            at = min(int(found[1]) if found else 1, len(self.numbers)) - 1
            said = str(error).partition(" (at ")[0]
            raise self._error_on(self.numbers[at], f"{said}{toml_hint(self.lines[at], said)}") from error
        except (ValueError, RecursionError) as error:  # a number of too many digits, lists within lists
            raise self._error_on(self._where(type(error)), _first_sentence(error)) from error
        except KeyError:  # the header is written in a way that we do not cut along
            raise self.error(self.key, None, "write the header plainly, as in [example]") from None

    def _loaded(self, lines: int) -> dict[str, Any]:
        """Read so many lines of the stanza."""
        return tomllib.loads("\n".join(self.lines[:lines]))

    def _where(self, kind: type[Exception]) -> int:
        """Return the number of the line at which reading ends with an error that names none."""
        fine, wrong = 0, len(self.lines)
        while wrong - fine > 1:
            middle = (fine + wrong) // 2
            try:
                self._loaded(middle)
            except tomllib.TOMLDecodeError:  # a value that goes on in the next line
                fine = middle
            except kind:
                wrong = middle
            else:
                fine = middle
        return self.numbers[wrong - 1]

    def _error_on(self, number: int, what: str) -> MalformedPublisher:
        """Make an error that stands on a line."""
        return MalformedPublisher(shortened(f"{self.file}, line {number}: [{self.key}]: {what}"))

    def error(self, table: str, key: str | None, what: str) -> MalformedPublisher:
        """Make the error of a key in a (sub)table of the stanza, such as `example.forms.article`."""
        said = f"{key}: {what}" if key is not None else what
        return self.error_at(table, key, said)

    def error_at(self, table: str, key: str | None, said: str) -> MalformedPublisher:
        """Make an error that stands at a key and says something of its own."""
        return MalformedPublisher(shortened(f"{self.file}, line {self.line(table, key)}: [{table}]: {said}"))

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


def toml_hint(line: str, said: str) -> str:
    """Return what to write instead on a line that is no TOML, to be set behind what the reader of TOML has said."""
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals or line.lstrip().startswith("["):
        return ""
    if "escape" in said or "\\" in said:
        return f"; write a pattern in single quotation marks, as in {key} = '\\d+'"
    if value[:1] not in ("'", '"', "[", "{", "") and not value[:1].isdigit() and value not in ("true", "false"):
        return f'; a text stands in quotation marks: {key} = "{value}"'
    if value.startswith('"') and value.count('"') > 2:  # noqa: PLR2004  # those around a text
        return "; a text that has quotation marks in it stands in single ones"
    if value[:1] in ("'", '"') and value.count(value[0]) == 1:
        return "; the text lacks its second quotation mark"
    return ""


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
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            name = "example"
        raise MalformedPublisher(f"{file}, line {number}: {name}: a publisher is a table, as in [{name or 'example'}]")
    return [StanzaText(file, key, lines) for key, lines in parts.items()]


def shortened(text: str) -> str:
    """Return the message of an error, so long that a terminal can show it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _first_sentence(error: Exception) -> str:
    return str(error).partition(";")[0] if isinstance(error, ValueError) else "nested too deeply"


def whole(text: str, file: str) -> dict[str, Any]:
    """Read a whole file that is not made of stanzas. Raises MalformedPublisher."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedPublisher(f"{file}: {error}") from error
