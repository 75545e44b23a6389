"""Whose page it is: by name, by its address, by the address it gives as its own, or by the marks of its markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler.errors import MalformedPublisher
from farscrawler.extract.document import indexed
from farscrawler.extract.draft import publisher_of
from farscrawler.extract.family import detect_in
from farscrawler.extract.metadata import own_addresses
from farscrawler.publishers.model import ANY_SITE, in_zone_of

if TYPE_CHECKING:
    from farscrawler.extract.css import Index
    from farscrawler.extract.family import Detection
    from farscrawler.publishers import Catalogue, Publisher

_ABSOLUTE = re.compile(r"https?://[^/]")
_MARKS_SHOWN = 3
_UNKNOWN = "a page of no site that is known"


@dataclass(frozen=True, slots=True)
class Owner:
    """The publisher that a page is read as one of, the address of the page, and how that is known."""

    publisher: Publisher
    url: str
    why: str


def owner_of(
    body: bytes,
    *,
    known: Catalogue,
    name: str | Publisher | None = None,
    url: str | None = None,
    content_type: str | None = None,
) -> Owner:
    """Return whose page it is. Never raises on any bytes.

    The first of these that tells decides: ``name``, a key of the catalogue or the publisher itself; ``url``; the
    address that the page gives as its own; the family that its markup bears marks of. A page of no known site or system
    is one from anywhere. Raises UnknownPublisher for a name of no publisher, MalformedPublisher for a stanza or a
    ``url`` that cannot be used.
    """
    if name is not None:
        publisher = known.load(name) if isinstance(name, str) else name
        address = url or _own_address_in(body, content_type)
        return Owner(publisher, address or publisher.base_url + "/", f"{publisher.key}, as told")
    for publisher in known.of_url(url) if url else ():
        return Owner(publisher, url or "", f"{publisher.key}, by the address given")
    text, index = indexed(body, content_type)
    address = url or (own_address(index) if index is not None else None)
    if address is None:
        return Owner(ANY_SITE, ANY_SITE.base_url + "/", f"{_UNKNOWN}; --url says where it is from")
    for publisher in known.of_url(address):
        return Owner(publisher, address, f"{publisher.key}, by the address that the page gives as its own")
    detected = detect_in(index, text) if index is not None else None
    if detected is None or index is None:
        return Owner(in_zone_of(address), address, _UNKNOWN)
    return _of_family(detected, address, index, is_told=url is not None)


def _of_family(detected: Detection, address: str, index: Index, *, is_told: bool) -> Owner:
    try:
        publisher = publisher_of(detected.family, address, index)
    except MalformedPublisher:  # such as a host without a dot
        if is_told:
            raise
        return Owner(in_zone_of(address), address, _UNKNOWN)  # the page's word is no reason to refuse the page
    marks = ", ".join(detected.matched[:_MARKS_SHOWN])
    return Owner(publisher, address, f"a site of {detected.family} (its markup has {marks})")


def own_address(index: Index) -> str | None:
    """Return the absolute address that a page says it has, None where it says none."""
    return next((address for _, address in own_addresses(index) if _is_absolute(address)), None)


def _is_absolute(address: str) -> bool:
    try:
        return _ABSOLUTE.match(address) is not None and bool(urlsplit(address).hostname)
    except ValueError:  # a bracketed host that is no address
        return False


def _own_address_in(body: bytes, content_type: str | None) -> str | None:
    _, index = indexed(body, content_type)
    return own_address(index) if index is not None else None
