"""Kicker, headline and subtitle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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


def place(lines: Sequence[str], slug: str | None, unplaced: int = 0) -> Headings:
    """Tell kicker from headline among the lines above the timestamp (one at least, without site names and blanks).

    The last line is the headline and the one before it the kicker, unless the permalink's slug, which is the headline
    with its spaces turned to ``-``, shows that the headline runs over more lines or stands above a subtitle. What is
    left over is warned of, together with so many ``unplaced`` lines that the caller knows of.
    """
    start, end = _headline(lines, slug) or (len(lines) - 1, len(lines))
    before, after = lines[:start], lines[end:]
    unplaced += len(before[:-1]) + len(after[1:])
    return Headings(
        before[-1] if before else None,
        " ".join(lines[start:end]),
        after[0] if after else None,
        (f"unplaced-lines: {unplaced}",) if unplaced else (),
    )


def _headline(lines: Sequence[str], slug: str | None) -> tuple[int, int] | None:
    """Return start and end of the lines that say what the slug says."""
    wanted = letters(unquote(slug)) if slug and len(lines) > 1 else ""
    if not wanted:
        return None
    for start in reversed(range(len(lines))):  # where two lines say it the lower one is the headline
        said = ""
        for end, line in enumerate(lines[start:], start + 1):
            said += letters(line)
            if said == wanted:
                return start, end
            if len(said) >= len(wanted):
                break
    return None


@lru_cache(maxsize=64)  # the few headings of a page are asked for more than once
def letters(text: str) -> str:
    """Return letters and digits alone: sites drop or change quotes and marks in their slugs."""
    return "".join(filter(str.isalnum, comparable(text)))
