"""Figures of the report's page: flows between publishers, and bars. Time and reading run from right to left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.markup import count, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml.html import HtmlElement

#: The publishers on each side of the figure; the others are drawn as one.
SIDES = 10
#: The key of all others.
OTHERS = ""
_WIDTH, _HEIGHT, _GAP, _LABEL, _NODE = 900.0, 460.0, 10.0, 190.0, 12.0
_SHADES = 6
_BAR_WIDTH, _BARS_HEIGHT, _BARS_TOP, _BARS_FOOT = 100.0, 160.0, 20.0, 24.0


@dataclass(slots=True)
class _Node:
    """A publisher on one side: its top, its height, and how far ribbons fill it."""

    top: float
    height: float
    filled: float = 0.0


def merged(flows: Iterable[tuple[tuple[str, str], int]]) -> dict[tuple[str, str], int]:
    """Return the flows between the largest publishers of each side and all others."""
    listed = list(flows)
    largest = [set(_largest(listed, side)) for side in (0, 1)]
    found: dict[tuple[str, str], int] = {}
    for (first, later), copies in listed:
        key = (first if first in largest[0] else OTHERS, later if later in largest[1] else OTHERS)
        found[key] = found.get(key, 0) + copies
    return found


def _largest(flows: Sequence[tuple[tuple[str, str], int]], side: int) -> list[str]:
    sums: dict[str, int] = {}
    for key, copies in flows:
        sums[key[side]] = sums.get(key[side], 0) + copies
    return sorted(sums, key=lambda name: (-sums[name], name))[:SIDES]


def ribbons(flows: Mapping[tuple[str, str], int], names: Mapping[str, str]) -> HtmlElement:
    """Return flows as ribbons from the first publishers on the right to the later ones on the left."""
    sides = [_nodes(flows, side) for side in (0, 1)]
    shapes: list[HtmlElement] = []
    order = {name: at for at, name in enumerate(sides[0])}
    left, right = _LABEL + _NODE, _WIDTH - _LABEL - _NODE
    middle = (left + right) / 2
    for (first, later), copies in sorted(flows.items(), key=lambda one: (order[one[0][0]], -one[1], one[0])):
        start, end = sides[0][first], sides[1][later]
        wide = copies / (sum(flows.values()) or 1) * _scale(sides)
        y1, y2 = start.top + start.filled, end.top + end.filled
        start.filled += wide
        end.filled += wide
        path = (
            f"M{right:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {left:.1f} {y2:.1f}"
            f"V{y2 + wide:.1f}C{middle:.1f} {y2 + wide:.1f} {middle:.1f} {y1 + wide:.1f} {right:.1f} {y1 + wide:.1f}Z"
        )
        title = f"{names[first]} ← {names[later]}: {count(copies)} خبر"
        shapes.append(element("path", element("title", title), d=path, kind=f"r{order[first] % _SHADES}"))
    for side, at in ((0, _WIDTH - _LABEL - _NODE), (1, _LABEL)):
        for name, node in sides[side].items():
            shapes.append(_rect(at, node.top, _NODE, node.height, kind="node"))
            x = _WIDTH - _LABEL + 6 if side == 0 else _LABEL - 6
            # The figure runs from right to left, and so the start of a text is its right end.
            shapes.append(
                element(
                    "text",
                    names[name],
                    x=f"{x:.1f}",
                    y=f"{node.top + node.height / 2 + 4:.1f}",
                    kind="from" if side == 0 else "to",
                )
            )
    return element(
        "svg",
        *shapes,
        kind="flows",
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        width="100%",
        role="img",
        aria_label="جریان خبرها: نخستین ناشر در راست، بازنشردهنده در چپ",
    )


def _scale(sides: Sequence[Mapping[str, _Node]]) -> float:
    """Return the height that all flows together have."""
    return _HEIGHT - _GAP * max(len(side) for side in sides)


def _nodes(flows: Mapping[tuple[str, str], int], side: int) -> dict[str, _Node]:
    sums: dict[str, int] = {}
    for key, copies in flows.items():
        sums[key[side]] = sums.get(key[side], 0) + copies
    total = sum(sums.values()) or 1
    both = max(len({key[0] for key in flows}), len({key[1] for key in flows}))
    top, found = _GAP / 2, {}
    # The others come last, whatever their number.
    for name in sorted(sums, key=lambda name: (name == OTHERS, -sums[name], name)):
        height = sums[name] / total * (_HEIGHT - _GAP * both)
        found[name] = _Node(top, height)
        top += height + _GAP
    return found


def bars(label: str, items: Sequence[tuple[str, int]]) -> HtmlElement:
    """Return numbers as bars, the first one on the right, each with its name below it."""
    most = max((value for _, value in items), default=0) or 1
    width = _BAR_WIDTH * len(items)
    shapes: list[HtmlElement] = []
    for at, (name, value) in enumerate(items):
        middle = width - _BAR_WIDTH * (at + 0.5)
        height = _BARS_HEIGHT * value / most
        top = _BARS_TOP + _BARS_HEIGHT - height
        shapes += [
            _rect(middle - _BAR_WIDTH * 0.35, top, _BAR_WIDTH * 0.7, height, title=f"{name}: {count(value)} خبر"),
            element("text", count(value), x=f"{middle:.1f}", y=f"{top - 5:.1f}"),
            element("text", name, x=f"{middle:.1f}", y=f"{_BARS_TOP + _BARS_HEIGHT + 17:.1f}", kind="below"),
        ]
    view = f"0 0 {width:.0f} {_BARS_TOP + _BARS_HEIGHT + _BARS_FOOT:.0f}"
    return element("svg", *shapes, kind="columns", viewBox=view, width="100%", role="img", aria_label=label)


def _rect(
    x: float, y: float, width: float, height: float, *, title: str | None = None, kind: str | None = None
) -> HtmlElement:
    inner = [element("title", title)] if title else []
    sizes = {"x": x, "y": y, "width": width, "height": max(height, 0.5)}
    return element("rect", *inner, kind=kind, **{name: f"{value:.1f}" for name, value in sizes.items()})
