"""Sitemaps: indexes, lists of addresses, news sitemaps, packed ones, and the JSON that some old leaves are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from farscrawler.extract.document import decode
from farscrawler.extract.links import SHOWN_LINKS
from farscrawler.listings.entry import Entry, Leaf, Listing
from farscrawler.listings.markup import Elements, UnreadableError, cleaned, local_name, texts, unpacked
from farscrawler.listings.moments import read_moment
from farscrawler.listings.names import day_in_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from farscrawler.publishers import Publisher

#: So many the protocol allows in one file; it bounds what is held of one.
MAX_ENTRIES = 50_000
#: Entries that are looked at, whatever they name: an index of everything has other addresses beside articles.
SEEN_ENTRIES = 4 * MAX_ENTRIES
#: Leaves in JSON are those of a day or a month; values take up to twenty times the bytes of their text in memory.
MAX_JSON_BYTES = 10 * 1024 * 1024
_BLANK = "\ufeff \t\r\n"
_PAST_BLANKS = re.compile(r"[\ufeff \t\r\n]*")
_WANTED = frozenset({"url", "sitemap"})
_ROOTS = frozenset({"urlset", "sitemapindex"})
#: Some old leaves write it with an e.
_LASTMOD = ("lastmod", "lastmode")
_DECODER = json.JSONDecoder(strict=False)  # control characters in strings are cleaned away


def read_sitemap(body: bytes, *, publisher: Publisher, url: str, content_type: str | None = None) -> Listing:
    """Read a sitemap or an index of sitemaps (https://www.sitemaps.org/protocol.html). Never raises, on any bytes.

    ``body`` may be gzip. Addresses that are no articles of the publisher are left out. An address that names a day
    itself says when its article was published where nothing else does.
    """
    listing = Listing(url=url)
    try:
        plain = unpacked(body)
        rows = _of_json(plain, content_type, listing)
        _take(listing, _of_xml(plain, content_type, listing) if rows is None else rows, publisher)
    except UnreadableError as error:
        listing.refused, listing.over_a_limit = str(error), error.over_a_limit
    return listing


def _of_xml(body: bytes, content_type: str | None, listing: Listing) -> Iterator[tuple[str, dict[str, str]]]:
    elements = Elements(body, content_type, _WANTED)
    for element in elements:
        yield local_name(element), texts(element)
    listing.problems += elements.problems
    listing.whole = listing.whole and elements.whole
    listing.over_a_limit = elements.over_a_limit
    elements.require(_ROOTS, "sitemap")


def _of_json(body: bytes, content_type: str | None, listing: Listing) -> list[tuple[str, dict[str, str]]] | None:
    """Return the rows of a JSON leaf, `{"urls": [{"loc": …, "lastmode": …}]}`; None where the bytes are no JSON.

    A second object behind the first one is a part of the list, as a second document of XML is.
    """
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    if len(body) > MAX_JSON_BYTES or body.count(b"{") + body.count(b"[") > SEEN_ENTRIES:
        raise UnreadableError("JSON of too many values", over_a_limit=True)
    text = decode(body, content_type).text.rstrip(_BLANK)
    at = _next_at(text, 0)
    rows, at = _rows_of(text, at)
    while text.startswith(("{", "["), at):
        try:
            more, at = _rows_of(text, at)
        except UnreadableError as error:
            listing.problems.append(str(error))
            listing.whole = False
            at = len(text)
        else:
            rows += more
    if at < len(text):
        listing.problems.append("content behind its end")
    found = [
        {str(key): cleaned(str(key), value) for key, value in row.items() if isinstance(value, str)}
        for row in rows
        if isinstance(row, dict)
    ]
    if len(found) < len(rows):
        listing.problems.append(f"{len(rows) - len(found)} rows that are no addresses")
    return [("url", row) for row in found]


def _next_at(text: str, at: int) -> int:
    """Return where the blanks from a place on end."""
    found = _PAST_BLANKS.match(text, at)
    return found.end() if found else at


def _rows_of(text: str, at: int) -> tuple[list[Any], int]:
    """Return the rows of the JSON at a place of a text, and where the text goes on. Raise UnreadableError."""
    try:
        said, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("JSON that is damaged") from error
    rows = said.get("urls") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise UnreadableError("JSON without addresses")
    return rows, _next_at(text, end)


def _take(listing: Listing, rows: Iterable[tuple[str, dict[str, str]]], publisher: Publisher) -> None:
    seen: set[str] = set()
    others: list[str] = []
    without = 0
    for number, (name, row) in enumerate(rows):
        if number >= SEEN_ENTRIES or len(listing.articles) + len(listing.sitemaps) >= MAX_ENTRIES:
            listing.problems.append(f"more than {MAX_ENTRIES if number < SEEN_ENTRIES else SEEN_ENTRIES:,} addresses")
            listing.whole, listing.over_a_limit = False, True
            break
        address = _address(listing.url, row.get("loc"))
        if address is None:
            without += 1
            continue
        lastmod = read_moment(next((row[key] for key in _LASTMOD if key in row), None), tz=publisher.tz)
        if name == "sitemap":
            listing.sitemaps.append(Leaf(address, lastmod))
            continue
        key = publisher.article_id(address)
        if key is None:
            others += [address] if len(others) < SHOWN_LINKS else []
            continue
        if key in seen:
            continue
        seen.add(key)
        published = read_moment(row.get("publication_date"), tz=publisher.tz) or day_in_path(address)
        listing.articles.append(Entry(key, address, published, lastmod))
    listing.other_links = [] if listing.articles or listing.sitemaps else others
    if without:
        listing.problems.append(f"{without} entries without an address")


def _address(base: str, loc: str | None) -> str | None:
    try:
        return urljoin(base, loc) if loc else None
    except ValueError:
        return None
