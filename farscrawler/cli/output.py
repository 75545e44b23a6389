"""Standard output and standard error: every sentence of a command passes here, harmless to a terminal.

No locale and no reader makes them raise: what cannot be encoded is shown escaped, and a reader that has seen enough
ends the output quietly.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import sys
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from farscrawler.errors import Exit
from farscrawler.printing import as_csv, as_json, as_text_cell, below, guard_logs, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from rich.console import Console

# A terminal that orders text by its direction takes the direction of a line from its first letter. The mark makes
# every line left-to-right, so that the columns keep their places, and the isolate keeps a Persian text to itself. A
# terminal that knows nothing of this shows neither, and the letters in the order they are written.
LEFT_TO_RIGHT_MARK = "\u200e"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"

_STREAMS = ("stdin", "stdout", "stderr")
_ESCAPED = "backslashreplace"
#: What is said where standard output is a file on a full disk, or a terminal that is gone.
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def prepare_streams() -> None:
    """Make the streams of the process, its logs and its tracebacks fit for any locale, terminal and text."""
    for number, name in enumerate(_STREAMS):
        if getattr(sys, name) is None:  # closed by the caller: the next file to be opened would take its place
            _open_nothing(number, name)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors != _ESCAPED:
            stream.reconfigure(errors=_ESCAPED)
    guard_logs()
    sys.excepthook = _print_traceback


def _open_nothing(number: int, name: str) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    stream = open(number, "r" if number == 0 else "w", encoding="utf-8")  # noqa: SIM115  # for the process' life
    vars(sys).update({name: stream, f"__{name}__": stream})


def _print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    say_lines("".join(traceback.format_exception(kind, error, trace)))


def out(text: str = "", *, lines: bool = False, end: str = "\n", flush: bool = False) -> None:
    """Print a text on standard output, on one line unless it may have ``lines``."""
    print(printable(text, lines=lines), end=end, flush=flush)


def out_cells(cells: Iterable[str]) -> None:
    """Print cells on one line of standard output, a tab between two."""
    print("\t".join(map(printable, cells)))


def isolated(text: str) -> str:
    """Return a printable text for a line of a terminal that begins with ``LEFT_TO_RIGHT_MARK``."""
    return f"{_ISOLATE}{text}{_END_ISOLATE}"


def out_ready(text: str) -> None:
    """Print a text on standard output that the caller has made printable, with orders of its own to the terminal."""
    print(text)


def out_json(value: Any, *, indent: int | None = None) -> None:
    """Print JSON: UTF-8 into files and pipes whatever the locale, ASCII on a terminal without."""
    put, encode = _json_output()
    put(f"{encode(value, indent=indent)}\n")


def out_json_lists(value: dict[str, Any], **lists: Iterable[Any]) -> None:
    """Print one JSON object, its last keys with long lists: an item a line, as they come."""
    put, encode = _json_output()
    put(encode(value).removesuffix("}"))
    for name, items in lists.items():
        put(f", {encode(name)}: [")
        comma = ""
        for item in items:
            put(f"{comma}\n{encode(item)}")
            comma = ","
        put("\n]")
    put("}\n")


def _json_output() -> tuple[Callable[[str], object], Callable[..., str]]:
    """Return what writes a text of JSON, and what makes it."""
    if prints_letters():
        return sys.stdout.write, as_json
    if not _is_file():
        return sys.stdout.write, json.dumps
    sys.stdout.flush()
    return lambda text: sys.stdout.buffer.write(text.encode()), as_json


def out_csv(rows: Iterable[Sequence[str | int | float]], *, safe: bool) -> None:
    """Print rows of CSV: UTF-8 into files and pipes whatever the locale; with ``safe`` no cell is a formula."""
    to_file = _is_file()
    sys.stdout.flush()
    for row in rows:
        cells = [printable(cell) if isinstance(cell, str) else cell for cell in row]
        line = as_csv(as_text_cell(cell) if safe and isinstance(cell, str) else cell for cell in cells)
        if to_file:
            sys.stdout.buffer.write(line.encode())
        else:
            print(line, end="")


def prints_letters() -> bool:
    """Whether standard output has an encoding for every letter."""
    return codecs.lookup(sys.stdout.encoding).name == "utf-8"


def _is_file() -> bool:
    """Whether standard output is a file or a pipe, which programs read."""
    return not sys.stdout.isatty() and hasattr(sys.stdout, "buffer")


def say(sentence: str) -> None:
    """Say a sentence of ours on standard error, on one line; where nobody reads it, it is lost."""
    say_lines(f"farscrawler: {printable(sentence)}")


def say_lines(text: str) -> None:
    """Print several lines on standard error, all but the first indented."""
    try:
        print(below(text), file=sys.stderr)
    except OSError:  # nobody reads it any more
        with suppress(OSError):
            _stop_writing(sys.stderr)


def terminal() -> Console | None:
    """Return the terminal that standard output is; None where it is a file or a pipe."""
    if not sys.stdout.isatty() and not {"FORCE_COLOR", "TTY_COMPATIBLE"} & set(os.environ):
        return None
    from rich.console import Console  # most output is piped, and rich is half of such a command's time

    console = Console(markup=False, emoji=False, highlight=False)
    return console if console.is_terminal else None


@contextmanager
def finish_writing() -> Iterator[None]:
    """Write all that is still to be written, and take a reader that has gone, such as head, for no error."""
    try:
        yield
    except BrokenPipeError:
        _stop_writing(sys.stdout)
    except OSError as error:
        if error.errno not in _CANNOT_WRITE or error.filename is not None:  # of a file, which has its own sentence
            raise
        _end_without_output(error)
    finally:
        try:
            if sys.stdout is not None:  # closed by the caller of a program that has not prepared its streams
                sys.stdout.flush()
        except BrokenPipeError:
            _stop_writing(sys.stdout)
        except OSError as error:
            _end_without_output(error)


def _end_without_output(error: OSError) -> NoReturn:
    _stop_writing(sys.stdout)
    say(f"standard output cannot be written ({error.strerror}).")
    raise SystemExit(int(Exit.BROKE)) from error


def _stop_writing(stream: TextIO) -> None:
    """Discard the rest of the output: an interpreter that cannot write at its end ends with a code of its own."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
