"""Feeds: RSS, Atom and RDF.

Read with lxml, which is there anyway, and not with feedparser (6.0.14, 0.7 MB, well kept): of a feed only addresses and
dates are wanted, and its dates would have to be read again, since it takes one without a zone for UTC and the Jalali
`1405-07-25T10:00` for the year 1405 of the other calendar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.extract.links import SHOWN_LINKS
from farscrawler.listings.entry import Entry, Listing
from farscrawler.listings.markup import Elements, UnreadableError, cleaned, local_name, texts, unpacked
from farscrawler.listings.moments import read_moment

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.publishers import Publisher

#: The longest feeds have a few hundred entries; it bounds what is held of one.
MAX_ENTRIES = 10_000
_WANTED = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed", "rdf"})
#: In the order of trust: RSS, Atom 1.0, Dublin Core (RDF, and RSS of some systems), Atom 0.3.
_PUBLISHED = ("pubdate", "published", "date", "issued", "created")
_CHANGED = ("updated", "modified")


def read_feed(body: bytes, *, publisher: Publisher, url: str, content_type: str | None = None) -> Listing:
    """Read a feed; dates that name no zone are on the clock of ``publisher.sources.feed_tz``. Never raises."""
    listing = Listing(url=url)
    try:
        elements = Elements(unpacked(body), content_type, _WANTED)
        seen: set[str] = set()
        others: list[str] = []
        for number, element in enumerate(elements):
            if number >= MAX_ENTRIES:
                listing.problems.append(f"more than {MAX_ENTRIES:,} entries")
                listing.whole, listing.over_a_limit = False, True
                break
            entry = _entry(element, publisher, url)
            if entry is None and len(others) < SHOWN_LINKS:
                others += _addresses(element, texts(element), url)[:1]
            if entry is not None and entry.key not in seen:
                seen.add(entry.key)
                listing.articles.append(entry)
        listing.other_links = [] if listing.articles else others
        listing.problems += elements.problems
        listing.whole = listing.whole and elements.whole
        listing.over_a_limit = listing.over_a_limit or elements.over_a_limit
        elements.require(_ROOTS, "feed")
    except UnreadableError as error:
        listing.refused, listing.over_a_limit = str(error), error.over_a_limit
    return listing


def _entry(element: Element, publisher: Publisher, base: str) -> Entry | None:
    said = texts(element)
    zone = publisher.sources.feed_tz
    for address in _addresses(element, said, base):
        key = publisher.article_id(address)
        if key is not None:
            published = next(filter(None, (read_moment(said.get(name), tz=zone) for name in _PUBLISHED)), None)
            changed = next(filter(None, (read_moment(said.get(name), tz=zone) for name in _CHANGED)), None)
            return Entry(key, address, published, changed)
    return None


def _addresses(element: Element, said: dict[str, str], base: str) -> list[str]:
    """Return the addresses an entry may lead to: its link (text or attribute), its guid, its rdf:about."""
    hrefs = [
        part.get("href")
        for part in element
        if local_name(part) == "link" and part.get("rel", "alternate") == "alternate"
    ]
    about = [value for name, value in element.attrib.items() if str(name).endswith("}about")]
    found = []
    for candidate in (said.get("link"), *hrefs, said.get("origlink"), said.get("guid"), said.get("id"), *about):
        try:
            found.append(urljoin(base, cleaned("link", str(candidate))) if candidate else "")
        except ValueError:
            continue
    return [address for address in found if address]
