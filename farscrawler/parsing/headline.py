"""Kicker, headline and subtitle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from farscrawler.persian import comparable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.parsing.page import Anatomy


@dataclass(frozen=True, slots=True)
class Headings:
    """The lines above an article's text."""

    kicker: str | None
    headline: str
    subtitle: str | None = None
    warnings: tuple[str, ...] = ()


def read(anatomy: Anatomy) -> Headings:
    """Return kicker, headline and subtitle; a subtitle that the site means as the lead is no subtitle."""
    subtitle = anatomy.subtitle if anatomy.subtitle != anatomy.lead else None
    return Headings(anatomy.kicker, anatomy.headline, subtitle)


def place(lines: Sequence[str], slug: str | None) -> Headings:
    """Tell kicker from headline among the lines above the timestamp (one at least, without site names and blanks).

    The last line is the headline and the one before it the kicker, unless the permalink's slug, which is the headline
    with its spaces turned to ``-``, shows that the headline runs over more lines. What is left over is warned of.
    """
    start = _start_of_headline(lines, slug)
    if start is None:
        start = len(lines) - 1
    before = lines[:start]
    unplaced = len(before[:-1])
    warnings = (f"unplaced-lines: {unplaced}",) if unplaced else ()
    return Headings(before[-1] if before else None, " ".join(lines[start:]), None, warnings)


def _start_of_headline(lines: Sequence[str], slug: str | None) -> int | None:
    """Return the index of the line from which on the lines say what the slug says."""
    if slug is None or len(lines) == 1:
        return None
    wanted = _letters(unquote(slug))
    if not wanted:
        return None
    for start in range(len(lines) - 1, -1, -1):
        if _letters(" ".join(lines[start:])) == wanted:
            return start
    return None


def _letters(text: str) -> str:
    """Return letters and digits alone: sites drop or change quotes and marks in their slugs."""
    return "".join(filter(str.isalnum, comparable(text)))
