"""Files that an argument names (`ids=@FILE`, `urls=@FILE`): their lines, and what is wrong with a list of addresses.

Understood are UTF-8 and UTF-16 with a byte order mark, line ends of every system, blank lines, and lines that begin
with `#`. Everything else that is not an address alone is refused by its line: what stands beside an address may belong
to it, and nothing is guessed.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.errors import BadArgumentError
from farscrawler.files import identity, is_stream, read_file, read_stream

if TYPE_CHECKING:
    from collections.abc import Mapping

#: More than a million addresses; a larger file is another one than was meant.
_LARGEST = 128 * 1024 * 1024
_LINE_END = re.compile(r"\r\n|\n|\r")  # those that editors count
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML = re.compile(r"\s*<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)
_SHOWN = 80
#: What the pipes of this process held, by device and inode: a pipe gives its content once.
_pipes: dict[tuple[int, int] | None, bytes] = {}

#: Slugs of some sites hold quotes and commas; beside a second column they stand at its border.
_ALONE = re.compile(r"https?://(?:(?![\"'][,;]|[,;][\"']|[,;|]https?://)[^\s<>])*[^\s<>\"«»,;،؛'`)\]]", re.IGNORECASE)
_WITHIN = re.compile(r"https?://[^\s<>\"'«»,;،؛|`)\]]+", re.IGNORECASE)
_NO_SCHEME = re.compile(r"(?://)?(?:[\w-]+\.)+[A-Za-z]{2,}(?::\d+)?(?:[/?#]\S*)?")
_MARKS = re.compile(r"[\s*•·‣◦–—+>-]+|\(?\d+[.)-]\s*")
_WRAPS = re.compile(r"[\s<>\"'«»`()\[\]]+")
_COMMAS = re.compile(r"[\s,;،؛]+")
_HEADING = re.compile(r"\"?(?:url|urls|link|links|address|href|loc|id|title|date|آدرس|لینک|پیوند)\b.*", re.IGNORECASE)


def read_lines(path: Path, what: str) -> list[str]:
    """Return the lines of a file that an argument names. Raise BadArgumentError where it cannot be read as text."""
    try:
        place = _place(path)
        data = _read_pipe(place) if is_stream(place) else read_file(place, largest=_LARGEST)
    except OSError as error:
        raise BadArgumentError(f"{what}=@{path}: the file cannot be read ({error.strerror}).") from error
    if len(data) > _LARGEST:
        raise BadArgumentError(f"{what}=@{path}: the file is larger than {_LARGEST:,} bytes; split it.")
    try:
        text = data.decode("utf-16") if data.startswith(_UTF16) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadArgumentError(
            f"{what}=@{path}: the file is not UTF-8 text (byte {error.start}); save it as UTF-8 text."
        ) from error
    if "\0" in text:
        raise BadArgumentError(f"{what}=@{path}: the file is no text; give a file with one line for each.")
    if _HTML.match(text):
        raise BadArgumentError(f"{what}=@{path}: the file is an HTML or XML page; give a file with one line for each.")
    return _LINE_END.split(text)


def _place(path: Path) -> Path:
    return Path("/dev/stdin") if str(path) == "-" else path


def _read_pipe(path: Path) -> bytes:
    """Return what a pipe held, `<(…)` of a shell or standard input; it is read once and remembered."""
    key = identity(path)
    if key not in _pipes:
        _pipes[key] = read_stream(path, largest=_LARGEST)
    return _pipes[key]


def read_pipes(given: Mapping[str, str]) -> None:
    """Read the pipes that arguments name, before a crawl has its own way to end: here a signal ends the waiting.

    What is wrong with one is told when its argument is read.
    """
    for value in given.values():
        if value.startswith("@") and is_stream(path := _place(Path(value[1:]))):
            with suppress(OSError):
                _read_pipe(path)


def read_addresses(path: Path) -> list[tuple[str, str]]:
    """Return the addresses in a file, each with the place that sentences name.

    Raise BadArgumentError for the first line that is no address alone, and where there is no address.
    """
    found, wrong = [], []
    for number, line in enumerate(read_lines(path, "urls"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if _ALONE.fullmatch(text):
            found.append((f"{path}, line {number}", text))
        else:
            wrong.append((number, text))
    if wrong:
        number, text = wrong[0]
        more = f" {len(wrong) - 1:,} more lines are no addresses alone." if len(wrong) > 1 else ""
        raise BadArgumentError(f"{path}, line {number}: {_fault_of(text)}.{more}")
    if not found:
        raise BadArgumentError(f"urls=@{path}: the file names no address; write one in each line.")
    return found


def _fault_of(line: str) -> str:
    """Return what is wrong with a line and what to do, as part of a sentence."""
    match = _WITHIN.search(line)
    if match is None:
        shown = f"{line[:_SHOWN]!r}"
        if _NO_SCHEME.fullmatch(line):
            return f"{shown} has no scheme; write https://{line.lstrip('/')[:_SHOWN]}"
        if _HEADING.fullmatch(line):
            return f"{shown} is a heading and no address; delete the line, and keep the column of addresses alone"
        return f"{shown} is no address; write one such as https://www.example.ir/news/1, or begin a remark with #"
    before, url, behind = line[: match.start()], match[0][:_SHOWN], line[match.end() :]
    if _MARKS.fullmatch(before) and not behind.strip():
        what = "a mark stands before the address"
    elif _WRAPS.fullmatch(before + behind):
        what = "the address stands in quotes or brackets"
    elif not before.strip() and _COMMAS.fullmatch(behind):
        what = "a comma stands behind the address"
    else:
        what = "something else stands beside the address"
    return f"{what}; write the address alone in its line: {url}"
