"""Sets of article ids as people write them: `267000-267403`, `1,5,9-12`, `@file`. Never held one by one."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.errors import BadArgumentError
from farscrawler.frontier.line_files import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = re.compile(r"(\d+)(?:-(\d+))?\Z")
_DASH = re.compile(r"\s*[-–]\s*")
_BETWEEN = re.compile(r"[,،\s]+")

#: The longest id seen has 18 digits (a time stamp); SQLite and our ranges count in 64 bits.
_MAX_DIGITS = 18


class IdRanges:
    """Ids in the order they were asked for, each once. Kept as ranges: a million ids cost as much as one."""

    def __init__(self, ranges: list[range]) -> None:
        self.ranges = _without_repeats(ranges)
        spans = sorted((min(part[0], part[-1]), max(part[0], part[-1])) for part in self.ranges)
        self._lows, self._highs = [low for low, _ in spans], [high for _, high in spans]

    def __iter__(self) -> Iterator[int]:
        for part in self.ranges:
            yield from part

    def __len__(self) -> int:
        return sum(len(part) for part in self.ranges)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        at = bisect_right(self._lows, number) - 1
        return at >= 0 and number <= self._highs[at]

    def __repr__(self) -> str:
        return ",".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in self.ranges)


def parse_ids(text: str) -> IdRanges:
    """Read `1,5,9-12` or `@file` (the same, on any number of lines; `#` begins a remark).

    Digits may be Persian. A range written downwards is asked downwards. Raise BadArgumentError naming the
    part, and for a file its line.
    """
    if text.startswith("@"):
        path = Path(text[1:])
        ranges = [
            part
            for number, line in enumerate(read_lines(path, "ids"), 1)
            for part in _parse_line(line.partition("#")[0], f"{path}, line {number}")
        ]
        if not ranges:
            raise BadArgumentError(f"{path} names no ids; write one id or range a line.")
        return IdRanges(ranges)
    ranges = _parse_line(text, f"ids={text}")
    if not ranges:
        raise BadArgumentError("ids= names no ids; write ids=267403, ids=1,5,9-12 or ids=@FILE.")
    return IdRanges(ranges)


def _parse_line(line: str, where: str) -> list[range]:
    parts = [part for part in _BETWEEN.split(_DASH.sub("-", line)) if part]
    ranges = []
    for part in parts:
        match = _PART.match(part)
        if not match:
            raise BadArgumentError(f"{where}: {part!r} is no id or range; write numbers such as 267403 or 9-12.")
        first, last = match[1], match[2] or match[1]
        if max(len(first), len(last)) > _MAX_DIGITS:
            raise BadArgumentError(f"{where}: {part!r} is too long; an id has at most {_MAX_DIGITS} digits.")
        a, b = int(first), int(last)
        if min(a, b) < 1:
            raise BadArgumentError(f"{where}: {part!r}: ids begin at 1.")
        ranges.append(range(a, b + 1) if a <= b else range(a, b - 1, -1))
    return ranges


def _without_repeats(ranges: list[range]) -> list[range]:
    """Return the ranges without what an earlier one has already; the order stays."""
    starts: list[int] = []  # the spans seen so far, sorted and apart from each other
    ends: list[int] = []
    result: list[range] = []
    for part in ranges:
        low, high = min(part[0], part[-1]), max(part[0], part[-1])
        first, behind = bisect_left(ends, low - 1), bisect_right(starts, high + 1)
        touched = list(zip(starts[first:behind], ends[first:behind], strict=True))
        pieces = []
        at = low
        for a, b in touched:
            if a > at:
                pieces.append((at, a - 1))
            at = max(at, b + 1)
        if at <= high:
            pieces.append((at, high))
        starts[first:behind] = [min([low] + [a for a, _ in touched])]
        ends[first:behind] = [max([high] + [b for _, b in touched])]
        if part.step > 0:
            result.extend(range(a, b + 1) for a, b in pieces)
        else:
            result.extend(range(b, a - 1, -1) for a, b in reversed(pieces))
    return result
