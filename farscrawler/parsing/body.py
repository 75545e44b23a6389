"""The body: one paragraph a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_BODY = "no-body"


def join(paragraphs: Sequence[str]) -> str:
    """Join the paragraphs of a body (none of them blank) by line breaks."""
    return "\n".join(paragraphs)
