"""Standard output and standard error: every sentence of a command passes here, harmless to a terminal.

No locale and no reader makes them raise: what cannot be encoded is shown escaped, and a reader that has seen enough
ends the output quietly.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import logging
import os
import sys
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from farscrawler.errors import Exit
from farscrawler.printing import BELOW, as_csv, as_json, as_text_cell, below, guard_logs, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from rich.console import Console, RenderableType

#: The columns of a terminal that does not tell them.
_USUAL_WIDTH = 80
#: Lines that are piped are not folded where the reader's window would be.
_PIPED_WIDTH = 200

_STREAMS = ("stdin", "stdout", "stderr")
_ESCAPED = "backslashreplace"
#: What is said where standard output is a file on a full disk, or a terminal that is gone.
CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


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


def out(text: str = "", *, lines: bool = False, end: str = "\n", flush: bool = False, verbatim: bool = False) -> None:
    """Print a text on standard output, on one line unless it may have ``lines``.

    A terminal gets it broken at blanks, unless it is a text for programs that is copied ``verbatim``.
    """
    shown = printable(text, lines=lines)
    print(shown if verbatim else _for(sys.stdout, shown), end=end, flush=flush)


def columns_of(stream: TextIO) -> int | None:
    """Return the width of the terminal that a stream is; None for a file or a pipe."""
    return _columns(stream) if stream.isatty() else None


def _columns(stream: TextIO) -> int:
    said = os.environ.get("COLUMNS", "")
    with suppress(OSError, ValueError):
        return (int(said) if said.isdecimal() else 0) or os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    return _USUAL_WIDTH


def _for(stream: TextIO, text: str, *, indent: int = 0) -> str:
    """Return a printable text for a stream: lines that are too long for a terminal are broken at blanks."""
    width = columns_of(stream)
    if width is None:
        return text
    from farscrawler.cli.cells import broken  # loads rich, which a pipe does not need

    return "\n".join(line for long in text.split("\n") for line in broken(long, width - indent))


def out_cells(cells: Iterable[str]) -> None:
    """Print cells on one line of standard output, a tab between two."""
    print("\t".join(map(printable, cells)))


def out_ready(text: str) -> None:
    """Print a text on standard output that the caller has made printable, with orders of its own to the terminal."""
    print(text)


def out_parts(parts: Iterable[RenderableType]) -> None:
    """Print the parts of a report that the caller has made printable: in colours on a terminal, else as plain lines."""
    if (on_screen := terminal()) is not None:
        on_screen.print(*parts, sep="\n")
        return
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False, width=_PIPED_WIDTH)
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    out_ready("\n".join(line.rstrip() for line in captured.get().splitlines()))


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
    say_lines(_for(sys.stderr, f"farscrawler: {printable(sentence)}", indent=len(BELOW)))


class _Said(logging.Handler):
    """Says what is logged as other sentences are said, while no handler of Scrapy's writes a log."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            say(record.getMessage())


def say_warnings() -> None:
    """Let the warnings of a command that keeps no log be sentences of the command; once for a process."""
    logger = logging.getLogger("farscrawler")
    if not any(isinstance(one, _Said) for one in logger.handlers):
        logger.addHandler(_Said(logging.WARNING))


def say_lines(text: str) -> None:
    """Print several lines on standard error, all but the first indented."""
    try:
        print(below(text), file=sys.stderr)
    except OSError:  # nobody reads it any more
        with suppress(OSError):
            _stop_writing(sys.stderr)


def draw(text: str) -> None:
    """Write on the terminal that standard error is, as it stands; the caller moves the cursor."""
    with suppress(OSError):  # nobody reads it any more
        print(text, end="", file=sys.stderr, flush=True)


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
        if error.errno not in CANNOT_WRITE or error.filename is not None:  # of a file, which has its own sentence
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
