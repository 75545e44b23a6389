"""What a fetch brings, for those who draft a stanza and for those who fetch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_HTTP_OK = 200


@dataclass(frozen=True)
class Fetched:
    """What came for an address; ``problem`` says why nothing did."""

    url: str
    status: int = 0
    body: bytes = b""
    content_type: str | None = None
    problem: str | None = None

    @property
    def is_fine(self) -> bool:
        """Whether a page came."""
        return self.problem is None and self.status == _HTTP_OK and bool(self.body)


Fetch = Callable[[str], Awaitable[Fetched]]
