"""Target: one address a plan wants looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.saved.page import SavedPage
    from farscrawler.webarchives.capture import Capture


@dataclass(slots=True, frozen=True)
class Target:
    """One wanted address.

    ``key`` is what the ledger knows it by, the article id; ``form`` is the page form to ask first. ``etag`` and
    ``last_modified`` are the validators of the last look, for a page that is looked at ``again``. ``url`` is the
    site's own address of the article as it was found, where it cannot be made of the key. ``source`` and ``source_at``
    (UTC, ISO 8601) say where and when the page was taken that stands for the site here: a capture in a web archive, or
    a saved file; None where the site itself is asked. ``captures`` are those of a web archive that are to be tried, the
    present one first. ``saved`` is the page itself, where no one needs to be asked; with ``rescue`` it counts only if
    it is an article, since a later look has found none.
    """

    key: str
    form: str
    etag: str | None = None
    last_modified: str | None = None
    again: bool = False
    url: str | None = None
    source: str | None = None
    source_at: str | None = None
    captures: tuple[Capture, ...] = ()
    saved: SavedPage | None = None
    rescue: bool = False
