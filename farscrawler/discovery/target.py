"""Target: one address a plan wants looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Target:
    """One wanted address.

    ``key`` is what the ledger knows it by: the article id, or the address where it shows none. ``form`` is the
    page form to ask first, ``url`` the address as it was given where one was given. ``etag`` and
    ``last_modified`` are the validators of the last look, for a page that is looked at again.
    """

    key: str
    form: str
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
