"""AnySite: the publisher of pages from anywhere, `farscrawler crawl news -a urls=…`; it has no stanza."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from farscrawler.publishers.doors import Doors
from farscrawler.publishers.model import Form, Publisher
from farscrawler.publishers.rules import Rules

#: Its name on the command line and in the archive.
NEWS = "news"
# The zone of times that name none, by the country in a host's name; elsewhere Persian pages mean Tehran's.
_ZONES = {"af": "Asia/Kabul", "tj": "Asia/Dushanbe"}
# Keys that tell where a reader came from, and nothing about the page.
_TRACKING = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *("fbclid", "gclid", "yclid", "igshid", "mc_cid", "mc_eid"),
)
# The longest address that servers take.
_MAX_LENGTH = 2_000


class AnySite(Publisher):
    """Every site of the web: an article's id is its address, without scheme, fragment and tracking keys.

    An address cannot be made of an id, since the scheme is none of it: a Target brings its own.
    """

    __slots__ = ()

    @property
    def anywhere(self) -> bool:
        """It is."""
        return True

    def owns(self, url: str) -> bool:
        """Whether this is an absolute address over http or https."""
        return _article_id(url) is not None

    def article_id(self, url: str) -> str | None:
        """Return the id of the page at an address: host, path and query in one spelling."""
        return _article_id(url)

    def form_of(self, url: str) -> str | None:
        """Return ``article`` for every address there can be."""
        return "article" if self.owns(url) else None

    def url_for(self, article_id: str, form: str) -> str:
        """Return the address with the scheme that nearly all sites have; KeyError for another form than article."""
        self.forms[form]
        return f"{self.scheme}://{article_id}"


def in_zone_of(url: str) -> AnySite:
    """Return the publisher of the page at an address, with the zone of its country."""
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    return replace(ANY_SITE, tz=_ZONES[country]) if country in _ZONES else ANY_SITE


def _article_id(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname.strip("."):
            return None
        parts.port  # noqa: B018  # raises for a port that is none
        plain = url_query_cleaner(url.strip(), _TRACKING, remove=True, unique=False)
        address = canonicalize_url(plain).partition("://")[2]
    except ValueError:  # a bracketed host that is no address, a port that is no number
        return None
    return address if len(address) <= _MAX_LENGTH else None


ANY_SITE = AnySite(
    key=NEWS,
    name="خبر",
    family="unknown",
    hosts=("news.invalid",),  # never asked (RFC 6761): it has no base address
    scheme="https",
    tz="Asia/Tehran",
    forms=MappingProxyType({"article": Form(name="article", url=None, paths=())}),
    default_form="article",
    rules=Rules(undated=True),  # what a page of an unknown site is, its machine-readable fields may say
    doors=Doors(ids=False),
)
