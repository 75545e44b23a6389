"""Three invented sites of unlike markup that no family knows, served by the newsroom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import Newsroom
from tests.support.commands import environment
from tests.support.invented.divs import DivSite
from tests.support.invented.plain import PlainSite
from tests.support.invented.tables import TableSite

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.replicas.familysite import FamilySite

__all__ = ["MONTH", "SITES", "DivSite", "PlainSite", "TableSite", "fast", "site_of"]

SITES = (TableSite, DivSite, PlainSite)
#: The month before that of the newest article, which the walk harvests.
MONTH = (1401, 2)


def site_of(kind: type[FamilySite]) -> FamilySite:
    """Return one of the sites with some two hundred articles of spring 1401."""
    return kind(Newsroom(seed=7, count=200, per_day=4, start="1401-01-20", until="1401-04-01"), weight=2_000)


def fast(base_url: str) -> dict[str, str]:
    """Return the environment in which commands ask a server on this machine in a site's stead, without its pauses."""
    return environment(
        FARSCRAWLER_BASE_URL=base_url,
        FARSCRAWLER_DOWNLOAD_DELAY="0",
        FARSCRAWLER_AUTOTHROTTLE_ENABLED="off",
        FARSCRAWLER_CONCURRENT_REQUESTS_PER_DOMAIN="8",
        FARSCRAWLER_RETRY_BACKOFF="0.05",
    )
