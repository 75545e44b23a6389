"""Target: one address a plan wants looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Target:
    """One wanted address.

    ``key`` is what the ledger knows it by, the article id; ``form`` is the page form to ask first. ``etag`` and
    ``last_modified`` are the validators of the last look, for a page that is looked at ``again``. ``url`` is the
    site's own address of the article as it was found, where it cannot be made of the key.
    """

    key: str
    form: str
    etag: str | None = None
    last_modified: str | None = None
    again: bool = False
    url: str | None = None
