"""Text from a page on a terminal: never an order to it."""

from __future__ import annotations

import os
import sys

#: C0 and C1 control characters; a page's text may hold them, and a terminal would obey them.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def harmless(text: str) -> str:
    """Give a text whose control characters are shown as U+FFFD; tabs and line ends stay."""
    return text.translate(_CONTROLS)


def stop_writing() -> None:
    """Let what is still written go nowhere: the reader, such as head, has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
