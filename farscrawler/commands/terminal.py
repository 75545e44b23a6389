"""Text from a page on a terminal: never an order to it."""

from __future__ import annotations

#: C0 and C1 control characters; a page's text may hold them, and a terminal would obey them.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def harmless(text: str) -> str:
    """Give a text whose control characters are shown as U+FFFD; tabs and line ends stay."""
    return text.translate(_CONTROLS)
