"""Rules: what a site or family does that selectors cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one site.

    ``junk``: patterns of whole paragraphs that are none of the text. ``end``: patterns of a whole paragraph at which
    the text ends. ``section_skip``: so many labels at the start of the section path are no sections («صفحه نخست» and
    the site's own name never are). ``undated``: articles may be without any date; elsewhere a page without one is no
    article. ``us_order``: slashed dates of machines are month, day, year. ``code_is_id``: the news code is the id
    of the address. ``json_ld_body``: the text may be taken from JSON-LD where the markup has none.
    """

    junk: tuple[re.Pattern[str], ...] = ()
    end: tuple[re.Pattern[str], ...] = ()
    section_skip: int = 0
    undated: bool = False
    us_order: bool = False
    code_is_id: bool = False
    json_ld_body: bool = False
