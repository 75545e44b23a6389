"""Target: one address a plan wants looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Target:
    """One wanted address.

    ``key`` is what the ledger knows it by: the article id, or the address where it shows none. ``form`` is the
    page form to ask first, ``url`` the address as it was given where one was given.
    """

    key: str
    form: str
    url: str | None = None
