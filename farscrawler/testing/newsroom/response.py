"""Response: what a site answers, before it goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What the site answers; ``kind`` names what was asked for, ``modified`` is UTC or ``None``."""

    status: int
    body: bytes
    kind: str
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"
    modified: datetime | None = field(default=None)
