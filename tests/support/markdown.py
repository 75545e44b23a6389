"""What tests read of a page in Markdown: its fenced blocks, code spans and tables."""

from __future__ import annotations

import re

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """Return the code spans outside fenced blocks."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def table_rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    below = f"\n{text}".split(f"\n{heading}\n", 1)[1]
    found = re.search(r"^\|.*\n\| ---.*\n((?:\|.*\n)+)", below, re.MULTILINE)
    assert found, heading
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in found[1].splitlines()]
