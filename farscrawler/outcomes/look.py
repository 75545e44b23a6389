"""Look: one address on its way from the plan to the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.discovery.target import Target


@dataclass(slots=True)
class Look:
    """What a look at one target has come to so far; it travels in ``request.meta`` and on the item.

    ``form`` is the page form being asked, ``tried`` those asked before it, ``requests`` how many requests the
    look has taken, ``at`` when its page was taken (UTC, ISO 8601; None where none has come), ``settled`` whether the
    ledger has been told: exactly once, whatever happens.
    """

    target: Target
    form: str
    tried: list[str] = field(default_factory=list)
    requests: int = 0
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    page_hash: str | None = None
    at: str | None = None
    settled: bool = False
