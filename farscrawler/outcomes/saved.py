"""What a saved answer that is no article tells of its address, and what not."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from farscrawler.archive.records import FINAL

if TYPE_CHECKING:
    from farscrawler.outcomes.judge import Verdict
    from farscrawler.outcomes.look import Look

OLDER_MISS = "no article, and older than a later look"


def of_no_use(look: Look, verdict: Verdict, *, recovered: bool) -> str | None:
    """Say why a saved answer tells nothing, or None: an article, a page at status 200, or that nothing is there tells.

    What a killed crawl has kept (``recovered``) and was no good is fetched again in a moment, and tells nothing either.
    """
    if verdict.outcome == "article":
        return None
    if look.target.rescue:
        return OLDER_MISS
    if recovered and verdict.outcome not in FINAL:
        return f"{verdict.outcome}, and fetched again"
    told = verdict.outcome == "missing" or look.status in (None, HTTPStatus.OK)
    return None if told else f"HTTP {look.status}"
