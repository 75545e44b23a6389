"""A command on a pseudo-terminal of a given width, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tests.support.commands import PATIENCE, environment, start

if TYPE_CHECKING:
    from pathlib import Path

#: Orders of colour, and marks of direction, which take no column.
_STYLES = re.compile(r"\x1b\[[0-9;]*m")
_MARKS = re.compile("[\u200e\u200f\u2066-\u2069]")


def on_terminal(*words: str, cwd: Path, columns: int, **more: Any) -> tuple[int, str]:
    """Return the exit code of a command and what it writes to a terminal, both streams together."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {name: value for name, value in environment(TERM="xterm-256color").items() if name != "COLUMNS"}
    process = start(*words, cwd=cwd, env={**env, **more}, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # the terminal was hung up: the process has ended
            break
        if not data:
            break
        seen += data
    os.close(ours)
    return process.wait(timeout=PATIENCE), seen.decode().replace("\r\n", "\n")


def plain(screen: str) -> str:
    """Return what is on a screen without colours and marks."""
    return _MARKS.sub("", _STYLES.sub("", screen))


def too_wide(screen: str, columns: int) -> list[str]:
    """Return the lines that are wider than their terminal, but for a word or a command, which is copied as one line."""
    found = [line.rstrip() for line in plain(screen).split("\n")]
    return [line for line in found if cell_len(line) > columns and not _is_whole(line)]


def _is_whole(line: str) -> bool:
    text = line.strip()
    return " " not in text or text.startswith(("`farscrawler ", "farscrawler crawl "))
